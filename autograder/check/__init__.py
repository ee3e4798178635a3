"""Tests that are tested: is a master any good, before students suffer from it?

Rule: nothing here runs code or reads a submission. It makes trials (solutions, blanks, liars, mutants, papers), is
told what the real grading path gave them, and says what that means; every finding names the cell and the mend.
"""
