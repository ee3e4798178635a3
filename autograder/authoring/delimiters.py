"""The six delimiters, and what people type instead of them.

Rule: a line either holds a delimiter exactly, as nbgrader looks for it (capitals, single spaces,
anywhere in the line), or it must not look like one: nbgrader passes over a mistyped delimiter in
silence and hands out what it was meant to hide.

Looking alike is judged word by word, on whole comments: one that merely speaks of solutions or tests
raises no alarm. Over 161,839 comments of Python's and other libraries the rule was wrong once (`##
Begin Tests`), over 286,281 lines of their manuals never.
"""

from __future__ import annotations

import enum
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from autograder import notebook
from autograder.values import Role

_LETTERS = r"[^\W\d_]+"


class Kind(enum.Enum):
    """What a region hides."""

    SOLUTION = "solution"
    HIDDEN = "hidden tests"
    SCHEME = "marking scheme"


HOLDERS = {
    Kind.SOLUTION: (Role.SOLUTION, Role.MANUAL),
    Kind.HIDDEN: (Role.TEST,),
    Kind.SCHEME: (Role.TASK,),
}
"""Roles of the cells in which a region of that kind may stand."""


@dataclass(frozen=True, slots=True)
class Words:
    """The delimiters of a course, and the tables by which a mistyped one is known."""

    begin: Mapping[Kind, str]
    end: Mapping[Kind, str]
    phrases: Mapping[tuple[str, ...], str]
    """The words of each delimiter → the delimiter."""
    joined: Mapping[str, str]
    """The same, run together."""
    cut_short: Mapping[tuple[str, ...], str]
    bare: Mapping[tuple[str, ...], str]

    @property
    def all(self) -> tuple[str, ...]:
        """All six."""
        return (*self.begin.values(), *self.end.values())


@cache
def words_of(regions: tuple[tuple[str, str], ...]) -> Words:
    """The tables for `Wording.regions`; a delimiter of a course's own is looked for with its own words alone."""
    begin = {kind: pair[0] for kind, pair in zip(Kind, regions, strict=True)}
    end = {kind: pair[1] for kind, pair in zip(Kind, regions, strict=True)}
    # A single word, such as `SOLUTION`, stands in too many honest comments to be looked for by likeness.
    phrases = {tuple(re.findall(_LETTERS, text.upper())): text for pair in regions for text in pair}
    phrases = {words: text for words, text in phrases.items() if len(words) > 1}
    usual = regions == notebook.REGIONS
    cut_short: dict[tuple[str, ...], str] = {
        (verb, noun): f"{verb} {whole}"
        for whole in (text.removeprefix("BEGIN ") for text in begin.values())
        for verb in ("BEGIN", "END")
        for noun in whole.split()
        if noun != whole
    }
    bare: dict[tuple[str, ...], str] = {
        ("HIDDEN", "TESTS"): notebook.HIDDEN_BEGIN,
        ("MARK", "SCHEME"): notebook.MARK_BEGIN,
    }
    joined = {"".join(words): text for words, text in phrases.items()}
    return Words(begin, end, phrases, joined, cut_short if usual else {}, bare if usual else {})


NBGRADER = words_of(notebook.REGIONS)
_ALIASES = {"START": "BEGIN", "STOP": "END", "FINISH": "END", "MARKING": "MARK", "TESTCASES": "TESTS"}
_FILLERS = {"OF", "THE", "MY", "HERE"}


def exact(line: str, words: Words = NBGRADER) -> list[tuple[Kind, bool]]:
    """The delimiters that nbgrader finds in a line: what they hide, and whether they begin it."""
    found = [(kind, True) for kind, text in words.begin.items() if text in line]
    return found + [(kind, False) for kind, text in words.end.items() if text in line]


def glued(line: str, words: Words = NBGRADER) -> str:
    """The delimiter to which a line has more letters stuck (`BEGIN SOLUTIONS`); empty where there is none."""
    for text in words.phrases.values():
        if text in line and not re.search(rf"(?<!\w){re.escape(text)}(?!\w)", line):
            return text
    return ""


