"""An author's papers are read as they are meant, and every slip in one is told with its file and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders import SQUARE, book, exam, solution
from masters import master_of

from autograder.check import written
from autograder.errors import UsageError

MASTER = master_of(*SQUARE["cells"], name="squares")
GOOD = '''# /// paper
# story = "Doubles in place of squaring."
# [marks]
# test_square = 0
# ///

# %% square
def square(x):
    return 2 * x
'''


def read(tmp_path: Path, text: str, masters: tuple = (MASTER,)) -> list[written.Written]:
    """The papers of a folder with that one in it."""
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "one.py").write_text(text, encoding="utf-8")
    return written.read(tmp_path, masters)


def test_a_paper_says_its_answers_and_all_its_marks(tmp_path: Path) -> None:
    """Tests that it does not name must give all their points."""
    (paper,) = read(tmp_path, GOOD)
    assert ("squares", "Doubles in place of squaring.", "solution") == (paper.notebook, paper.story, paper.rest)
    assert {"square": "def square(x):\n    return 2 * x\n"} == paper.answers
    assert {"test_square": 0.0, "test_half": 3.0} == paper.marks


def test_a_blank_rest_earns_nothing_that_is_not_named(tmp_path: Path) -> None:
    """With rest = "blank" other tests must give nothing."""
    (paper,) = read(tmp_path, GOOD.replace("# [marks]\n# test_square = 0", '# rest = "blank"\n# [marks]\n# test_half = 1.5'))
    assert {"test_square": 0.0, "test_half": 1.5} == paper.marks


def test_a_folder_without_papers_has_none(tmp_path: Path) -> None:
    """Papers are optional."""
    assert [] == written.read(tmp_path, [MASTER])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("# /// paper", "# no head", ["one.py", "# /// paper"]),
        ('"Doubles in place of squaring."', '"Doubles', ["line 2", "toml.io"]),
        ("# story", "# stroy", ["'stroy'", "'story'"]),
        ("# test_square = 0", "# test_sqare = 0", ["'test_sqare'", "'test_square'"]),
        ("# test_square = 0", "# test_square = 3", ["from 0 to 2"]),
        ("# test_square = 0", "# test_square = true", ["from 0 to 2"]),
        ("# %% square", "# %% sqare", ["line 7", "'square'"]),
        ("# %% square\n", "# %% square\n# %% square\n", ["line 8", "twice"]),
        ("# %% square\ndef square(x):\n    return 2 * x\n", "", ["answers nothing", "# %% square"]),
        ("# %% square\n", "", ["before the first cell", "# %% square"]),
        ("# [marks]", '# notebook = "cubes"\n# [marks]', ["'cubes'", '"squares"']),
        ("# [marks]", '# rest = "nothing"\n# [marks]', ["'nothing'", '"blank"']),
        ("# [marks]\n# test_square = 0", "# marks = 3", ["[marks]"]),
    ],
)
def test_a_slip_names_the_file_and_the_mend(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    """One sentence that says what is wrong and what to write."""
    assert old in GOOD
    with pytest.raises(UsageError) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert all(word in str(caught.value) for word in [*told, "one.py"]), caught.value


def test_of_several_notebooks_a_paper_says_which_it_is_for(tmp_path: Path) -> None:
    """Without `notebook` nobody could know."""
    other = master_of(*book(solution("square", "x = 1"), exam("t", "assert x"))["cells"], name="other")
    with pytest.raises(UsageError, match="which notebook"):
        read(tmp_path, GOOD, (MASTER, other))
