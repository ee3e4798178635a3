"""The last look before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from handmade import KERNEL, cell, master

from autograder.authoring import guard, release
from autograder.authoring.strip import Stripped
from autograder.values import JSON, Cell

SECRET = "assert relu(-3.25) == 0"
TESTS = f"assert relu(1) == 1\n### BEGIN HIDDEN TESTS\n{SECRET}\nx = 2\n### END HIDDEN TESTS"


def _told(tmp_path: Path, *cells: JSON, metadata: JSON | None = None, **files: str) -> list[str]:
    """What the guard says of a release of those cells, with those helper files."""
    paths = {}
    for name, text in files.items():
        paths[f"{name}.py"] = tmp_path / f"{name}.py"
        paths[f"{name}.py"].write_text(text, encoding="utf-8")
    version = release.cut(master(tmp_path, *cells, metadata=metadata))
    return [str(problem) for problem in guard.leaks([version], paths)]


def test_a_clean_release_passes(tmp_path: Path) -> None:
    """The positive control of every test below."""
    assert [] == _told(tmp_path, cell(TESTS, role="test"), helper="def near(a, b):\n    return abs(a - b) < 1e-6\n")


@pytest.mark.parametrize(
    "metadata",
    [
        {"notes": SECRET},
        {"history": [{"source": f"a = 1\n  {SECRET}\n"}]},
        {"json": f'{{"source": "a = 1\\n{SECRET}"}}'},
        {SECRET: 1},
        {"lines": ["x", SECRET]},
    ],
)
def test_a_hidden_line_in_metadata_is_found(tmp_path: Path, metadata: JSON) -> None:
    """Some editors keep copies of a cell in its metadata, in lists, in keys, inside a JSON text."""
    (told,) = _told(tmp_path, cell(TESTS, role="test", grade_id="t1"), cell("y", metadata=metadata))
    assert told.startswith("hand.ipynb, cell 2: metadata")
    assert f"`{SECRET}`, a line of the hidden tests of hand.ipynb, cell 1 (t1)" in told


def test_a_hidden_line_in_the_notebooks_metadata_is_found(tmp_path: Path) -> None:
    """Widgets and extensions keep their state there."""
    (told,) = _told(tmp_path, cell(TESTS, role="test"), metadata={**KERNEL, "state": {"code": SECRET}})
    assert told.startswith("hand.ipynb: the notebook's metadata.state.code holds")


def test_a_hidden_line_in_an_attachment_or_a_stray_output_is_found(tmp_path: Path) -> None:
    """Outputs of code are cleared; a text cell that carries some is not, nor are attachments."""
    note = {"note.html": {"text/html": "<pre>assert relu(-3.25) =&#x3D; 0</pre>"}}
    stray = cell("words", "markdown", outputs=[{"output_type": "stream", "text": SECRET}])
    told = _told(
        tmp_path, cell(TESTS, role="test"), cell("attachment:note.html", "markdown", attachments=note), stray
    )
    assert ["cell 2: attachments.note.html.text/html", "cell 3: outputs.text"] == [
        t.split(", ")[1].split(" holds")[0] for t in told
    ]


def test_scissors_that_fail_are_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a cell came through uncut, the guard would see the hidden line and the delimiters."""
    monkeypatch.setattr(release, "strip", lambda cell, language, wording: Stripped(cell.source, _cut(cell)))
    told = _told(tmp_path, cell(TESTS, role="test"))
    assert [2, 3, 4, 5] == [int(t.split("line ")[1].split(":")[0]) for t in told]


def _cut(cell: Cell) -> tuple[release.Cut, ...]:
    from autograder.authoring import strip

    return strip.strip(cell).cuts


def test_a_line_that_the_master_shows_is_no_secret(tmp_path: Path) -> None:
    """The same line outside a region, in whatever cell, was meant to be read."""
    shown = cell(f"For instance:\n    {SECRET}", "markdown", metadata={"copy": SECRET})
    assert [] == _told(tmp_path, cell(TESTS, role="test"), shown)


def test_short_lines_are_not_looked_for_in_other_texts(tmp_path: Path) -> None:
    """`x = 2` inside some other text is a coincidence."""
    assert [] == _told(tmp_path, cell(TESTS, role="test"), cell("y", metadata={"n": "max = 2, x = 2"}))


def test_a_picture_that_only_the_solution_shows_is_found(tmp_path: Path) -> None:
    """nbgrader cuts the words of the answer and hands out the picture attached to them."""
    both = {"given.png": {"image/png": "aaaa"}, "my answer.png": {"image/png": "bbbb"}}
    text = "![](attachment:given.png)\nBEGIN SOLUTION\n![](attachment:my%20answer.png)\nEND SOLUTION"
    (told,) = _told(tmp_path, cell(text, "markdown", "manual", attachments=both))
    assert "the attached 'my answer.png' would be handed out" in told


def test_a_delimiter_in_a_helper_file_is_found(tmp_path: Path) -> None:
    """Helper files are copied as they are: nothing in them is ever hidden."""
    (told,) = _told(tmp_path, cell(TESTS, role="test"), tests="a = 1\n# BEGIN HIDDEN TESTS\n# END HIDDEN TESTS\n")
    assert told.startswith("tests.py, line 2: `# BEGIN HIDDEN TESTS` stands in a file that is copied as it is")


def test_a_solution_in_a_helper_file_is_found(tmp_path: Path) -> None:
    """Two telling lines of one region, or its only one; a single common line is let pass."""
    solution = cell("total = numbers.sum(axis=0)\nreturn total / len(numbers)", role="solution", grade_id="mean")
    both = "def mean(numbers):\n    total = numbers.sum(axis=0)\n    return total / len(numbers)\n"
    (told,) = _told(tmp_path, solution, answers=both)
    assert (
        "answers.py: it holds `total = numbers.sum(axis=0)`, a line of the solution of hand.ipynb, cell 1 (mean)"
        in told
    )
    assert [] == _told(tmp_path, solution, answers="total = numbers.sum(axis=0)\n")
    one = cell("return numbers.sum() / len(numbers)", role="solution")
    assert 1 == len(_told(tmp_path, one, answers="return numbers.sum() / len(numbers)"))


def test_files_that_are_no_text_are_let_pass(tmp_path: Path) -> None:
    """Pictures, weights and arrays."""
    path = tmp_path / "w.npy"
    path.write_bytes(b"\x93NUMPY\xff\xfe" + SECRET.encode())
    version = release.cut(master(tmp_path, cell(TESTS, role="test")))
    assert [] == guard.leaks([version], {"w.npy": path})


def test_one_notebook_may_not_leak_anothers_secret(tmp_path: Path) -> None:
    """The guard looks for all secrets of the assignment in all its notebooks."""
    first = release.cut(master(tmp_path, cell(TESTS, role="test"), name="a"))
    second = release.cut(master(tmp_path, cell("y", metadata={"n": SECRET}), name="b"))
    (told,) = map(str, guard.leaks([first, second], {}))
    assert told.startswith("b.ipynb, cell 1: metadata.n holds")
