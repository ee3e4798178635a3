"""Every attack of `cases/`, through the real pipeline at levels 4 and 2, and once where it must succeed.

One class a level: all attacks are handed in at once, beside honest students, and graded by two jobs.
"""

from __future__ import annotations

import collections
import csv
import dataclasses
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attacks import book
from attacks.case import ALL, SECRETS, Case, all_cases
from attacks.scene import AS_ROOT, LIMITS, NUMBER, Outcome, Scene

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.sandbox import levels

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux"),
    pytest.mark.xdist_group("attacks"),
    pytest.mark.slow,
]
CASES = all_cases()
NAMES = [case.name for case in CASES]
JAIL = [case for case in CASES if case.name.startswith("S")]
MOST_OUTPUT = 16 * (256 << 10)
"""Bytes that the outputs of all cells of one notebook may have, at 256 KiB a cell."""

PATIENT = LIMITS.replace("cell_seconds = 1\n", "cell_seconds = 5\n")
"""Where two runs are compared, a busy machine must not be what differs."""

ELSEWHERE = {
    "S34": "test_a_killed_warm_parent_loses_nobody",
    "S35": "sandbox/test_jail.py::test_a_layer_that_is_silently_missing_is_noticed",
    "F22": "no oracle within one run: a submission is graded once; how often it may be handed in is the course's rule",
    "F23": "F07_hostile_values",
    "F26": "A10_script_in_feedback",
    "N07": "N06_odd_ids",
    "N13": "F17_tampered_cells",
    "N14": "A10_script_in_feedback",
    "N16": "no archives are opened",
    "N17": "no archives are opened",
    "N22": "test_a_killed_grader_leaves_no_half_marks",
    "A7": "F01_exit_early",
    "A8": "S30_endless",
    "A13": "A13_long_outputs",
    "A15": "F17_tampered_cells",
}
"""What the catalogues name and another test or case shows."""
CATALOGUE = (
    [
        f"S{n:02}"
        for n in (*range(1, 12), 13, 14, 15, *range(17, 24), 25, 26, 27, 28, 29, 30, 31, 33, 34, 35, 36, 37)
        if n != 12
    ]
    + [f"F{n:02}" for n in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 20, 22, 23, 25, 26)]
    + [f"N{n:02}" for n in (1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22)]
    + [f"A{n}" for n in range(1, 16)]
)


@dataclasses.dataclass
class Ran:
    """One class, graded."""

    outcomes: dict[str, Outcome]
    graded: dict[str, Any]
    common: list[str]
    """What happened outside that belongs to no single attack."""


class Theatre:
    """Scenes and what was played in them, each once."""

    def __init__(self) -> None:
        self.ran: dict[tuple[str, int], Ran] = {}
        self.controls: dict[str, Outcome] | None = None

    def play(self, level: int, cases: list[Case], starter: str = "") -> Ran:
        """The class of those attacks at that level."""
        key = (starter or "ours", level)
        if key not in self.ran:
            if level > _held():
                pytest.skip(f"this machine holds level {_held()}")
            self.ran[key] = Ran({}, {}, ["the class could not be graded"])  # it is not tried for every test again
            with Scene(ordinary=starter == "ordinary") as scene:
                outcomes, told = scene.attack(cases, level, reports=level == 4)
                self.ran[key] = Ran(outcomes, told["graded"], scene.common)
                if level == 4:
                    self.ran[key].graded["pages"] = _pages(scene.root / "course" / "feedback")
        return self.ran[key]

    def plain(self) -> dict[str, Outcome]:
        """The attacks whose control is a plain kernel, in one."""
        if self.controls is None:
            with Scene() as scene:
                self.controls = scene.plain_kernel([c for c in CASES if c.control in ("one-process", "as-handed-in")])
        return self.controls


def _held(found: list[int] = []) -> int:  # noqa: B006 - tried once
    if not found:
        found.append(levels.probe().level)
    return found[0]


