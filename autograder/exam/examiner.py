"""The trusted process: takes one paper from the supervisor, examines one candidate, reports.

Rule: it holds the tests of this one notebook and nothing of any other student; it is never forked again.

From the supervisor comes one frame, the task; to it go events, each a list:
["begin", cell], ["partial", cell, event], ["cell", cell, record], ["found", cell, finding],
["lost", cell, cause, detail], ["unready", 0, reason] and, at the end, ["end", seconds of the student's own computing].
"""

from __future__ import annotations

import ctypes
import dataclasses
import os
import resource
import signal
import sys
import time
from typing import Any

from autograder import chance
from autograder.errors import GraderError
from autograder.exam.conversation import CandidateLost, Conversation
from autograder.exam.marking import Finding, Marker
from autograder.exam.syllabus import Lesson
from autograder.values import Step
from autograder.wire import Channel, Codec

READY_SECONDS = 60.0
"""How long confining a candidate may take on a machine that swaps."""


def warm() -> None:
    """Loads in the zygote what the first test would load."""
    import IPython.core.displayhook  # noqa: F401


def main(arguments: dict[str, Any], fds: list[int]) -> int:
    """Becomes the examiner: `fds` are the supervisor's channel and the wire."""
    control, wire = Channel(fds[0]), Channel(fds[1])
    ctypes.CDLL(None).prctl(4, 0)  # PR_SET_DUMPABLE off: no process of the same user reads this memory
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (arguments["memory"], arguments["memory"]))
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.environ.update(arguments["environment"])
    os.chdir(arguments["scratch"])
    task = Codec().loads(control.receive())
    sys.path[:0] = task["path"]
    chance.seed(task["seed"])
    Examiner(control, Conversation(wire), task).run()
    return 0


class Examiner:
    """Goes through the paper cell by cell."""

    def __init__(self, control: Channel, conversation: Conversation, task: dict[str, Any]) -> None:
        self._control = control
        self._codec = Codec()
        self._talk = conversation
        self._marker = Marker(conversation)
        self._task = task
        self._seconds = float(task["cell_seconds"])
        self._lessons = {k: Lesson(**v) for k, v in task["lessons"].items()}

    def run(self) -> None:
        """Every cell that has somebody to run it, until the candidate is lost."""
        try:
            self._talk.await_ready(READY_SECONDS)
        except GraderError as e:
            self._tell("unready", 0, str(e))
            return
        for index, cell in self._task["cells"]:
            self._tell("begin", index)
            try:
                if cell["step"] == Step.EXAMINER.value and not cell["in_kernel"]:
                    self._test(index, cell)
                else:
                    self._cell(index, cell)
            except CandidateLost as lost:
                self._tell("lost", index, lost.cause, lost.detail)
                return
        self._tell("end", self._talk.seconds)

    def _tell(self, *event: Any) -> None:
        self._control.send(self._codec.dumps(list(event)))

    def _test(self, index: int, cell: dict[str, Any]) -> None:
        lesson = self._lessons.get(cell["grade_id"], Lesson())
        finding = self._marker.mark(
            cell["source"], lesson, self._seconds, trust_operators=cell["trust_operators"]
        )
        self._tell("found", index, dataclasses.asdict(finding))

    def _cell(self, index: int, cell: dict[str, Any]) -> None:
        record = self._run(index, cell)
        if cell["step"] == Step.EXAMINER.value:
            self._tell("found", index, dataclasses.asdict(_in_kernel(record)))
        else:
            self._tell("cell", index, record)

    def _run(self, index: int, cell: dict[str, Any]) -> dict[str, Any]:
        """Has the candidate run a cell; what it says of it is checked for shape, not believed."""
        talk = self._talk
        talk.deadline = time.monotonic() + self._seconds
        talk.on_partial = lambda event: self._tell("partial", index, event)
        before = talk.seconds
        try:
            answer = talk.ask("run", cell["source"], cell["cell_id"])
        finally:
            talk.deadline = float("inf")
        if type(answer) is not dict or type(answer.get("outputs")) is not list:
            raise CandidateLost("mangled", "A cell's outputs are none.")
        return {**answer, "seconds": talk.seconds - before}


def _in_kernel(record: dict[str, Any]) -> Finding:
    """A finding from a test that its author had run in the student's own process."""
    outputs = [o for o in record["outputs"] if type(o) is dict]
    error = next((o for o in outputs if o.get("output_type") == "error"), None)
    result = next((o for o in outputs if o.get("output_type") == "execute_result"), None)
    text = str(result.get("data", {}).get("text/plain", "")) if result else ""
    streams = [str(o.get("text", "")) for o in outputs if o.get("name") == "stderr"]
    return Finding(
        error=f"{error.get('ename')}: {error.get('evalue')}"[:300] if error else None,
        has_result=result is not None,
        result_text=text,
        stderr="".join(streams),
        outputs=outputs,
        seconds=float(record["seconds"]),
    )
