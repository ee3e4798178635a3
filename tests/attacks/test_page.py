"""The table of attacks in the manual is complete, and says what the cases say."""

from __future__ import annotations

from pathlib import Path

import pytest
from attacks.case import CASES, Case, load

from benchmarks import attacks_page

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "attacks.md").read_text()
EVERY = [case for path in sorted(CASES.glob("[A-Z]*.py")) for case in load(path)]


def test_the_page_has_a_row_for_every_attack_and_no_other() -> None:
    """A case that is new, renamed or gone makes the page stale, and this says so."""
    assert {attacks_page.title(case) for case in EVERY} == set(attacks_page.rows(PAGE))
    assert len(EVERY) == len({attacks_page.title(case) for case in EVERY})


def test_the_page_shows_each_attack_stopped() -> None:
    """Level 4 holds against all of them; level 2 against all but those that begin above it."""
    found = attacks_page.rows(PAGE)
    assert {"held"} == {words[3] for words in found.values()}
    assert {attacks_page.title(c) for c in EVERY if c.level > 2} == {
        n for n, words in found.items() if words[2] != "held"
    }


def test_the_page_counts_its_rows() -> None:
    """The figures above the tables are those of the tables."""
    assert [] == [line for line in attacks_page.counts(attacks_page.rows(PAGE)) if line not in PAGE]


def test_a_run_of_some_attacks_keeps_the_other_rows(tmp_path: Path) -> None:
    """What was not run keeps its row, what is no more loses it, and what never ran has none."""
    page, (first, second, third) = tmp_path / "attacks.md", EVERY[:3]
    attacks_page.write(page, [first, second], {c.name: ("worked", "held", "open", "held") for c in (first, second)})
    attacks_page.write(page, [second, third], {second.name: ("-", "worked", "held", "held")})
    assert {attacks_page.title(second): ("-", "worked", "held", "held")} == attacks_page.rows(page.read_text())
    assert "nbgrader  1 not tried" in page.read_text()


@pytest.mark.parametrize(("name", "called"), [("F05_magic_objects.equal_to_all", "F05 magic objects: equal to all")])
def test_titles_are_words(name: str, called: str) -> None:
    """No underscores; and an attack that tries several ways says how many."""
    case: Case = next(c for c in EVERY if c.name == name)
    assert called == attacks_page.title(case)
    assert "S13 signals and priorities (8 ways)" in {attacks_page.title(c) for c in EVERY}
