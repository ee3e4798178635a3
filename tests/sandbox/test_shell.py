"""The shell against Jupyter itself: the same cells through nbclient and ipykernel, output by output."""

# ruff: noqa: E501  (a cell is easier to read on one line)

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
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
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", text)
    text = re.sub(r"-f /[^ ]*\.json", "-f KERNEL.json", text)
    text = re.sub(r'"model_id": "\w+"', '"model_id": ""', text)
    if timed:
        text = re.sub(r"[\d.]+ (ns|\\u[0-9a-f]{4}s|us|ms|s)\b", "TIME", text)
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
