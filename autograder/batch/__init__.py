"""One function, many items.

Rule: nothing here knows what an item is; results are given as they come, and a batch that is stopped says what it
has not done.
"""
