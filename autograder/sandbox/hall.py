"""Where candidates and examiners are seated: work folders, limits, environment.

Rule: a candidate's folder holds what its student handed in and the course's own files, in copies, and is gone when
the candidate is.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.sandbox import folders, gpu
from autograder.sandbox.jail import OWN_SPACES, Plan
from autograder.sandbox.kernels import Kernel
from autograder.sandbox.launch import Child, Zygote
from autograder.sandbox.memory import Bound, Watch

CANDIDATE = "autograder.sandbox.candidate:main"
EXAMINER = "autograder.exam.examiner:main"
KERNEL = "autograder.sandbox.kernel:main"
FIRST_UID, UIDS = 60_000, 4000
"""Started as root, candidates run under uids of this range, one after the other; nothing else may."""
_UIDS = itertools.count()
WORK_FILES = 4
"""The work folder holds as many bytes as this many files of the largest size."""
EXAMINER_MEMORY = 4 * 2**30
"""Bytes of private memory of an examiner: a candidate's values must fit, and nothing more."""

_SWEEPER = ThreadPoolExecutor(1, thread_name_prefix="sweeper")
"""Removing a folder waits for the kernel to let go of mounts, some 5 ms; the next submission need not. What is
still to be swept when the program ends is swept before it does."""


def sweep() -> None:
    """Waits until the folders of all seats closed so far are gone."""
    _SWEEPER.submit(int).result()


@dataclass(frozen=True, slots=True)
class Seat:
    """A process and the folder that goes with it."""

    child: Child
    folder: Path | None
    """Where the host has one for it."""
    watch: Watch | None = None
    """Bounds what it and the processes that it starts hold together."""

    def kill(self) -> None:
        self.child.kill()

    def wait(self, seconds: float) -> int | None:
        return self.child.wait(seconds)

    def reason(self) -> str:
        """Why it was ended, if its bound ended it."""
        return self.watch.reason() if self.watch is not None else ""

    def close(self) -> None:
        """Ends the process and removes its folder."""
        try:
            if self.watch is not None:
                self.watch.close()  # it may still want to end the child, whose descriptors go next
        finally:
            self.child.close()
            if self.folder is not None:
                _SWEEPER.submit(_remove, self.folder)


