"""The executed notebook: the paper with what running it left.

Rule: valid nbformat 4.5; cells, metadata and order are the paper's, outputs the record's. Format: nbformat 4.5.
"""

from __future__ import annotations

from collections.abc import Mapping

from autograder import notebook
from autograder.values import JSON, CellRecord, Paper, PaperCell


def executed(paper: Paper, records: Mapping[int, CellRecord]) -> bytes:
    """The `.ipynb` file's bytes."""
    cells = [_cell(cell, records.get(index)) for index, cell in enumerate(paper.cells)]
    return notebook.dumps({**paper.raw, "cells": cells}).encode("utf-8", "replace")


def _cell(cell: PaperCell, record: CellRecord | None) -> JSON:
    raw = dict(cell.raw)
    if raw["cell_type"] != "code":
        return raw
    raw["outputs"] = list(record.outputs) if record is not None else []
    raw["execution_count"] = record.execution_count if record is not None else None
    return raw
