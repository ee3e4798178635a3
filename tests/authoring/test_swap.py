"""A folder is replaced by another, whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.authoring import swap

OLD = {"a.txt": "old a", "sub/b.txt": "old b"}
NEW = {"a.txt": "new a", "c/d.txt": "new d"}


def _fill(files: dict[str, str]) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return fill


def _read(folder: Path) -> dict[str, str] | None:
    if not folder.is_dir():
        return None
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def _replace(target: Path, files: dict[str, str]) -> None:
    with swap.claim(target):
        swap.replace(target, _fill(files))


def _steps(target: Path, act: Callable[[int], None], exchange: bool) -> None:
    """Makes every step of a swap call `act(number)` before it is taken."""
    count = iter(range(10**6))

    def watched(step: Callable[..., object]) -> Callable[..., object]:
        def wrapper(*args: object, **kwargs: object) -> object:
            act(next(count))
            return step(*args, **kwargs)

        return wrapper

    swap._sync = watched(swap._sync)
    swap._exchange = watched(swap._exchange if exchange else lambda *_: False)
    for name in ("rename", "mkdir", "write_text"):
        setattr(Path, name, watched(getattr(Path, name)))
    if act.__name__ == "die":  # what cannot be removed is left for the next claim; it is no failure
        shutil.rmtree = watched(shutil.rmtree)
    _replace(target, NEW)


def _in_child(work: Callable[[], None]) -> int:
    """Runs `work` in a fork, so that it may be killed or patched at will; returns the exit code."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except OSError:
            os._exit(1)
        except BaseException:
            os._exit(2)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _die(at: int) -> Callable[[int], None]:
    def die(number: int) -> None:
        if number == at:
            os._exit(9)

    return die


def _fail(at: int) -> Callable[[int], None]:
    def act(number: int) -> None:
        if number == at:
            raise OSError(28, "No space left on device")

    return act


@pytest.mark.parametrize("exchange", [True, False])
def test_a_crash_at_any_step_leaves_the_old_or_the_new_whole(tmp_path: Path, exchange: bool) -> None:
    """Killed before each step in turn; the next claim finds everything in its place again."""
    at, codes = 0, []
    while 0 not in codes:
        target = tmp_path / str(at) / "ps"
        _replace(target, OLD)
        codes.append(_in_child(lambda t=target, n=at: _steps(t, _die(n), exchange)))
        whole = _read(target)
        if exchange:
            assert whole in (OLD, NEW), f"killed at step {at}"
        elif whole is None:  # between two renames: the old one lies beside
            assert OLD == _read(target.with_name(".ps.old")), f"killed at step {at}"
        with swap.claim(target):
            assert _read(target) in (OLD, NEW), f"recovered from step {at}"
        assert ["ps"] == [p.name for p in target.parent.iterdir()]
        at += 1
    assert {0, 9} == set(codes)
    assert at > 8


@pytest.mark.parametrize("exchange", [True, False])
def test_a_failure_at_any_step_leaves_the_old_untouched(tmp_path: Path, exchange: bool) -> None:
    """The disk refuses each step in turn: an error means the old folder, no error means the new one."""
    at, codes = 0, []
    while 0 not in codes:
        target = tmp_path / str(at) / "ps"
        _replace(target, OLD)
        codes.append(_in_child(lambda t=target, n=at: _steps(t, _fail(n), exchange)))
        assert (OLD if codes[-1] else NEW) == _read(target), f"failed at step {at}"
        assert ["ps"] == [p.name for p in target.parent.iterdir()]
        at += 1
    assert {0, 1} == set(codes)
    assert at > 8


def test_a_first_release_needs_nothing_to_replace(tmp_path: Path) -> None:
    """The parents are made, and nothing else is left beside the folder."""
    target = tmp_path / "release" / "ps"
    _replace(target, NEW)
    assert NEW == _read(target)
    assert ["ps"] == [p.name for p in target.parent.iterdir()]


def test_files_of_the_old_folder_do_not_linger(tmp_path: Path) -> None:
    """The new folder replaces the old one, it is not laid over it."""
    _replace(tmp_path / "ps", OLD)
    _replace(tmp_path / "ps", NEW)
    assert NEW == _read(tmp_path / "ps")


def test_the_place_is_never_empty_where_names_can_be_exchanged(tmp_path: Path) -> None:
    """Whoever looks while releases follow one another finds a folder at every look."""
    target = tmp_path / "ps"
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    if not swap._exchange(tmp_path / "one", tmp_path / "other"):
        pytest.skip("this file system cannot exchange two names")
    _replace(target, {"n": "0", "m": "0"})
    child = os.fork()
    if child == 0:
        for number in range(1, 60):
            _replace(target, {"n": str(number), "m": str(number)})
        os._exit(0)
    looks = 0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        assert target.is_dir()
        looks += 1
    assert looks > 10


def test_two_releases_at_once_take_turns(tmp_path: Path) -> None:
    """The second waits for the first, and neither takes the other's half-made folder away."""
    target = tmp_path / "ps"
    children = [os.fork() or _worker(target, each) for each in ("one", "two")]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert [0, 0] == codes
    assert ["ps"] == [p.name for p in tmp_path.iterdir()]


def _worker(target: Path, text: str) -> int:
    try:
        for _ in range(20):
            _replace(target, {"a": text, "b": text})
            with swap.claim(target):
                assert _read(target) in ({"a": each, "b": each} for each in ("one", "two"))
        os._exit(0)
    except BaseException:
        os._exit(1)
