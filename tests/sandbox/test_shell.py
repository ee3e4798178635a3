"""The shell against Jupyter itself: the same cells through nbclient and ipykernel, output by output."""



from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import autograder

pytest.importorskip("ipykernel")

Output = dict[str, Any]

CASES: dict[str, list[str]] = {
    "prints": ["print('a')\nprint('b', end='')\nprint('c')"],
    "prints to both streams": [
        "import sys\nprint('1')\nprint('2', file=sys.stderr)\nprint('3')\nprint('4', file=sys.stderr)"
    ],
    "flushes decide the order": [
        "import sys\nprint('1', file=sys.stderr, flush=True)\nprint('2')\nprint('3', file=sys.stderr, flush=True)"
        "\nprint('4', flush=True)\nprint('5')\nsys.stderr.write('6')\nsys.stdout.flush()"
    ],
    "pauses decide the order": [
        "import sys, time\nprint('1', file=sys.stderr)\ntime.sleep(0.5)\nprint('2')\ntime.sleep(0.5)\n"
        "print('3', file=sys.stderr)\ntime.sleep(0.5)\nprint('4')"
    ],
    "displays decide the order": [
        "import sys\nprint('1', file=sys.stderr)\nprint('2')\ndisplay('x')\nprint('3', file=sys.stderr)\nprint('4')"
    ],
    "last expressions": [
        "1 + 1",
        "'text'",
        "None",
        "x = 5",
        "x; 6",
        "[1, 2]; [3, 4]",
        "{'a': 1,\n 'b': list(range(50))}",
    ],
    "a semicolon suppresses": ["7;", "7; # no", "'a;'", "print('p');"],
    "histories": ["41", "_ + 1", "(_, __, ___)", "sorted(Out)[:3], In[1]", "_i, _ii", "Out[max(Out)]"],
    "rich displays": [
        "from IPython.display import HTML, SVG, JSON, Image, Latex, Markdown, Javascript, Math, Pretty, display",
        "display(HTML('<b>b</b>'), Markdown('# m'))\nHTML('<i>i</i>')",
        "display(Latex('$x$'), Math('x^2'), Pretty('p'))\nJSON({'a': [1, 2.5, None]})",
        'SVG(\'<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>\')',
        "import base64\npng = base64.b64decode('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
        "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==')\nImage(png, width=10)",
        "display({'text/plain': 'raw', 'application/x-t+json': {'n': (1, 2)}}, raw=True, metadata={'text/plain': {'k': 1}})",
        "Javascript('1')",
        "display('a', 1, [2], None)",
    ],
    "reprs of all kinds": [
        "class R:\n    def _repr_html_(self): return '<u>r</u>'\n    def _repr_png_(self): return b'\\x89PNG'\n"
        "    def __repr__(self): return 'R!'\nR()",
        "class M:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
        "        return {'text/plain': 'm', 'text/latex': 'l'}, {'text/latex': {'k': 1}}\nM()",
        "class B:\n    def __repr__(self): return 1 / 0\nB()",
        "class C:\n    def _repr_html_(self): return 1 / 0\n    def __repr__(self): return 'C'\nC()",
        "class D:\n    def _ipython_display_(self): print('shown')\nD()",
    ],
    "pandas": [
        "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
        "pd.Series([1.5, 2], name='s')",
        "display(pd.DataFrame({'a': range(100)}).describe())",
    ],
    "numpy": [
        "import numpy as np\nnp.arange(12).reshape(3, 4)",
        "np.float64(0.5)",
        "np.linspace(0, 1, 2000)",
    ],
    "display ids": [
        "h = display('one', display_id=True)\nprint('between')\nh.update('two')",
        "h2 = display('first', display_id='mine')\ndisplay('second', display_id='mine')",
        "h2.update('third')\nh.update({'k': 1})",
        "from IPython.display import update_display\nupdate_display('nobody', display_id='unknown')\nprint('ok')",
        "update_display(HTML('<b>late</b>'), display_id='mine')",
    ],
    "clear_output": [
        "from IPython.display import clear_output\nprint('a')\nclear_output()\nprint('b')",
        "print('a')\nclear_output(wait=True)\nprint('b')",
        "print('a')\nclear_output(wait=True)",
        "print('next is not cleared')",
        "display('x')\nfor i in range(3):\n    clear_output(wait=True)\n    display(i)\nprint('end')",
        "hc = display('gone', display_id='gone')\nclear_output()\nhc.update('never')\ndisplay('kept')",
    ],
    "figures": [
        "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nprint('before the figure')",
        "plt.plot([3, 1]);",
        "plt.get_backend(), plt.isinteractive(), plt.rcParams['figure.facecolor']",
        "fig, axes = plt.subplots(1, 2, figsize=(4, 2))\naxes[0].imshow([[0, 1], [1, 0]])\nplt.show()\nprint('after')",
        "fig",
        "plt.figure(); plt.figure(); None",
        "%matplotlib inline\nplt.title('t')",
        "plt.get_fignums(), plt.isinteractive(), plt.get_backend()",
        "%config InlineBackend.figure_format = 'svg'",
        "plt.rcParams['svg.hashsalt'] = 's'; f = plt.figure(figsize=(1, 1)); plt.close(f); 'closed'",
        "%config InlineBackend.figure_format = 'png'",
        "plt.plot([1])\nraise ValueError('after drawing')",
    ],
    "other backends": [
        "%matplotlib nosuch",
        "%gui nosuch",
        "%matplotlib --list",
        "%matplotlib agg",
        "plt.plot([1]);",
        "%matplotlib inline",
        "plt.plot([1]); plt.get_fignums()",
    ],
    "time magics": [
        "%timeit -n1 -r1 pass",
        "%%time\nprint('x')\n5",
        "%time 1 + 1",
        "%%timeit -n1 -r1 y = 1\ny + 1",
    ],
    "capture": [
        "%%capture got\nprint('hidden')\ndisplay('d')\n5",
        "got.stdout, len(got.outputs)",
        "got.show()",
    ],
    "namespaces": [
        "zeta = 1\n%who int",
        "%whos int",
        "%reset_selective -f zeta",
        "'zeta' in globals()",
        "sorted(n for n in globals() if n.startswith('_') and len(n) > 3)[:8]",
        "%xdel x\n'x' in globals()",
    ],
    "writefile and run": [
        "%%writefile made.py\nimport sys\nprint(__name__, len(sys.argv))\nvalue = 3",
        "%run made.py a b\nvalue",
        "import made\nmade.value",
        "%run nowhere.py",
        "%load_ext autoreload\n%autoreload 2",
        "%pycat made.py",
        "%cd -q .\n%store value\n%store",
    ],
    "help": ["len?", "class Doc:\n    'said'\nDoc?", "Doc??", "nobody?", "%quickref", "%lsmagic?"],
    "wrong magics": ["%nosuchmagic", "%%nosuchcell\nx", "%timeit -q", "%history -n 1-2"],
    "commands": [
        "!echo one; echo two >&2",
        "lines = !printf 'a\\nb'\nlines",
        "%%bash\necho b\necho e >&2",
        "!exit 3",
        "_exit_code",
        "%%bash\nexit 4",
        "%sx echo s",
        "%%sh\necho {x}",
        "w = 'v'\n!echo {w} $w",
    ],
    "awaits": [
        "import asyncio\nawait asyncio.sleep(0.01, 'slept')",
        "async def twice(n):\n    await asyncio.sleep(0)\n    return 2 * n\nawait twice(4)",
        "twice",
        "async def counter():\n    for i in range(3):\n        yield i\nasync for i in counter():\n    print(i)\ni",
        "await asyncio.gather(twice(1), twice(2))",
        "await twice('x' + 1)",
        "async def late():\n    await asyncio.sleep(0)\n    raise LookupError('late')\nawait late()",
        "sleep = asyncio.sleep(0)\nasyncio.run(sleep)",
        "asyncio.get_running_loop().run_until_complete(sleep)",
        "await sleep",
        "task = asyncio.create_task(twice(5))",
        "await task",
        "async with asyncio.timeout(0.01):\n    await asyncio.sleep(5)",
        "asyncio.current_task().cancel()\nawait asyncio.sleep(1)",
        "%autoawait",
    ],
    "nobody types": [
        "input('name? ')",
        "input()",
        "import getpass\ngetpass.getpass()",
        "try:\n    input()\nexcept Exception as e:\n    print(type(e).__mro__[1].__name__, e)",
    ],
    "errors": [
        "def inner(n):\n    return 1 / n",
        "def outer(n):\n    # calls\n    return inner(n)",
        "print('first')\nouter(0)",
        "try:\n    outer(0)\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e",
        "try:\n    outer(0)\nexcept ZeroDivisionError:\n    {}['x']",
        "class Odd(Exception):\n    def __str__(self): return 'odd\\ntwo lines'\nraise Odd",
        "import json\njson.loads('{')",
        "undefined_name",
        "assert 1 == 2, 'not equal'",
        "assert False",
        "def deep(n):\n    return deep(n + 1)\ntry:\n    deep(0)\nexcept RecursionError as e:\n    print(e)",
        "np.zeros(3) + np.zeros(4)",
        "raise ExceptionGroup('group', [ValueError(1), TypeError(2)])",
        "class Mute(Exception):\n    def __str__(self): return 1 / 0\nraise Mute",
        "e = ValueError('noted'); e.add_note('a note'); raise e",
        "%xmode Minimal\n1 / 0",
        "%xmode Context",
        "get_ipython().showtraceback()",
    ],
    "wrong syntax": [
        "x = = 1",
        "  y = 1\nz = 2",
        "if True:\nprint(1)",
        "print('a'\n",
        "'unclosed",
        "def f(:\n  pass",
        "return 5",
        "await = 3",
        "f'{'",
        "print 'two'",
    ],
    "interrupts": [
        "raise KeyboardInterrupt",
        "raise KeyboardInterrupt('why')",
        "raise GeneratorExit",
        "raise BaseException('base')",
    ],
    "exits": [
        "import sys\nsys.exit(0)",
        "sys.exit('message')",
        "sys.exit(3)",
        "raise SystemExit",
        "import argparse\nargparse.ArgumentParser().parse_args()",
    ],
    "warnings": [
        "import warnings\nwarnings.warn('careful')",
        "warnings.warn('old', DeprecationWarning)",
        "def w():\n    warnings.warn('inside', RuntimeWarning, stacklevel=2)\nw()",
        "np.array([1]) / 0",
        "'\\d'",
    ],
    "logging": [
        "import logging\nlogging.warning('w %s', 1)\nlogging.info('unseen')\nprint('p')\nlogging.error('e')",
        "logging.getLogger('mine').critical('c')",
    ],
    "descriptors": [
        "import os, time\nos.write(1, b'one\\n')\ntime.sleep(0.4)",
        "print('a', flush=True)\nos.system('echo b')\ntime.sleep(0.4)\nprint('c')",
        "os.write(2, 'ü\\n'.encode())\ntime.sleep(0.4)",
        "import subprocess\nsubprocess.run(['echo', 'child'])\ntime.sleep(0.4)",
        "import ctypes\nc = ctypes.CDLL(None)\nc.puts(b'from C')\nc.fflush(None)\ntime.sleep(0.4)",
        "print('under', file=sys.__stdout__, flush=True)\ntime.sleep(0.4)",
        "import multiprocessing\np = multiprocessing.get_context('fork').Process(target=print, args=('forked',))\n"
        "p.start(); p.join(); time.sleep(0.4)",
    ],
    "streams": [
        "sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.errors, sys.stdout.writable(), sys.stdout.readable()",
        "sys.stdout.name, sys.stderr.name, sys.stdout.closed, type(sys.stdout).__name__, sys.stdout.write('w')",
        "isinstance(sys.stdout.fileno(), int) and sys.stdout.fileno() > 2",
        "sys.stdout.buffer",
        "try:\n    sys.stdout.write(b'bytes')\nexcept TypeError as e:\n    print(e)",
        "sys.stdout.writelines(['a', 'b'])",
        "print('a', 'b', sep='\\t', end='\\r\\n')\nprint()\nprint(end='')",
        "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as s:\n    print('kept')\ns.getvalue()",
        "old, sys.stdout = sys.stdout, io.StringIO()\nprint('nowhere')",
        "print('nor here')\nsys.stdout = old",
        "print('back')",
        "import threading\nt = threading.Thread(target=print, args=('thread',))\nt.start(); t.join()",
    ],
    "progress bars": [
        "for i in range(3):\n    print(f'\\r{i}/3', end='', flush=True)\nprint()",
        "for i in range(3):\n    sys.stderr.write(f'\\r{i}%'); sys.stderr.flush()",
        "from IPython.display import ProgressBar\nfor i in ProgressBar(2): pass",
    ],
    "the shell itself": [
        "get_ipython().__class__.__name__, str(type(get_ipython()))",
        "from ipykernel.zmqshell import ZMQInteractiveShell\nisinstance(get_ipython(), ZMQInteractiveShell)",
        "'IPKernelApp' in get_ipython().config, get_ipython().has_trait('kernel')",
        "get_ipython().execution_count",
        "get_ipython().run_cell('print(1)\\n2').result",
        "get_ipython().run_line_magic('pwd', '') == os.getcwd()",
        "get_ipython().set_next_input('text')",
        "__name__, __IPYTHON__",
        "if __name__ == '__main__':\n    print('main')",
        "import inspect\ninspect.getsource(outer)",
        "[os.environ[k] for k in ('MPLBACKEND', 'TERM', 'PAGER', 'CLICOLOR', 'FORCE_COLOR')], '' in sys.path",
        "len(sys.argv), sys.argv[0].endswith('ipykernel_launcher.py')",
    ],
    "contexts": [
        "import decimal, contextvars\ndecimal.getcontext().prec = 5\nvar = contextvars.ContextVar('var', default=0)\nvar.set(1)",
        "decimal.Decimal(1) / 3, var.get()",
        "np.seterr(divide='ignore')",
        "np.array([1]) / 0",
        "await asyncio.sleep(0)\nvar.set(2); None",
        "var.get()",
        "np.seterr(divide='warn'); decimal.getcontext().prec",
    ],
    "tasks": [
        "done = []\nasync def work():\n    await asyncio.sleep(0)\n    done.append(1)\nleft = asyncio.create_task(work())",
        "done, left.done()",
        "asyncio.get_event_loop().is_running(), asyncio.get_event_loop() is asyncio.get_running_loop()",
        "asyncio.get_running_loop().call_soon(done.append, 2)\ndone",
        "done",
    ],
    "pickles": [
        "import pickle, dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: int\n    y: int = 2\nPoint(1)",
        "pickle.loads(pickle.dumps(Point(3))) == Point(3), Point.__module__",
        "pickle.loads(pickle.dumps([Point, outer])) == [Point, outer]",
        "import copy\ncopy.deepcopy(Point(1))",
        "pickle.dumps(lambda: 1)",
        "sys.modules['__main__'].Point is Point, sys.modules['__main__'].__dict__ is globals()",
    ],
    "text": [
        "print('''several\nlines''')",
        "'''several\nlines'''",
        "print('grüße 안녕 \\U0001f600 \\x1b[31mred\\x1b[0m')",
        "'안녕'",
        "print('\\udcff')",
        "'\\ud800'",
        "변수 = 3\n변수",
        "print('\\0\\x07')",
        "'x' * 3000",
        "list(range(2000))",
    ],
    "very long outputs": ["print('y' * 300_000)", "for i in range(20_000):\n    print(i)", "'z' * 300_000"],
    "widgets": ["import ipywidgets\nipywidgets.IntSlider(3)", "display(ipywidgets.Label('l'))"],
    "events": [
        "get_ipython().events.register('post_execute', lambda: print('after'))",
        "1",
        "get_ipython().events.callbacks['post_execute'].pop();",
    ],
    "debuggers": ["import pdb\npdb.set_trace()", "breakpoint()", "%debug"],
    "leaving": ["print('bye')\nexit"],
}
"""Cells by what they show; they run in this order, in one namespace. `exit` ends a kernel, so it comes last."""

