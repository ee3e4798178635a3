"""The student's models, as tests see them: files read before any student code ran, scores by value.

Rule: images go out, scores come back, labels stay. What a file is was found out in a process in which nothing of the
student's had run yet; what a model answers is the student's word, and is judged as an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.errors import StudentError
from autograder.exam.conversation import Conversation, TookTooLong
from autograder.exam.findings import clean_text
from autograder.exam.later import Later
from autograder.exam.proxy import isinstance_proxy
from autograder.exam.witness import Witness
from autograder.models import asking
from autograder.wire import WireError
from autograder.wire.tray import SIZE, Tray

MAX_SENTENCE = 400


class Models:
    """Asks the candidate about models; the tests' functions find it through `autograder.models.elsewhere`."""

    def __init__(self, conversation: Conversation, tray: Tray | None = None, gap: float = 1.0, seed: int = 0) -> None:
        self._talk = conversation
        self._tray = tray
        self._facts: dict[str, Mapping[str, Any]] = {}
        self.witness: Witness | None = None
        """Holds the files where nothing of the student's runs."""
        self.gap = gap
        self.seed = seed
        self.later = Later(conversation, self._load)
        self.remarks: list[str] = []
        """Sentences beside the running test's verdict."""
        self.reports: list[str] = []
        """Sentences that a person should read."""

    def inspect(self, trained: Mapping[str, Any]) -> dict[str, Any]:
        """What the file holds, as `reading.read` gives it; `fault` says why it cannot be used."""
        facts: dict[str, Any] = {"fault": trained["fault"]}
        if not trained["fault"]:
            facts = _checked_facts(self._asked("inspect", trained["path"]))
        self._facts[trained["file"]] = self._facts[trained["binds"]] = facts
        if self.witness is not None and not facts.get("fault"):
            self.witness.expect(trained)
        return facts

    def load(self, trained: Mapping[str, Any]) -> str:
        """Has the candidate load a file; a sentence where there is no model then, which tests will be told."""
        name = trained["binds"]
        self._talk.absent.pop(name, None)
        if trained["alone"] and not self._facts[name].get("fault") and (network := self._witnessed(name)) is not None:
            self._asked("unbind", name)  # what an earlier cell had bound is no trained model
            self.later.wait(trained, network)
            return ""
        fault = self._load(trained)
        if not fault:
            self._witnessed(name)
        return fault

    def _witnessed(self, name: str) -> Any | None:
        """The network of the file of which the notebook finds the model under that name, if the witness has it."""
        if self.witness is None:
            return None
        return self.witness.load(name, self._talk.limit, self._talk.deadline)

    def _load(self, trained: Mapping[str, Any]) -> str:
        fault = str(self._facts[trained["binds"]].get("fault", ""))
        if not fault:
            told = self._asked("load", trained["path"], trained["binds"], trained["build"])
            fault = told if type(told) is str else told["fault"]
        fault = _sentence(fault)
        if fault:
            self._talk.absent[trained["binds"]] = fault
            self._asked("unbind", trained["binds"])
        return fault

    def _asked(self, operation: str, *arguments: Any) -> Any:
        try:
            return self._talk.ask(operation, *arguments)
        except TookTooLong:
            return {"fault": f"{arguments[0]} took too long to be {operation}ed."}
        except Exception as e:
            return {"fault": f"{arguments[0]} could not be {operation}ed ({type(e).__name__}: {e})."}

    @property
    def waiting(self) -> bool:
        """An answer of the witness is awaited, which has a deadline of its own."""
        return self.witness is not None and self.witness.waiting

    # --- what the tests' functions ask -----------------------------------------------------------------------

    def holds(self, model: object) -> bool:
        return isinstance_proxy(model)

    def facts(self, name: str) -> Mapping[str, Any]:
        if name not in self._facts:
            known = ", ".join(self._facts) or "none"
            raise StudentError(f"There is no model file {name!r} to look at (known: {known}).")
        if fault := self._facts[name].get("fault"):
            raise StudentError(str(fault))
        return self._facts[name]

    def named(self, name: str, found: Any) -> None:
        """A test found that object of the student's under that name."""
        if self.witness is not None:
            self.witness.named(name, found)

    def scores(self, model: Any, images: Any) -> Any:
        network = self._network(model)
        if network is None and self.witness is not None:
            self._talk.words.add("a model that the notebook alone can ask")
        return self._scores(model if network is None else network, images, network is not None)

    def own(self, model: object, images: Any) -> Any | None:
        if self.later.waits(model) or self._network(model) is None:  # it has no object of its own yet to be asked
            return None
        return self._scores(model, images, False)

    def _network(self, model: object) -> Any | None:
        if self.witness is None:
            return None
        return self.witness.network(model, self._talk.limit, self._talk.deadline)

    def _scores(self, model: Any, images: Any, witnessed: bool) -> Any:
        import numpy as np

        step = self._at_once(images)
        parts = []
        for start in range(0, len(images), step):
            part = images[start : start + step]
            try:
                shown = self._tray.put(part) if self._tray is not None and part.nbytes <= SIZE else part
                parts.append(np.asarray(self._answer(model, shown, witnessed)))
            except WireError as e:
                raise StudentError(f"The model's answer cannot be taken: {e.message}") from None
            if parts[-1].shape[:1] != (len(part),) or parts[-1].shape[1:] != parts[0].shape[1:]:
                return parts[-1]  # its shape says what is wrong
        return np.concatenate(parts)

    def _answer(self, model: Any, shown: Any, witnessed: bool) -> Any:
        if witnessed and self.witness is not None:
            return self.witness.ask(model, shown)
        return self._talk.ask("predict", model, shown)

    def _at_once(self, images: Any) -> int:
        """Images of one question: as many whole batches as the tray holds."""
        size = max(1, images.nbytes // len(images))
        batch = asking.batch_for(size)
        return int(max(1, SIZE // size // batch) * batch)

    def remark(self, sentence: str) -> None:
        self.remarks.append(sentence)

    def report(self, sentence: str) -> None:
        self.reports.append(sentence)

    def begin_test(self) -> None:
        """Nothing has been remarked yet."""
        self.remarks.clear()
        self.reports.clear()


def loaded(trained: Mapping[str, Any], fault: str) -> dict[str, Any]:
    """What a training cell leaves whose model came from a file, as `run` gives it."""
    if fault:
        output = {"output_type": "error", "ename": "ModelFile", "evalue": fault, "traceback": [fault]}
    else:
        text = f"{trained['path']} was loaded as {trained['binds']}; this cell was not run.\n"
        output = {"output_type": "stream", "name": "stdout", "text": text}
    told = {"ok": not fault, "ename": "ModelFile" if fault else "", "evalue": fault, "execution_count": None}
    return {**told, "outputs": [output], "updates": []}


def _sentence(told: Any) -> str:
    return clean_text(" ".join(str(told).split()))[:MAX_SENTENCE]


def _checked_facts(told: Any) -> dict[str, Any]:
    """Facts of the expected shape, or a fault: a hostile file may have taken over whoever read it."""
    if type(told) is dict and "fault" in told:
        return {"fault": _sentence(told["fault"])}
    try:
        layers = [
            {"name": str(one["name"]), "kind": str(one["kind"]), "settings": dict(one["settings"]),
             "shapes": [[int(n) for n in shape] for shape in one["shapes"]]}
            for one in told["layers"]
        ]  # fmt: skip
        shape = told["input_shape"]
        shape = None if shape is None else [None if n is None else int(n) for n in shape]
        return {
            "file": str(told["file"]),
            "layers": layers,
            "input_shape": shape,
            "weights": str(told["weights"])[:64],
        }
    except (TypeError, KeyError, ValueError):
        return {"fault": "The model file broke the process that read it."}
