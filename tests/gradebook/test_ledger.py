"""The ledger: what goes in comes out, for ever, and a broken file is explained."""

from __future__ import annotations

import gc
import sqlite3
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import GraderError
from autograder.gradebook import reading, schema
from autograder.gradebook.ledger import Ledger, Part, Result
from autograder.values import Grade, Outcome, Status, Verdict

POINTS = st.floats(0, 1e9)
WHEN = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))]))
VERDICTS = st.builds(
    Verdict,
    notebook=st.text(),
    test=st.text(),
    outcome=st.sampled_from(Outcome),
    points=st.none() | POINTS,
    max_points=POINTS,
    reason=st.text(),
    detail=st.text(),
    labels=st.lists(st.text(), max_size=2).map(tuple),
    seconds=POINTS,
)
GRADES = st.builds(
    Grade,
    student=st.text(min_size=1),
    assignment=st.text(min_size=1),
    status=st.sampled_from(Status),
    verdicts=st.lists(VERDICTS, max_size=3).map(tuple),
    reason=st.text(),
    late_seconds=st.integers(0, 2**40),
    late_penalty=POINTS,
    jail=st.integers(0, 5),
    fingerprint=st.text(min_size=1),
    seconds=POINTS,
    cell_seconds=POINTS,
    notes=st.lists(st.text(), max_size=3).map(tuple),
    submitted_at=st.none() | WHEN,
)


def grade(student: str = "ada", points: float | None = 2.0, *, fingerprint: str = "sha256:1") -> Grade:
    outcome = Outcome.UNSCORED if points is None else Outcome.PARTIAL
    verdict = Verdict("nb", "t1", outcome, points, 3.0, "two of three", "Traceback", ("operators",), 0.1)
    return Grade(student, "gates", Status.GRADED, (verdict,), fingerprint=fingerprint, notes=("Put back t1.",))


def put(ledger: Ledger, run: int, one: Grade, executed: dict[str, bytes] | None = None) -> int:
    """Records a grade that counts at once."""
    attempt = ledger.record(run, one, executed or {})
    ledger.settle(run, one.assignment, {one.student: Result(attempt)})
    return attempt


@pytest.fixture
def ledger(tmp_path: Path):
    with Ledger.open(tmp_path / "ledger.db") as opened:
        yield opened


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GRADES, st.dictionaries(st.text(min_size=1), st.binary(), max_size=2))
def test_a_grade_comes_back_as_it_went_in(ledger: Ledger, given_grade: Grade, executed: dict[str, bytes]) -> None:
    """Any grade and any bytes are equal after a round trip through the file."""
    put(ledger, ledger.begin_run("autograde"), given_grade, executed)
    assert given_grade == {g.student: g for g in ledger.each(given_grade.assignment)}[given_grade.student]
    assert executed == ledger.executed(given_grade.student, given_grade.assignment)
    assert given_grade == ledger.history(given_grade.student, given_grade.assignment)[-1].grade
    (short,) = (s for page in ledger.shorts(given_grade.assignment) for s in page if s.student == given_grade.student)
    for told in ("status", "score", "max_score", "seconds", "late_penalty", "submitted_at"):
        assert getattr(given_grade, told) == getattr(short, told)


def test_latest_is_the_last_word_for_each_student(ledger: Ledger) -> None:
    """A later run replaces nobody's history but everybody's latest grade; students come sorted."""
    first = ledger.begin_run("autograde gates", {"numpy": "2.4"}, who="grace")
    put(ledger, first, grade("bob", 1.0), {"nb": b"one"})
    put(ledger, first, grade("ada", 1.0))
    second = ledger.begin_run("autograde gates")
    put(ledger, second, grade("bob", 3.0, fingerprint="sha256:2"), {"nb": b"two"})
    assert [("ada", 1.0), ("bob", 3.0)] == [(g.student, g.score) for g in ledger.latest("gates")]
    assert {"nb": b"two"} == ledger.executed("bob", "gates")
    assert [(first, "grace", 1.0), (second, ledger.history("bob", "gates")[1].who, 3.0)] == [
        (a.run, a.who, a.grade.score) for a in ledger.history("bob", "gates")
    ]
    assert [] == ledger.latest("other")
    assert {} == ledger.executed("eve", "gates")