TIMED = {"time magics"}
"""Cases whose numbers are times."""

CELLS = [(name, number, source) for name, cells in CASES.items() for number, source in enumerate(cells)]

RUN_CELLS = """
import json, os, sys
import numpy, matplotlib.pyplot
from autograder.sandbox.shell import Shell
shell = Shell(output_cap=1 << 24)
child = os.fork()
if not child:
    runs = []
    for source in json.load(open("cells.json")):
        run = shell.run(source)
        for u in run.updates:
            runs[u["execution_count"] - 1]["outputs"][u["index"]] |= {k: u[k] for k in ("data", "metadata")}
        runs.append({"outputs": run.outputs, "execution_count": run.execution_count, "ok": run.ok})
    json.dump(runs, open("runs.json", "w"))
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@dataclass(frozen=True)
class Jupyter:
    """A folder for a run, and what both left for each cell."""

    theirs: list[dict[str, Any]]
    ours: list[dict[str, Any]]


def environment(home: Path) -> dict[str, str]:
    """Ours, with an empty home and nothing that changes how text is shown."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "MPL", "JPY", "COV"))}
    root = str(Path(autograder.__file__).parents[1])
    return kept | {
        "HOME": str(home),
        "PYTHONPATH": root,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
    }


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs `code` in a fresh Python in `folder`."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert not done.returncode, done.stderr
    return done


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Jupyter:
    """All cells through nbclient once, and through a shell made in a parent and run in its fork."""
    import nbclient
    import nbformat

    here, there = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    (here / "cells.json").write_text(json.dumps([source for _, _, source in CELLS]))
    shell = subprocess.Popen([sys.executable, "-c", RUN_CELLS], cwd=here, env=environment(here))
    cells = [nbformat.v4.new_code_cell(source) for _, _, source in CELLS]
    book = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(book, allow_errors=True, resources={"metadata": {"path": str(there)}})
    client.execute(env=environment(there))
    assert not shell.wait(timeout=300)
    theirs = [{"outputs": cell.outputs, "execution_count": cell.execution_count} for cell in book.cells]
    return Jupyter(theirs, json.loads((here / "runs.json").read_text()))


