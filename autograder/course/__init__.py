"""`course.toml`, read once into frozen values.

Rule: every key is known here, with its type and its default; a key that is not known is an error that names
the line and the nearest right key. Format: TOML 1.0. The manual of all keys is docs/course.md. `values` are
what all others see, `schema` knows the keys, `reader` checks a file against it, `loading` finds the file.
"""

from autograder.course.loading import data_folder, find, load
from autograder.course.schema import KEYS
from autograder.course.values import FILE, Assignment, Course, Late, Limits

__all__ = ["FILE", "KEYS", "Assignment", "Course", "Late", "Limits", "data_folder", "find", "load"]
