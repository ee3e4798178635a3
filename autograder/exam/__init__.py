"""The trusted side: it asks questions, and believes only values.

Rule: test cells, expected answers and labels live here and nowhere else; what comes from a candidate is a plain
value or an object that can be asked, and never decides a comparison by itself.
"""