def comparable(outputs: list[Output], *, timed: bool) -> list[Output]:
    """Outputs without what differs between any two runs; neighbouring streams are one, as front ends show them."""
    text = re.sub(r"\\u001b\[[0-9;]*[a-zA-Z]", "", json.dumps(joined(outputs), sort_keys=True))
    text = re.sub(r"/tmp/ipykernel_\d+/\d+\.py", "CELL", text)
    text = re.sub(r"<>:\d+: SyntaxWarning: .*?\\n", "", text)  # a kernel compiles a cell to look at it, too
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", text)
    text = re.sub(r"-f /[^ ]*\.json", "-f KERNEL.json", text)
    text = re.sub(r'"model_id": "\w+"', '"model_id": ""', text)
    if timed:
        text = re.sub(r"[\d.]+(?:e\+\d+)? (ns|\\u[0-9a-f]{4}s|us|ms|s)\b", "TIME", text)
    plain: list[Output] = json.loads(text)
    return plain


def joined(outputs: list[Output]) -> list[Output]:
    """Neighbouring streams of one name as one output; nbclient leaves them as the clock cut them."""
    done: list[Output] = []
    for output in map(dict, outputs):
        if done and output["output_type"] == "stream" and done[-1].get("name") == output["name"]:
            done[-1]["text"] += output["text"]
        else:
            done.append(output)
    return done


