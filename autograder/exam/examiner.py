"""The trusted process: takes one paper from the supervisor, examines one candidate, reports.

Rule: it holds the tests of this one notebook and nothing of any other student; it is never forked again.

From the supervisor come two frames, the task and the tests' bytecode; to it go frames, each a list of events, an
event a list: ["begin", cell], ["asked", cell], ["partial", cell, event], ["cell", cell, record],
["found", cell, finding], ["model", cell, file, hash of its weights], ["lost", cell, cause, detail],
["unready", 0, reason] and, at the end, ["end", seconds]: what the student's code and the tests' own took.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Any

from autograder import chance
from autograder.errors import GraderError
from autograder.exam import questions, syllabus
from autograder.exam.conversation import Conversation, TookTooLong
from autograder.exam.findings import Finding, clean_text
from autograder.exam.imports import Imports
from autograder.exam.line import READY_SECONDS, CandidateLost
from autograder.exam.main import Main
from autograder.exam.marking import Marker
from autograder.exam.models import Models, loaded
from autograder.exam.modules import CourseModules
from autograder.exam.outputs import checked_bundle, checked_outputs, size_of
from autograder.exam.script import unbundled
from autograder.exam.sources import Sources
from autograder.exam.syllabus import Lesson
from autograder.exam.witness import Witness
from autograder.models.elsewhere import connect
from autograder.values import Step
from autograder.wire import Channel, Codec
from autograder.wire.tray import Tray

PARTIAL = 50
"""A cell's outputs are told in pieces while it runs, some of them again: at most this many times its share in all."""
MAX_UPDATES = 1000


_library = ctypes.CDLL(None)
"""The C library: opening it makes a class, which is better done before the forks."""


def warm() -> None:
    """Loads in the zygote what the first test would load."""
    import IPython.core.displayhook  # noqa: F401


def main(arguments: dict[str, Any], fds: list[int]) -> int:
    """Becomes the examiner: `fds` are the supervisor's channel and the wire."""
    control, wire, (tray, witness) = Channel(fds[0]), Channel(fds[1]), (*fds[2:], None, None)[:2]
    _library.prctl(4, 0)  # PR_SET_DUMPABLE off: no process of the same user reads this memory
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (arguments["memory"], arguments["memory"]))
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.environ.update(arguments["environment"])
    os.chdir(arguments["scratch"])
    task, scripts = Codec().loads(control.receive()), unbundled(control.receive())
    sys.path[:0] = task["path"]
    _lay_out(task["path"])
    tests = [cell["source"] for _, cell in task["cells"] if cell["step"] == Step.EXAMINER.value]
    secret = chance.secret(tests, task["seed"])
    chance.seed(secret)  # not the candidate's, which it knows
    conversation = Conversation(wire)
    models = Models(conversation, Tray(tray, writes=True) if tray is not None else None, task["gap"], secret)
    if witness is not None:
        models.witness = Witness(Conversation(Channel(witness)))
    Examiner(control, conversation, task, scripts, models).run()
    control.close()  # at which the supervisor, if it dozes, wakes
    return 0


def _lay_out(folders: list[str]) -> None:
    """Puts the course's own files where tests look for them: links in the working folder, which is thrown away."""
    for folder in folders:
        for entry in os.scandir(folder):
            if not entry.name.endswith(".ipynb") and not os.path.lexists(entry.name):
                os.symlink(entry.path, entry.name)  # noqa: PTH211  (before each exam)


