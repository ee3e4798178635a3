"""autograder: grades a deep-learning course, with marks that a submission cannot forge."""

__version__ = "0.1.0"
