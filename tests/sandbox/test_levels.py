"""The self-test finds the level that a machine holds, and is not fooled when a layer is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.sandbox import levels, linux, mounts, selfcheck

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux")


def test_the_probe_reports_this_machine():
    """The level reported is the first that held; all above it say why they did not; the controls worked."""
    found = levels.probe()
    assert found.level == next((t.level for t in found.tried if t.holds), 0)
    assert all(t.error or t.broken for t in found.tried if t.level > found.level)
    assert found.landlock_abi == linux.landlock_abi()
    assert found.level < 4 or (found.seccomp, found.namespaces, found.findings) == (True, True, ())
    assert len(found.unproven) <= 3, found.unproven


@pytest.mark.parametrize("top", [3, 2, 1, 0])
def test_the_probe_never_goes_above_its_top(top):
    """A level is not found by a probe that was told to stay below it."""
    assert levels.probe(top=top).level <= top


def probe_without(layer: str, kind: str, python: str = sys.executable) -> dict[int, levels.LevelTrial]:
    """The levels tried by a self-test in which one layer fails, or silently does nothing."""
    code = (
        "import sys, json; sys.path[:0] = [{package!r}, {purelib!r}]\n"
        "from dataclasses import asdict\n"
        "from autograder.sandbox import levels, mounts, selfcheck\n"
        "selfcheck._switch_off([{layer!r}], selfcheck.{kind})\n"
        "print(json.dumps(asdict(levels.report(mounts.libraries({package!r}), 4))))"
    )
    package = str(Path(levels.__file__).parents[2])
    source = code.format(package=package, layer=layer, kind=kind, purelib=sysconfig.get_path("purelib"))
    done = subprocess.run([python, "-I", "-c", source], capture_output=True, text=True, cwd="/", check=True)
    facts = json.loads(done.stdout)
    assert facts["level"] == next((t["level"] for t in facts["tried"] if not t["error"] and not t["broken"]), 0)
    return {t["level"]: levels.LevelTrial(t["level"], t["error"], tuple(t["broken"])) for t in facts["tried"]}


@pytest.mark.parametrize(
    "layer", ["linux.unshare", "linux.landlock_restrict", "linux.install_filter", "limits.close"]
)
def test_a_missing_layer_costs_levels(layer):
    """A layer that the machine refuses takes away every level that needs it."""
    tried = probe_without(layer, "_fail")
    assert tried[4].error
    if layer in ("linux.install_filter", "limits.close"):
        assert [4, 3, 2, 1] == [n for n in tried if n and not tried[n].holds]


@pytest.mark.parametrize(
    ("layer", "attack"),
    [("linux.landlock_restrict", "read the kernel's command line"), ("limits.close", "allocate more than allowed")],
)
def test_a_layer_that_does_nothing_is_noticed(layer, attack):
    """Where a layer claims to have closed and did not, the attack that it should stop gives it away."""
    tried = probe_without(layer, "_do_nothing")
    if "cannot be raised" in tried[4].error:
        pytest.skip(tried[4].error)
    assert attack in tried[4].broken


def test_where_nothing_holds_limits_are_tried():
    """At level 0 it is known, too, which of the attacks that limits stop were stopped."""
    tried = probe_without("linux.install_filter", "_fail")
    assert tried[0].holds
    assert [4, 3, 2, 1] == [n for n in tried if not tried[n].holds]
    assert probe_without("limits.close", "_fail")[0].error


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can lack the right to mount")
def test_a_root_that_may_not_mount_holds_as_much():
    """Root of a container without CAP_SYS_ADMIN gets its mounts in a user namespace, where there are such."""
    closed = any(not p.stat().st_mode & 0o5 for p in (Path(sys.base_prefix), *Path(sys.base_prefix).parents))
    python = f"/usr/bin/python3.{sys.version_info.minor}" if closed else sys.executable
    if not Path(python).exists():
        pytest.skip(f"{sys.base_prefix} is closed to other users, and there is no {python}")
    if selfcheck.attempt(
        lambda: (os.setresuid(levels.FIRST_UID, levels.FIRST_UID, levels.FIRST_UID), linux.unshare(linux.NEWUSER))
    ):
        pytest.skip("no user namespaces here")
    tried = probe_without("spaces.root_may_mount", "_do_nothing", python)
    assert ("", ()) == (tried[4].error, tried[4].broken)


def test_a_self_test_that_cannot_run_is_our_fault(monkeypatch):
    """When the self-test itself breaks, nothing is graded on a guess."""
    monkeypatch.setattr(mounts, "libraries", lambda *_: ("relative",))
    monkeypatch.setattr(levels, "SECONDS", 0.001)
    with pytest.raises(GraderError, match="did not end"):
        levels.probe()


def test_what_limits_stop_works_without_them():
    """Attacks that fail at every level have a control as well: a fork that has closed nothing."""
    of_limits = {a.name for a in selfcheck.ATTACKS if not a.level}
    idle = set() if os.geteuid() == 0 else {"become root"}
    assert of_limits - idle == set(selfcheck.unlimited())


def test_an_answer_of_the_kernel_is_told_in_words():
    """What was tried and why it failed, not how Python spells an exception."""

    def refused() -> None:
        raise OSError(28, "No space left on device", "unshare namespaces")

    assert "unshare namespaces: No space left on device" == selfcheck.attempt(refused)
    assert "" == selfcheck.attempt(lambda: None)


def test_every_attack_says_what_it_is():
    """Names are unique, and every attack but those that limits stop has a level from 1 to 4."""
    assert len({a.name for a in selfcheck.ATTACKS}) == len(selfcheck.ATTACKS) >= 15
    assert all(0 <= a.level <= 4 for a in selfcheck.ATTACKS)