@pytest.mark.slow
@pytest.mark.parametrize("index", range(len(CELLS)), ids=[f"{name}-{number}" for name, number, _ in CELLS])
def test_a_cell_leaves_what_jupyter_leaves(jupyter: Jupyter, index: int) -> None:
    """Types, texts, data, metadata, counts, errors and tracebacks are those of a notebook run by nbclient."""
    timed = CELLS[index][0] in TIMED
    theirs, ours = jupyter.theirs[index], jupyter.ours[index]
    assert comparable(theirs["outputs"], timed=timed) == comparable(ours["outputs"], timed=timed)
    assert theirs["execution_count"] == ours["execution_count"]


SERVE = """
import json, os, signal, sys, traceback
from autograder.sandbox.shell import Shell
events = []
shell = Shell(output_cap=20_000, on_output=events.append)

class CellTimeout(KeyboardInterrupt): pass

def alarm(*_): raise CellTimeout("time is up")

def shown(run): return [o.get("text") or o.get("ename") or o["data"]["text/plain"] for o in run.outputs]

for line in sys.stdin:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            signal.signal(signal.SIGALRM, alarm)
            names = globals() | {"wire": write}
            exec(json.loads(line), names)
            with open(write, "w") as pipe:
                json.dump(names["answer"], pipe)
        except BaseException:
            with open(write, "w") as pipe:
                json.dump({"raised": traceback.format_exc()}, pipe)
        finally:
            os._exit(0)
    os.close(write)
    with open(read) as pipe:
        print(pipe.read(), flush=True)
    os.waitpid(child, 0)
"""
"""A warm parent: each line of its input is code that a fork of it runs, with `shell` made before the fork."""


