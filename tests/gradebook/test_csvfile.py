"""grades.csv is a table that every reader of CSV gets back, and that no spreadsheet runs."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import GraderError
from autograder.gradebook import csvfile
from autograder.values import Grade, Outcome, Status, Verdict

WHEN = datetime(2026, 3, 1, 21, tzinfo=timezone(timedelta(hours=9)))
GRADE = Grade(
    "ada",
    "gates",
    Status.GRADED,
    (Verdict("gates", "t1", Outcome.PARTIAL, 0.1 + 0.2, 1.0), Verdict("gates", "why", Outcome.BY_HAND, None, 4.0)),
    late_seconds=60,
    late_penalty=0.1,
    jail=4,
    submitted_at=WHEN,
)


def back(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_row_has_everything(tmp_path: Path) -> None:
    """One row: who, what, how much, how late, when, and each test; what nobody marked yet is empty, not 0."""
    csvfile.write(tmp_path / "grades.csv", lambda: [GRADE])
    expected = {
        "assignment": "gates",
        "student": "ada",
        "status": "graded",
        "score": "0.2",
        "max_score": "5.0",
        "late_seconds": "60",
        "late_penalty": "0.1",
        "submitted_at": "2026-03-01 12:00:00 UTC",
        "reason": "",
        "jail": "4",
        "gates.t1": "0.3",
        "gates.why": "",
    }
    assert [expected] == back(tmp_path / "grades.csv")


def test_assignments_share_one_table(tmp_path: Path) -> None:
    """Columns are the union of all tests, in the order they are met; a test of another assignment is empty."""
    other = replace(GRADE, assignment="lenet", verdicts=(Verdict("lenet", "acc", Outcome.PASSED, 2.0, 2.0),))
    csvfile.write(tmp_path / "grades.csv", lambda: [GRADE, other])
    rows = back(tmp_path / "grades.csv")
    assert ["gates.t1", "gates.why", "lenet.acc"] == list(rows[0])[len(csvfile.HEAD) :]
    assert [("", "2.0"), ("0.3", "")] == [(r["gates.t1"], r["lenet.acc"]) for r in reversed(rows)]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =cmd|' /C calc'!A0", "＝1", '=HYPERLINK("x")']
)
def test_formulas_are_defused(tmp_path: Path, text: str) -> None:
    """Whatever a spreadsheet would compute starts with an apostrophe, in every text column."""
    csvfile.write(tmp_path / "grades.csv", lambda: [replace(GRADE, student=text, reason=text)])
    row = back(tmp_path / "grades.csv")[0]
    assert row["student"].startswith("'")
    assert row["reason"].startswith("'")


def test_commas_quotes_and_hangul_stay_in_their_cell(tmp_path: Path) -> None:
    """`Doe, "Jr"` and 김민수 come back as they were."""
    csvfile.write(tmp_path / "grades.csv", lambda: [replace(GRADE, student='Doe, "Jr" 김민수')])
    assert 'Doe, "Jr" 김민수' == back(tmp_path / "grades.csv")[0]["student"]
    assert '"Doe, ""Jr"" 김민수"' in (tmp_path / "grades.csv").read_text(encoding="utf-8")


@given(st.text(alphabet=st.characters()))
def test_any_text_is_one_harmless_cell(text: str) -> None:
    """No text, not even a lone surrogate or a control character, leaves its line or starts a formula."""
    told = csvfile.plain(text)
    assert not set(told) & set("\r\n\t\0")
    assert not told.lstrip().startswith(("=", "+", "-", "@"))


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    """A failure half way leaves the former file and nothing else."""
    path = tmp_path / "grades.csv"
    csvfile.write(path, lambda: [GRADE])
    before = path.read_bytes()
    calls = iter([[GRADE], [GRADE, None]])
    with pytest.raises(AttributeError):
        csvfile.write(path, lambda: next(calls))
    assert before == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "grades.csv" / "x").mkdir(parents=True)
    with pytest.raises(GraderError, match=r"grades\.csv cannot be written"):
        csvfile.write(tmp_path / "grades.csv", lambda: [GRADE])
