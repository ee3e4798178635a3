"""A master and what a student handed in become the paper that is run.

Rule: the master decides what a cell is, what it is worth, what a test says and what it stands behind; the
student's file gives answers and cells of its own, never a setting. Pure: JSON in, frozen values out, and
nothing shared with either notebook.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder import notebook
from autograder.errors import Ungradable
from autograder.values import JSON, Cell, Master, Outcome, Paper, PaperCell, Role, Step, Trained, Verdict, Wording

MAX_CELLS = 5000
"""Cells that a handed-in notebook may have; an honest one has dozens."""
MAX_NOTES = 20
"""Repairs told one by one; a mangled notebook would tell thousands."""
IN_KERNEL = "The kernel {!r} ran its tests beside the submission's code, which could read and forge them."
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_WORD = {
    Role.TEST: "Test",
    Role.MANUAL: "Answer",
    Role.SOLUTION: "Answer",
    Role.TASK: "Task",
    Role.READONLY: "Locked cell",
}


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place in the paper: the master's cell, the student's cell, or both."""

    original: Cell | None
    handed: JSON | None
    number: int = 0
    """Where it stood in the handed-in notebook, from 1; 0 for a cell that was put back."""

    @property
    def is_test(self) -> bool:
        return self.original is not None and self.original.role is Role.TEST


def merge(
    master: Master,
    handed: JSON,
    released: Mapping[str, str] | None = None,
    trained: Mapping[str, Trained] | None = None,
) -> Paper:
    """The paper of a handed-in notebook, `handed` as `notebook.loads` gives it; raises Ungradable.

    `released` maps each grade_id to the text that students were given. It tells an answer from an untouched
    stub and an edited test from the original, and a missing hand-marked cell is put back with it, for a person to see
    whether another cell answers it; without it a hand-marked cell counts as answered unless it is blank. `trained`
    maps training cells to the model files that stand in for running them.
    """
    kernel = notebook.kernel_of(master.raw)
    released, trained = released or {}, {} if kernel else trained or {}
    cells = handed["cells"]
    if len(cells) > MAX_CELLS:
        raise Ungradable(
            f"{master.name}.ipynb has {len(cells)} cells, more than {MAX_CELLS}.",
            mend="Delete the cells that you do not need and hand it in again.",
        )
    notes: list[str] = []
    slots = _claim(master, cells, notes)
    if not any(slot.original for slot in slots):
        notes.append(
            "None of the assignment's cells is known again: it is another notebook, or its cells lost their ids."
        )
    notes += [*_kernel(master, handed), *_repairs(master, slots, released)]
    slots = _put_tests_right(slots, notes)
    slots = _put_back(master, slots, notes, trained)
    made = [_paper_cell(master, slot, released, trained, in_kernel=bool(kernel)) for slot in slots]
    papers = _with_ids(master, slots, made)
    raw = {"metadata": copy.deepcopy(master.raw["metadata"]), "nbformat": 4, "nbformat_minor": 5}
    if kernel:
        notes.append(IN_KERNEL.format(kernel))
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"{len(notes) - MAX_NOTES} further repairs are not listed."]
    return Paper(notebook=master.name, cells=papers, raw=raw, notes=tuple(notes), kernel=kernel)


def absent(master: Master) -> tuple[Verdict, ...]:
    """The verdicts on a notebook that was not handed in: no points, hand-marked cells included."""
    why = f"The notebook {master.name}.ipynb was not handed in."
    return tuple(Verdict(master.name, c.grade_id, Outcome.FAILED, 0.0, c.points, why) for c in master.graded)


# --- whose cell is whose ----------------------------------------------------------------------------------


