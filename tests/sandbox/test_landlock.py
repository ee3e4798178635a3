"""The rules given to Landlock, for every version of its interface, and their effect in a real process."""

from __future__ import annotations

import os
import struct

import pytest

from autograder.sandbox import landlock, linux, selfcheck


@pytest.mark.parametrize(
    ("abi", "files", "size"),
    [(1, 13, 8), (2, 14, 8), (3, 15, 8), (4, 15, 16), (5, 16, 16), (6, 16, 24), (7, 16, 24), (12, 16, 24)],
)
def test_every_interface_gets_what_it_knows(abi, files, size):
    """The attributes name all rights that the interface knows, in the size that it accepts, and nothing newer."""
    given = landlock.attributes(abi)
    assert (size, (1 << files) - 1) == (len(given), struct.unpack_from("Q", given)[0])
    assert (3 if abi >= 4 else 0, 3 if abi >= 6 else 0) == landlock.handled(abi)[1:]


@pytest.mark.parametrize("abi", range(1, 9))
def test_nothing_can_be_both_written_and_run(abi):
    """Work folders may not hold programs, devices, pipes or sockets; readable paths may not be written."""
    readable, writable, device = landlock.rights(abi)
    makes = landlock.MAKE_CHAR | landlock.MAKE_BLOCK | landlock.MAKE_SOCK | landlock.MAKE_FIFO
    assert 0 == writable & (landlock.EXECUTE | makes | landlock.IOCTL_DEV)
    assert 0 == readable & ~(landlock.EXECUTE | landlock.READ_FILE | landlock.READ_DIR)
    assert 0 == device & ~(landlock.READ_FILE | landlock.WRITE_FILE)


@pytest.mark.skipif(not linux.landlock_abi(), reason="this kernel has no Landlock")
def test_a_closed_process_reaches_what_it_was_given(tmp_path):
    """Readable paths can be read, work folders written, a single file granted alone; the rest is refused."""
    for name in ("read", "work", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    paths = {name: str(tmp_path / name) for name in ("read", "work", "other")}

    def closed(snippet: str) -> str:
        def action() -> None:
            landlock.close([paths["read"]], [paths["work"]], ["/dev/null"])
            outcome = selfcheck.outcome_of(snippet, paths)
            if not outcome.startswith("worked"):
                raise OSError(outcome)

        return selfcheck.attempt(action)

    granted = ["open(read + '/file').read()", "open(work + '/new', 'w')", "open('/dev/null', 'w')"]
    refused = [
        "open(read + '/file', 'w')",
        "open(other + '/file').read()",
        "__import__('os').truncate(read + '/file', 0)",
    ]
    assert ["", "", ""] == [closed(snippet) for snippet in granted]
    assert [True] * 3 == ["Permission denied" in closed(snippet) for snippet in refused]
    assert ["worked"] * 3 == [selfcheck.outcome_of(s, paths) for s in refused]  # the control: without Landlock


def test_a_kernel_without_landlock_is_an_error(monkeypatch):
    """Where the kernel has no Landlock the layer fails instead of doing nothing."""
    monkeypatch.setattr(linux, "landlock_abi", lambda: 0)
    with pytest.raises(OSError, match="no Landlock"):
        landlock.close([os.sep], [], [])
