"""What all pages have in common: templates, style sheets, a policy, and a file that is replaced whole.

Rule: a page stands alone and runs nothing; it loads nothing, and its policy forbids whatever its cleaning might miss.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import GraderError
from autograder.reports.words import number, points
from autograder.values import Outcome

if TYPE_CHECKING:
    from jinja2 import Template

FOLDER = Path(__file__).parent / "templates"


@cache
def style(*names: str) -> str:
    """The text of some style sheets, one behind the other."""
    return "\n".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in names)


def policy(styles: str) -> str:
    """Content-Security-Policy: pictures that the page carries, this very style sheet, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def template(name: str) -> Template:
    """A template, which escapes whatever is put into it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "points": points}
    environment.globals["Outcome"] = Outcome
    return environment.get_template(f"{name}.html")


def replace(path: Path, text: str) -> None:
    """Writes a file under a temporary name and then gives it its own; raises GraderError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as e:
        mend = "Check the folder's rights and that the disk has room."
        raise GraderError(f"{path} cannot be written ({e.strerror}).", mend=mend) from e
