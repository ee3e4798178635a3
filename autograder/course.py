"""`course.toml`, read once into frozen values.

Rule: every key is known here, with its type and its default; a key that is not known is an error that names
the line and the nearest right key. Format: TOML 1.0. The manual of all keys is docs/course.md.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from autograder.errors import UsageError

FILE = "course.toml"
_NAME = re.compile(r"[^\W_][\w\-. ]*")  # an assignment's name is a folder's name, and no hidden one
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may use; a number too small for honest work is the instructor's to raise."""

    cell_seconds: float = 30.0
    """Wall-clock seconds one cell, or one test, may take."""
    submission_seconds: float = 300.0
    """Wall-clock seconds all cells and tests of one notebook may take together, restarts included."""
    memory: int = 2 * 2**30
    """Bytes of private memory of the student's process (RLIMIT_DATA); of all together where it may start some."""
    output: int = 2**20
    """Bytes of output one cell may leave in the notebook; the rest is dropped with a note."""
    file: int = 64 * 2**20
    """Bytes of the largest file the student's code may write, and of the largest file that may be handed in."""
    processes: int = 0
    """Processes that the student's code may start; 0: none, and no `!command` either."""


@dataclass(frozen=True, slots=True)
class Late:
    """What lateness costs."""

    method: str = "none"
    """`none`, `zero` (a late submission earns nothing) or `per_day` (a share of the maximum each begun day)."""
    per_day: float = 0.1
    """Share of the assignment's maximum taken off for each begun day, 0 to 1."""
    grace: int = 0
    """Seconds after the deadline that cost nothing."""
    cap: float = 1.0
    """The largest share that can be taken off, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment: a folder of masters in `source/`."""

    name: str
    title: str = ""
    due: datetime | None = None
    """Deadline, timezone-aware; None when there is none."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Course:
    """Everything `course.toml` says, with all defaults filled in and all paths made absolute."""

    root: Path
    name: str
    title: str
    source: Path
    release: Path
    submitted: Path
    autograded: Path
    feedback: Path
    reports: Path
    ledger: Path
    """`ledger.db`: every grading run, for ever."""
    gradebook: str
    """nbgrader's database URL, or an empty string to write none."""
    grades: Path
    """`grades.csv`."""
    data_dir: Path | None
    """Folder with mnist.npz and the others; None when neither course.toml nor AUTOGRADER_DATA names one."""
    scoring: str
    """`autograder`, or `nbgrader` for that tool's exact rules, flaws included."""
    late: Late
    jail_level: int
    """Lowest level of confinement under which marks may be given (docs/security.md)."""
    limits: Limits
    assignments: Mapping[str, Assignment]

    def assignment(self, name: str) -> Assignment:
        """The assignment of that name; one that has a folder but no entry gets the defaults. Raises UsageError."""
        if name in self.assignments:
            return self.assignments[name]
        if _NAME.fullmatch(name) and (self.source / name).is_dir():
            return Assignment(name, limits=self.limits)
        known = self.names()
        near = difflib.get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"{self.source} holds: {', '.join(known) or 'nothing'}."
        raise UsageError(f"There is no assignment {name!r} in this course.", mend=hint)

    def names(self) -> list[str]:
        """All assignments: those of course.toml first, then other folders of `source/` that hold a notebook."""
        listed = [n for n in self.assignments if (self.source / n).is_dir()]
        found = sorted(path.parent.name for path in self.source.glob("*/*.ipynb"))
        return list(dict.fromkeys([*listed, *filter(_NAME.fullmatch, found)]))


Check = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text in quotes")  # noqa: TRY004 - what `check` raises is the mend, whatever is wrong
    return value


