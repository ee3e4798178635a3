"""Where candidates and examiners are seated."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import GraderError
from autograder.sandbox.hall import Room, zygote_environment
from autograder.sandbox.launch import Child


class Parent:
    """A warm parent that notes what it is asked for, or refuses."""

    def __init__(self, refuses: bool = False) -> None:
        self.refuses = refuses
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def spawn(self, entry: str, arguments: dict[str, Any], fds: list[int]) -> Child:
        self.asked.append((entry, arguments))
        if self.refuses:
            raise OSError("no process")
        reader, writer = os.pipe()
        os.write(writer, b"0")
        os.close(writer)
        return Child(os.getpid(), os.open("/dev/null", os.O_RDONLY), reader)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder in which work folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def room(parent: Any, **more: Any) -> Room:
    facts = {
        "level": 4,
        "read_only": (),
        "files": {},
        "memory": 1 << 30,
        "output": 1,
        "file": 1 << 20,
        "seconds": 10.0,
    }
    return Room(zygote=parent, **{**facts, **more})


def test_a_candidate_finds_copies_of_its_files(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Folders included; a link among them is not followed."""
    handed = tmp_path_factory.mktemp("handed")
    (handed / "data.csv").write_text("1,2")
    parent = Parent()
    room(parent, files={"data.csv": handed / "data.csv", "deep/er.csv": handed / "data.csv"}).candidate(0)
    stage = Path(parent.asked[0][1]["plan"]["stage"])
    assert "1,2" == (stage / "data.csv").read_text() == (stage / "deep" / "er.csv").read_text()
    assert not (stage / "data.csv").samefile(handed / "data.csv")
    assert place in stage.parents


def test_what_cannot_be_seated_leaves_no_folder(place: Path) -> None:
    """And is an error of ours."""
    with pytest.raises(GraderError, match="work folder"):
        room(Parent(refuses=True)).candidate(0)
    with pytest.raises(OSError):
        room(Parent(refuses=True)).examiner(0, 0)
    assert [] == list(place.iterdir())


def test_the_environment_is_made_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the supervisor's, and sets in the same order in every run."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    made = zygote_environment(threads=3, keras_home=Path("/k"))
    assert "AWS_SECRET_ACCESS_KEY" not in made
    assert ("0", "3", "/k") == (made["PYTHONHASHSEED"], made["TF_NUM_INTRAOP_THREADS"], made["KERAS_HOME"])


@pytest.mark.parametrize("present", [True, False])
def test_only_candidates_of_a_course_with_a_gpu_may_use_it(present: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The warm parent leaves the card's memory to grow, no examiner ever sees the card, no jail opens for none."""
    monkeypatch.setattr("autograder.sandbox.gpu.present", lambda: present)
    told = [zygote_environment(threads=1, keras_home=None, gpu=gpu) for gpu in (False, True)]
    assert ["-1", None] == [one.get("CUDA_VISIBLE_DEVICES") for one in told]
    assert [None, "true"] == [one.get("TF_FORCE_GPU_ALLOW_GROWTH") for one in told]
    parent = Parent()
    for gpu in (False, True):
        room(parent, gpu=gpu).candidate(0)
        room(parent, gpu=gpu).examiner(0, 0)
    asked = [arguments for _, arguments in parent.asked]
    assert [False, present] == [one["plan"]["gpu"] for one in asked if "plan" in one]
    assert ["-1", "-1"] == [one["environment"]["CUDA_VISIBLE_DEVICES"] for one in asked if "scratch" in one]


def test_an_examiner_has_a_folder_of_its_own(place: Path) -> None:
    """Gone with it; the candidate is told nothing of it."""
    parent = Parent()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        seat = room(parent).examiner(ours.fileno(), theirs.fileno())
    folder = parent.asked[0][1]["scratch"]
    assert folder == parent.asked[0][1]["environment"]["HOME"] and Path(folder).is_dir()
    seat.child.told.append(0)
    os.close(seat.child.pidfd)
    os.close(seat.child.status)
    seat.folder.rmdir()
    assert [] == list(place.iterdir())
