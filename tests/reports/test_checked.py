"""What a check found, in the terminal and on its page."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from autograder.reports import checked, checkpage
from autograder.values import JSON

MUTANT = {"hash": "3f2a9c1b04", "notebook": "nb", "cell": 4, "id": "fires", "operator": "comparison", "line": 7, "test": "",
          "reason": "", "tests": ["test_fires"], "outcome": "survived",
          "diff": [" def fires(x):", "-    return x > 1", "+    return x >= 1 <script>"]}  # fmt: skip
TOLD: JSON = {
    "assignment": "gates",
    "course": "Deep <learning>",
    "passed": False,
    "complete": True,
    "checked": "2026-11-21T12:00:00+00:00",
    "jail": 4,
    "seconds": 12.3,
    "solution_seconds": 0.21,
    "faults": [{"rule": "blank-earns", "fault": True, "what": "the blank notebook earns 2 of 2 points here, though `f` is not answered, and that is rather a long sentence", "mend": "Have it fail.", "notebook": "gates.ipynb", "cell": 5, "id": "test_fires", "line": 3}],
    "notes": [{"rule": "chance-in-test", "fault": False, "what": f"note {i}", "mend": "Seed it.", "notebook": "gates.ipynb", "cell": i} for i in range(1, 20)],
    "tests": [{"notebook": "nb", "id": "test_fires", "points": 2.0, "hidden": True, "seconds": 0.01, "killed": 1, "missed": 1}],
    "mutation": {"made": 4, "killed": 1, "survived": 1, "waived": 1, "left_out": 1, "score": 0.5, "threshold": 0.8},
    "mutants": [
        MUTANT,
        {**MUTANT, "hash": "aaaaaaaaaa", "outcome": "waived", "reason": "right after all"},
        {**MUTANT, "hash": "bbbbbbbbbb", "outcome": "killed", "test": "test_fires", "reason": "it is 2"},
        {**MUTANT, "hash": "cccccccccc", "outcome": "left out"},
    ],
    "papers": [
        {"file": "right.py", "notebook": "nb", "story": "Right.", "points": 2.0, "right": True, "astray": {}},
        {"file": "wrong.py", "notebook": "nb", "story": "Wrong.", "points": 2.0, "right": False, "astray": {"test_fires": {"wanted": 0.0, "got": 2.0, "reason": ""}}},
    ],
    "preload": ["scipy.signal"],
}  # fmt: skip


def shown(told: JSON, width: int = 80) -> str:
    """What the terminal shows without colour."""
    out = io.StringIO()
    checked.show(told, Console(file=out, width=width, no_color=True), "reports/check-gates.html")
    return out.getvalue()


def test_faults_come_first_with_place_and_mend() -> None:
    """A person reads what keeps the assignment from being released before all else."""
    text = shown(TOLD)
    assert text.startswith("gates: does not pass, 1 fault\n")
    told = " ".join(text.split())
    assert "gates.ipynb, cell 5 (test_fires), line 3: the blank notebook earns 2 of 2 points here" in told
    assert told.index("Have it fail.") < told.index("note 1") < told.index("3f2a9c1b04")


def test_findings_fit_into_80_columns() -> None:
    """Sentences are broken at words, and continued lines are indented."""
    lines = shown(TOLD).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert any(line.startswith("    ") and "sentence" in line for line in lines)


def test_a_mutant_that_lives_is_shown_as_a_diff_beside_its_tests() -> None:
    """Hash, place, operator, the tests that should have caught it, and the two lines."""
    text = shown(TOLD)
    assert "3f2a9c1b04  fires, line 7, comparison; asked by test_fires" in text
    assert "-    return x > 1\n" in text
    assert "+    return x >= 1" in text
    assert "bbbbbbbbbb" not in text


def test_numbers_are_told_once() -> None:
    """Tests, wrong solutions, score, papers; of the notes none is kept back."""
    text = shown(TOLD)
    assert "1 test, 1 with hidden parts; the solution takes 0.21 s" in text
    told = "4 wrong solutions: 1 killed, 1 live, 1 waived, 1 left out for time; score 0.500, 0.8 is asked"
    assert told in " ".join(text.split())
    assert "2 papers: 1 with the marks they must get" in text
    assert len(TOLD["notes"]) == text.count("  · ")


def test_a_table_of_all_assignments_ends_a_run() -> None:
    """One line each, columns aligned."""
    out = io.StringIO()
    other = {**TOLD, "assignment": "convolution", "faults": [], "passed": True}
    checked.summary([TOLD, other], Console(file=out, width=80, no_color=True))
    head, first, second = out.getvalue().splitlines()
    assert ["assignment", "tests", "mutants", "score", "waived", "papers", "seconds"] == head.split()
    assert re.fullmatch(r"gates +1 +4 +0\.500 +1 +1/2 +12  does not pass", first)
    assert second.endswith("passes")
    assert first.index("does not") == second.index("passes")


def test_a_line_of_json_is_the_report() -> None:
    """What machines read is all of it."""
    assert TOLD == json.loads(checked.as_line(TOLD))
    assert "\n" not in checked.as_line(TOLD)


def test_the_page_shows_every_mutant_with_its_diff_and_escapes_what_it_shows() -> None:
    """Living, waived, killed and left out; code of a solution is text, never markup."""
    page = checkpage.page(TOLD)
    for one in ("3f2a9c1b04", "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"):
        assert f'id="m-{one}"' in page
    assert '<span class="removed">-    return x &gt;<b> 1</b></span>' in page
    assert '<span class="added">+    return x &gt;<b>= 1 &lt;script&gt;</b></span>' in page
    assert "<script>" not in page
    assert "Deep &lt;learning&gt;" in page
    assert '3f2a9c1b04 = "why this is right after all"' in page
    assert "right after all</p>" in page
    assert "test_fires: 2 for 0" in page


@pytest.mark.parametrize(
    ("diff", "marked"),
    [
        (["-a(b, c)", "+a(c, b)"], ["b, c", "c, b"]),
        (["-a(b, c)", "+a(b)"], [", c"]),
        (["-for x in y:", "-    f(x)"], []),
        (["+a", " b", "-a"], []),
        (["-a", "-b", "+c"], []),
        (["-aa", "+aaa"], ["a"]),
    ],
)
def test_what_changed_within_a_line_is_marked(diff: list[str], marked: list[str]) -> None:
    """Where one line stands for one; where lines moved or went, all of each is the change."""
    page = checkpage.page({**TOLD, "mutants": [{**MUTANT, "diff": diff}]})
    assert marked == re.findall(r"<b>(.*?)</b>", page)
    assert diff == re.findall(r'<span class="(?:added|removed|kept)">(.*?)</span>', page.replace("<b>", "").replace("</b>", ""))


def test_code_in_a_sentence_is_set_as_code_and_escaped() -> None:
    """What stands between backticks; one alone is a letter."""
    fault = {**TOLD["faults"][0], "what": "`x < 1` is a line of `f`, and ` is none"}
    assert "<code>x &lt; 1</code> is a line of <code>f</code>, and ` is none" in checkpage.page({**TOLD, "faults": [fault]})


def test_the_page_stands_alone() -> None:
    """It loads nothing, runs nothing, and its policy says so."""
    page = checkpage.page(TOLD)
    assert "default-src &#39;none&#39;" in page
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", page)


def test_links_lead_to_what_is_on_the_page() -> None:
    """Each test that should have caught a mutant has a row."""
    page = checkpage.page(TOLD)
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets


@pytest.mark.parametrize("faults", [[], TOLD["faults"]])
def test_a_report_of_a_master_that_could_only_be_read_is_shown_too(tmp_path: Path, faults: list) -> None:
    """Without tests, mutants and papers there are no empty tables."""
    empty = {"tests": [], "mutants": [], "papers": [], "preload": [], "notes": [], "complete": False}
    told = {**TOLD, **empty, "faults": faults, "mutation": {**TOLD["mutation"], "made": 0}}
    checkpage.write(tmp_path / "check.html", told)
    assert "<table" not in (tmp_path / "check.html").read_text()
    assert shown(told).startswith("gates: ")