def _claim(master: Master, cells: list[JSON], notes: list[str]) -> list[_Slot]:
    """Gives each cell the master's cell of its id; of several, as nbgrader, the last of the right type."""
    ours = {c.grade_id: c for c in master.cells if c.role is not Role.TEXT}
    known = {c.grade_id for c in master.cells} | {""}
    copies: dict[str, list[int]] = {}
    for i, cell in enumerate(cells):
        grade_id = notebook.grade_id_of(cell)
        if grade_id in ours:
            copies.setdefault(grade_id, []).append(i)
        elif grade_id not in known:
            name = repr(grade_id[:60])
            notes.append(f"Cell {i + 1} claims the id {name}, unknown here; it counts as ordinary.")
    claimed: dict[int, Cell] = {}
    for grade_id, places in copies.items():
        right = [i for i in places if cells[i]["cell_type"] == ours[grade_id].kind]
        chosen = (right or places)[-1]
        claimed[chosen] = ours[grade_id]
        if len(places) > 1:
            notes.append(f"Cell {grade_id!r} stands {len(places)} times; that in cell {chosen + 1} counts.")
    return [_Slot(claimed.get(i), cell, i + 1) for i, cell in enumerate(cells)]


def _repairs(master: Master, slots: Sequence[_Slot], released: Mapping[str, str]) -> list[str]:
    """What will be restored in the cells that are there, and which of the student's own change places."""
    notes: list[str] = []
    last: Cell | None = None
    for slot in slots:
        original, handed = slot.original, slot.handed
        if original is None or handed is None:
            continue
        name, given = repr(original.grade_id), released.get(original.grade_id)
        changed = notebook.changed_settings(handed, master.raw["cells"][original.index], master.schemas)
        if changed:
            notes.append(f"Cell {name}: its settings ({', '.join(changed)}) had changed and were restored.")
        untouched = given is None or any(_same_text(handed["source"], text) for text in (given, original.source))
        if notebook.LOCKED[original.role] and not untouched:
            notes.append(f"{_WORD[original.role]} {name} had been edited; the original counts.")
        if slot.is_test:
            continue
        if last is not None and original.index < last.index:
            notes.append(f"Cell {name} stands behind {last.grade_id!r}, which should follow it.")
        last = original
    return notes


def _kernel(master: Master, handed: JSON) -> list[str]:
    """A kernel of another language; another name for the same language is the student's machine's."""
    theirs = handed["metadata"].get("kernelspec")
    if not isinstance(theirs, dict) or "language" not in theirs:
        return []
    if str(theirs["language"]).lower() == notebook.language_of(master.raw).lower():
        return []
    return [f"It asks for a kernel of {str(theirs['language'])[:40]!r}; the master's kernel ran it."]


def _same_text(one: str, other: str) -> bool:
    """Whether two texts are the same but for blanks at their ends and the way that lines end."""
    return one == other or one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


# --- where the master's cells stand -----------------------------------------------------------------------


def _put_tests_right(slots: list[_Slot], notes: list[str]) -> list[_Slot]:
    """Moves each test behind all that precedes it in the master, and the tests into the master's order.

    Gap g lies before the g-th cell that is not a test. A test may stay later than in the master, since some
    students answer further down, but not behind a test that follows it.
    """
    body = [s for s in slots if not s.is_test]
    tests = {s.original.index: s for s in slots if s.is_test and s.original}
    own, gap = {}, 0
    for slot in slots:
        if slot.is_test and slot.original:
            own[slot.original.index] = gap
        else:
            gap += 1
    gaps = _gaps(own, {s.original.index: i + 1 for i, s in enumerate(body) if s.original})
    out: list[_Slot] = []
    for gap in range(len(body) + 1):
        out += [tests[index] for index in sorted(own) if gaps[index] == gap]
        out += body[gap : gap + 1]
    stayed = [i for i in own if gaps[i] == own[i]]
    for index, slot in sorted(tests.items()):
        overtaken = any(other > index and tests[other].number < slot.number for other in stayed)
        if slot.original and (index not in stayed or overtaken):
            notes.append(f"Test {slot.original.grade_id!r} stood elsewhere and was put back in its place.")
    return out


