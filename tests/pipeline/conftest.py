"""What the pipeline's tests share: one warm parent, and the level of the jail, found once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import batches
import pytest

from autograder import pipeline
from autograder.pipeline import autograding
from autograder.pipeline.plan import Plan
from autograder.sandbox import levels
from autograder.sandbox.launch import Zygote


class Lent(Zygote):
    """A warm parent that is not closed by those to whom it is lent."""

    def close(self) -> None:
        """It goes on."""

    def end(self) -> None:
        """Now it is closed."""
        super().close()


@pytest.fixture(scope="module")
def level() -> int:
    """The level of the jail on this machine."""
    return levels.probe().level


@pytest.fixture(scope="module")
def parents() -> Iterator[dict[str, Lent]]:
    """Warm parents by what they have imported."""
    found: dict[str, Lent] = {}
    yield found
    for one in found.values():
        one.end()


@pytest.fixture
def lent(parents: dict[str, Lent], monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of this test share a warm parent with other tests'."""

    def zygote(plan: Plan) -> Zygote:
        made = pipeline.zygote(plan)
        told = repr((made._preload, made._entries, made._environment))
        if told not in parents:
            parents[told] = Lent(preload=made._preload, entries=made._entries, environment=made._environment)
        return parents[told]

    monkeypatch.setattr(autograding, "zygote", zygote)


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Any]:
    """What an undisturbed run over the small class tells and writes."""
    course = batches.Course(batches.make(tmp_path_factory.mktemp("quiet")))
    return course.finish(), course.written()
