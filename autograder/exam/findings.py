"""What a test cell leaves: its finding, in words and values that any file can bear.

Rule: a finding's numbers come from values, never from what an object of the student's says of itself.
"""

from __future__ import annotations

import contextlib
import traceback
from dataclasses import dataclass, field
from typing import Any

from autograder.errors import StudentError
from autograder.exam.proxy import class_name, isinstance_proxy, plain
from autograder.values import JSON

MAX_SHOWN = 10_000
"""Characters of the last value that are kept."""


@dataclass(slots=True)
class Finding:
    """What running one test cell left; plain data, sent to the supervisor."""

    error: str | None = None
    """One sentence for the student when the test did not run through."""
    fault: str = ""
    """Why the test itself is to blame; it stays unscored."""
    has_result: bool = False
    result: Any = None
    """Value of the last expression when it is a plain number, text or truth value."""
    result_text: str = ""
    stderr: str = ""
    outputs: list[JSON] = field(default_factory=list)
    """nbformat outputs, as the executed notebook shows them."""
    detail: str = ""
    """Traceback and printing, for the instructor."""
    seconds: float = 0.0
    labels: tuple[str, ...] = ()
    """`own-word` where the test took yes or no from a student's object, by a method that is none of its tasks."""
    remarks: tuple[str, ...] = ()
    """What was measured on the way, such as `accuracy 0.9812 on 10,000 images`; the student may read it."""
    reports: tuple[str, ...] = ()
    """What a person should look at, one sentence each."""

    def told(self) -> JSON:
        """Its fields by their names, as they travel."""
        return {name: getattr(self, name) for name in Finding.__slots__}


def take_result(finding: Finding, value: Any, count: int) -> None:
    """Takes down the last expression's value: a number, a text or a truth value counts, anything else is shown."""
    if value is None:
        return
    finding.has_result = True
    if isinstance_proxy(value):
        with contextlib.suppress(StudentError):
            value = plain(value)
    finding.result_text = _shown(value)
    if not isinstance_proxy(value):
        if type(value).__name__ == "EagerTensor":
            value = value.numpy()
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
    finding.result = value if type(value) in (bool, int, float, str) else None
    shown = {"text/plain": finding.result_text}
    finding.outputs.append({"output_type": "execute_result", "data": shown, "metadata": {}, "execution_count": count})


def _shown(value: Any) -> str:
    """The value as a notebook shows it; a student's object by its class alone, for its own word might be a number."""
    from IPython.lib.pretty import pretty

    if isinstance_proxy(value):
        return f"<{class_name(value)} object>"
    try:
        return clean_text(pretty(value))[:MAX_SHOWN]
    except Exception as e:
        return f"<{type(value).__name__} that cannot be shown: {type(e).__name__}>"


def in_words(seconds: float) -> str:
    """`1 second`, `2.5 seconds`."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def clean_text(text: str) -> str:
    """Text that any file and any terminal can bear: no half characters, no control characters but line ends."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(c if c in "\n\t" or c.isprintable() else "\ufffd" for c in text)


def sentence(error: BaseException) -> str:
    """One line that a student may read: the test's own message, or the error's name and text."""
    text = clean_text(" ".join(text_of(error)[:MAX_SHOWN].split()))[:300]
    if isinstance(error, AssertionError):
        return text or "The answer is not right."
    if isinstance(error, MemoryError):
        return f"The code wanted more memory than it may have{f' ({text})' if text else ''}."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def text_of(error: BaseException) -> str:
    """What an exception says, where it can."""
    try:
        return str(error)
    except Exception:
        return ""


def trace(error: BaseException) -> str:
    """The test's own frames, and the student's where the error came from there."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("<test")]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames)]
    lines += traceback.format_exception_only(type(error), error)
    theirs = getattr(error, "autograder_trace", "")
    return clean_text("".join(lines) + (f"\nIn the submission:\n{theirs}" if theirs else ""))[:20_000]


def gather(finding: Finding, printed: str) -> None:
    streams = [("stdout", printed), ("stderr", finding.stderr)]
    finding.outputs[:0] = [{"output_type": "stream", "name": n, "text": t} for n, t in streams if t]
    finding.detail = "\n".join(filter(None, (finding.detail, printed[:5000])))
