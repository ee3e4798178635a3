"""The feedback page: complete, alone, harmless, and silent about what is the instructor's."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course, load
from autograder.errors import GraderError
from autograder.notebook import read_master
from autograder.reports import feedback
from autograder.values import Grade, Master, Outcome, Status, Verdict


def meta(name: str, **flags: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {**plain, "grade_id": name, "schema_version": 3, **flags}}


def cell(
    source: str, kind: str = "code", metadata: dict[str, Any] | None = None, outputs: Any = ()
) -> dict[str, Any]:
    made: dict[str, Any] = {"cell_type": kind, "metadata": metadata or {}, "source": source}
    return made | ({"outputs": list(outputs), "execution_count": 1} if kind == "code" else {})


def error(text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "AssertionError", "evalue": text, "traceback": [text]}


def stdout(text: Any) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


TEST = {"grade": True, "locked": True, "points": 2}
HIDDEN = "assert AND(1, 1) == 1\n### BEGIN HIDDEN TESTS\nassert SECRET_TEST\n### END HIDDEN TESTS"
CELLS = [
    cell("# Gates 게이트", "markdown"),
    cell(
        "def AND(a, b): return a & b", metadata=meta("and", solution=True), outputs=[stdout("student printed this")]
    ),
    cell(HIDDEN, metadata=meta("test_and", **TEST), outputs=[error("SECRET_OUTPUT")]),
    cell("assert OR(1, 0) == 1", metadata=meta("test_or", **TEST), outputs=[error("visible traceback")]),
    cell(
        "Explain.\n=== BEGIN MARK SCHEME ===\nSECRET_SCHEME\n=== END MARK SCHEME ===",
        "markdown",
        meta("task", locked=True, task=True, points=3),
    ),
]
VERDICTS = (
    Verdict("gates", "test_and", Outcome.PASSED, 2.0, 2.0, detail="SECRET_DETAIL"),
    Verdict("gates", "test_or", Outcome.FAILED, 0.0, 2.0, "OR(1, 0) should be 1.", labels=("in-kernel",)),
    Verdict("gates", "task", Outcome.BY_HAND, None, 3.0),
)
GRADE = Grade(
    "ada",
    "gates",
    Status.GRADED,
    VERDICTS,
    late_seconds=90000,
    late_penalty=0.5,
    notes=("test_or had been changed and was put back.",),
    submitted_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
)


def book(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "course.toml").write_text('[course]\ntitle = "딥러닝"\n[assignments.gates]\ntitle = "Logic gates"\n')
    return load(tmp_path)


@pytest.fixture
def master(tmp_path: Path) -> Master:
    (tmp_path / "gates.ipynb").write_bytes(book(*CELLS))
    return read_master(tmp_path / "gates.ipynb", "gates")


class Page(HTMLParser):
    """Tags, attributes and visible words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "hr", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "tags are closed in order"

    def handle_data(self, data: str) -> None:
        self.words += data if "style" not in self.open else ""


def test_the_page_says_what_was_earned_and_why(course: Course, master: Master) -> None:
    """Course, assignment, student, score, lateness, tests with words and signs, what waits, notes, the notebook."""
    page = Page(feedback.page(course, GRADE, "gates", book(*CELLS), master))
    words = " ".join(page.words.split())
    assert [] == page.open
    for told in (
        "딥러닝",
        "Logic gates",
        "ada",
        "1.5 of 7 points",
        "2026-03-01 12:00 UTC (1 day 1 hour late, 0.5 points taken off)",
    ):
        assert told in words
    for told in (
        "✓ passed 2 / 2",
        "✗ failed 0 / 2 OR(1, 0) should be 1.",
        "so it could be forged",
        "✎ waits for a person – / 3",
    ):
        assert told in words
    for told in (
        "task (3 points): your instructor marks",
        "was put back",
        "Gates 게이트",
        "student printed this",
        "visible traceback",
    ):
        assert told in words


def test_what_is_the_instructors_stays_out(course: Course, master: Master) -> None:
    """Hidden tests, their outputs, marking schemes and details are nowhere in the file, with a master or without."""
    assert b"SECRET" in book(*CELLS)
    for known in (master, None):
        text = feedback.page(course, GRADE, "gates", book(*CELLS), known)
        assert "SECRET" not in text
        assert "AND(1, 1)" in Page(text).words
        assert "not shown here" in text


