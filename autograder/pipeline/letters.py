"""What crosses between those who ask for grades and those who make them, as bytes.

Rule: plain values in msgpack, both ways, and of the right types when they are read: what a student wrote is text and
bytes at every moment, and nothing that is read here can run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgpack

from autograder.errors import GraderError
from autograder.gradebook import fingerprint
from autograder.gradebook.ledger import Part
from autograder.pipeline.one import Graded
from autograder.pipeline.parcel import Parcel
from autograder.pipeline.plan import Plan
from autograder.values import Grade, Outcome, Status, Verdict

T = TypeVar("T")
Known = Mapping[str, Part]
"""A notebook's fingerprint → what is known of it."""


def asked(plan: Plan, handed: Parcel, mark: str, known: Known) -> bytes:
    """A submission to be graded, with what is known of its notebooks; `mark`: its fingerprint."""
    when = handed.submitted_at.isoformat() if handed.submitted_at is not None else None
    parcel = [handed.student, handed.assignment, dict(handed.files), when, list(handed.notes)]
    return _packed([parcel, mark, [_part(part) for part in _of_use(plan, handed, known)]])


def _of_use(plan: Plan, handed: Parcel, known: Known) -> Iterable[Part]:
    """What is known of the notebooks that were handed in; nobody says yet which of them is whose."""
    content = handed.content
    marks = {
        fingerprint.of_part(plan.terms, master.name, hashed, content.files)
        for master in plan.masters
        for hashed in content.notebooks.values()
    }
    return (known[mark] for mark in sorted(marks & known.keys()))


def question(data: bytes) -> tuple[Parcel, str, dict[str, Part]]:
    """What `asked` packed: the submission, its fingerprint, what is known."""
    (student, assignment, files, when, notes), mark, known = _unpacked(data)
    at = datetime.fromisoformat(when) if when is not None else None
    parts = [_to_part(part) for part in known]
    return Parcel(student, assignment, files, at, tuple(notes)), mark, {part.fingerprint: part for part in parts}


def answered(graded: Graded, known: Known) -> bytes:
    """A grade, without what was known before."""
    parts = {name: None if p.fingerprint in known else _part(p) for name, p in graded.parts.items()}
    marks = {name: part.fingerprint for name, part in graded.parts.items()}
    bare = {name: data for name, data in graded.executed.items() if name not in parts}
    return _packed([_grade(graded.grade), parts, marks, bare, graded.fresh])


def answer(data: bytes, known: Known) -> Graded:
    """What `answered` packed; raises GraderError for what can be no grade."""
    try:
        told, parts, marks, bare, fresh = _unpacked(data)
        sat = {_is(name, str): known[marks[name]] if p is None else _to_part(p) for name, p in parts.items()}
        run = {name: part.executed for name, part in sat.items()}
        run |= {_is(name, str): _is(data, bytes) for name, data in _is(bare, dict).items()}
        return Graded(_to_grade(told), run, sat, _is(fresh, bool))
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise GraderError(f"What came back is no grade ({type(e).__name__}: {e}).", mend="Please report this.") from e


def _packed(value: Any) -> bytes:
    return bytes(msgpack.packb(value, use_bin_type=True, unicode_errors="surrogatepass"))


def _unpacked(data: bytes) -> Any:
    return msgpack.unpackb(data, raw=False, strict_map_key=True, unicode_errors="surrogatepass")


def _is(value: object, kind: type[T]) -> T:
    """The value, if it is of just that type; raises TypeError."""
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} in place of {kind.__name__}")
    return value


def _number(value: object) -> float:
    """An int stays an int, as where it was reckoned."""
    return value if type(value) is int else _is(value, float)


def _or_none(value: object, read: Callable[[object], T]) -> T | None:
    return None if value is None else read(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_is(text, str) for text in _is(value, list))


def _verdict(v: Verdict) -> list[Any]:
    about = [v.notebook, v.test, v.outcome.value, v.points, v.max_points]
    return [*about, v.reason, v.detail, list(v.labels), v.seconds]


def _to_verdict(value: object) -> Verdict:
    notebook, test, outcome, points, most, reason, detail, labels, seconds = _is(value, list)
    return Verdict(
        notebook=_is(notebook, str),
        test=_is(test, str),
        outcome=Outcome(outcome),
        points=_or_none(points, _number),
        max_points=_number(most),
        reason=_is(reason, str),
        detail=_is(detail, str),
        labels=_texts(labels),
        seconds=_number(seconds),
    )


def _part(part: Part) -> list[Any]:
    verdicts = [_verdict(verdict) for verdict in part.verdicts]
    return [part.fingerprint, verdicts, part.executed, part.cell_seconds, list(part.notes), dict(part.weights)]


def _to_part(value: object) -> Part:
    mark, verdicts, executed, seconds, notes, weights = _is(value, list)
    return Part(
        fingerprint=_is(mark, str),
        verdicts=tuple(map(_to_verdict, _is(verdicts, list))),
        executed=_is(executed, bytes),
        cell_seconds=_number(seconds),
        notes=_texts(notes),
        weights={_is(name, str): _is(hashed, str) for name, hashed in _is(weights, dict).items()},
    )


def _grade(grade: Grade) -> list[Any]:
    """Whose it is, when it was handed in and what lateness costs is known where it was asked for."""
    verdicts = [_verdict(verdict) for verdict in grade.verdicts]
    about = [grade.status.value, grade.reason, grade.jail, grade.fingerprint]
    return [*about, verdicts, grade.seconds, grade.cell_seconds, list(grade.notes)]


def _to_grade(value: object) -> Grade:
    status, reason, jail, mark, verdicts, seconds, cells, notes = _is(value, list)
    return Grade(
        student="",
        assignment="",
        status=Status(status),
        verdicts=tuple(map(_to_verdict, _is(verdicts, list))),
        reason=_is(reason, str),
        jail=_is(jail, int),
        fingerprint=_is(mark, str),
        seconds=_number(seconds),
        cell_seconds=_number(cells),
        notes=_texts(notes),
    )
