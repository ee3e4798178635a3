"""What this machine can protect and offer.

Rule: what is said of the jail was tried just now; nothing is assumed from a version number.
"""

from __future__ import annotations

import itertools
import os
import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder import data
from autograder.sandbox import cgroups, jail, levels, memory
from autograder.sandbox.selfcheck import ATTACKS

MEANING = {
    4: "everything: namespaces, own root, Landlock, seccomp, limits",
    3: "as 4, with the machine's /proc behind Landlock",
    2: "Landlock, seccomp and limits, without namespaces",
    1: "seccomp, limits and an own user, for a start as root",
    0: "limits only: it protects nothing, marks can be forged",
}
WIDTH, INDENT = 80, 14


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
    control: str
    """What it does where nothing protects: only what works there proves something by being stopped."""


def examine(data_dir: Path | None) -> tuple[list[Fact], list[Attempt]]:
    """Tries the jail, looks at the machine; gives facts and the self-test's attacks."""
    report = levels.probe()
    return [*_jail(report), *_machine(), *_libraries(), *_data(data_dir)], list(_attempts(report))


def lines(facts: list[Fact], attempts: list[Attempt]) -> Iterator[str]:
    """All of it as text, WIDTH columns wide."""
    for fact in facts:
        first, *more = textwrap.wrap(fact.value, WIDTH - INDENT) or [""]
        yield f"{fact.name:{INDENT - 1}} {first}"
        for line in (*more, *textwrap.wrap(fact.mend, WIDTH - INDENT, break_on_hyphens=False)):
            yield " " * INDENT + line
    for one in attempts:
        yield f"{'stopped' if one.stopped else 'WORKED':9}{one.name:38}{one.control}"


def _jail(report: levels.LevelReport) -> Iterator[Fact]:
    yield Fact("jail", f"level {report.level}: {MEANING[report.level]}")
    yield Fact("kernel", f"{report.kernel}, {report.machine}{', started as root' if report.as_root else ''}")
    yield Fact("landlock", f"ABI {report.landlock_abi}" if report.landlock_abi else "none")
    yield Fact("seccomp", "yes" if report.seccomp else "no")
    yield Fact("namespaces", "yes" if report.namespaces else "no")
    for missing in report.findings:
        yield Fact(f"no {missing.layer}", missing.reason, f"It would stop {missing.stops}. {missing.mend}")
    reasons = {t.level: _why_not(t) for t in report.tried if not t.holds}
    for reason, levels_of in itertools.groupby(reasons.items(), key=lambda pair: pair[1]):
        yield Fact(f"no level {', '.join(str(level) for level, _ in levels_of)}", reason)


def _why_not(trial: levels.LevelTrial) -> str:
    """What kept a level from holding, without what this page says already."""
    if not trial.error:
        return f"these got through: {', '.join(trial.broken)}"
    return trial.error.removeprefix(jail.CANNOT.format(level=trial.level)).removesuffix(jail.ASK_DOCTOR).strip()


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
    paths = {name: folder / f"{name}.npz" for name in data.NAMES} if folder is not None else {}
    sizes = {name: path.stat().st_size for name, path in paths.items() if path.is_file()}
    last = next((name for name in reversed(data.NAMES) if name not in sizes), "")
    for name in data.NAMES:
        if name in sizes:
            yield Fact(name, f"{sizes[name] / 1e6:.0f} MB")
            continue
        mend = f"Put {name}.npz, and others, in a folder and name it: [data] dir in course.toml, or AUTOGRADER_DATA."
        stands_in = "not at hand; the 8×8 digits stand in" if name == "mnist" else "not at hand"
        yield Fact(name, stands_in, mend if name == last else "")


def _attempts(report: levels.LevelReport) -> Iterator[Attempt]:
    held = next((t for t in report.tried if t.level == report.level), None)
    for attack in ATTACKS:
        stopped = held is not None and attack.level <= report.level and attack.name not in held.broken
        control = "works unprotected" if attack.name not in report.unproven else "does not work unprotected either"
        if report.level < attack.level:
            control = f"level {attack.level} stops it"
        yield Attempt(attack.name, stopped, control)