def test_an_unchanged_submission_is_known(ledger: Ledger) -> None:
    """The same fingerprint is a hit for that student and assignment alone, and the latest of equals is given."""
    attempts = [put(ledger, ledger.begin_run("x"), grade()) for _ in range(2)]
    wanted = [("ada", "sha256:1"), ("ada", "sha256:2"), ("bob", "sha256:1"), ("ada", "")]
    assert {("ada", "sha256:1"): attempts[1]} == ledger.known("gates", wanted)
    assert {} == ledger.known("other", wanted)
    assert {} == ledger.known("gates", wanted, since=3)


def test_what_was_our_fault_is_run_again(ledger: Ledger) -> None:
    """A grade with an unscored test is kept, but is no answer for the next run."""
    put(ledger, ledger.begin_run("x"), grade(points=None))
    assert {} == ledger.known("gates", [("ada", "sha256:1")])
    assert [grade(points=None)] == ledger.latest("gates")


def test_an_earlier_attempt_can_count_again(ledger: Ledger) -> None:
    """A student who hands the first version in again has its marks again, and no new attempt is written."""
    run = ledger.begin_run("x")
    first = put(ledger, run, grade(points=1.0), {"nb": b"one"})
    put(ledger, run, grade(points=2.0, fingerprint="sha256:2"), {"nb": b"two"})
    again = ledger.begin_run("x")
    assert ["ada"] == ledger.settle(again, "gates", {"ada": Result(first)})
    assert [] == ledger.settle(again, "gates", {"ada": Result(first)})
    assert [1.0] == [g.score for g in ledger.latest("gates")]
    assert {"nb": b"one"} == ledger.executed("ada", "gates")
    assert 2 == len(ledger.history("ada", "gates"))


def test_an_attempt_without_a_result_counts_for_nobody(ledger: Ledger) -> None:
    """Until it is settled which attempt counts, the former one does."""
    run = ledger.begin_run("x")
    put(ledger, run, grade(points=1.0))
    ledger.record(run, grade(points=3.0, fingerprint="sha256:2"), {})
    assert [1.0] == [g.score for g in ledger.latest("gates")]


def test_the_reason_for_a_choice_is_told_in_the_grade(ledger: Ledger) -> None:
    """Why this attempt counts stands among the grade's notes."""
    run = ledger.begin_run("x")
    ledger.settle(run, "gates", {"ada": Result(ledger.record(run, grade(), {}), "The best of two.")})
    assert (*grade().notes, "The best of two.") == ledger.latest("gates")[0].notes


def test_what_was_handed_in_is_kept(ledger: Ledger) -> None:
    """Versions come back with their bytes, the oldest first; the same version is kept once, its last time holds."""
    early, late = (datetime(2026, 3, day, tzinfo=UTC) for day in (1, 2))
    ledger.keep(
        "ada", "gates", "c1", early, [("gates.ipynb", b"one"), ("data/x.csv", b"x")], ["A link was passed over."]
    )
    ledger.keep("ada", "gates", "c2", early, [("gates.ipynb", b"two")])
    again = ledger.keep("ada", "gates", "c1", late, [("gates.ipynb", b"one"), ("data/x.csv", b"x")])
    assert again == ledger.keep("ada", "gates", "c1", late, [])
    first, second = ledger.kept("gates", ["ada", "bob"])["ada"]
    assert ("c1", late, "c2", early) == (first.content, first.submitted_at, second.content, second.submitted_at)
    assert {"gates.ipynb": b"one", "data/x.csv": b"x"} == ledger.files(first.submission)


