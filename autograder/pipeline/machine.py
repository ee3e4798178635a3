"""What this machine can protect and offer.

Rule: what is said of the jail was tried just now; nothing is assumed from a version number.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder import data
from autograder.sandbox import cgroups, levels, memory
from autograder.sandbox.selfcheck import ATTACKS

MEANING = {
    4: "everything: namespaces, own root, Landlock, seccomp, limits",
    3: "as 4, with the machine's /proc behind Landlock",
    2: "Landlock, seccomp and limits, without namespaces",
    1: "seccomp, limits and an own user, for a start as root",
    0: "limits only: it protects nothing, marks can be forged",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the examination."""

    name: str
    value: str
    mend: str = ""
    """What is lost without it and how to get it; empty when all is well."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack of the self-test."""

    name: str
    stopped: bool
    control: bool
    """It works where nothing protects, so that stopping it proves something."""


def examine(data_dir: Path | None) -> tuple[list[Fact], list[Attempt]]:
    """Tries the jail, looks at the machine; gives facts and the self-test's attacks."""
    report = levels.probe()
    return [*_jail(report), *_machine(), *_libraries(), *_data(data_dir)], list(_attempts(report))


def _jail(report: levels.LevelReport) -> Iterator[Fact]:
    yield Fact("jail", f"level {report.level}: {MEANING[report.level]}")
    yield Fact("kernel", f"{report.kernel}, {report.machine}{', started as root' if report.as_root else ''}")
    yield Fact("landlock", f"ABI {report.landlock_abi}" if report.landlock_abi else "none")
    yield Fact("seccomp", "yes" if report.seccomp else "no")
    yield Fact("namespaces", "yes" if report.namespaces else "no")
    for missing in report.findings:
        yield Fact(f"no {missing.layer}", missing.reason, f"It would stop {missing.stops}. {missing.mend}")


def _machine() -> Iterator[Fact]:
    page = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield Fact("cores", str(os.cpu_count()))
    yield Fact("memory", f"{page:.1f} GiB")
    yield groups()
    yield Fact("GPU", "NVIDIA" if shutil.which("nvidia-smi") else "none; not needed")


def groups() -> Fact:
    """What bounds several processes of a submission together, where an assignment allows them."""
    place = cgroups.find()
    if isinstance(place, cgroups.Place):
        return Fact("cgroups", f"version 2, delegated: groups can be made in {place.folder}")
    mend = (
        "Where an assignment allows processes, a control group would bound their memory together; "
        f"now it is looked at every {memory.PERIOD:g} s. {cgroups.MEND}"
    )
    return Fact("cgroups", f"not delegated: {place}", mend)


def _libraries() -> Iterator[Fact]:
    for name in ("tensorflow", "keras", "numpy", "ipython", "nbgrader"):
        try:
            yield Fact(name, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Fact(name, "not installed", f"pip install {name}")


def _data(folder: Path | None) -> Iterator[Fact]:
    mend = "Put NAME.npz in a folder and name it: [data] dir in course.toml, or AUTOGRADER_DATA."
    for name in data.NAMES:
        path = folder / f"{name}.npz" if folder is not None else None
        if path is not None and path.is_file():
            yield Fact(name, f"{path.stat().st_size / 1e6:.0f} MB")
        else:
            stands_in = "not at hand; the 8×8 digits stand in" if name == "mnist" else "not at hand"
            yield Fact(name, stands_in, mend)


def _attempts(report: levels.LevelReport) -> Iterator[Attempt]:
    held = next((t for t in report.tried if t.level == report.level), None)
    for attack in ATTACKS:
        stopped = held is not None and attack.level <= report.level and attack.name not in held.broken
        yield Attempt(attack.name, stopped, control=attack.name not in report.unproven and attack.level > 0)
