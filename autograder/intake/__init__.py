"""Folders, LMS zips and the exchange become Submissions.

Rule: what a student handed in is opened here and nowhere else: never through a link, never a thing that is no
regular file, never more than a cap, and a fault costs that student a sentence, not the class its marks.
"""