def test_a_hidden_test_stays_hidden_whatever_the_notebook_says(course: Course, master: Master) -> None:
    """Even if a cell lost its delimiters or holds another text, the master decides what is shown."""
    bare = cell("assert SECRET_TEST", metadata=meta("test_and", **TEST), outputs=[error("SECRET_OUTPUT")])
    text = feedback.page(course, GRADE, "gates", book(bare), master)
    assert "SECRET" not in text
    assert "AND(1, 1)" in Page(text).words


@pytest.mark.parametrize(
    "source",
    [
        "a\n# BEGIN HIDDEN TESTS\nSECRET",
        "SECRET\n# END HIDDEN TESTS\nb",
        "a\n# BEGIN HIDDEN TESTS\nSECRET\n# END HIDDEN TESTS\nb\n# BEGIN HIDDEN TESTS\nSECRET\n# END HIDDEN TESTS",
    ],
)
def test_regions_that_are_not_closed_are_hidden_too(course: Course, source: str) -> None:
    """When in doubt, less is shown."""
    assert "SECRET" not in feedback.page(course, GRADE, "gates", book(cell(source)), None)


SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)></style><h1>10/10</h1>"
HOSTILE_OUTPUTS = [
    stdout(SCRIPT),
    stdout([SCRIPT]),
    stdout({"no": ["text"]}),
    error(SCRIPT),
    {"output_type": "error", "ename": SCRIPT, "evalue": SCRIPT, "traceback": []},
    {"output_type": "error", "traceback": {"not": "a list"}},
    {"output_type": "display_data", "data": {"text/html": SCRIPT, "text/plain": "p"}},
    {"output_type": "display_data", "data": {"text/markdown": SCRIPT + "[x](javascript:alert(1))"}},
    {"output_type": "display_data", "data": {"image/png": f'" onerror="alert(1){SCRIPT}', "text/plain": SCRIPT}},
    {"output_type": "display_data", "data": {"image/svg+xml": f"<svg>{SCRIPT}</svg>", "text/plain": SCRIPT}},
    {"output_type": "display_data", "data": {"application/javascript": "alert(1)"}},
    {"output_type": "display_data", "data": "nothing"},
    {"output_type": SCRIPT},
    "nothing",
    None,
]
ALLOWED = {"html", "head", "meta", "title", "style", "body", "header", "main", "section", "article"}


def assert_harmless(text: str) -> None:
    """No script, no handler, no style of their own, no address out, one style sheet."""
    page = Page(text)
    assert [] == page.open
    assert 1 == sum(tag == "style" for tag, _ in page.tags)
    assert 1 == sum(tag == "h1" for tag, _ in page.tags)
    for tag, attributes in page.tags:
        assert tag not in ("script", "iframe", "object", "embed", "form", "input", "link", "base", "svg")
        assert not [a for a in attributes if a.startswith("on") or a in ("style", "srcset", "srcdoc", "background")]
        assert re.match(r"data:image/|$", attributes.get("src") or "")
        assert re.match(r"https?://|mailto:|#|$", attributes.get("href") or "")


@pytest.mark.parametrize("output", HOSTILE_OUTPUTS, ids=range(len(HOSTILE_OUTPUTS)))
def test_hostile_outputs_are_harmless(course: Course, output: Any) -> None:
    """Whatever a student's program leaves as output, of whatever shape, the page runs nothing and stays whole."""
    assert_harmless(feedback.page(course, GRADE, "gates", book(cell("x", outputs=[output]))))


def test_hostile_words_are_harmless(course: Course, master: Master) -> None:
    """Names, reasons, notes, code and text cells are escaped wherever they stand."""
    verdicts = tuple(replace(v, reason=SCRIPT, labels=(SCRIPT,)) for v in VERDICTS)
    grade = replace(GRADE, student=SCRIPT, reason=SCRIPT, notes=(SCRIPT,), verdicts=verdicts)
    cells = [cell(SCRIPT), cell(SCRIPT, "markdown"), cell(SCRIPT, "raw"), *CELLS]
    cells.append({**cell("![x](attachment:x)", "markdown"), "attachments": {"x": {"image/png": SCRIPT}}})
    cells.append({**cell("![x](attachment:x)", "markdown"), "attachments": [SCRIPT]})
    assert_harmless(feedback.page(course, grade, "gates", book(*cells), master))