class Zygote:
    """A process that runs `SERVE`."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            cwd=folder,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, code: str) -> Any:
        """What `code` assigns to `answer`, in a fork of its own."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """One warm parent for all tests below."""
    warm = Zygote(tmp_path_factory.mktemp("zygote"))
    yield warm
    assert warm.process.stdin is not None
    warm.process.stdin.close()
    warm.process.wait(timeout=60)


def test_importing_the_shell_makes_no_context_and_no_tensorflow(tmp_path: Path) -> None:
    """The module is there before anything heavy or unforkable is."""
    code = "import autograder.sandbox.shell, sys, zmq; print('tensorflow' in sys.modules, zmq.Context._instance)"
    assert python(code, tmp_path).stdout.split() == ["False", "None"]


def test_making_a_shell_starts_opens_and_writes_nothing(tmp_path: Path) -> None:
    """No thread, no descriptor, no file at home; streams, `__main__` and `input` stay as they are."""
    code = """
import builtins, os, sys, threading
def facts():
    kept = (sys.stdout, sys.stderr, sys.modules["__main__"], builtins.input, tuple(sys.argv), tuple(sys.path))
    return threading.active_count(), len(os.listdir("/proc/self/task")), os.listdir("/proc/self/fd"), kept
import autograder.sandbox.shell
before = facts()
shell = autograder.sandbox.shell.Shell(output_cap=1000)
print(before == facts())
"""
    assert python(code, tmp_path).stdout.split() == ["True"]
    assert list(tmp_path.iterdir()) == []


def test_temporary_files_go_where_the_fork_is_told(zygote: Zygote, tmp_path: Path) -> None:
    """A parent that has already used its own folder does not decide for its children."""
    code = f"""
