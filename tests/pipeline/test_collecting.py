"""Archives become submissions: what is clear comes in together, what is doubtful is left out and told."""

from __future__ import annotations

import os
from pathlib import Path

import lmszips as z
import pytest
from builders import SQUARE, Course
from click.testing import CliRunner, Result
from lmszips import ADA, BOB, KIM

from autograder import course as courses
from autograder import notebook
from autograder.cli import main
from autograder.errors import GraderError, UsageError
from autograder.gradebook.ledger import Ledger
from autograder.intake import placing
from autograder.pipeline import arriving, collecting
from autograder.pipeline.collecting import Collected, Order
from autograder.reports.collected import State

DUE = "[assignments.squares]\ndue = 2026-03-10T12:00:00Z\n"
BOOK = notebook.dumps(dict(SQUARE))


@pytest.fixture
def root(course: Course) -> Path:
    """A course with a roster and a deadline, and nothing handed in."""
    folder = course(toml=DUE)
    (folder / "roster.csv").write_text(z.roster())
    return folder


def collect(root: Path, *archives: Path, **options: object) -> Collected:
    order = Order(archives, **options)  # type: ignore[arg-type]
    return collecting.collect(courses.load(root), "squares", order, lambda *_: None)


def told(found: Collected) -> dict[str, str]:
    """Student, or sender, → what became of it."""
    return {row.student or row.sender: row.state.value for row in found.rows}


def tree(root: Path) -> dict[str, bytes]:
    base = root / "submitted"
    return {str(p.relative_to(base)): p.read_bytes() for p in sorted(base.rglob("*")) if p.is_file()}


def stamp(root: Path, student: str) -> str:
    return (root / "submitted" / student / "squares" / "timestamp.txt").read_text()[:19]


def canvas(root: Path, texts: dict[z.Person, str], *, late: tuple[z.Person, ...] = (), name: str = "c.zip") -> Path:
    files = {z.canvas(p, "squares.ipynb", late=p in late): text for p, text in texts.items()}
    return z.archive(root / name, files)  # type: ignore[arg-type]


def test_a_class_is_collected(root: Path) -> None:
    """Every student's notebook lies where grading and nbgrader look for it."""
    found = collect(root, canvas(root, {ADA: BOOK, BOB: BOOK, KIM: BOOK}))
    assert ({"ada": "new", "bob": "new", "kim": "new"}, 0) == (told(found), found.code)
    assert BOOK.encode() == tree(root)["kim/squares/squares.ipynb"]


def test_canvas_marks_decide_who_is_late(root: Path) -> None:
    """The archive bears the download's time, after the deadline: only who is marked late is late."""
    collect(root, canvas(root, {ADA: BOOK, BOB: BOOK}, late=(BOB,)))
    assert ("2026-03-10 12:00:00", "2026-03-20 09:30:00") == (stamp(root, "ada"), stamp(root, "bob"))
    early = z.archive(root / "e.zip", {z.canvas(KIM, "squares.ipynb", late=True): BOOK}, (2026, 3, 1, 0, 0, 0))
    collect(root, early)
    assert "2026-03-10 12:00:01" == stamp(root, "kim")


def test_a_doubt_leaves_out_one_and_takes_the_rest(root: Path) -> None:
    """Nobody, two of one name, one of a name that two senders bear; a person decides by a list."""
    eve, ada2 = z.Person("eve", "Eve", "Lovelase", 555), z.Person("x", "Ada", "Lovelace", 0)
    (root / "roster.csv").write_text(z.roster([ADA, BOB, KIM]).replace(",101", ","))
    found = collect(
        root, archive := canvas(root, {ADA: BOOK, ada2: BOOK, BOB: BOOK, eve: BOOK}), said=root / "map.csv"
    )
    assert {
        "bob": "new",
        "lovelaceada_101": "left out",
        "lovelaceada_0": "left out",
        "lovelaseeve_555": "left out",
    } == told(found)
    assert ["bob/squares/squares.ipynb", "bob/squares/timestamp.txt"] == list(tree(root))
    assert 1 == found.code
    text = (root / "map.csv").read_text()
    assert {"sender,student", "lovelaceada_101,", "lovelaceada_0,", "lovelaseeve_555,"} == set(text.split())
    (root / "map.csv").write_text(text.replace("lovelaceada_101,", "lovelaceada_101,ada"))
    found = collect(root, archive, said=root / "map.csv")
    assert ("new", "there already") == (told(found)["ada"], told(found)["bob"])