def _gaps(own: Mapping[int, int], place: Mapping[int, int]) -> dict[int, int]:
    """The gap of each test, by its index in the master, from the gap it was handed in with.

    `place` is, for each other cell of the master, the first gap behind it.
    """
    wish: dict[int, int] = {}
    last = 0
    for index in sorted(own):
        earliest = max((gap for other, gap in place.items() if other < index), default=0)
        # One that stood too early joins the test before it, so that it sees the student's cells in between.
        wish[index] = last = own[index] if own[index] >= earliest else max(earliest, last)
    gaps: dict[int, int] = {}
    for index in sorted(own, reverse=True):
        gaps[index] = min([wish[index], *gaps.values()])
    return gaps


def _put_back(master: Master, slots: list[_Slot], notes: list[str], trained: Mapping[str, Trained]) -> list[_Slot]:
    """Puts each missing cell behind all that precedes it in the master; a missing solution stays away.

    But for a training cell that a model file stands in for: nothing of the student's would be run there.
    """
    out = list(slots)
    present = {s.original.index for s in slots if s.original}
    for cell in master.cells:
        if cell.role is Role.TEXT or cell.index in present:
            continue
        word = f"{_WORD[cell.role]} {cell.grade_id!r}"
        if cell.role is Role.SOLUTION and cell.grade_id not in trained:
            notes.append(f"{word} is missing; nothing was run in its place.")
            continue
        before = [i + 1 for i, s in enumerate(out) if s.original and s.original.index < cell.index]
        out.insert(before[-1] if before else _title(out), _Slot(cell, None))
        elsewhere = "; its answer may stand in another cell" if cell.role is Role.MANUAL else ""
        notes.append(f"{word} was missing and was put back{elsewhere}.")
    return out


def _title(slots: Sequence[_Slot]) -> int:
    """How many ordinary text cells open the notebook."""
    opening = 0
    for slot in slots:
        if slot.original is not None or slot.handed is None or slot.handed["cell_type"] == "code":
            break
        opening += 1
    return opening


# --- what stands in a cell --------------------------------------------------------------------------------


def _paper_cell(
    master: Master, slot: _Slot, released: Mapping[str, str], trained: Mapping[str, Trained], *, in_kernel: bool
) -> PaperCell:
    original = slot.original
    if original is None:
        assert slot.handed is not None
        return _own_cell(slot.handed)
    raw, given = master.raw["cells"][original.index], released.get(original.grade_id)
    source = _source(original, slot.handed, given, master.wording)
    locked = notebook.LOCKED[original.role]
    # nbgrader takes an answer's checksum of the released text: that is how it finds "No response".
    metadata = notebook.restored_metadata(raw, original.source if locked or given is None else given)
    attached = raw if locked or slot.handed is None else slot.handed
    return PaperCell(
        step=_step(original, slot.handed),
        source=source,
        raw=_raw(original.kind, source, metadata, _attachments(attached)),
        role=original.role,
        grade_id=original.grade_id,
        points=original.points,
        in_kernel=original.own.get("examine") == "in-kernel" or in_kernel,
        trust_operators=original.own.get("trust") == "operators",
        training=notebook.training_of(original) is not None,
        trained=trained.get(original.grade_id),
        answered=original.role is not Role.MANUAL or slot.handed is None or _answered(slot.handed, given),
        hidden=original.role is Role.TEST and master.wording.hidden_tests[0] in original.source,
    )


def _source(original: Cell, handed: JSON | None, given: str | None, wording: Wording) -> str:
    """The text that counts: the master's where it is locked, the student's in an answer, else the stub."""
    if original.role is Role.READONLY and original.kind == "code":
        return _without_hidden(original.source, *wording.hidden_tests)
    if notebook.LOCKED[original.role]:
        return original.source
    # Never the master's text: that is the solution.
    return handed["source"] if handed is not None else given or ""


def _without_hidden(source: str, begin: str, end: str) -> str:
    """A locked cell runs in the student's process, which nothing hidden may reach."""
    kept, hidden = [], False
    for line in source.split("\n"):
        hidden = hidden or begin in line
        if not hidden:
            kept.append(line)
        hidden = hidden and end not in line
    return "\n".join(kept)


