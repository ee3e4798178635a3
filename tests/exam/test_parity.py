"""Tests run outside the student's process find what they would find inside it."""

from __future__ import annotations

import cases
import cases_deep
import cases_each
import cases_lent
import cases_libraries
import cases_objects
import cases_values
import pytest
from rig import Rig, Sat

ALL = (
    cases.ALL
    | cases_each.CASES
    | cases_lent.CASES
    | cases_lent.PATCHED
    | cases_libraries.CASES
    | cases_objects.ALL
    | cases_values.CASES
)


def outcome(sat: Sat) -> dict[str, tuple[str, str]]:
    """Test → the name of the error that it ended in, and the text of its last value."""
    out = {}
    for name, finding in sat.findings.items():
        assert not finding.fault, finding.fault
        errors = [o["ename"] for o in finding.outputs if o["output_type"] == "error"]
        out[name] = ("".join(errors), finding.result_text)
    return out


@pytest.mark.parametrize("name", ALL)
def test_over_the_wire_as_in_one_namespace(rig: Rig, name: str) -> None:
    """Errors and last values are the same whether the tests run beside the student's code or over the wire."""
    together = outcome(rig.sit(ALL[name], in_kernel=True))
    assert ("fail" in name) is any(error for error, _ in together.values()), together
    assert together == outcome(rig.sit(ALL[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", cases_deep.CASES)
def test_models_over_the_wire_as_in_one_namespace(deep_rig: Rig, name: str) -> None:
    """So it is for tensors, layers and models."""
    limits = {"terms": {"cell_seconds": 60.0}, "memory": 3 << 30}
    together = outcome(deep_rig.sit(cases_deep.CASES[name], in_kernel=True, **limits))
    assert not any(error for error, _ in together.values()), together
    assert together == outcome(deep_rig.sit(cases_deep.CASES[name], **limits))
