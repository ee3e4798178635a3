"""The table of attacks as a page of the manual, made from what was run and from what an earlier run wrote.

Rule: a row is written from a fate that was seen; a page that lacks a row or has one too many is out of date, which
`tests/test_docs.py` says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

COLUMNS = ("nbgrader", "fork", "level 2", "level 4")
Rows = dict[str, tuple[str, ...]]
"""An attack's title → a word for each of COLUMNS."""
KINDS = {
    "A": "Written for the demo's class",
    "F": "Marks that were not earned, tests that were not to be read",
    "N": "Notebooks that are none",
    "S": "Ways out of the candidate's process",
}
HEAD = """\
# Which attack works where

Made by `python -m benchmarks.attacks --write docs/attacks.md`. Each row is a submission of
`tests/attacks/cases`, which says what it tries and what must become of it. All columns run the same
notebooks: nbgrader {nbgrader} as a user of its own; a fork with tests and student's code in one
IPython shell and nothing confined; autograder at levels 2 and 4 of its jail
([security.md](security.md)).

*worked*: points that were not earned, a secret read, something outside touched, or the attack's own
report that it got through. *held*: none of these, and the honest part of the notebook has its
marks. *open*: it works at a level that does not promise to stop it. *no grade*: the submission has
none, and others have theirs. *class lost*: who was to be graded after it has none. *hangs*:
nbgrader said nothing for 30 s, and the run had to be ended. *-*: not tried, as there is nothing to
try: the column opens no such file, has no such wire, or asks nobody for the value in question.

"""


def title(case: Any) -> str:
    """What an attack is called in the table: `F05 magic objects: equal to all`, with the number of ways it tries."""
    family, _, variant = case.name.partition(".")
    words = family.replace("_", " ") + (f": {variant.replace('_', ' ')}" if variant else "")
    return f"{words} ({len(case.snippets)} ways)" if len(case.snippets) > 1 else words


def rows(page: str) -> Rows:
    """The rows of a page that was written before."""
    cells = [[c.strip() for c in line.strip("| ").split("|")] for line in page.splitlines() if line.startswith("| ")]
    return {name: tuple(words) for name, *words in cells if name not in ("attack", "") and len(words) == len(COLUMNS)}


def write(path: Path, cases: Sequence[Any], words: Mapping[str, Sequence[str]]) -> None:
    """Writes the page; attacks that were not run now keep their row, those that are no more lose it.

    `cases`: all there are; `words`: attack → a word for each of COLUMNS.
    """
    known = rows(path.read_text()) if path.is_file() else {}
    known |= {title(case): tuple(words[case.name]) for case in cases if case.name in words}
    made = path.with_name(f".{path.name}.new")
    made.write_text("\n".join(_page({title(c): known[title(c)] for c in cases if title(c) in known})) + "\n")
    made.replace(path)


def counts(found: Rows) -> Iterator[str]:
    """A line for each column: how many attacks had which fate."""
    for number, column in enumerate(COLUMNS):
        counted = Counter(words[number] for words in found.values())
        not_tried = counted.pop("-", 0)
        said = [f"{count} {word}" for word, count in counted.most_common()]
        yield f"{column:9} " + ", ".join([*said, f"{not_tried} not tried"] if not_tried else said)


def _page(found: Rows) -> Iterator[str]:
    yield HEAD.format(nbgrader=metadata.version("nbgrader")) + f"{len(found)} attacks:\n\n```text"
    yield from counts(found)
    yield "```"
    for kind, meaning in KINDS.items():
        of_kind = {name: words for name, words in found.items() if name.startswith(kind)}
        wide = max(map(len, of_kind), default=0)
        yield f"\n## {meaning}\n\n| {'attack':{wide}} | {' | '.join(COLUMNS)} |\n|{'-' * (wide + 2)}|---|---|---|---|"
        for name, words in of_kind.items():
            yield f"| {name:{wide}} | {' | '.join(words)} |"