def test_a_list_of_senders_holds_no_formula(root: Path) -> None:
    """A spreadsheet shows a sender's words as they stand, and the list still says who is meant."""
    files: dict[str, bytes | str] = {f"{who}/squares.ipynb": BOOK for who in ("=1+1", "ada")}
    archive, said = z.archive(root / "f.zip", files), root / "map.csv"
    assert {"=1+1": "left out", "ada": "new"} == told(collect(root, archive, maker="folders", said=said))
    assert "\n'=1+1," in said.read_text()
    said.write_text(said.read_text().replace("'=1+1,", "'=1+1,bob"))
    assert "new" == told(collect(root, archive, maker="folders", said=said))["bob"]


def test_the_same_again_is_no_attempt_and_later_bytes_are_another(root: Path) -> None:
    """What was handed in before lies beside and in the ledger; nothing is written over."""
    first = z.archive(root / "1.zip", {z.moodle(ADA, "squares.ipynb"): BOOK}, (2026, 3, 1, 0, 0, 0))
    again = z.archive(root / "2.zip", {z.moodle(ADA, "squares.ipynb"): BOOK}, (2026, 3, 5, 0, 0, 0))
    later = z.archive(root / "3.zip", {z.moodle(ADA, "squares.ipynb"): BOOK + " "}, (2026, 3, 6, 0, 0, 0))
    collect(root, first)
    before = tree(root)
    assert {"ada": "there already"} == told(collect(root, again))
    assert before == tree(root)
    assert {"ada": "next attempt"} == told(collect(root, later))
    there = tree(root)
    assert f"{BOOK} ".encode() == there["ada/squares/squares.ipynb"]
    assert BOOK.encode() == there[".attempts/ada/squares/2026-03-01T000000.000000/squares.ipynb"]
    with Ledger.open(root / "ledger.db") as ledger:
        (kept,) = ledger.kept("squares", ["ada"])["ada"]
        assert (z.at(2026, 3, 1), {"squares.ipynb": BOOK.encode()}) == (
            kept.submitted_at,
            ledger.files(kept.submission),
        )
    assert {"ada": "there already"} == told(collect(root, first))
    assert there == tree(root)


def test_an_older_archive_does_not_replace_what_is_newer(root: Path) -> None:
    """It becomes a former attempt."""
    new = z.archive(root / "n.zip", {z.moodle(ADA, "squares.ipynb"): BOOK}, (2026, 3, 5, 0, 0, 0))
    old = z.archive(root / "o.zip", {z.moodle(ADA, "squares.ipynb"): BOOK + " "}, (2026, 3, 1, 0, 0, 0))
    collect(root, new)
    assert {"ada": "former attempt"} == told(collect(root, old))
    assert BOOK.encode() == tree(root)["ada/squares/squares.ipynb"]


def test_going_back_to_former_work_is_an_attempt(root: Path) -> None:
    """First, second, and the first again, later: the third counts; collecting all once more changes nothing."""
    texts = {"2026-03-01-00-00-00": BOOK, "2026-03-02-00-00-00": BOOK + " ", "2026-03-03-00-00-00": BOOK}
    archive = z.archive(root / "b.zip", {z.blackboard(ADA, "squares.ipynb", day): t for day, t in texts.items()})
    collect(root, archive)
    before = tree(root)
    assert ("2026-03-03 00:00:00", BOOK.encode()) == (stamp(root, "ada"), before["ada/squares/squares.ipynb"])
    assert {State.SAME} == {row.state for row in collect(root, archive).rows}
    assert before == tree(root)


