"""Paths are looked up before they are needed, where that is worth while."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.batch import ahead

PATHS = [f"/nowhere/{n}" for n in range(ahead.FEW)]


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is looked up, each as if it were not there."""
    found: list[str] = []

    def lstat(path: str) -> os.stat_result:
        found.append(path)
        raise FileNotFoundError(path)

    monkeypatch.setattr(ahead.os, "lstat", lstat)
    return found


def ended(paths: list[str]) -> None:
    for looker in ahead.look(paths):
        looker.join()


def test_where_a_look_takes_long_each_path_is_looked_up_once(
    looked_up: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether anything is there or not."""
    monkeypatch.setattr(ahead, "QUICK", -1.0)
    ended(PATHS)
    assert sorted(PATHS) == sorted(looked_up)


def test_where_all_is_in_memory_a_few_are(looked_up: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each chunk as many as tell so."""
    monkeypatch.setattr(ahead, "QUICK", 1000.0)
    ended(PATHS)
    assert ahead.SAMPLE * len(PATHS) / ahead.CHUNK == len(looked_up)


def test_a_small_class_is_not_worth_while(tmp_path: Path) -> None:
    """Nobody is sent."""
    assert [] == ahead.look([str(tmp_path)] * (ahead.FEW - 1))
