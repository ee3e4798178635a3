"""What people read of a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import data
from autograder.pipeline import machine
from autograder.sandbox import levels

FULL = levels.LevelReport(
    level=4, kernel="6.8", machine="x86_64", as_root=False, landlock_abi=4, seccomp=True, namespaces=True,
    tried=(levels.LevelTrial(4, "", ()),), findings=(), unproven=(),
)  # fmt: skip
REFUSED = "Level {} of the jail cannot be raised: unshare: No space left. `autograder doctor` says what this machine lacks."
WEAK = levels.LevelReport(
    level=2, kernel="6.8", machine="x86_64", as_root=False, landlock_abi=4, seccomp=True, namespaces=False,
    tried=(
        levels.LevelTrial(4, REFUSED.format(4), ()),
        levels.LevelTrial(3, REFUSED.format(3), ()),
        levels.LevelTrial(2, "", ()),
    ),
    findings=(levels.Finding("namespaces", "refused", "many things", "Allow them."),), unproven=("run a program",),
)  # fmt: skip


def told(monkeypatch: pytest.MonkeyPatch, report: levels.LevelReport, folder: Path | None = None) -> list[str]:
    monkeypatch.setattr(levels, "probe", lambda: report)
    return list(machine.lines(*machine.examine(folder)))


def test_a_page_fits_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than 80 columns, whatever is missing."""
    for report in (FULL, WEAK):
        assert [] == [line for line in told(monkeypatch, report) if len(line) > 80]


def test_a_level_that_does_not_hold_has_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for all levels that fail alike, without advice to read the page that says it."""
    page = told(monkeypatch, WEAK)
    assert ["no level 4, 3 unshare: No space left."] == [line for line in page if line.startswith("no level")]
    assert any("It would stop many things. Allow them." in line for line in page)
    assert not [line for line in told(monkeypatch, FULL) if line.startswith("no ")]


def test_each_attack_says_what_its_control_did(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped and proven, stopped and unproven, or open below the level that stops it."""
    page = {line[9:47].strip(): (line[:9].strip(), line[47:]) for line in told(monkeypatch, WEAK)}
    assert ("stopped", "works unprotected") == page["read another's file"]
    assert ("stopped", "does not work unprotected either") == page["run a program"]
    assert ("WORKED", "level 3 stops it") == page["see another's file"]
    assert ("stopped", "works unprotected") == page["become root"]


@pytest.mark.parametrize("there", [(), data.NAMES, data.NAMES[:1], data.NAMES[1:]])
def test_how_to_get_data_is_said_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: tuple[str, ...]) -> None:
    """And not at all where nothing is missing."""
    for name in there:
        (tmp_path / f"{name}.npz").write_bytes(b"x" * 2_000_000)
    page = told(monkeypatch, FULL, tmp_path)
    assert len(there) == len([line for line in page if line.endswith(" 2 MB")])
    assert int(len(there) < len(data.NAMES)) == len([line for line in page if ".npz" in line])
