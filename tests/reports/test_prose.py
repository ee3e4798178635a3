"""Markdown and HTML, made harmless."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from autograder.reports import prose

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<iframe src="https://example.org"></iframe>',
    '<img src="https://example.org/track.png">',
    '<img src="//example.org/track.png" srcset="https://example.org/x 2x">',
    '<link rel=stylesheet href="https://example.org/x.css">',
    '<div style="background:url(https://example.org/x)">x</div>',
    "<style>*{background:url(https://example.org/x)}</style>",
    "</style></div></main><h1>forged</h1><script>alert(1)</script>",
    "<form action=https://example.org><input name=x></form>",
    '<meta http-equiv=refresh content="0;url=https://example.org">',
    "<base href=https://example.org>",
    "<math><mtext></p><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<details open ontoggle=alert(1)>x</details>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://example.org/x.png)",
    "![x](javascript:alert(1))",
    '![" onerror="alert(1)](attachment:a.png)',
    "<https://example.org>\n\n<javascript:alert(1)>",
    '```x" onclick="alert(1)\n</code></pre><script>alert(1)</script>\n```',
    "$</span><script>alert(1)</script>$",
    "$$\n</p><img src=x onerror=alert(1)>\n$$",
]
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-z]+=\"[^\"]*\")*)\s*/?>")
LIVE = re.compile(r"(?i)javascript:|\bon[a-z]+=|https?://[^\"]*\.(?:png|css)|style=|srcset=")


def assert_harmless(shown: str) -> None:
    """Every tag is an allowed one with allowed attributes, and no other `<` is left."""
    for _, name, attributes in TAG.findall(shown):
        assert name in prose.TAGS
        for attribute, value in re.findall(r'([a-z]+)="([^"]*)"', attributes):
            assert attribute in prose.ATTRIBUTES.get(name, set()) | {"rel", "class"}
            if attribute == "src":
                assert value.startswith("data:image/")
            if attribute == "href":
                assert re.match(r"https?://|mailto:|#", value)
    assert "<" not in TAG.sub("", shown)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_harmless(text: str) -> None:
    """What a student writes into a text cell is text."""
    assert_harmless(prose.markdown(text, {"a.png": {"image/png": "!"}}, {}))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_html_is_harmless(text: str) -> None:
    """What a student's code displays as HTML keeps its words and loses its teeth."""
    shown = prose.output(text)
    assert_harmless(shown)
    assert not re.search(r"<[^>]*(?:javascript:|\son\w+=|style=|srcset=)", shown)


def test_the_check_itself_finds_harm() -> None:
    """A positive control: the very same texts, not cleaned, are found out."""
    for text in HOSTILE[:13]:
        with pytest.raises(AssertionError):
            assert_harmless(text)


def test_a_table_of_pandas_stays_a_table() -> None:
    """Rows, heads and spans stay; the style sheet that pandas adds goes."""
    table = '<style scoped>th{}</style><table border="1" class="dataframe"><tr><th colspan="2">a</th></tr></table>'
    assert '<table><tbody><tr><th colspan="2">a</th></tr></tbody></table>' == prose.output(table)


def test_html_with_nothing_to_see_is_empty() -> None:
    """A widget that is all script leaves nothing, so that the plain text can stand in for it."""
    assert "" == prose.output("<div id=w></div><script>draw()</script>")


def test_html_too_large_to_clean_is_left_out() -> None:
    """A hundred thousand nested tags would take minutes."""
    assert "" == prose.output("<div>" * 100_000)


def test_markdown_is_rendered() -> None:
    """Headings step down below the page's, tables and emphasis work, formulas stay as written."""
    shown = prose.markdown("# Title\n\n*so* $a_1 * b * c$\n\n$$\nx\n= y\n$$\n\n|a|\n|-|\n|1|", {}, {})
    assert "<h3>Title</h3>" in shown
    assert '<em>so</em> <span class="math">$a_1 * b * c$</span>' in shown
    assert '<span class="math">$$\nx\n= y\n$$</span>' in shown
    assert "<td>1</td>" in shown


def test_money_is_no_formula() -> None:
    """`$5 and $6` is about money."""
    assert "math" not in prose.markdown("It costs $5 and then $6.", {}, {})


def test_pictures_of_the_course_and_attachments_are_carried(tmp_path: Path) -> None:
    """A picture beside the master, and one attached to the cell, are in the page; any other is named instead."""
    (tmp_path / "gate.svg").write_text("<svg/>")
    attached = {
        "a b.svg": {"image/svg+xml": "<svg/>"},
        "c.svg": {"image/svg+xml": base64.b64encode(b"<svg/>").decode()},
    }
    text = "![one](gate.svg) ![two](attachment:a%20b.svg) ![three](attachment:c.svg) ![four](../secret.svg)"
    shown = prose.markdown(text, attached, {"gate.svg": tmp_path / "gate.svg"})
    assert 3 == shown.count('src="data:image/svg+xml;base64,PHN2Zy8+"')
    assert "a picture that is not shown: four" in shown


def test_a_book_in_a_cell_is_shown_plain() -> None:
    """Text beyond what is rendered is still there, escaped."""
    shown = prose.markdown("<b>" + "[" * 30_000, {}, {})
    assert shown.startswith("<pre>&lt;b&gt;[[[")
