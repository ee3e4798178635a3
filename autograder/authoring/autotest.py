"""AUTOTEST and HASHED AUTOTEST lines become tests, as nbgrader makes them.

Rule: nbgrader's own `InstantiateTests` makes the tests, in a process of its own that ends with its kernel; what came
of a notebook is kept, so that grading need not run the instructor's solution each time. Salts are nbgrader's, a
function of the cell, so a second making gives the same tests.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from autograder import notebook
from autograder.course import nbconfig
from autograder.errors import MasterError
from autograder.notebook import Setting
from autograder.values import JSON, Master, Role

DELIMITER = "AUTOTEST"
TEMPLATES = "autotests.yml"
SECONDS = 600
"""Seconds the instructor's notebook may take; nbgrader sets no limit."""
MAX_READ = 4 * 2**20
"""Bytes of a file beside the notebook up to which its content is looked at."""


def wanted(master: Master) -> bool:
    """Whether a master asks for tests to be made."""
    return any(cell.kind == "code" and DELIMITER in cell.source for cell in master.cells)


def instantiated(master: Master, root: Path, cache: Path) -> Master:
    """The master with its AUTOTEST lines replaced; the same master where it has none. Raises MasterError.

    `root`: the course's folder, where `autotests.yml` is looked for after the assignment's; `cache`: a folder for
    what was made before.
    """
    if not wanted(master):
        return master
    for cell in master.cells:
        asks = any(DELIMITER in line and line.strip().startswith("#") for line in cell.source.split("\n"))
        if cell.kind == "code" and cell.role is not Role.TEST and asks:
            place = f"{master.path}, cell {cell.index + 1}" + (f" ({cell.grade_id})" if cell.grade_id else "")
            told = f"{place}: an {DELIMITER} line stands in a cell that is not an autograder test."
            raise MasterError(told, mend="Move it, or give the cell that type (Create Assignment in Jupyter).")
    kept = cache / f"{_fingerprint(master, root)}.json"
    if kept.is_file():
        texts = json.loads(kept.read_text(encoding="utf-8"))
    else:
        texts = _made(master, root)
        _keep(kept, texts)
    raw = {**master.raw, "cells": [{**c, "source": t} for c, t in zip(master.raw["cells"], texts, strict=True)]}
    setting = Setting(master.wording)
    return notebook.master_of(raw, master.assignment, master.path, setting)


def _made(master: Master, root: Path) -> list[str]:
    """The text of each cell, from a process in which nbgrader runs the notebook in a kernel."""
    asked = json.dumps({"raw": master.raw, "folder": str(master.path.parent), "root": str(root)})
    with subprocess.Popen(
        [sys.executable, "-c", "from autograder.authoring.autotest import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as process:
        try:
            said, complaint = process.communicate(asked, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise _failed(master, f"it took more than {SECONDS} s") from None
        finally:
            _end(process)
    if process.returncode:
        raise _failed(master, (complaint.strip().splitlines() or ["no word of why"])[-1])
    texts: list[str] = json.loads(said.splitlines()[-1])
    return texts


def _end(process: subprocess.Popen[str]) -> None:
    """Ends the process with its kernel, which nbgrader leaves running when a cell fails."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _failed(master: Master, why: str) -> MasterError:
    told = f"{master.path}: its {DELIMITER} lines could not be made into tests: {why}."
    mend = f"Run the notebook in Jupyter; {TEMPLATES} lies in the assignment's folder or the course's."
    return MasterError(told, mend=mend)


def _fingerprint(master: Master, root: Path) -> str:
    """Changes whenever the tests may: with the notebook, the templates, the files beside it, nbgrader."""
    folder = master.path.parent
    beside = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.suffix != ".ipynb"}
    beside |= {f"/{name}": root / name for name in (TEMPLATES, *nbconfig.NAMES)}
    parts: list[Any] = [master.raw, importlib.metadata.version("nbgrader"), sys.executable]
    parts += [[name, _content(path)] for name, path in beside.items() if path.is_file()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()


def _content(path: Path) -> str:
    """Hash of a small file; of a data set size and time are enough."""
    about = path.stat()
    if about.st_size > MAX_READ:
        return f"{about.st_size} {about.st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _keep(path: Path, texts: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        json.dump(texts, file)
    Path(file.name).replace(path)


def main() -> None:
    """In the process of its own: a notebook on stdin, the texts of its cells on stdout."""
    asked: JSON = json.load(sys.stdin)
    import nbformat
    from nbgrader.preprocessors import InstantiateTests
    from traitlets.config import Config

    config = Config(nbconfig.read(Path(asked["root"])))
    resources = {"metadata": {"path": asked["folder"]}}
    made, _ = InstantiateTests(config=config).preprocess(nbformat.from_dict(asked["raw"]), resources)
    print("\n" + json.dumps([cell.source for cell in made.cells]))  # the answer
    sys.stdout.flush()
    os._exit(0)  # the kernel's client threads would keep us
