"""A course that nbgrader configures, in the words of `course.toml`.

Rule: every setting of nbgrader's is either honoured, and then `course.toml` has a key for it; or of no matter to what
is done here, such as the log's colours; or named, once, as not honoured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from autograder.course.nbconfig import NAMES, Settings, over
from autograder.errors import UsageError
from autograder.values import Wording

Table = dict[str, dict[str, Any]]
"""Section → key → value, as in `course.toml`."""

NO_LIMIT = 86_400.0
"""Seconds a cell may take where nbgrader sets no limit."""
WHOLE = 3600.0
"""Seconds a notebook may take: nbgrader knows no such limit, so this one is generous."""
IGNORED = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"]
"""nbgrader's default of `CourseDirectory.ignore`."""
_STRUCTURE = "{nbgrader_step}/{student_id}/{assignment_id}"
_ELSEWHERE = {
    "Application", "JupyterApp", "NbGrader", "NbGraderApp", "NbGraderAPI", "Authenticator", "JupyterHubAuthPlugin",
    "Exchange", "ExchangeFactory", "FormgradeApp", "FormgradeExtension", "FormgraderExtension", "AssignmentList",
    "CourseListExtension", "ValidateExtension", "ValidateAssignment", "Validator", "ServerExtension", "ExportApp",
    "ExportPlugin", "CsvExportPlugin", "ZipCollectApp", "ExtractorPlugin", "FileNameCollectorPlugin",
    "GenerateFeedback", "GenerateSolution", "GenerateSourceWithTests", "GetGrades", "CSSHTMLHeaderPreprocessor",
    "LimitOutput", "FilesWriter", "Exporter", "NotebookExporter", "HTMLExporter", "TemplateExporter",
}  # fmt: skip
"""Classes whose settings concern other commands, which nbgrader itself still answers, or what its log looks like."""
_DEFAULTS: Mapping[str, Any] = {
    "Execute.interrupt_on_timeout": True,
    "Execute.raise_on_iopub_timeout": True,
    "Execute.allow_errors": True,
    "Execute.execute_retries": 0,
    "LockCells.lock_solution_cells": True,
    "LockCells.lock_grade_cells": True,
    "LockCells.lock_readonly_cells": True,
    "LockCells.lock_all_cells": False,
    "ClearSolutions.enforce_metadata": True,
    "ClearHiddenTests.enforce_metadata": True,
    "ClearMarkScheme.enforce_metadata": True,
    "ClearMarkScheme.check_attachment_leakage": True,
    "InstantiateTests.autotest_delimiter": "AUTOTEST",
    "InstantiateTests.hashed_delimiter": "HASHED",
    "InstantiateTests.autotest_filename": "autotests.yml",
    "OverwriteCells.add_missing_cells": True,  # here missing cells are always put back
    "IgnorePattern.enabled": False,
    "Autograde.create_student": True,
    "GenerateAssignment.create_assignment": True,
    "GenerateAssignment.no_database": False,
    "BaseConverter.force": False,
    "CourseDirectory.groupshared": False,
    "CourseDirectory.student_id": "*",
    "CourseDirectory.notebook_id": "*",
    "CourseDirectory.include": ["*"],
}
"""Settings that are not honoured, with the value at which nothing is lost."""
_SILENT = {
    "CourseDirectory.assignment_id",  # the command line names the assignment
    "CourseDirectory.solution_directory",
    "CourseDirectory.source_with_tests_directory",
    "CourseDirectory.max_dir_size",
    "CourseDirectory.root",
    "LateSubmissionPlugin.penalty_method",
    "InstantiateTests.enforce_metadata",  # nbgrader itself makes the tests, with all that it is told of them
    "InstantiateTests.comment_strs",
    "InstantiateTests.sanitizers",
    "InstantiateTests.use_salt",
    "Execute.extra_arguments",  # nbgrader declares it and does not use it
}


def table(settings: Settings, root: Path) -> tuple[Table, tuple[str, ...]]:
    """What `course.toml` would say, and one sentence for each setting that is not honoured; raises UsageError."""
    reader = _Reader(settings, root)
    said: Table = {name: {} for name in ("course", "folders", "limits", "grading", "check", "format", "assignments")}
    said["check"]["mutation_score"] = 0.0  # how sharp tests must be nbgrader does not ask
    said["grading"] |= {"attempts": "last", "file_time": False}  # nbgrader knows of no other
    for fill in (_course, _folders, _limits, _late, _format, _assignments):
        fill(reader, said)
    return {name: keys for name, keys in said.items() if keys}, tuple(reader.not_honoured())


