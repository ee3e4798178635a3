"""IPython as a notebook's kernel sets it up, without the kernel.

Rule: making it starts, opens and writes nothing; what acts on the whole process waits for `settle`.

IPython's and ipykernel's own classes do the work. In place of a session that sends messages they get a tape
that hands them to `Outputs`; there is no socket, no thread, no history file and no folder in HOME.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from IPython.core.profiledir import ProfileDir
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from autograder.sandbox.compiling import Compiler
from autograder.sandbox.outputs import Outputs
from autograder.sandbox.transport import displayhook, zmqshell

KernelShell: Any = zmqshell.ZMQInteractiveShell
OURS = str(Path(__file__).parent) + os.sep
INLINE = "module://matplotlib_inline.backend_inline"


_MAGIC = re.compile(
    r"\?\s*$|=\s*[%!]|^\s*(?:[%!?,;/]|>>>|\.\.\.|In\s)|^[^\S\n]+$|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", re.MULTILINE
)
"""What IPython's transformers look for, lines of nothing but blanks (which they empty) and rare ends of lines among
it; valid Python that has it too is only slower."""


class _Tape:
    """Stands where ipykernel expects a session, and hands every message to `Outputs`."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs

    def msg(self, kind: str, content: dict[str, Any] | None = None, **_: Any) -> dict[str, Any]:
        """A message, as far as anybody here looks at it."""
        return {"header": {"msg_type": kind}, "msg_type": kind, "content": content or {}}

    def send(self, _socket: Any, message: Any, content: dict[str, Any] | None = None, *_: Any, **__: Any) -> None:
        """Keeps a message, or one made of a kind and its content."""
        message = self.msg(message, content) if isinstance(message, str) else message
        self._outputs.take(message["msg_type"], message["content"])


class _DisplayHook(displayhook.ZMQShellDisplayHook):  # type: ignore[misc]
    session = AnyTrait()

    def quiet(self) -> bool:
        """Whether a semicolon ends the cell; IPython reads it token by token to know that none does."""
        with contextlib.suppress(IndexError):  # no cell is known: IPython says no as well
            return ";" in self.shell.history_manager.input_hist_parsed[-1] and bool(super().quiet())
        return False


class _DisplayPublisher(zmqshell.ZMQDisplayPublisher):  # type: ignore[misc]
    session = AnyTrait()


class _KernelStandIn:
    """What IPython and libraries look for at `get_ipython().kernel`; there is nobody to type an answer."""

    _allow_stdin = False
    eventloop = None

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def raw_input(self, prompt: str = "") -> Any:
        """What a kernel's `input` does, which is loaded for whoever calls it."""
        from ipykernel.kernelbase import Kernel

        return Kernel.raw_input(self, prompt)

    def getpass(self, *arguments: Any, **more: Any) -> Any:
        """The same for `getpass.getpass`."""
        from ipykernel.kernelbase import Kernel

        return Kernel.getpass(self, *arguments, **more)

    def get_parent(self, channel: str | None = None) -> dict[str, Any]:
        """No message asked for this cell."""
        return {}


class ZMQInteractiveShell(KernelShell):  # type: ignore[misc]
    """ipykernel's shell, with nothing in the home folder; libraries know a notebook by this class's name."""

    _db: Any = None
    displayhook_class = Type(_DisplayHook)
    display_pub_class = Type(_DisplayPublisher)

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """None: it would be made on disk."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """One that lies nowhere."""
        self.profile_dir = ProfileDir()

    def init_sys_modules(self) -> None:
        """Left to `settle`, in the process that runs cells."""

    def enable_gui(self, gui: Any = None) -> None:
        """Nothing to do for inline figures, which have no event loop."""
        if gui not in (None, "inline"):
            super().enable_gui(gui)

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        """The error to show; frames of this package after its first are no student's."""
        kind, value, trace = super()._get_exc_info(exc_tuple)
        last, step = None, trace
        while step is not None:
            if not step.tb_frame.f_code.co_filename.startswith(OURS):
                if last is not None and last.tb_next is not step:
                    last.tb_next = step
                last = step
            step = step.tb_next
        if last is not None:
            last.tb_next = None
        return kind, value, trace

    @property
    def db(self) -> Any:
        """What `%store` and `%cd` remember, in a folder made when first asked for."""
        if self._db is None:
            from IPython.external.pickleshare import PickleShareDB

            self._db = PickleShareDB(tempfile.mkdtemp(prefix="ipython-"))
        return self._db

    @db.setter
    def db(self, value: Any) -> None:
        self._db = value


