"""Markdown and HTML that students and instructors wrote, made harmless.

Rule: no tag, attribute or address reaches a page but those listed here, whoever wrote it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from autograder.reports import pictures

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline

MOST = 20_000
"""Characters of one text that are rendered; a longer one is shown as it stands."""
MOST_TAGS = 8_000
"""Tags of one HTML output that are cleaned: the time that takes grows with the square of their depth."""
_TEXT = "a abbr b br code del em i kbd mark q s samp small span strong sub sup u var"
_BLOCK = "blockquote dd details div dl dt figcaption figure h3 h4 h5 h6 hr img li ol p pre summary ul"
_TABLE = "caption col colgroup table tbody td tfoot th thead tr"
# No h1 and h2: those are the page's own, and nothing within a notebook may pass for them.
TAGS = set(f"{_TEXT} {_BLOCK} {_TABLE}".split())
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
}
_DROPPED_WHOLE = {"script", "style", "template", "iframe", "object", "svg", "math", "noscript", "title", "textarea"}
_MATH = re.compile(r"\$\$(.+?)\$\$|\$(?!\s)([^$\n]+?)(?<!\s)\$(?!\d)", re.DOTALL)


def clean(text: str) -> str:
    """HTML with nothing in it but what the lists above allow."""
    import nh3

    return nh3.clean(
        text,
        tags=TAGS,
        attributes=ATTRIBUTES,
        clean_content_tags=_DROPPED_WHOLE,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def output(text: str) -> str:
    """An HTML output, cleaned; empty when nothing is left of it or it is too large to clean."""
    if len(text) > 10 * MOST or text.count("<") > MOST_TAGS:
        return ""
    cleaned = clean(text)
    return cleaned if re.sub(r"<(?!img [^>]*src)[^>]*>|\s", "", cleaned) else ""


def markdown(text: str, attached: Mapping[str, Any], files: Mapping[str, Path]) -> str:
    """A text cell as HTML: no raw HTML, no picture but `attached` ones, those of `files` and data URIs."""
    if len(text) > MOST:
        return f"<pre>{html.escape(text[: 10 * MOST])}</pre>"
    # Cleaned once more: what the renderer lets through must not depend on its having no faults.
    return clean_own(_renderer().render(text, {"attached": attached, "files": files}))


def clean_own(text: str) -> str:
    """As `clean`, for HTML of our own renderer: `class` of formulas stays."""
    import nh3

    return nh3.clean(
        text,
        tags=TAGS,
        attributes={**ATTRIBUTES, "span": {"class"}},
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return pictures.of_uri(value)
    if name == "href":
        return value if re.match(r"(https?://|mailto:|#)", value.strip(), re.IGNORECASE) else None
    if name == "class":
        return value if value == "math" else None
    if name in ("width", "height", "colspan", "rowspan", "start"):
        return value if value.isdecimal() and len(value) < 5 else None
    return value


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Formulas stay as they are written, since * and _ within them are no emphasis and = no heading.
    made.inline.ruler.before("escape", "math", _math_inline)
    made.block.ruler.before("fence", "math", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    made.add_render_rule("math", _math)
    made.add_render_rule("image", _image)
    made.add_render_rule("heading_open", _heading)
    made.add_render_rule("heading_close", _heading)
    return made


def _math_inline(state: StateInline, silent: bool) -> bool:
    match = _MATH.match(state.src, state.pos) if state.src[state.pos] == "$" else None
    if match is None:
        return False
    if not silent:
        state.push("math", "", 0).content = match[0]
    state.pos = match.end()
    return True


def _math_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """A paragraph that begins with `$$`, up to the line that ends with it."""
    lines = [state.getLines(n, n + 1, state.blkIndent, False).strip() for n in range(first, min(last, first + 60))]
    if not lines or not lines[0].startswith("$$"):
        return False
    whole = ""
    for number, line in enumerate(lines):
        whole += line + "\n"
        if line.endswith("$$") and len(whole.strip()) > 3:
            if not silent:
                token = state.push("math", "", 0)
                token.content, token.block = whole.strip(), True
            state.line = first + number + 1
            return True
    return False


def _math(self: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    shown = f'<span class="math">{html.escape(tokens[place].content)}</span>'
    return f"<p>{shown}</p>\n" if tokens[place].block else shown


def _image(self: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    words = html.escape(self.renderInlineAsText(token.children or [], options, env))
    source = _picture(unquote(str(token.attrs.get("src", ""))), env)
    return f'<img src="{source}" alt="{words}">' if source else f"<em>[a picture that is not shown: {words}]</em>"


def _picture(source: str, env: Mapping[str, Any]) -> str | None:
    if source.startswith("attachment:"):
        bundle = env["attached"].get(source.removeprefix("attachment:"))
        found = [(k, v) for k, v in bundle.items() if k in pictures.KINDS] if isinstance(bundle, dict) else []
        kind, value = found[0] if found else ("", "")
        joined = "".join(map(str, value)) if isinstance(value, list) else str(value)
        return pictures.of_output(kind, joined) or pictures.of_base64(kind, joined)
    name = source.removeprefix("./")
    return pictures.of_file(env["files"][name]) if name in env["files"] else pictures.of_uri(source)


def _heading(self: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """The page has headings of its own above those of a notebook."""
    level = min(6, int(tokens[place].tag[1:]) + 2)
    return f"<{'/' if tokens[place].nesting < 0 else ''}h{level}>"