def _number(low: float, high: float = math.inf) -> Check:
    def check(value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not low <= value <= high:
            above = f"a number of at least {low:g}"
            raise ValueError(above if high == math.inf else f"a number from {low:g} to {high:g}")
        return float(value)

    return check


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def _size(value: Any) -> int:
    """Bytes, or a text such as "2 GiB"."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", value) if isinstance(value, str) else None
    if match is None or match[2].lower() not in _UNITS or float(match[1]) <= 0:
        raise ValueError('a size such as "2 GiB", "512 MiB" or a number of bytes')
    return int(float(match[1]) * _UNITS[match[2].lower()])


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, 23, 59, 59, tzinfo=UTC)
    raise ValueError("a date and time without quotes, such as 2026-12-01T23:59:00+09:00")


def _one_of(*names: str) -> Check:
    def check(value: Any) -> str:
        if value not in names:
            raise ValueError("one of " + ", ".join(f'"{n}"' for n in names))
        return str(value)

    return check


_LIMITS: dict[str, Check] = {
    "cell_seconds": _number(0.1),
    "submission_seconds": _number(0.1),
    "memory": _size,
    "output": _size,
    "file": _size,
    "processes": _whole(0, 1000),
}
_SCHEMA: dict[str, dict[str, Check]] = {
    "course": {"name": _text, "title": _text},
    "folders": dict.fromkeys(
        ("source", "release", "submitted", "autograded", "feedback", "reports", "ledger", "grades"), _text
    ),
    "data": {"dir": _text},
    "limits": _LIMITS,
    "grading": {
        "scoring": _one_of("autograder", "nbgrader"),
        "late": _one_of("none", "zero", "per_day"),
        "late_per_day": _number(0, 1),
        "late_grace_minutes": _number(0),
        "late_cap": _number(0, 1),
        "gradebook": _text,
    },
    "jail": {"level": _whole(0, 5)},
}
_ASSIGNMENT: dict[str, Check] = {"title": _text, "due": _moment}


def find(start: Path) -> Path:
    """The folder of the nearest `course.toml`, from `start` upwards; raises UsageError."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    mend = "Change into the course's folder, or name it: `autograder --course DIR ...`."
    raise UsageError(f"There is no {FILE} in {start} or above it.", mend=mend)


def load(root: Path) -> Course:
    """Reads `root/course.toml`; raises UsageError with the line and the mend for whatever is wrong in it."""
    root = root.resolve()
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as e:
        raise UsageError(f"{path}: cannot be read ({e.strerror}).", mend="Check its name and rights.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text.", mend="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{path}: {e}.", mend="See https://toml.io for the format.") from None
    return _build(root, _Reader(path, text).read(table))


class _Reader:
    """Checks the table key by key, and knows on which line a key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def read(self, table: dict[str, Any]) -> dict[str, Any]:
        self._known(table, [*_SCHEMA, "assignments"], "")
        out = {name: self._section(table.get(name, {}), keys, name) for name, keys in _SCHEMA.items()}
        assignments = self._table(table.get("assignments", {}), "assignments")
        for name in assignments:
            if not _NAME.fullmatch(name):
                mend = "Begin with a letter or digit, and use letters, digits, spaces, - _ and . alone."
                raise UsageError(f"{self.at('assignments', name)}: {name!r} is no name of a folder.", mend=mend)
        out["assignments"] = {name: self._assignment(entry, name) for name, entry in assignments.items()}
        return out

    def _assignment(self, entry: Any, name: str) -> dict[str, Any]:
        where = f"assignments.{name}"
        entry = dict(self._table(entry, where))
        limits = self._section(entry.pop("limits", {}), _LIMITS, f"{where}.limits")
        return {**self._section(entry, _ASSIGNMENT, where, extra=("limits",)), "limits": limits}

    def _section(self, table: Any, keys: dict[str, Check], where: str, extra: tuple[str, ...] = ()) -> dict[str, Any]:
        self._known(self._table(table, where), [*keys, *extra], where)
        return {key: self._value(keys[key], value, where, key) for key, value in table.items()}

    def _value(self, check: Check, value: Any, where: str, key: str) -> Any:
        try:
            return check(value)
        except ValueError as e:
            raise UsageError(f"{self.at(where, key)}: {key} = {value!r} is wrong.", mend=f"Give {e}.") from None

    def _table(self, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            mend = f"Write [{where}] on a line of its own."
            raise UsageError(f"{self.at('', where)}: {where!r} must be a section.", mend=mend)
        return value

    def _known(self, table: dict[str, Any], keys: list[str], where: str) -> None:
        for key in table:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, 1, 0.5)
                mend = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(keys)}."
                place = f" in [{where}]" if where else ""
                raise UsageError(f"{self.at(where, key)}: there is no key {key!r}{place}.", mend=mend)

    def at(self, where: str, key: str) -> str:
        """`course.toml, line N` of that key in that section; without the line where it cannot be told."""
        section, wanted, holder = "", _dotted(where, key), _dotted(where)
        fallback = str(self.path)
        for number, line in enumerate(self.lines, 1):
            place = f"{self.path}, line {number}"
            header = re.match(r"\s*\[+([^\]]+)\]", line)
            if header:
                section = _dotted(header[1])
                if section == wanted:
                    return place
            named = None if header else re.match(r"""([\w.\-"' ]+)=""", line)
            found = _dotted(section, named[1]) if named else ""
            if found == wanted:
                return place
            if found and found == holder:  # an inline table: `limits = {memory = 3}`
                fallback = place
        return fallback


def _dotted(*parts: str) -> str:
    """A dotted key without quotes and spaces, which TOML allows anywhere in it."""
    return ".".join(re.sub(r"[\s\"']", "", part) for part in parts if part)


def _build(root: Path, table: dict[str, Any]) -> Course:
    course, grading = table["course"], table["grading"]
    folders = {name: root / table["folders"].get(name, name) for name in _SCHEMA["folders"]}
    limits = replace(Limits(), **table["limits"])
    name = course.get("name", root.resolve().name)
    return Course(
        root=root,
        name=name,
        title=course.get("title", name),
        **{k: folders[k] for k in ("source", "release", "submitted", "autograded", "feedback", "reports")},
        ledger=root / table["folders"].get("ledger", "ledger.db"),
        grades=root / table["folders"].get("grades", "grades.csv"),
        gradebook=_database(root, grading.get("gradebook", "sqlite:///gradebook.db")),
        data_dir=_data_dir(root, table["data"].get("dir")),
        scoring=grading.get("scoring", "autograder"),
        late=_late(grading),
        jail_level=table["jail"].get("level", 4),
        limits=limits,
        assignments={n: _assignment(n, entry, limits) for n, entry in table["assignments"].items()},
    )


def _assignment(name: str, entry: dict[str, Any], limits: Limits) -> Assignment:
    own = replace(limits, **entry["limits"])
    return Assignment(name, title=entry.get("title", ""), due=entry.get("due"), limits=own)


def _database(root: Path, url: str) -> str:
    """A database URL; a relative SQLite file counts from the course's folder."""
    scheme, slashes, name = url.partition("sqlite:///")
    if scheme or not slashes or not name or name.startswith("/"):
        return url
    return f"sqlite:///{root.resolve() / name}"


def _late(grading: dict[str, Any]) -> Late:
    given = {
        "method": grading.get("late"),
        "per_day": grading.get("late_per_day"),
        "grace": round(60 * grading["late_grace_minutes"]) if "late_grace_minutes" in grading else None,
        "cap": grading.get("late_cap"),
    }
    return replace(Late(), **{k: v for k, v in given.items() if v is not None})


def data_folder(start: Path) -> Path | None:
    """The data sets' folder for the course around `start`, or without a course."""
    try:
        return load(find(start)).data_dir
    except UsageError:
        return _data_dir(start, None)


def _data_dir(root: Path, named: str | None) -> Path | None:
    """course.toml's word first, then AUTOGRADER_DATA; a relative path counts from the course's folder."""
    if named:
        return (root / Path(named).expanduser()).resolve()
    told = os.environ.get("AUTOGRADER_DATA", "")
    return Path(told).resolve() if told else None


KEYS = {
    **{f"{s}.{k}": None for s, keys in _SCHEMA.items() for k in keys},
    **{f"assignments.NAME.{k}": None for k in _ASSIGNMENT},
}
"""Every key of course.toml, dotted; the manual is tested against it."""
assert {f.name for f in fields(Limits)} == set(_LIMITS)