@dataclass(frozen=True, slots=True)
class Room:
    """Seats for one notebook of one submission."""

    zygote: Zygote
    level: int
    """Level of the jail, as `levels.probe` found it."""
    read_only: tuple[str, ...]
    """What a candidate may read besides its own folder; see `mounts.libraries`."""
    files: Mapping[str, Path]
    """Relative name → the file to copy into the work folder."""
    memory: int
    output: int
    file: int
    seconds: float
    """Wall-clock seconds of the whole submission; its processor time is bounded accordingly."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the candidate's environment."""
    examiner_environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables of the examiner's."""
    seed: int = 0
    processes: int = 0
    """Processes that a candidate may start."""
    gpu: bool = False
    """Candidates may use the machine's NVIDIA GPU; examiners never do."""
    bound: Bound | None = None
    """Bounds the memory of a candidate's processes together; must be given where it may start some."""
    kernel: Kernel | None = None
    """Of a notebook in another language, which runs it in place of this Python's shell; needs processes."""

    def candidate(self, wire: int, tray: int | None = None) -> Seat:
        """A fresh, confined process in a fresh work folder, listening on `wire`; images lie on `tray`."""
        folder = None
        try:
            if self.files or self.level < OWN_SPACES:  # else the work folder is made in the jail, and stays empty
                folder = folders.make()
            stage = self._stage(folder) if folder else None
            child = self.zygote.spawn(
                KERNEL if self.kernel else CANDIDATE, self._arguments(stage), _given(wire, tray)
            )
        except GraderError:
            _remove(folder)
            raise
        except OSError as e:
            _remove(folder)
            raise GraderError(f"A work folder could not be made ({e}).", mend="Is the disk full?") from e
        return self._watched(Seat(child, folder))

    def _stage(self, folder: Path) -> Path:
        """The folder's part from which the work folder is filled."""
        folder.chmod(0o711)  # the candidate's own uid must reach its work folder
        stage = folder / "stage"
        stage.mkdir(mode=0o755)
        for name, path in self.files.items():
            target = stage / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target, follow_symlinks=False)
        return stage

    def witness(self, wire: int, tray: int, names: Collection[str]) -> Seat:
        """As `candidate`, with those of its files alone, and no process of its own."""
        files = {name: path for name, path in self.files.items() if name in names}
        return replace(self, files=files, processes=0).candidate(wire, tray)

    def _watched(self, seat: Seat) -> Seat:
        """The seat with its bound; it has been asked nothing yet, so no line of the student's has run."""
        if not self.processes:
            return seat
        try:
            if self.bound is None:
                raise GraderError("Processes were allowed without a bound on their memory.")
            watch = self.bound.watch(seat.child, memory=self.memory, processes=self.processes)
        except GraderError:
            seat.close()
            raise
        return replace(seat, watch=watch)

    def _arguments(self, stage: Path | None) -> dict[str, Any]:
        plan = Plan(
            level=self.level,
            read_only=(*self.read_only, *(self.kernel.read_only if self.kernel else ())),
            stage=str(stage) if stage else None,
            memory=self.memory,
            cpu=int(self.seconds * (os.cpu_count() or 1)) + 10,
            file_size=self.file,
            work_size=WORK_FILES * self.file,
            processes=self.processes,
            uid=FIRST_UID + next(_UIDS) % UIDS if os.geteuid() == 0 else None,
            gpu=self.gpu and gpu.present(),
            kernel=self.kernel is not None,
        )
        return {
            "kernel": {"name": self.kernel.name, **self.kernel.told} if self.kernel else None,
            "plan": asdict(plan),
            "limits": {"output": self.output},
            "seed": self.seed,
            "environment": {"NBGRADER_EXECUTION": "autograde", **self.environment},
        }

    def examiner(self, control: int, wire: int, tray: int | None = None, witness: int | None = None) -> Seat:
        """A fresh trusted process, told its task over `control`; it puts images on `tray`, and may ask a witness."""
        folder = folders.make()
        own = {"HOME": str(folder), "TMPDIR": str(folder), "CUDA_VISIBLE_DEVICES": "-1"}
        environment = {**own, **self.examiner_environment}
        facts = {"memory": EXAMINER_MEMORY, "environment": environment}
        arguments = {"scratch": str(folder), "fence": [str(folder)], **facts}
        try:
            return Seat(self.zygote.spawn(EXAMINER, arguments, _given(control, wire, tray, witness)), folder)
        except BaseException:
            _remove(folder)
            raise


def _remove(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _given(*fds: int | None) -> list[int]:
    return [fd for fd in fds if fd is not None]


GPU = {
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",  # TensorFlow would take all of the card's memory at once
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "PYTORCH_ALLOC_CONF": "expandable_segments:True",
}
"""Environment in which several processes can share a GPU. The warm parent itself must never wake its driver."""


def zygote_environment(
    *, threads: int, keras_home: Path | None, gpu: bool = False, exact: bool = True
) -> dict[str, str]:
    """The whole environment of the warm parent, and so of everything forked from it.

    `exact`: the same sums on every machine, for which TensorFlow takes a third longer to look at images.
    """
    out = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",  # two runs iterate over sets in the same order
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": str(threads),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0" if exact else "1",
        **(GPU if gpu else {"CUDA_VISIBLE_DEVICES": "-1"}),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "HOME": "/nonexistent",
    }
    if keras_home is not None:
        out["KERAS_HOME"] = str(keras_home)
    if "VIRTUAL_ENV" in os.environ:
        out["VIRTUAL_ENV"] = os.environ["VIRTUAL_ENV"]
    return out
