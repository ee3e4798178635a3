"""Outputs are cut to the limit, whatever they are made of."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "a plain kernel keeps all of it; the limit is asked for every attack of the class"
SNIPPETS = {
    "one line": "print('x' * (4 << 20)); raise OSError('printed')",
    "many lines": "for n in range(300000): print(n)\nraise OSError('printed')",
    "a display": "from IPython.display import HTML, display\ndisplay(HTML('y' * (2 << 20))); raise OSError('shown')",
    "behind Python's back": "os.write(1, b'z' * (2 << 20)); raise OSError('written')",
    "an error": "raise OSError('e' * (2 << 20))",
}
NBGRADER = "alone"
UNPROVEN = dict.fromkeys(SNIPPETS, "judged by what is kept")