def test_the_policy_names_this_very_style_sheet(course: Course) -> None:
    """Scripts and loads are forbidden, and a browser applies the page's own style by its hash."""
    text = feedback.page(course, GRADE, "gates", None)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    policy = next(a["content"] for tag, a in Page(text).tags if a.get("http-equiv") == "Content-Security-Policy")
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        == policy
    )
    assert not re.search(r"url\(|@import|expression", style[1])


def test_the_style_serves_dark_phones_and_print(course: Course) -> None:
    """Light and dark, narrow screens and paper each have their rules."""
    text = feedback.page(course, GRADE, "gates", None)
    for rule in ("prefers-color-scheme: dark", "max-width: 40rem", "@media print", 'name="viewport"', 'lang="en"'):
        assert rule in text


def test_huge_outputs_leave_a_page_that_opens(course: Course) -> None:
    """Megabytes of text, of HTML and of pictures are cut, and the page says so."""
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x04\0\0\0\x03" + bytes(3_000_000)).decode()
    outputs = [
        stdout("x" * 5_000_000),
        {"output_type": "display_data", "data": {"text/html": "<b>" * 2_000_000, "text/plain": "plain instead"}},
        *[{"output_type": "display_data", "data": {"image/png": png}}] * 10,
    ]
    text = feedback.page(course, GRADE, "gates", book(cell("x", outputs=outputs)))
    assert len(text) < 15_000_000
    for told in ("characters left out", "plain instead", "is left out"):
        assert told in text


def test_a_submission_that_was_not_run_has_a_page(course: Course, master: Master) -> None:
    """The student of an unreadable file learns why, in the place where the page is looked for."""
    grade = Grade("bob", "gates", Status.UNGRADABLE, (), "gates.ipynb is an empty file.")
    written = feedback.write(course, grade, {}, [master])
    assert [course.feedback / "bob" / "gates" / "gates.html"] == written
    assert "Could not be graded: gates.ipynb is an empty file." in Page(written[0].read_text()).words
    assert [course.feedback / "bob" / "gates" / "gates.html"] == feedback.write(course, grade, {})


def test_each_notebook_has_its_own_page(course: Course, master: Master) -> None:
    """A page shows the tests of its notebook, and the score of the whole submission."""
    other = Verdict("extra", "t9", Outcome.PASSED, 1.0, 1.0)
    grade = replace(GRADE, verdicts=(*VERDICTS, other))
    first, second = feedback.write(course, grade, {"gates": book(*CELLS)}, [master])
    assert ("gates.html", "extra.html") == (first.name, second.name)
    assert "t9" not in first.read_text()
    assert "t9" in second.read_text()
    assert "2.5 of 8 points in all notebooks" in " ".join(Page(second.read_text()).words.split())


def test_the_same_grade_gives_the_same_page(course: Course, master: Master) -> None:
    """Nothing of the moment is in it."""
    assert feedback.page(course, GRADE, "gates", book(*CELLS), master) == feedback.page(
        course, GRADE, "gates", book(*CELLS), master
    )


def test_a_page_is_replaced_whole(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it cannot be written the former page stays, nothing else does, and the error names it."""
    page = feedback.write(course, GRADE, {})[0]
    before = page.read_bytes()

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(GraderError, match=r"gates\.html cannot be written \(No space"):
        feedback.write(course, replace(GRADE, student="ada"), {})
    monkeypatch.undo()
    assert (before, [page]) == (page.read_bytes(), list(page.parent.iterdir()))


@pytest.mark.parametrize("name", ["..", "a/b", ".x"])
def test_no_name_leads_elsewhere(course: Course, name: str) -> None:
    """Student, assignment and notebook are one step of a path each."""
    for grade, executed in (
        (replace(GRADE, student=name), {}),
        (replace(GRADE, assignment=name), {}),
        (replace(GRADE, verdicts=()), {name: book()}),
    ):
        with pytest.raises(GraderError, match="cannot be the name"):
            feedback.write(course, grade, executed)
