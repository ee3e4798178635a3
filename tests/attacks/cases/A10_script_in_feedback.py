"""Scripts in outputs and texts do not reach the feedback page alive."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "what is dangerous is the page; tests/reports/test_feedback.py has the controls"


def CONTENT(book):
    from builders import cell

    for text in (
        "<script>alert('A10')</script>",
        "<img src=x onerror=alert('A10')>",
        "[x](javascript:alert('A10'))",
        "$\\href{javascript:alert('A10')}{x}$",
        "<svg onload=alert('A10')>",
        "<iframe srcdoc=\"<script>alert('A10')</script>\">",
    ):
        code = f"from IPython.display import HTML, SVG, Javascript, display\ndisplay(HTML({text!r}))\nprint({text!r})"
        book["cells"] += [
            cell("markdown", text) | {"id": f"m{len(book['cells'])}"},
            cell("code", code) | {"id": f"c{len(book['cells'])}"},
        ]
    last = "display(Javascript('alert(\"A10\")')); display({'text/html': '<script>alert(1)</script>', 'application/javascript': 'alert(1)'}, raw=True)"
    book["cells"].append(cell("code", last) | {"id": "last"})
    return book
