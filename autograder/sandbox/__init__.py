"""Student code runs here, and nowhere else.

Nothing in this room knows a test, an expected value or another student.
"""
