"""A master becomes a release.

Rule: what a student must not see never leaves this room. Solutions, hidden tests and marking schemes
are cut out exactly as `nbgrader generate_assignment` cuts them; whatever that tool would let slip (a
mistyped delimiter, a copy of a hidden line in some metadata, an attached picture of the solution) is an
error that names the cell, and then nothing is written at all.
"""
