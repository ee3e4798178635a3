"""Tests run outside the student's process find what they would find inside it."""

from __future__ import annotations

import cases
import cases_objects
import pytest
from rig import Rig, Sat

ALL = cases.ALL | cases_objects.ALL


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
    text = ALL[name]
    together = outcome(rig.sit(text, in_kernel=True))
    assert ("fail" in name) is any(error for error, _ in together.values()), together
    assert together == outcome(rig.sit(text))