class Examiner:
    """Goes through the paper cell by cell."""

    def __init__(
        self,
        control: Channel,
        conversation: Conversation,
        task: dict[str, Any],
        scripts: dict[str, bytes],
        models: Models,
    ) -> None:
        self._control = control
        self._codec = Codec()
        self._talk = conversation
        self._models = models
        self._marker = Marker(conversation, models, scripts, task["output"])
        sys.meta_path.insert(0, CourseModules(task["path"], conversation, self._marker.desk.comparing))
        sys.modules["__main__"] = Main(self._marker.desk)
        if task["handed"]:
            self._marker.desk.import_with(Imports(conversation, task["handed"], task["kept"]))
        self._task = task
        self._seconds = float(task["cell_seconds"])
        self._lessons = syllabus.unpacked(task["lessons"])
        self._sources = Sources()
        self._sources.connect()
        self._marker.evaluating.is_theirs = self._sources.gave
        self._index = 0
        """The cell at hand."""
        self._unsaid: list[list[Any]] = []
        self._own = 0.0
        """Seconds that the tests' own code took."""
        self._room = 0
        """Bytes of output that the running cell may still tell."""

    def run(self) -> None:
        """Every cell that has somebody to run it, until the candidate is lost."""
        try:
            self._talk.await_ready(READY_SECONDS)
        except GraderError as e:
            self._tell("unready", 0, str(e))
            return
        connect(self._models)
        try:
            self._look_at_files()
            for place, (index, cell) in enumerate(self._task["cells"]):
                self._begin(index)
                if cell["trained"] is not None:
                    self._load(index, cell)
                elif _is_test(cell):
                    self._test(index, cell)
                else:
                    self._cell(index, cell, self._read_next(place))
        except CandidateLost as lost:
            self._tell("lost", self._index, lost.cause, lost.detail)
            return
        self._tell("end", self._talk.seconds + self._own)

    def _begin(self, index: int) -> None:
        self._index = index
        self._tell("begin", index)

    def _tell(self, *event: Any) -> None:
        self._control.send(self._codec.dumps([*self._unsaid, list(event)]))
        self._unsaid.clear()

    def _tell_with_next(self, *event: Any) -> None:
        """Tells it together with the event that follows at once: each frame wakes the supervisor."""
        self._unsaid.append(list(event))

    def _test(self, index: int, cell: dict[str, Any]) -> None:
        lesson = self._lessons.get(cell["grade_id"], Lesson())
        self._talk.on_first = lambda: self._tell("asked", index)
        waited = self._talk.waited
        finding = self._marker.mark(cell["source"], lesson, self._seconds, trust_operators=cell["trust_operators"])
        self._own += max(0.0, finding.seconds - (self._talk.waited - waited))
        self._tell_with_next("found", index, finding.told())

    def _look_at_files(self) -> None:
        """Reads the model files, before anything of the student's has run that could change or forge them."""
        for index, cell in self._task["cells"]:
            if cell["trained"] is not None:
                self._begin(index)
                self._talk.begin(self._seconds)
                facts = self._models.inspect(cell["trained"])
                self._talk.end()
                self._tell("model", index, cell["trained"]["file"], facts.get("weights", ""))

    def _load(self, index: int, cell: dict[str, Any]) -> None:
        """A model file in place of its training cell."""
        self._talk.begin(cell["seconds"])
        before = self._talk.seconds
        fault = self._models.load(cell["trained"])
        self._talk.end()
        self._sources.add(cell["source"])
        self._tell("cell", index, {**loaded(cell["trained"], fault), "seconds": self._talk.seconds - before})

    def _read_next(self, place: int) -> list[str]:
        """The student's names that the very next cell reads, if it is a test; none that a model file stands for."""
        following = self._task["cells"][place + 1 : place + 2]
        lessons = (self._lessons.get(cell["grade_id"], Lesson()) for _, cell in following if _is_test(cell))
        return [name for lesson in lessons for name in lesson.reads if self._marker.desk.held(name) is None]

    def _cell(self, index: int, cell: dict[str, Any], words: list[str]) -> None:
        self._room = PARTIAL * self._task["output"]
        record = self._run(index, cell, words)
        self._sources.add(cell["source"])
        if cell["step"] == Step.EXAMINER.value:
            self._tell_with_next("found", index, _in_kernel(record).told())
        else:
            self._tell_with_next("cell", index, record)

    def _run(self, index: int, cell: dict[str, Any], words: list[str]) -> dict[str, Any]:
        """Has the candidate run a cell; what it says of it is checked for shape, not believed.

        `words`: names whose values the next test wants, as far as they are small.
        """
        talk = self._talk
        talk.begin(cell["seconds"])
        talk.on_partial = lambda event: self._tell("partial", index, self._checked_partial(event))
        before = talk.seconds
        try:
            answer = talk.ask("run", cell["source"], cell["cell_id"], *([words] if words else []))
        except (Exception, TookTooLong) as e:
            raise CandidateLost("mangled", f"A cell's answer is an error ({type(e).__name__}).") from None
        finally:
            talk.end()
        if type(answer) is not dict or type(answer.get("outputs")) is not list:
            raise CandidateLost("mangled", "What it gave as a cell's outputs was something else.")
        self._marker.desk.foretell(questions.named(words, answer.get("names", {})))
        record = {name: answer.get(name) for name in ("ok", "execution_count")}
        record |= {name: clean_text(str(answer.get(name))[:1000]) for name in ("ename", "evalue")}
        record["outputs"] = self._checked(answer["outputs"])
        record["updates"] = self._checked_updates(answer.get("updates"))
        return {**record, "seconds": talk.seconds - before}

    def _checked_partial(self, event: Any) -> dict[str, Any]:
        told = event if type(event) is dict else {}
        keep = told.get("keep")
        return {"keep": keep if type(keep) is int and keep >= 0 else 0, "outputs": self._checked(told.get("outputs"))}

    def _checked_updates(self, told: Any) -> list[Any]:
        """Changes of earlier cells' displays."""
        out = []
        for update in told[:MAX_UPDATES] if type(told) is list else ():
            if type(update) is dict:
                places = {name: update.get(name) for name in ("execution_count", "index")}
                if all(type(place) is int for place in places.values()):
                    out.append({**places, **checked_bundle(update)})
        self._spend(out)
        return out

    def _checked(self, told: Any) -> list[Any]:
        """The valid outputs; CandidateLost when a cell tells more than its share, often or at once."""
        outputs = list(checked_outputs(told))
        self._spend(outputs)
        return outputs

    def _spend(self, outputs: list[Any]) -> None:
        self._room -= size_of(outputs)
        if self._room < 0:
            raise CandidateLost("mangled", "It sent more output than a cell may leave.")


def _is_test(cell: dict[str, Any]) -> bool:
    """Whether the cell is a test that runs in this process."""
    return cell["step"] == Step.EXAMINER.value and not cell["in_kernel"]


def _told(error: dict[str, Any]) -> str:
    """An error output in a sentence; kernels of other languages give errors no name."""
    name, text = (clean_text(" ".join(str(error.get(key)).split())) for key in ("ename", "evalue"))
    return f"{name}: {text}" if name else f"The test failed ({text})."


def _in_kernel(record: dict[str, Any]) -> Finding:
    """A finding from a test that its author had run in the student's own process."""
    outputs = [o for o in record["outputs"] if type(o) is dict]
    error = next((o for o in outputs if o.get("output_type") == "error"), None)
    result = next((o for o in outputs if o.get("output_type") == "execute_result"), None)
    text = str(result.get("data", {}).get("text/plain", "")) if result else ""
    streams = [str(o.get("text", "")) for o in outputs if o.get("name") == "stderr"]
    return Finding(
        error=_told(error)[:300] if error else None,
        has_result=result is not None,
        result_text=text,
        stderr="".join(streams),
        outputs=outputs,
        seconds=float(record["seconds"]),
    )