def _answered(handed: JSON, given: str | None) -> bool:
    """Whether there is anything for a person to read: neither blank nor the stub."""
    if given is not None and _same_text(handed["source"], given):
        return False
    return bool(handed["source"].strip() or _attachments(handed))


def _step(original: Cell, handed: JSON | None) -> Step:
    if original.role is Role.TEST:
        return Step.EXAMINER
    missing = original.role is Role.MANUAL and handed is None
    return Step.CANDIDATE if original.kind == "code" and not missing else Step.NOBODY


def _own_cell(handed: JSON) -> PaperCell:
    """An ordinary cell: all that its author may say of it is its text, its tags and its pictures."""
    kind, source, metadata = handed["cell_type"], handed["source"], handed["metadata"]
    fit = {key for key, fits in _KEPT.items() if key in metadata and fits(metadata[key])}
    kept = {key: copy.copy(metadata[key]) for key in sorted(fit)}
    step = Step.CANDIDATE if kind == "code" else Step.NOBODY
    return PaperCell(step=step, source=source, raw=_raw(kind, source, kept, _attachments(handed)))


def _raw(kind: str, source: str, metadata: JSON, attachments: JSON) -> JSON:
    """A cell as nbformat 4.5 has it, but for its id."""
    cell: JSON = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        return {**cell, "execution_count": None, "outputs": []}
    return {**cell, "attachments": attachments} if attachments else cell


def _is_plain(text: Any) -> bool:
    """Text that UTF-8 can spell, neither empty nor endless."""
    return isinstance(text, str) and 0 < len(text) <= 200 and not any("\ud800" <= c <= "\udfff" for c in text)


def _is_tags(tags: Any) -> bool:
    if not isinstance(tags, list) or len(tags) > 100 or not all(_is_plain(tag) for tag in tags):
        return False
    return len(set(tags)) == len(tags) and not any("," in tag or "\n" in tag for tag in tags)


# All metadata that an ordinary cell keeps, each with its check: neither nbgrader's settings nor ours.
_KEPT: dict[str, Callable[[Any], bool]] = {"tags": _is_tags, "collapsed": lambda flag: isinstance(flag, bool)}


def _attachments(cell: JSON) -> JSON:
    """Pictures pasted into a text cell, `{file name: {type: base64}}`; any other shape is left out."""
    found = cell.get("attachments")
    if cell["cell_type"] == "code" or not isinstance(found, dict):
        return {}
    kept = {
        name: {kind: "".join(data) for kind, data in bundle.items() if _is_plain(kind) and _is_base64(data)}
        for name, bundle in found.items()
        if _is_plain(name) and isinstance(bundle, dict)
    }
    return {name: bundle for name, bundle in kept.items() if bundle}


def _is_base64(data: Any) -> bool:
    lines = [data] if isinstance(data, str) else data
    return isinstance(lines, list) and all(isinstance(line, str) and line.isascii() for line in lines)


def _with_ids(master: Master, slots: Sequence[_Slot], cells: Sequence[PaperCell]) -> tuple[PaperCell, ...]:
    """Gives every cell an id of its own: the master's, else the student's, else a made one."""
    used: set[str] = set()
    # The master's cells choose first, so that a student cannot take their ids away.
    for i in sorted(range(len(slots)), key=lambda i: slots[i].original is None):
        original, handed = slots[i].original, slots[i].handed
        wishes = [master.raw["cells"][original.index].get("id")] if original else []
        wishes += [handed.get("id")] if handed else []
        seed = f"{cells[i].grade_id}/{i}"
        made = (hashlib.sha256(f"{seed}/{n}".encode()).hexdigest()[:8] for n in itertools.count())
        fit = (w for w in itertools.chain(wishes, made) if _is_id(w) and w not in used)
        cells[i].raw["id"] = chosen = next(fit)
        used.add(chosen)
    return tuple(cells)


def _is_id(wish: Any) -> bool:
    return isinstance(wish, str) and _CELL_ID.fullmatch(wish) is not None