ZMQInteractiveShell.__module__ = KernelShell.__module__  # some libraries look at the whole name


def make(outputs: Outputs) -> Any:
    """The one IPython of this process, as IPKernelApp would set it up; what it shows goes to `outputs`."""
    config = Config()
    config.HistoryManager.enabled = False  # no sqlite file and no thread to write it
    config.IPKernelApp.name = "ipython-kernel"  # tqdm.autonotebook looks for this section
    os.environ.setdefault("MPLBACKEND", INLINE)
    shell: Any = ZMQInteractiveShell.instance(config=config, compiler_class=Compiler)
    shell.compile.is_usual = lambda: not shell.ast_transformers
    shell.kernel = _KernelStandIn(shell)
    shell.displayhook.session = shell.display_pub.session = _Tape(outputs)
    shell.displayhook.topic = b"execute_result"
    shell.extension_manager.load_extension("storemagic")
    shell.known_transforms = _transforms(shell)
    _configure_figures(shell)
    _warm(shell)
    return shell


def _transforms(shell: Any) -> list[Any]:
    manager = shell.input_transformer_manager
    return [*manager.cleanup_transforms, *manager.line_transforms, *manager.token_transformers]


def is_python(shell: Any, source: str) -> bool:
    """Whether transforming the cell would change nothing but add a newline; no may be said of one that it would not.

    IPython transforms a cell token by token, which costs more than compiling it.
    """
    head, _, rest = source.partition("\n")
    return (
        bool(rest.strip())  # a single line may be an autocall
        and bool(head.strip())
        and not head[0].isspace()
        and _MAGIC.search(source) is None
        and not shell.input_transformers_post
        and _transforms(shell) == shell.known_transforms
        and "transform_cell" not in vars(shell)
    )


def settle(shell: Any) -> None:
    """Makes this process look like a kernel's: `__main__`, `input`, `sys.argv`, `sys.path`, debuggers."""
    import pdb

    from IPython.core import debugger

    sys.modules["__main__"] = shell.user_module  # pickle finds the notebook's classes there
    builtins.input, getpass.getpass = shell.kernel.raw_input, shell.kernel.getpass
    if "" not in sys.path:
        packages = [n for n, path in enumerate(sys.path) if path.endswith(("site-packages", "dist-packages"))]
        sys.path.insert(packages[0] if packages else 0, "")
    launcher = Path(zmqshell.__file__).parents[1] / "ipykernel_launcher.py"
    connection = Path(tempfile.gettempdir(), "kernel.json")
    sys.argv = [
        str(launcher),
        "-f",
        str(connection),
        "--HistoryManager.hist_file=:memory:",
    ]  # as nbclient has it
    debugger.Pdb = pdb.Pdb = debugger.InterruptiblePdb  # type: ignore[misc]
    pdb.set_trace = debugger.set_trace
    sys.breakpointhook = lambda *_, **__: None  # a kernel's debugger, to which nobody has connected


def _configure_figures(shell: Any) -> None:
    """Inline figures, also where pyplot was imported before there was a shell to tell."""
    if "matplotlib.pyplot" not in sys.modules:
        return  # MPLBACKEND does it when the notebook imports pyplot
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support

    activate_matplotlib(INLINE)
    configure_inline_support(shell, INLINE)


def forget_figures() -> None:
    """Figures drawn since the last cell, by questions put to the notebook, belong to none."""
    inline = sys.modules.get("matplotlib_inline.backend_inline")
    if inline is not None and inline.show._draw_called:
        sys.modules["matplotlib.pyplot"].close("all")
        inline.show._to_draw, inline.show._draw_called = [], False


def _warm(shell: Any) -> None:
    """Loads what IPython loads at the first cell and the first error."""
    import IPython.core.debugger
    import IPython.core.logger  # noqa: F401

    if "matplotlib.pyplot" in sys.modules:
        _draw_once()
    shell.transform_cell("%time 1")
    shell.display_formatter.format(1)
    try:
        shell.compile("1 / 0", "<warm>", "exec")
        raise ZeroDivisionError
    except ZeroDivisionError:
        shell.InteractiveTB.structured_traceback(*sys.exc_info())


def _draw_once() -> None:
    """Loads fonts, glyphs and writers of pictures, without a figure that pyplot would know of."""
    import io

    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 2))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], "o-", label="warm")
    axes.imshow([[0, 1], [1, 0]])
    axes.set_title("warm $x^2$")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
