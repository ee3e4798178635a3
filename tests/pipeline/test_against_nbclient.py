"""The executed notebook against what Jupyter's own client makes of the same notebook."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from builders import ROOT

from autograder import course as courses
from autograder import notebook, pipeline

EPHEMERAL = re.compile(r"\x1b\[[0-9;]*m|0x[0-9a-f]+|/tmp/ipykernel_\d+/\d+\.py|<ipython-input-[^>]+>")


def plain(output: dict[str, Any]) -> dict[str, Any]:
    """An output without what differs from run to run: colours, addresses, pixels of a picture."""
    out = json.loads(EPHEMERAL.sub("", json.dumps(output)))
    for kind in out.get("data", {}):
        if kind.startswith("image/"):
            out["data"][kind] = "a picture"
    return {key: value for key, value in out.items() if key != "traceback"}


@pytest.mark.parametrize("name", ["gates", "convolution"])
def test_an_executed_notebook_is_what_nbclient_makes_of_it(tmp_path: Path, name: str) -> None:
    """Every cell of the student's side has the same outputs and number; tests that pass show the same values."""
    import nbformat
    from nbclient import NotebookClient

    source = ROOT / "source" / name / f"{name}.ipynb"
    for folder in (tmp_path / "source" / name, tmp_path / "submitted" / "ann" / name):
        folder.mkdir(parents=True)
        (folder / source.name).write_bytes(source.read_bytes())
    (tmp_path / "course.toml").write_text("[limits]\ncell_seconds = 120\nsubmission_seconds = 300\n")
    course = courses.load(tmp_path)
    list(pipeline.autograde(course, name, level=pipeline.jail_level(course, weak=True)))
    ours = notebook.source_of  # the texts must be the same cells
    executed = json.loads((tmp_path / "autograded" / "ann" / name / source.name).read_text())
    theirs = nbformat.read(source, 4)
    NotebookClient(theirs, timeout=120, allow_errors=True, kernel_name="python3").execute()
    mine = [c for c in executed["cells"] if c["cell_type"] == "code"]
    nbclients = [c for c in theirs.cells if c.cell_type == "code"]
    assert [c.source for c in nbclients] == [ours(c) for c in mine]
    for his, our in zip(nbclients, mine, strict=True):
        told = [plain(joined(o)) for o in our["outputs"]]
        if notebook.role_of(our).value == "test":
            told = [{k: v for k, v in o.items() if k != "execution_count"} for o in told]
            expected = [{k: v for k, v in plain(joined(dict(o))).items() if k != "execution_count"} for o in his.outputs]
        else:
            expected = [plain(joined(dict(o))) for o in his.outputs]
        assert expected == told, ours(our)[:80]


def joined(output: dict[str, Any]) -> dict[str, Any]:
    """An output with its texts as one string, as nbformat has them in memory."""
    out = dict(output)
    if isinstance(out.get("text"), list):
        out["text"] = "".join(out["text"])
    if "data" in out:
        out["data"] = {k: "".join(v) if isinstance(v, list) else v for k, v in dict(out["data"]).items()}
    return out
