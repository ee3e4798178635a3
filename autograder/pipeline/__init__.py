"""The only place that knows every room.

Rule: this package introduces rooms to one another and hands values between them; it looks into no cell.
"""

from autograder.batch.running import Running
from autograder.pipeline.autograding import autograde
from autograder.pipeline.crew import Listener, Order
from autograder.pipeline.models import same_weights
from autograder.pipeline.one import Graded
from autograder.pipeline.plan import Plan, jail_level, plan, zygote
from autograder.pipeline.sources import masters
from autograder.pipeline.verbs import diff, feedback, release
from autograder.pipeline.writing import enter, export_csv, grades, latest, refresh_csv

__all__ = [
    "Graded",
    "Listener",
    "Order",
    "Plan",
    "Running",
    "autograde",
    "diff",
    "enter",
    "export_csv",
    "feedback",
    "grades",
    "jail_level",
    "latest",
    "masters",
    "plan",
    "refresh_csv",
    "release",
    "same_weights",
    "zygote",
]