class _Reader:
    """Takes settings out one by one, and knows which were never asked for."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self.settings = settings
        self.root = root
        self.asked: set[str] = set(_SILENT)
        self.plugins: set[str] = set()
        """Classes that a plugin's own settings are given to."""

    def get(self, name: str, kind: type | tuple[type, ...], default: Any = None) -> Any:
        """A setting `Class.trait`; the default where it is not set. Raises UsageError for a wrong type."""
        owner, trait = name.split(".")
        self.asked.add(name)
        value = over(default, self.settings.get(owner, {}).get(trait, default))
        if value is not default and not isinstance(value, kind):
            raise self.wrong(name, value)
        return value

    def first(self, trait: str, owners: tuple[str, ...], kind: tuple[type, ...], default: Any) -> Any:
        """A trait that a class inherits: the most special class that is configured decides."""
        told = [self.get(f"{owner}.{trait}", kind, default) for owner in owners]
        named = [owner for owner in owners if trait in self.settings.get(owner, {})]
        return told[owners.index(named[0])] if named else default

    def wrong(self, name: str, value: Any) -> UsageError:
        """The error for a value that nbgrader would refuse too."""
        place = next((self.root / n for n in NAMES if (self.root / n).is_file()), self.root)
        return UsageError(f"{place}: c.{name} = {value!r} is wrong.", mend="See `nbgrader generate_config`.")

    def not_honoured(self) -> Iterator[str]:
        """One sentence for each setting that has an effect in nbgrader and none here."""
        names = [f"{o}.{t}" for o, traits in sorted(self.settings.items()) for t in sorted(traits)]
        for name in names:
            owner, trait = name.split(".", 1)
            if name in self.asked or owner in {*_ELSEWHERE, *self.plugins} or owner.startswith("Exchange"):
                continue
            value = over(_DEFAULTS.get(name), self.settings[owner][trait])
            if name not in _DEFAULTS or value != _DEFAULTS[name]:
                yield f"nbgrader's setting c.{name} is not honoured."


def _course(reader: _Reader, said: Table) -> None:
    if name := reader.get("CourseDirectory.course_id", str, "").strip():
        said["course"]["name"] = name
    for key in ("header", "footer"):
        if path := reader.get(f"IncludeHeaderFooter.{key}", str, ""):
            said["course"][key] = path
    if root := reader.get("Exchange.root", str, ""):
        said["course"]["exchange"] = root
    zone = reader.get("Exchange.timezone", str, "")
    if zone and zone in available_timezones():  # nbgrader takes others too
        said["course"]["timezone"] = zone
    excluded = reader.get("CourseDirectory.student_id_exclude", str, "")
    if excluded:
        said["course"]["exclude"] = [name for name in excluded.split(",") if name]


def _folders(reader: _Reader, said: Table) -> None:
    structure = reader.get("CourseDirectory.directory_structure", str, _STRUCTURE)
    if structure != _STRUCTURE:
        told = f"nbgrader's c.CourseDirectory.directory_structure = {structure!r} is not supported."
        raise UsageError(told, mend=f"Lay the folders out as {_STRUCTURE!r}, nbgrader's default.")
    for step in ("source", "release", "submitted", "autograded", "feedback"):
        name = reader.get(f"CourseDirectory.{step}_directory", str, step)
        if name != step:
            said["folders"][step] = name
    said["course"]["ignore"] = reader.get("CourseDirectory.ignore", list, IGNORED)
    if url := reader.get("CourseDirectory.db_url", str, ""):
        said["grading"]["gradebook"] = url


def _limits(reader: _Reader, said: Table) -> None:
    owners = ("Execute", "ExecutePreprocessor", "NotebookClient")  # a trait is inherited, its setting too
    seconds = reader.first("timeout", owners, (int, type(None)), 30)
    bound = float(seconds) if seconds and seconds > 0 else NO_LIMIT
    said["limits"] = {"cell_seconds": bound, "submission_seconds": max(WHOLE, bound)}
    size = reader.get("CourseDirectory.max_file_size", int, 100_000)
    said["limits"]["file"] = 1000 * size if size > 0 else 2**40


def _late(reader: _Reader, said: Table) -> None:
    plugin = reader.get("AssignLatePenalties.plugin_class", (str, type), "")
    name = plugin if isinstance(plugin, str) else f"{plugin.__module__}.{plugin.__qualname__}"
    if name.startswith("builtins."):  # a class that the configuration itself defines
        name = f"{NAMES[0]}:{name.removeprefix('builtins.')}"
    method = reader.get("LateSubmissionPlugin.penalty_method", str, "none")
    if name and not name.startswith("nbgrader.plugins."):
        said["grading"] |= {"late": "plugin", "late_plugin": name}
        reader.plugins.add(name.replace(":", ".").rpartition(".")[2])
    elif method in ("none", "zero"):
        said["grading"]["late"] = method
    else:
        raise reader.wrong("LateSubmissionPlugin.penalty_method", method)


def _format(reader: _Reader, said: Table) -> None:
    plain = Wording()
    pairs: dict[str, tuple[str, str, tuple[str, str]]] = {
        "solution": ("ClearSolutions", "solution_delimeter", plain.solution),
        "hidden_tests": ("ClearHiddenTests", "test_delimeter", plain.hidden_tests),
        "mark_scheme": ("ClearMarkScheme", "mark_scheme_delimeter", plain.mark_scheme),
    }
    for key, (owner, trait, (begin, end)) in pairs.items():
        told = [reader.get(f"{owner}.{side}_{trait}", str, word) for side, word in (("begin", begin), ("end", end))]
        if told != [begin, end]:
            said["format"][key] = told
    text = reader.get("ClearSolutions.text_stub", str, plain.text_stub)
    if text != plain.text_stub:
        said["format"]["text_stub"] = text
    stubs = reader.get("ClearSolutions.code_stub", (dict, str), dict(plain.code_stubs))
    stubs = {"python": stubs} if isinstance(stubs, str) else dict(stubs)
    if stubs != plain.code_stubs:
        said["format"]["code_stubs"] = stubs


def _assignments(reader: _Reader, said: Table) -> None:
    for name, files in reader.get("Autograde.exclude_overwriting", dict, {}).items():
        said["assignments"][name] = {"keep": list(files)}