def _pages(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    """One for the module: classes are large."""
    yield Theatre()


def _told(outcome: Outcome) -> str:
    told = outcome.told
    return "\n".join([told["reason"], *told["reasons"].values(), *told["notes"], *told["outputs"], told["text"]])


def _stopped(case: Case, outcome: Outcome) -> None:
    points = {test: value for test, value in outcome.told["points"].items() if test != "why"}
    assert [] == outcome.damage
    assert case.points() == points
    assert ("ungradable" if case.expected == "reject" else "graded") == outcome.told["status"]
    assert [] == [word for word in case.tells if word not in _told(outcome)]
    if case.expected == "reject":
        assert outcome.told["reason"]
    if case.expected in ("zero", "end") and points["test_prize"] == 0.0:
        assert outcome.told["reasons"]["test_prize"]


@pytest.mark.parametrize("level", [4, 2])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_attack_is_stopped(theatre: Theatre, case: Case, level: int) -> None:
    """No point too many, nothing outside touched, the reason told; and no point too few for the honest part."""
    _stopped(case, theatre.play(level, CASES).outcomes[case.name])


@pytest.mark.skipif(not AS_ROOT, reason="the tests above are an ordinary user's already")
@pytest.mark.parametrize("level", [4, 2])
@pytest.mark.parametrize("case", JAIL, ids=[case.name for case in JAIL])
def test_an_attack_on_an_ordinary_user_is_stopped(theatre: Theatre, case: Case, level: int) -> None:
    """Started by an ordinary user, whose uid the candidate shares, the jail holds as well."""
    _stopped(case, theatre.play(level, JAIL, "ordinary").outcomes[case.name])


@pytest.mark.parametrize("starter", ["", "ordinary"])
def test_what_level_2_leaves_open_is_known(theatre: Theatre, starter: str) -> None:
    """Of all ways, those work at level 2 that belong to a higher level, and they are lines of docs/security.md."""
    if starter and not AS_ROOT:
        pytest.skip("the same as the one before")
    cases = JAIL if starter else CASES
    outcomes = theatre.play(2, cases, starter).outcomes
    worked = {(name, way) for name, outcome in outcomes.items() for way in _ways(outcome, "PWNED")}
    above = {(c.name, way) for c in cases for way in {*c.snippets} - {*c.unproven} if c.levels.get(way, c.level) > 2}
    assert [] == sorted(worked - above)
    assert {name for name, _ in above} == {name for name, _ in worked}
    page = (Path(__file__).parents[2] / "docs" / "security.md").read_text()
    (line,) = [
        line for line in page.partition("## Not covered")[2].split("\n- ") if line.startswith("**At levels 1 and 2")
    ]
    assert [] == [name for name in {name for name, _ in above} if f"`{name}`" not in line]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_control_does_the_damage(theatre: Theatre, case: Case) -> None:
    """Where nothing protects, the attack succeeds, each of its snippets; otherwise stopping it proves nothing."""
    if case.control == "none":
        assert case.why
        return
    if case.control == "unprotected":
        unprotected = [c for c in CASES if c.control == "unprotected"]
        outcome = theatre.play(0, unprotected).outcomes[case.name]
    else:
        outcome = theatre.plain()[case.name]
    assert outcome.damage
    if case.expected == "stop":
        assert [] == [name for name in _ways(outcome, "STOPPED") if name not in case.unproven]


def _ways(outcome: Outcome, word: str) -> list[str]:
    """The snippets of an attack that its own cell reports as PWNED, or STOPPED."""
    lines = outcome.told["text"].splitlines()
    return [line.removeprefix(word).partition("|")[0].strip() for line in lines if line.startswith(word)]


@pytest.mark.parametrize(("level", "starter"), [(4, ""), (2, ""), (4, "ordinary"), (2, "ordinary")])
def test_nothing_else_is_touched(theatre: Theatre, level: int, starter: str) -> None:
    """No file of the course, victim, listener or shared place has changed, no process or mount is left."""
    if starter and not AS_ROOT:
        pytest.skip("the same as the one before")
    assert [] == theatre.play(level, JAIL if starter else CASES, starter).common


@pytest.mark.parametrize("level", [4, 2])
def test_honest_students_have_all_their_marks(theatre: Theatre, level: int) -> None:
    """Beside all these attackers, honest work earns what it earns alone."""
    graded = theatre.play(level, CASES).graded
    honest = {name: one["points"] for name, one in graded.items() if name.startswith(("honest", "another"))}
    assert dict.fromkeys(honest, ALL | dict.fromkeys(SECRETS, 0.0) | {"why": None}) == honest
    assert len(CASES) + len(honest) == len([name for name in graded if name != "pages"])


@pytest.mark.parametrize("level", [4, 2])
def test_outputs_are_capped(theatre: Theatre, level: int) -> None:
    """However much is printed, a notebook keeps no more than its cells' limits."""
    sizes = {name: sum(map(len, o.told["outputs"])) for name, o in theatre.play(level, CASES).outcomes.items()}
    assert {} == {name: size for name, size in sizes.items() if size > MOST_OUTPUT}


@pytest.mark.parametrize("level", [4, 2])
def test_the_level_is_in_every_grade(theatre: Theatre, level: int) -> None:
    """A grade says under which confinement it was found."""
    assert {level} == {o.told["jail"] for o in theatre.play(level, CASES).outcomes.values()}


def test_no_page_runs_a_script(theatre: Theatre) -> None:
    """Feedback shows what students wrote as text: no script, handler, frame or script address of theirs is alive."""
    pages = theatre.play(4, CASES).graded["pages"]
    alive = re.compile(
        r"<(script|iframe|object|embed)\b|<[^>]*\son\w+\s*=|(href|src)\s*=\s*['\"]?\s*javascript:", re.IGNORECASE
    )
    assert any("A10" in page for page in pages.values())
    assert {} == {name: found[0] for name, page in pages.items() if (found := alive.search(_without_policy(page)))}


def _without_policy(page: str) -> str:
    return re.sub(r"<meta[^>]*>", "", page)


def test_no_page_tells_a_secret(theatre: Theatre) -> None:
    """Hidden tests, expected values, labels and other students' work are on no page but their author's own."""
    pages = theatre.play(4, CASES).graded["pages"]
    secrets = [book.secret(kind, NUMBER) for kind in ("hidden", "motto", "label", "file", "env")]
    own = book.secret("other", NUMBER)
    told = [(name, s) for name, page in pages.items() for s in secrets if s in page]
    told += [(name, own) for name, page in pages.items() if own in page and not name.startswith("another/")]
    assert [] == told


def test_a_neighbourhood_of_attackers_changes_no_honest_mark() -> None:
    """Forty honest students get, among twenty attackers, exactly the marks that they get without them."""
    worst = ("S13", "S26", "S27", "S29", "S30_endless.ignores", "S31", "S33", "F01_exit_early.in", "F05_magic_objects.equal",
             "F07_hostile_values.many_h", "F09_forged_frames.garbage", "F14", "F15_hooks.set", "A1_", "A4", "A9", "A12", "A13", "N04",
             "N15_no_file.pipe", "N19")  # fmt: skip
    attackers = [case for case in CASES if case.name.startswith(worst)][:20]
    assert 20 == len(attackers)
    level = min(4, _held())
    with Scene() as scene:
        scene.course([], honest=39, limits=PATIENT)
        _vary(scene.root / "course" / "submitted")
        alone = scene.graded(level)["graded"]
    with Scene() as scene:
        scene.course(attackers, honest=39, limits=PATIENT)
        _vary(scene.root / "course" / "submitted")
        among = scene.graded(level)["graded"]
    assert (40, 60) == (len(alone), len(among))
    assert len({tuple(one["points"].values()) for one in alone.values()}) > 3, (
        "the honest differ, or the test proves little"
    )
    assert _marks(alone) == {name: marks for name, marks in _marks(among).items() if name in alone}


def _vary(submitted: Path) -> None:
    """Some of the honest are wrong in one thing or another."""
    for number, path in enumerate(sorted(submitted.glob("honest*/ps/ps.ipynb"))):
        raw = path.read_text()
        for divisor, right, wrong in (
            (2, "x * (x + 1)", "x * x"),
            (3, "n % d == 0", "n % d < 2"),
            (5, "x + 1", "x - 1"),
        ):
            raw = raw.replace(right, wrong) if number % divisor == 0 else raw
        path.write_text(raw)


def _marks(graded: dict[str, Any]) -> dict[str, Any]:
    return {name: (one["status"], one["points"], one["reasons"]) for name, one in graded.items()}


def test_a_killed_warm_parent_loses_nobody(tmp_path: Path) -> None:
    """When the zygote is killed in the middle, it is started again, and every submission has its marks."""
    _class(tmp_path, 12)
    found = courses.load(tmp_path)
    seen = []
    for one in pipeline.autograde(found, "ps", level=_usable(), jobs=2):
        seen.append((one.grade.student, one.grade.status.value, one.grade.score))
        if len(seen) == 3:
            (zygote,) = [
                p for p in _children(os.getpid()) if b"sandbox.zygote" in Path(f"/proc/{p}/cmdline").read_bytes()
            ]
            os.kill(zygote, signal.SIGKILL)
    counted = collections.Counter(status for _, status, _ in seen)
    assert 12 == len({student for student, _, _ in seen})
    assert {"graded"} >= set(counted) - {"needs_person"}
    assert {sum(ALL.values())} == {score for _, status, score in seen if status == "graded"}
    assert counted["needs_person"] <= 2, "at most those that were running"


def _usable() -> int:
    return 4 if _held() >= 4 else 0


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def _class(root: Path, count: int) -> None:
    source = root / "source" / "ps"
    source.mkdir(parents=True)
    (source / "ps.ipynb").write_text(notebook.dumps(book.master(NUMBER)))
    (root / "course.toml").write_text('[course]\nname = "c"\n[limits]\ncell_seconds = 10\nmemory = "512 MiB"\n')
    for number in range(count):
        folder = root / "submitted" / f"s{number:02}" / "ps"
        folder.mkdir(parents=True)
        (folder / "ps.ipynb").write_text(notebook.dumps(book.handed_in()))


def test_a_killed_grader_leaves_no_half_marks(tmp_path: Path) -> None:
    """After kill -9 in the middle, what the ledger holds is whole, and the next run does the rest and only that."""
    _class(tmp_path, 12)
    code = (
        "import sys; from pathlib import Path; from autograder import course, pipeline\n"
        f"for g in pipeline.autograde(course.load(Path({str(tmp_path)!r})), 'ps', level={_usable()}, jobs=2): print(g.grade.student, flush=True)"
    )
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert grader.stdout is not None
    done = [grader.stdout.readline().decode().strip() for _ in range(4)]
    grader.kill()
    grader.communicate()
    found = courses.load(tmp_path)
    fresh = {g.grade.student: g.fresh for g in pipeline.autograde(found, "ps", level=_usable(), jobs=2)}
    assert 12 == len(fresh)
    assert dict.fromkeys(done[:3], False).items() <= fresh.items()
    assert {sum(ALL.values())} == {grade.score for grade in pipeline.latest(found, "ps")}


def test_names_that_are_formulas_are_text_in_the_table(tmp_path: Path) -> None:
    """A student called like a spreadsheet's formula cannot make one in grades.csv."""
    _class(tmp_path, 1)
    for name in ("=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(1)"):
        (tmp_path / "submitted" / "s00").rename(tmp_path / "submitted" / "x")
        (tmp_path / "submitted" / "x").rename(tmp_path / "submitted" / name)
        found = courses.load(tmp_path)
        list(pipeline.autograde(found, "ps", level=_usable()))
        path = pipeline.export_csv(found)
        cells = [text for row in csv.reader(path.open()) for text in row]
        assert [] == [text for text in cells if text[:1] in "=+-@" and text[:1] and not _is_number(text)]
        (tmp_path / "submitted" / name).rename(tmp_path / "submitted" / "s00")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_every_line_of_the_catalogue_has_its_case() -> None:
    """Each attack of the catalogues is a file here, or its place elsewhere exists."""
    ids = {case.id for case in CASES} | set(ELSEWHERE)
    assert [] == [line for line in CATALOGUE if line not in ids]
    here, tests = Path(__file__), Path(__file__).parents[1]
    names = {case.name.partition(".")[0] for case in CASES}
    for place in ELSEWHERE.values():
        file, _, test = place.rpartition("::")
        if test.startswith("test_"):
            assert f"def {test}(" in (tests / file if file else here).read_text()
        elif " " not in place:
            assert place in names


def test_controls_are_named() -> None:
    """Every attack has a control, or a sentence that says why there is none."""
    kinds = {"unprotected", "one-process", "as-handed-in", "none"}
    assert [] == [c.name for c in CASES if c.control not in kinds or (c.control == "none") != bool(c.why)]
    assert [] == [c.name for c in CASES if c.expected not in ("stop", "end", "zero", "reject", "safe") or not c.claim]
