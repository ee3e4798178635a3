"""What a worker's machine has, as far as it can change a mark, and who may grade beside whom.

Rule: all machines that grade a class are alike in whatever can change a mark; one that is not is told what it lacks.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.errors import GraderError

DOCTOR = "`autograder doctor` says there what is missing."


@dataclass(frozen=True, slots=True)
class Standing:
    """What a machine says of itself."""

    versions: Mapping[str, str]
    """Package → version."""
    code: str
    """Hash of the grader's own program."""
    level: int
    """Of the jail, tried out."""
    data: tuple[str, ...]
    """Data sets that the assignment names and that are at hand."""
    premises: Mapping[str, Any]
    """What else goes into the terms."""

    @property
    def key(self) -> str:
        """Equal for machines that come to equal marks, where versions and code are equal too."""
        return json.dumps([self.level, self.data, self.premises], sort_keys=True)


def read(answer: bytes) -> Standing:
    """What `elsewhere.look` said."""
    told = json.loads(answer)
    return Standing(told["versions"], told["code"], told["level"], tuple(told["data"]), told["premises"])


def check(found: Standing, versions: Mapping[str, str], code: str, level: int) -> None:
    """Raises GraderError for a machine that cannot grade for this one; `level`: the least one of the jail."""
    mend = "Install there what is installed here (requirements.lock)."
    for name in sorted(versions.keys() | found.versions.keys()):
        here, there = versions.get(name, "none"), found.versions.get(name, "none")
        if here != there:
            raise GraderError(f"it has {name} {there}, and here it is {here}.", mend=mend)
    if found.code != code:
        raise GraderError("its autograder has the same version and other code.", mend=mend)
    if found.level < level:
        told = f"it can confine student code to level {found.level}; the course asks for {level}."
        raise GraderError(told, mend=DOCTOR)


def check_alike(found: Standing, like: Standing) -> None:
    """Raises GraderError for a machine that may come to other marks than the batch's others."""
    if found.key == like.key:
        return
    if found.level != like.level:
        told = f"it can confine student code to level {found.level}; this batch runs at {like.level}."
        raise GraderError(told, mend=DOCTOR)
    if missing := sorted(set(like.data) - set(found.data)):
        names = ", ".join(f"{name}.npz" for name in missing)
        raise GraderError(f"it has no {names}.", mend="Start it with AUTOGRADER_DATA naming their folder.")
    pairs: list[tuple[str, Any, Any]] = [("data sets", list(found.data), list(like.data))]
    pairs += [(name, value, like.premises.get(name)) for name, value in sorted(found.premises.items())]
    told = "; ".join(f"{name}: {value!r} and not {wanted!r}" for name, value, wanted in pairs if value != wanted)
    raise GraderError(f"it differs from the batch's other workers ({told[:300]}).", mend="Make them alike.")


def common(found: Iterable[tuple[Standing, int]]) -> Standing:
    """That of most processors, each standing with its number; of equals the stronger."""
    first: dict[str, Standing] = {}
    count: Counter[str] = Counter()
    for one, processors in found:
        first.setdefault(one.key, one)
        count[one.key] += processors
    best = max(first, key=lambda key: (count[key], first[key].level, len(first[key].data), key))
    return first[best]
