"""Terminal text as HTML."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.terminal import HEAD, MOST, TAIL, plain, to_html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#x27;"),
        ("\x1b[31mred\x1b[0m not", '<span class="ansi-red">red</span> not'),
        ("\x1b[1;92mok\x1b[22m\x1b[39m.", '<span class="ansi-bold ansi-green">ok</span>.'),
        ("\x1b[38;5;28;01mkey\x1b[39;00m", '<span class="ansi-bold">key</span>'),
        ("\x1b[38;2;1;2;31mx\x1b[m", "x"),
        ("\x1b[" + "1" * 5000 + ";31mx", '<span class="ansi-red">x</span>'),
        ("\x1b[2J\x1b[1;1Hgone\x1b]0;title\x07!", "gone!"),
        ("1/10\r 2/10\r10/10\n", "10/10\n"),
        ("1/10\b\b\b\b2/10", "2/10"),
        ("a\r\nb", "a\nb"),
        ("half\r", "half"),
        ("bell\x07 null\x00 turned\u202e", "bell null turned"),
    ],
)
def test_what_a_terminal_would_show(text: str, expected: str) -> None:
    """Colours become classes, progress bars their last state, other controls nothing."""
    assert expected == to_html(text)


@given(st.text(alphabet=st.sampled_from("\x1b[;0123m<>&\"'\r\n\b38 x]\x07")))
def test_no_text_makes_a_tag_of_its_own(text: str) -> None:
    """Whatever sequence comes, the only tags are our spans, and they are closed."""
    shown = to_html(text)
    rest = re.sub(r'<span class="[a-z -]+">|</span>', "", shown)
    assert not set(rest) & set("<>\"'\x1b\x07")
    assert shown.count("<span") == shown.count("</span>")


def test_long_output_is_cut_in_the_middle() -> None:
    """Beginning and end stay, and a line tells how much is gone."""
    lines = [str(n) for n in range(5000)]
    shown = to_html("\n".join(lines)).split("\n")
    assert [*lines[:HEAD], f"… {5000 - HEAD - TAIL:,} lines left out …", *lines[-TAIL:]] == shown


def test_one_endless_line_is_cut_too() -> None:
    """Four megabytes without a line end leave a page that opens."""
    shown = to_html("x" * 4_000_000)
    assert len(shown) < MOST + 100
    assert "3,980,000 characters left out" in shown


def test_plain_keeps_words_alone() -> None:
    """For titles and for the terminal itself: no colour and no control is left."""
    assert "red\n" == plain("\x1b[31mred\x1b[0m\x07\n")