import tempfile
tempfile.tempdir = "/nowhere"
os.environ["TMPDIR"] = {str(tmp_path)!r}
answer = shown(shell.run("import os, tempfile\\nos.write(1, b'w')\\ntempfile.gettempdir()"))
"""
    assert zygote.ask(code) == ["w", repr(str(tmp_path))]


def test_a_second_fork_knows_nothing_of_the_first(zygote: Zygote) -> None:
    """Each fork has the namespace and the count of the parent, not of a sibling."""
    code = "shell.run('seen = 1'); answer = ['seen' in shell.namespace, shell.run('1').execution_count]"
    assert zygote.ask(code) == [True, 2]
    assert zygote.ask("answer = ['seen' in shell.namespace, shell.run('1').execution_count]") == [False, 1]


def test_a_blank_cell_is_not_run(zygote: Zygote) -> None:
    """It has no outputs and takes no number."""
    code = (
        "a, b = shell.run(' \\n'), shell.run('1'); answer = [a.outputs, a.execution_count, a.ok, b.execution_count]"
    )
    assert zygote.ask(code) == [[], 0, True, 1]


@pytest.mark.parametrize(
    ("source", "ename", "evalue"),
    [
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("x = = 1", "SyntaxError", "invalid syntax (CELL, line 1)"),
        ("raise SystemExit(3)", "SystemExit", "3"),
        ("%nosuch", "UsageError", "Line magic function `%nosuch` not found."),
        ("raise KeyboardInterrupt('stop')", "KeyboardInterrupt", "stop"),
        (
            "input()",
            "StdinNotImplementedError",
            "raw_input was called, but this frontend does not support input requests.",
        ),
        ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E", "ZeroDivisionError", "division by zero"),
        ("get_ipython().run_cell = None", "", ""),
        (
            "import asyncio\nasyncio.get_running_loop().stop()\nawait asyncio.sleep(9)",
            "RuntimeError",
            "Event loop stopped before Future completed.",
        ),
        ("class B:\n    def __repr__(self): 1 / 0\nB()", "ZeroDivisionError", "division by zero"),
    ],
)
def test_a_cell_that_fails_says_how(zygote: Zygote, source: str, ename: str, evalue: str) -> None:
    """`ok`, `ename` and `evalue` tell the error that ended the cell; the next one is run."""
    code = f"r = shell.run({source!r}); answer = [r.ok, r.ename, r.evalue]; shell.namespace['after'] = 1"
    ok, *error = zygote.ask(code)
    error[1] = re.sub(r"\(.*ipykernel.*, ", "(CELL, ", error[1]) if "ipykernel_" in error[1] else error[1]
    assert [ename, evalue] == [error[0], re.sub(r"\(\d+\.py, ", "(CELL, ", error[1])]
    assert (not ename) == ok


def test_a_broken_shell_is_an_error_output_and_not_an_exception(zygote: Zygote) -> None:
    """A cell that took IPython apart costs the cells that come after it, with an error each."""
    code = """
shell.run("get_ipython().run_cell = None")
runs = [shell.run("1"), shell.run("2")]
answer = [[r.ok, r.ename, r.execution_count, len(r.outputs)] for r in runs]
"""
    assert zygote.ask(code) == [[False, "TypeError", 2, 1], [False, "TypeError", 3, 1]]


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(60)",
        "while True: pass",
        "import asyncio\nawait asyncio.sleep(60)",
        "import asyncio\nawait asyncio.gather(asyncio.sleep(60), asyncio.sleep(50))",
        "import asyncio\nasync def spin():\n    while True: pass\nawait asyncio.create_task(spin())",
        "import asyncio\nasync def spin():\n    while True: await asyncio.sleep(0)\nawait spin()",
        "import asyncio\nasync def left():\n    while True: pass\nleft_over = asyncio.create_task(left())",
        "class R:\n    def __repr__(self):\n        while True: pass\nR()",
        "get_ipython().events.register('post_execute', lambda: [0 for _ in iter(int, 1)])",
        "import subprocess\nsubprocess.run(['sleep', '60'])",
    ],
)
def test_an_alarm_ends_the_cell_and_the_next_one_runs(zygote: Zygote, source: str) -> None:
    """What the handler raises is the cell's error, wherever the cell is; what it printed is kept."""
    code = f"""
shell.begin_capture()
signal.setitimer(signal.ITIMER_REAL, 0.4, 5)
late = shell.run("print('before')\\n" + {source!r})
signal.setitimer(signal.ITIMER_REAL, 0)
shell._ip.events.callbacks["post_execute"].clear()
after = shell.run("import asyncio\\nawait asyncio.sleep(0, 'alive')")
answer = [shown(late)[0][:7], shown(late)[-1], late.ok, late.ename, late.evalue, after.ok, shown(after), after.execution_count]
"""
    expected = ["before\n", "CellTimeout", False, "CellTimeout", "time is up", True, ["'alive'"], 2]
    assert expected == zygote.ask(code)