def test_all_attempts_of_one_archive_come_in(root: Path) -> None:
    """The last in `submitted/`, the others beside it, in the order of their times."""
    days = ("2026-03-03-00-00-00", "2026-03-01-00-00-00", "2026-03-02-00-00-00")
    found = collect(
        root, z.archive(root / "b.zip", {z.blackboard(ADA, "squares.ipynb", day): BOOK + day for day in days})
    )
    assert [State.FORMER, State.FORMER, State.AGAIN] == [row.state for row in found.rows]
    assert "2026-03-03 00:00:00" == stamp(root, "ada")
    assert 2 == len(placing.former(root / "submitted", "ada", "squares"))


def test_what_lay_there_by_hand_is_a_former_attempt(root: Path) -> None:
    """Also where it has no time of its own, and where nobody could read it."""
    folder = root / "submitted" / "ada" / "squares"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    collect(root, canvas(root, {ADA: BOOK}))
    assert b"mine" == next(data for name, data in tree(root).items() if name.endswith("notes.txt"))


def test_a_groups_work_is_each_members(root: Path) -> None:
    """Gradescope names them all."""
    files = {"e/submission_metadata.yml": z.gradescope({7: [ADA, BOB]}), "e/submission_7/squares.ipynb": BOOK}
    assert {"ada": "new", "bob": "new"} == told(collect(root, z.archive(root / "g.zip", files)))
    assert "2026-03-01 10:00:00" == stamp(root, "bob")


def test_files_of_a_form_belong_together(root: Path) -> None:
    """Notebook and model of the same person are one attempt, under their own names."""
    files = {
        "F/squares - Ada Lovelace.ipynb": BOOK,
        "F/lenet - Ada Lovelace.keras": "x",
        "F/squares - 서연 김.ipynb": BOOK,
    }
    assert {"ada": "new", "kim": "new"} == told(collect(root, z.archive(root / "g.zip", files)))
    assert {"lenet.keras", "squares.ipynb", "timestamp.txt"} == set(os.listdir(root / "submitted/ada/squares"))


def test_moodles_worksheet_tells_who_is_late(root: Path) -> None:
    """Given beside the archive, in the reader's zone."""
    (root / "g.csv").write_text(z.worksheet([ADA], {"ada": "Tuesday, 10 March 2026, 9:30 PM"}))
    archive = z.archive(root / "m.zip", {z.moodle(ADA, "squares.ipynb"): BOOK})
    found = collect(root, archive, root / "g.csv", zone="Asia/Seoul")
    assert (1800, "its grading worksheet") == (found.rows[0].late, found.rows[0].told_by)


def test_times_of_an_archives_making_are_told(root: Path) -> None:
    """Where all files bear one time and nobody else tells any, it says nothing of who was late."""
    found = collect(root, z.archive(root / "m.zip", {z.moodle(p, "squares.ipynb"): BOOK for p in z.CLASS}))
    assert any("that of its making" in line for line in found.sources)


def test_a_folder_is_taken_as_its_archive_is(root: Path) -> None:
    """Some browsers unpack what they download."""
    import zipfile

    with zipfile.ZipFile(canvas(root, {ADA: BOOK, BOB: BOOK})) as made:
        made.extractall(root / "down")
    assert {"ada": "new", "bob": "new"} == told(collect(root, root / "down"))


def test_a_dry_run_writes_nothing(root: Path) -> None:
    """And tells the same."""
    archive = canvas(root, {ADA: BOOK, BOB: BOOK})
    before = sorted(root.rglob("*"))
    dry = collect(root, archive, dry=True, said=root / "map.csv")
    assert before == sorted(root.rglob("*"))
    assert dry.rows == collect(root, archive).rows