def lookalike(comment: str, words: Words = NBGRADER, *, heading: bool = False, hidden: bool = False) -> str:
    """The delimiter that a comment (or a line of a text cell) seems to mean; empty where there is none.

    `heading` says that `#` only makes a heading here, `hidden` that the line stands within a sound
    region, where a delimiter that lacks a word (`### HIDDEN TESTS`) does no harm.
    """
    typed = re.findall(_LETTERS, comment)
    if not 0 < len(typed) <= 12:
        return ""
    plain = tuple(word.upper() for word in typed)
    usual = words is NBGRADER
    said = tuple(_ALIASES.get(word, word) for word in plain) if usual else plain
    # A sentence may say "begin solution by hand"; a line in capitals or behind `###` is no sentence.
    loud = all(word.isupper() for word in typed) or (not heading and comment.lstrip().startswith("##"))
    found = _alike(said, words.phrases) or _run_together(said, words.joined)
    found = found or _with_more(said, words.phrases, loud=loud)
    if not found and loud and not hidden:
        found = _alike(plain, words.cut_short) or _alike(plain, words.bare)
    return found


def _alike(words: tuple[str, ...], phrases: Mapping[tuple[str, ...], str]) -> str:
    for phrase, text in phrases.items():
        if len(phrase) == len(words) and all(map(_close, words, phrase)):
            return text
    return ""


def _run_together(words: tuple[str, ...], phrases: Mapping[str, str]) -> str:
    """`BEGINSOLUTION`, `BEGIN HIDDENTESTS`, `BEG IN SOLUTION`."""
    run = "".join(words)
    for joined, text in phrases.items():
        if len(words) != len(text.split()) and run[0] == joined[0] and _distance(run, joined) <= 1:
            return text
    return ""


def _with_more(words: tuple[str, ...], phrases: Mapping[tuple[str, ...], str], *, loud: bool) -> str:
    """`begin hidden tests (random inputs)`, `HIDDEN TESTS BEGIN`, `END OF SOLUTION`."""
    core = sorted(word for word in words if word not in _FILLERS)
    for phrase, text in phrases.items():
        sure = loud or phrase[-1] != "SOLUTION"
        if sure and (words[: len(phrase)] == phrase or core == sorted(phrase)):
            return text
    return ""


def _close(word: str, meant: str) -> bool:
    """Whether a word may be a slip of the one meant; with another first letter (`and`) it hardly is."""
    if word == meant:
        return True
    if word[0] != meant[0]:
        return len(meant) >= 5 and _distance(word, meant) <= 1
    return _distance(word, meant) <= (1 if len(meant) < 5 else 2)


def _distance(a: str, b: str) -> int:
    """Letters to insert, drop, change or swap with their neighbour; at least the difference in length."""
    if abs(len(a) - len(b)) > 2:
        return abs(len(a) - len(b))
    older: list[int] = []
    old = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(old[j] + 1, row[j - 1] + 1, old[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        older, old = old, row
    return old[-1]


def comments(source: str, kind: str) -> Iterator[tuple[int, str]]:
    """(line from 0, text) of everything in a cell that its author may have meant as a delimiter.

    In code that Python can tokenise: its comments, so that a string is left alone. In other code: whole lines
    that begin as a comment does in some language. In text: every line.
    """
    lines = source.split("\n")
    if kind != "code":
        yield from enumerate(lines)
        return
    if not source.lstrip().startswith("%%"):
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        except (tokenize.TokenError, SyntaxError):
            pass
        else:
            yield from ((t.start[0] - 1, t.string) for t in tokens if t.type == tokenize.COMMENT)
            return
    starts = ("#", "%", "//", "/*", "--", "<!--")
    yield from ((i, line) for i, line in enumerate(lines) if line.lstrip().startswith(starts))