def test_a_notebook_of_an_earlier_attempt_is_found(ledger: Ledger) -> None:
    """By its own fingerprint, with verdicts, bytes and notes; one with an unscored test is not."""
    for mark, points in (("p1", 2.0), ("p2", None)):
        one = grade(points=points)
        part = Part(mark, one.verdicts, b"run", 1.5, ("Cell 3 was left out.",))
        ledger.record(ledger.begin_run("x"), one, {"nb": b"run"}, parts={"nb": part})
    assert {"p1": Part("p1", grade().verdicts, b"run", 1.5, ("Cell 3 was left out.",))} == ledger.parts(
        "ada", "gates"
    )


def test_the_same_weights_are_found_among_the_grades_that_count(ledger: Ledger) -> None:
    """Of a student's attempts only the one that counts says what he handed in; a reused notebook keeps its weights."""
    run = ledger.begin_run("x")

    def hand_in(student: str, weights: str) -> None:
        part = Part(f"p {student} {weights}", grade().verdicts, b"run", 1.5, weights={"net.keras": weights})
        attempt = ledger.record(run, grade(student), {"nb": b"run"}, parts={"nb": part})
        ledger.settle(run, "gates", {student: Result(attempt)})

    for student, weights in (("bob", "w1"), ("cy", "w1"), ("ada", "w1"), ("bob", "w2")):
        hand_in(student, weights)
    assert {("nb", "net.keras", "w1"): ["ada", "cy"], ("nb", "net.keras", "w2"): ["bob"]} == ledger.weights("gates")
    assert {"net.keras": "w1"} == ledger.parts("ada", "gates")["p ada w1"].weights


def test_only_the_same_command_goes_on_with_a_run_that_was_stopped(ledger: Ledger) -> None:
    """A run that ended, or another command, is no run to go on with."""
    run = ledger.begin_run("autograde --force", assignment="gates")
    assert (run, None) == (ledger.unfinished("autograde --force", "gates"), ledger.unfinished("autograde", "gates"))
    ledger.end_run(run)
    assert ledger.unfinished("autograde --force", "gates") is None


def test_equal_bytes_are_kept_once(ledger: Ledger) -> None:
    """A hundred attempts that left the same notebook take the room of one."""
    run = ledger.begin_run("x")
    for number in range(100):
        put(ledger, run, grade(fingerprint=f"sha256:{number}"), {"nb": b"same"})
    with sqlite3.connect(ledger.path) as other:
        assert (1,) == other.execute("SELECT count(*) FROM content").fetchone()


def test_a_record_is_all_or_nothing(ledger: Ledger) -> None:
    """A failure half way leaves no trace of that submission, and the ledger goes on working."""
    run = ledger.begin_run("x")
    broken = replace(grade(), notes=("fine", object()))
    with pytest.raises(GraderError):
        put(ledger, run, broken)
    assert [] == ledger.latest("gates")
    put(ledger, run, grade())
    assert [grade()] == ledger.latest("gates")


def test_text_that_is_no_text_is_escaped(ledger: Ledger) -> None:
    """A lone surrogate, which JSON may hold, is kept as its escape instead of breaking the run."""
    put(ledger, ledger.begin_run("x"), replace(grade(), reason="\ud800!"))
    assert "\\ud800!" == ledger.latest("gates")[0].reason


