"""No submission without right answers passes a test, however well it would do in one namespace with it."""

from __future__ import annotations

import forgeries
import pytest
from rig import Rig

TEXT = "#S\nimport numpy as np\n#T\n{test}\n#S\nx = 1\n#T\nassert x == 1"


@pytest.mark.parametrize("name", forgeries.ALL)
def test_a_forgery_fails(rig: Rig, name: str) -> None:
    """The control passes in one namespace; over the wire the test fails, by the submission's fault and no other's."""
    test, forged = forgeries.ALL[name]
    text = TEXT.format(test=test)
    together = rig.sit(text, {"s1": forged}, in_kernel=True)
    assert together["t1"].error is None, together["t1"].error
    apart = rig.sit(text, {"s1": forged})
    assert apart["t1"].fault == ""
    assert apart["t1"].error or apart["t1"].result_text not in ("", "2.0"), apart["t1"]
    assert not apart["t2"].fault