@pytest.mark.parametrize("where", ["_kept", "_placed"])
@pytest.mark.parametrize("why", [KeyboardInterrupt, GraderError("the disk is full")])
def test_a_failure_leaves_everything_as_it_was(
    root: Path, monkeypatch: pytest.MonkeyPatch, where: str, why: BaseException
) -> None:
    """Ctrl-C and our own faults, before the move and after it."""
    collect(root, canvas(root, {ADA: BOOK}))
    before = tree(root)

    def fail(*_: object) -> None:
        raise why

    monkeypatch.setattr(arriving, where, fail)
    with pytest.raises((KeyboardInterrupt, GraderError)):
        collect(root, canvas(root, {ADA: BOOK + " ", BOB: BOOK}))
    assert before == tree(root)
    assert ["ada"] == os.listdir(root / "submitted")


def test_one_broken_archive_of_two_takes_nothing(root: Path) -> None:
    """The archive is named, with the mend."""
    (root / "b.zip").write_bytes(b"<html>")
    with pytest.raises(UsageError, match=r"b\.zip is no whole zip archive") as e:
        collect(root, canvas(root, {ADA: BOOK}), root / "b.zip")
    assert "Download it again" in e.value.mend
    assert {} == tree(root)


def test_without_a_roster_nobody_is_guessed(root: Path) -> None:
    """The error says which columns it wants."""
    (root / "roster.csv").unlink()
    with pytest.raises(UsageError, match="who is in the class") as e:
        collect(root, canvas(root, {ADA: BOOK}))
    assert "id, name" in e.value.mend


def test_the_gradebooks_students_are_a_roster(root: Path) -> None:
    """Where there is no file."""
    from autograder.gradebook import nbschema

    url = f"sqlite:///{root}/gradebook.db"
    engine = nbschema.engine_for(url)
    tables = nbschema.prepare(engine)
    with engine.begin() as db:
        row = {"id": "ada", "first_name": "Ada", "last_name": "Lovelace", "email": "", "lms_user_id": "101"}
        db.execute(tables.tables["student"].insert(), row)
    engine.dispose()
    (root / "roster.csv").unlink()
    assert {"ada": "new", "vandykebob_102": "left out"} == told(collect(root, canvas(root, {ADA: BOOK, BOB: BOOK})))


def run(root: Path, *words: str) -> Result:
    return CliRunner(env={"COLUMNS": "80"}).invoke(main, ["--course", str(root), "collect", "squares", *words])


def test_the_table_has_80_columns_and_names_everything(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets what, whose time it is, what to look at, what was left out and what to do."""
    monkeypatch.chdir(root)
    eve = z.Person("e", "Eve\x1b[31m", "Nobody" * 8, 9)
    done = run(root, canvas(root, {ADA: BOOK, BOB: BOOK, eve: BOOK}, late=(BOB,)).name, "--dry-run")
    assert 1 == done.exit_code
    assert 80 >= max(map(len, done.stderr.splitlines()))
    told = ("c.zip: Canvas, 3 files", "ada", "2026-03-10 12:00*", "9 d", "Left out:", "--map", "Nothing was written")
    assert [] == [word for word in told if word not in done.stderr]
    assert "\x1b" not in done.stderr
    assert "" == done.stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([], "Name an archive"),
        (["none.zip"], "none.zip: cannot be read"),
        (["roster.csv"], "Name an archive"),
        (["--timezone", "Mars/Olympus", "x.zip"], "no time zone 'Mars/Olympus'"),
        (["--exchange", "none"], "none"),
        (["--from", "webct"], "webct"),
    ],
)
def test_wrong_usage_says_what_is_wrong(
    root: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], named: str
) -> None:
    """One sentence, exit code 2."""
    monkeypatch.chdir(root)
    done = run(root, *words)
    assert named in done.output
    assert "Traceback" not in done.output
    assert 2 == done.exit_code
