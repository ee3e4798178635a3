"""Which handed-in notebook answers which master.

Rule: the file's name decides; only where nobody bears a master's name do the cells inside speak.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from autograder import notebook
from autograder.intake.folder import NOTEBOOK
from autograder.intake.opening import shown
from autograder.values import JSON, Master, Role


def match(masters: Iterable[Master], handed: Mapping[str, JSON]) -> tuple[dict[str, JSON], tuple[str, ...]]:
    """Master's name → the notebook that answers it, and one note for whatever does not fit.

    `handed` maps names without `.ipynb` to what `notebook.loads` made of the files. A master that nobody
    answers by name takes the one notebook of an unknown name with most of its grade_ids: Colab writes
    `lenet (1).ipynb` and `Copy of lenet.ipynb`. Two such notebooks are one too many: then none is taken.
    """
    masters = list(masters)
    found = {m.name: name for m in masters for name in sorted(handed) if _normal(name) == _normal(m.name)}
    found |= {m.name: m.name for m in masters if m.name in handed}
    unknown = [name for name in sorted(handed) if name not in found.values()]
    missing = [m for m in masters if m.name not in found]
    alike = {m.name: [name for name in unknown if _answers(m, handed[name])] for m in missing}
    notes = []
    for name, likely in alike.items():
        if len(likely) == 1 and sum(likely[0] in others for others in alike.values()) == 1:
            found[name] = likely[0]
            unknown.remove(likely[0])
            notes.append(f"{_shown(likely[0])} has the cells of {name}.ipynb and was graded as that.")
        else:
            notes.append(f"The notebook {name}.ipynb was not handed in.")
    notes += [f"{_shown(name)} is no notebook of this assignment." for name in unknown]
    return {m.name: handed[found[m.name]] for m in masters if m.name in found}, tuple(notes)


def _normal(name: str) -> str:
    """A name as it reads: files from macOS spell 게이트 with its letters taken apart."""
    return unicodedata.normalize("NFC", name)


def _answers(master: Master, handed: JSON) -> bool:
    ours = {c.grade_id for c in master.cells if c.role is not Role.TEXT}
    return 2 * len(ours & {notebook.grade_id_of(c) for c in handed["cells"]}) > len(ours)


def _shown(name: str) -> str:
    return shown(name + NOTEBOOK)