def test_an_awaiting_cell_is_told_where_it_awaits(zygote: Zygote) -> None:
    """The alarm is raised at the student's `await`, so that `finally` runs and the traceback names the line."""
    code = """
signal.setitimer(signal.ITIMER_REAL, 0.4, 5)
run = shell.run("import asyncio\\nasync def nap():\\n    try: await asyncio.sleep(60)\\n    finally: print('cleaned')\\nawait nap()")
answer = [run.outputs[0]["text"], "".join(run.outputs[-1]["traceback"])]
"""
    text, trace = zygote.ask(code)
    assert text == "cleaned\n"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", trace)
    assert "----> 5 await nap()" in plain
    assert "_steps" not in plain


def test_a_gigabyte_of_prints_costs_neither_memory_nor_room(zygote: Zygote) -> None:
    """Beyond the cap output is dropped: memory stays, one note is kept, an error after it is still told."""
    code = """
import resource
run = shell.run("line = 'x' * 9_999\\nfor _ in range(100_000): print(line)\\n1 / 0")
stream, error = run.outputs
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
answer = [grown < 500_000, len(stream["text"]) < 21_000, stream["text"][-35:], error["ename"], run.truncated, run.ename]
"""
    assert zygote.ask(code) == [
        True,
        True,
        "\n[output truncated at 20000 bytes]\n",
        "ZeroDivisionError",
        True,
        "ZeroDivisionError",
    ]


def test_the_cap_may_be_set_after_the_fork(zygote: Zygote) -> None:
    """The parent does not know each submission's limits."""
    code = 'shell.output_cap = 100; run = shell.run(\'print("z" * 50)\\ndisplay("w" * 50)\'); answer = [shown(run), run.truncated]'
    assert zygote.ask(code) == [["z" * 50 + "\n\n[output truncated at 100 bytes]\n"], True]


def test_a_later_cell_that_updates_an_earlier_display_says_so(zygote: Zygote) -> None:
    """The update names the earlier cell and the output's place among its outputs."""
    code = """
shell.run("print('a')\\nprint('b')\\nhandle = display('old', display_id=True)", cell_id="one")
answer = shell.run("handle.update('newer')\\nhandle.update('new')", cell_id="two").updates
"""
    update = {"cell_id": "one", "execution_count": 1, "index": 1}
    assert [update | {"data": {"text/plain": "'new'"}, "metadata": {}}] == zygote.ask(code)


def test_what_a_cell_printed_is_told_before_it_is_killed(zygote: Zygote) -> None:
    """Events arrive while the cell runs, the last of them with every line that came before."""
    code = """
held = []
def apply(event):
    held[event["keep"]:] = event["outputs"]
    os.write(wire, (json.dumps([event["cell_id"], held]) + chr(10)).encode())
    if "print this" in str(held):
        os._exit(9)
shell.on_output = apply
shell.run("import os\\nprint('one')\\ndisplay('two')\\nprint('and print this')\\nwhile True: pass", cell_id="c")
"""
    assert zygote.process.stdin is not None
    assert zygote.process.stdout is not None
    zygote.process.stdin.write(json.dumps(code) + "\n")
    zygote.process.stdin.flush()
    lines: list[Any] = []
    while line := zygote.process.stdout.readline().strip():
        lines.append(json.loads(line))
    assert lines[0] == ["c", [{"output_type": "stream", "name": "stdout", "text": "one"}]]
    texts = [output.get("text") or output["data"]["text/plain"] for output in lines[-1][1]]
    assert " ".join(texts).split() == ["one", "'two'", "and", "print", "this"]