def test_pages_are_joined_without_gaps(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking a class longer than a page gives every student once, in order, in full and in short."""
    monkeypatch.setattr(reading, "PAGE", 50)
    run = ledger.begin_run("x")
    names = [f"s{n:03}" for n in range(150)]
    for name in reversed(names):
        put(ledger, run, grade(name))
    assert names == [g.student for g in ledger.each("gates")]
    assert [names[:50], names[50:100], names[100:]] == [[s.student for s in page] for page in ledger.shorts("gates")]


def test_some_students_grades_are_those_of_the_class(ledger: Ledger) -> None:
    """By name, of those who have one, with the reason for a choice."""
    run = ledger.begin_run("x")
    for name in ("cid", "ann", "ben"):
        attempt = ledger.record(run, grade(name), {})
        ledger.settle(run, "gates", {name: Result(attempt, "The best of two.")})
    everybody = ledger.latest("gates")
    assert [everybody[0], everybody[2]] == ledger.of("gates", ["cid", "eve", "ann"])
    assert [] == ledger.of("gates", [])


def test_memory_does_not_grow_with_the_class(ledger: Ledger) -> None:
    """Recording and walking 1,500 students needs no more memory than 600, though each leaves 20 kB."""
    run = ledger.begin_run("x")
    peaks = []
    for size in (600, 1500):
        gc.collect()
        tracemalloc.start()
        for number in range(size):
            put(ledger, run, grade(f"s{number}"), {"nb": str(number).encode() * 10_000})
        assert size == sum(1 for _ in ledger.each("gates"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 1_500_000  # of 18 MB more that went in


def test_two_processes_may_share_it(ledger: Ledger) -> None:
    """What another connection writes is seen, and neither loses a row."""
    with Ledger.open(ledger.path) as other:
        put(other, other.begin_run("x"), grade("bob"))
        put(ledger, ledger.begin_run("x"), grade("ada"))
        assert ["ada", "bob"] == [g.student for g in other.each("gates")]


def test_a_locked_ledger_is_explained(ledger: Ledger) -> None:
    """While another process holds the lock, the error names the file and says to wait."""
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with (
        Ledger.open(ledger.path, patience=0.01) as impatient,
        pytest.raises(GraderError, match=r"locked.*Wait") as e,
    ):
        impatient.begin_run("x")
    other.close()
    assert str(ledger.path) in e.value.message


def test_a_damaged_ledger_is_explained(tmp_path: Path) -> None:
    """A file that is no database, or one with a hole, names itself and the mend; it is left as it was."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"not a database, surely" * 100)
    with pytest.raises(GraderError, match=r"ledger\.db is damaged.*recover"):
        Ledger.open(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_hole_in_the_ledger_is_explained(tmp_path: Path) -> None:
    """Pages overwritten in an existing ledger are found when they are read."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        for number in range(200):
            put(ledger, ledger.begin_run("x"), grade(f"s{number}"), {"nb": str(number).encode()})
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(GraderError, match="damaged"), Ledger.open(path) as ledger:
        ledger.latest("gates")


def test_a_folder_in_its_place_is_explained(tmp_path: Path) -> None:
    """Whatever else keeps SQLite from the file comes out as a GraderError too."""
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(GraderError, match="cannot be used"):
        Ledger.open(tmp_path / "ledger.db")


def test_an_older_ledger_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new step is run once over a ledger of the version before, and its grades stay."""
    path = tmp_path / "ledger.db"
    with Ledger.open(path) as ledger:
        put(ledger, ledger.begin_run("x"), grade())
    step = ("ALTER TABLE run ADD COLUMN jobs INTEGER", "CREATE TABLE extra (id INTEGER)")
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, step))
    for _ in range(2):
        with Ledger.open(path) as ledger:
            assert [grade()] == ledger.latest("gates")
    with sqlite3.connect(path) as db:
        assert len(schema.STEPS) == schema.version_of(db)
        assert "jobs" in {row[1] for row in db.execute("PRAGMA table_info(run)")}


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration is one transaction: its first statement is undone when its second fails."""
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    step = ("CREATE TABLE extra (id INTEGER)", "ALTER TABLE nothing ADD COLUMN x")
    with monkeypatch.context() as m:
        m.setattr(schema, "STEPS", (*schema.STEPS, step))
        with pytest.raises(GraderError):
            Ledger.open(path)
    with sqlite3.connect(path) as db:
        assert len(schema.STEPS) == schema.version_of(db)
        assert db.execute("SELECT 1 FROM sqlite_master WHERE name = 'extra'").fetchone() is None


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    """A ledger of a later version is not touched by an earlier program."""
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE schema_version SET version = 99")
    with pytest.raises(GraderError, match="newer autograder"):
        Ledger.open(path)
