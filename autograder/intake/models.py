"""Which handed-in file is the model that a training cell asks for.

Rule: a file's name decides, as with notebooks: the master's own first, then what browsers and Keras make of it; what
could never be loaded safely is refused by name, with one sentence, and nothing is opened here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from autograder.intake.opening import shown
from autograder.values import MODEL_FORMATS, Submission, Trained

PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz")
GRAPHS = (".pb", ".onnx", ".tflite", ".safetensors")
_COPY = re.compile(r"^(copy of )?(?P<stem>.*?)( ?\(\d+\)| - copy|_copy)?$", re.IGNORECASE)


def chosen(wanted: Mapping[str, Trained], handed: Submission) -> tuple[dict[str, Trained], tuple[str, ...]]:
    """The cells' grade_ids → the file that each gets, or why there is none; one note for each file of another name.

    A file of exactly the master's name counts; else one whose name differs by its format or by what marks a copy
    (`lenet (1).keras`); else, where one model is wanted and one model file was handed in, that.
    """
    names = {one.file for one in wanted.values()}
    free = [name for name in sorted(handed.files) if _format(name) and name not in names]
    out: dict[str, Trained] = {}
    notes = []
    for grade_id, one in wanted.items():
        alike = [one.file] if one.file in handed.files else _alike(one, free, alone=len(wanted) == 1)
        refusal = _refusal(one.file, handed)
        if len(alike) != 1 or refusal:
            out[grade_id] = replace(one, fault=refusal or _why(one, handed, alike))
            continue
        out[grade_id] = replace(one, path=alike[0])
        free = [name for name in free if name != alike[0]]
        if alike[0] != one.file:
            notes.append(f"{shown(alike[0])} was taken for {one.file}.")
    return out, tuple(notes)


def _alike(one: Trained, free: list[str], *, alone: bool) -> list[str]:
    """The files that may be meant: those of the same name but for what marks a copy, else all where one is wanted."""
    found = [name for name in free if _stem(name) == _stem(one.file)]
    return found or (free if alone else [])


def _format(name: str) -> str:
    return next((end for end in MODEL_FORMATS if name.lower().endswith(end)), "")


def _stem(name: str) -> str:
    """A file's name without folders, format and the marks of a copy."""
    plain = PurePosixPath(name).name.lower()
    plain = plain.removesuffix(_format(plain))
    match = _COPY.fullmatch(plain)
    return match["stem"].strip() if match else plain


def _refusal(file: str, handed: Submission) -> str:
    """Why a file of that name was passed over when the submission was read, or an empty text."""
    start = f"{shown(file)} was passed over: "
    found = next((note for note in handed.notes if note.startswith(start)), "")
    return f"{file} was handed in and not taken: {found.removeprefix(start)}" if found else ""


def _why(one: Trained, handed: Submission, alike: Sequence[str]) -> str:
    save = f"Save the model with {one.binds}.save({one.file!r}) and hand that file in."
    names = [PurePosixPath(name) for name in handed.files]
    if len(alike) > 1:
        return f"{one.file} was not handed in, and several files could be meant: {', '.join(map(shown, alike[:3]))}."
    if any(name.name in ("saved_model.pb", "keras_metadata.pb") for name in names):
        return f"{one.file} was not handed in, but a SavedModel folder: that is a program, and is not opened. {save}"
    for name in names:
        if name.suffix.lower() in PICKLES:
            what = f"{shown(name.name)}: a pickle can run code, and is not opened"
            return f"{one.file} was not handed in, but {what}. {save}"
        if name.suffix.lower() in GRAPHS:
            return f"{one.file} was not handed in, but {shown(name.name)}, a format that is not taken. {save}"
    return f"{one.file} was not handed in. {save}"
