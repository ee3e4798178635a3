"""Cells of an odd shape are put right or refused."""

from __future__ import annotations

import copy
import json

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "a kernel never sees the file"


def with_cell(**changes):
    def content(book):
        made = copy.deepcopy(book)
        made["cells"].append(
            {"cell_type": "code", "id": "odd", "metadata": {}, "source": "1", "outputs": [], "execution_count": None}
            | changes
        )
        return json.dumps(made).encode()

    return content


BAD = {"EXPECTED": "reject", "TELLS": ("cell",)}
SLOW = {"NBGRADER": "alone"}
VARIANTS = {
    "lines": {"CONTENT": with_cell(source=["a = 1\n", "b = 2"])},
    "number_as_source": {"CONTENT": with_cell(source=7), **BAD},
    "numbers_as_lines": {"CONTENT": with_cell(source=[1, None]), **BAD},
    "unknown_kind": {"CONTENT": with_cell(cell_type="heading"), **BAD},
    "kind_of_list": {"CONTENT": with_cell(cell_type=["code"]), **BAD},
    "metadata_list": {"CONTENT": with_cell(metadata=[1])},
    "outputs_text": {"CONTENT": with_cell(outputs="all")},
    "outputs_mangled": {"CONTENT": with_cell(outputs=[1, {"output_type": []}])},
    "attachments": {"CONTENT": with_cell(cell_type="markdown", attachments={"../../x": {"image/png": 5}, "y": []})},
    "zeros_in_source": {"CONTENT": with_cell(source="x = 1\0\nimport os")},
    "surrogates": {"CONTENT": with_cell(source="x = '\ud800'")},
    "long_line": {"CONTENT": with_cell(source="(" * 50_000), **SLOW},
    "deep_python": {"CONTENT": with_cell(source="x = " + "-" * 200_000 + "1"), **SLOW},
    "a_million_lines": {"CONTENT": with_cell(source="1\n" * 300_000), **SLOW},
    "grade_id_of_list": {"CONTENT": with_cell(metadata={"nbgrader": {"grade_id": ["prize"], "solution": True}})},
    "nbgrader_is_text": {"CONTENT": with_cell(metadata={"nbgrader": "all"})},
}