def test_a_handler_may_have_the_rest_told_before_it_gives_a_cell_up(zygote: Zygote) -> None:
    """Lines that came too fast for an event of their own are in the one that `report` makes."""
    code = """
shell.namespace["report"] = lambda: (shell.report(), held.append(events[-1]))
held = []
shell.run("for i in range(500): print(i)\\nreport()")
everything = []
for event in events[:events.index(held[0]) + 1]:
    everything[event["keep"]:] = event["outputs"]
answer = "".join(o["text"] for o in everything).split() == [str(i) for i in range(500)]
"""
    assert zygote.ask(code) is True


def test_what_is_printed_between_cells_is_captured_apart(zygote: Zygote) -> None:
    """It is given to whoever asked, capped; nothing of it reaches the cells before or after."""
    code = """
shell.run("def f(n):\\n    import os, sys\\n    print('p', n); print('e', file=sys.stderr); display('d'); os.write(1, b'w')\\n    return n")
shell.begin_capture(); shell.namespace["f"](1); first = [shell.end_capture(), shell.errors]
shell.begin_capture(); shell.namespace["f"]("n" * 30_000); second = shell.end_capture()
shell.begin_capture(); third = [shell.end_capture(), shell.errors]
after = shell.run("print('mine')")
answer = [first, len(second) < 21_000, second[-35:], third, shown(after), after.truncated]
"""
    note = "\n[output truncated at 20000 bytes]\n"
    assert [["p 1\nw", "e\n"], True, note, ["", ""], ["mine\n"], False] == zygote.ask(code)


def test_a_capture_asked_for_within_a_cell_leaves_the_cell_its_text(zygote: Zygote) -> None:
    """A cell that calls back into the grader keeps what it prints."""
    code = """
shell.namespace["ask"] = lambda: [shell.end_capture(), shell.begin_capture()]
answer = shown(shell.run("print('a')\\nask()\\nprint('b')"))
"""
    assert zygote.ask(code) == ["a\nb\n"]


def test_figures_drawn_for_a_question_are_in_no_cell(zygote: Zygote) -> None:
    """A test may have a student's function draw; the next cell shows its own figures alone."""
    code = """
shell.run("import matplotlib.pyplot as plt\\ndef draw():\\n    plt.figure(figsize=(1, 1)); plt.plot([1]); return len(plt.get_fignums())")
shell.begin_capture(); drawn = shell.namespace["draw"](); shell.end_capture()
shell.begin_capture(); still = len(shell.namespace["plt"].get_fignums()); shell.end_capture()
answer = [drawn, still, shown(shell.run("1")), shown(shell.run("draw();"))]
"""
    assert zygote.ask(code) == [1, 1, ["1"], ["<Figure size 100x100 with 1 Axes>"]]


def test_pyplot_imported_by_a_cell_is_inline_too(zygote: Zygote) -> None:
    """The parent had not imported it; no magic is needed."""
    code = """
run = shell.run("import matplotlib.pyplot as plt\\nplt.figure(figsize=(1, 1)); plt.plot([1, 2]);")
answer = [sorted(o["data"]) for o in run.outputs]
"""
    assert zygote.ask(code) == [["image/png", "text/plain"]]


def test_text_that_no_file_can_hold_is_kept_with_question_marks(zygote: Zygote) -> None:
    """A kernel loses the whole piece; here one character is lost."""
    code = "answer = [shown(shell.run(\"print('a'); print('\\\\ud800b')\")), shell.run(\"raise ValueError('\\\\ud800')\").evalue]"
    assert zygote.ask(code) == [["a\n?b\n"], "?"]


def test_text_after_stdout_is_put_back_is_shown(zygote: Zygote) -> None:
    """A kernel sends it to the cell that took `sys.stdout` away."""
    code = """
shell.run("import io, sys\\nold, sys.stdout = sys.stdout, io.StringIO()\\nprint('nowhere')")
answer = shown(shell.run("print('nor here')\\nsys.stdout = old\\nprint('back')"))
"""
    assert zygote.ask(code) == ["back\n"]


def test_exit_ends_its_cell_only(zygote: Zygote) -> None:
    """A kernel would die a moment later; here the rest of the notebook is still graded."""
    code = "answer = [shown(shell.run(s)) for s in ('exit', 'quit()', '1')]"
    assert zygote.ask(code) == [[], [], ["1"]]


def test_the_names_of_the_shell_are_hidden(zygote: Zygote) -> None:
    """What the notebook defined is told from what IPython put there."""
    code = "shell.run('mine = 1\\ndef open_it(): pass'); answer = sorted(n for n in shell.namespace if n not in shell.hidden and n[0] != '_')"
    assert zygote.ask(code) == ["mine", "open_it"]
