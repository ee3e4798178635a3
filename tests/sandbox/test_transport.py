"""ipykernel's shell without the libraries that carry messages, each in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

LOADED = "import sys\nfrom autograder.sandbox import transport\ncarriers = set(transport.CARRIERS)\n"
THERE = "print(sorted({name.partition('.')[0] for name in sys.modules} & carriers))\n"


def said(code: str) -> str:
    """What an interpreter prints that runs it."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()


def test_nothing_of_the_carriers_is_loaded() -> None:
    """Neither they nor empty ones are left behind; the shell is ipykernel's."""
    assert "[]\nipykernel.zmqshell" == said(
        f"{LOADED}{THERE}print(transport.zmqshell.ZMQInteractiveShell.__module__)"
    )


def test_whoever_imports_one_gets_the_real_one() -> None:
    """A notebook may use them as any library, and ipykernel's other modules with them."""
    code = (
        "import zmq, tornado.ioloop\nfrom jupyter_client.session import Session\nfrom ipykernel.kernelbase import Kernel\n"
        "print(zmq.Context.instance().closed, Session().session != '', tornado.ioloop.IOLoop.__name__, Kernel.raw_input.__name__)"
    )
    assert "False True IOLoop raw_input" == said(LOADED + code)


def test_one_that_is_loaded_already_stays() -> None:
    """It is not taken from whoever has it."""
    assert "True\n['jupyter_client', 'tornado', 'zmq']" == said(
        f"import zmq, jupyter_client\nreal = zmq.Context\n{LOADED}import zmq as again\nprint(again.Context is real)\n{THERE}"
    )


def test_a_shell_that_looks_into_them_gets_them() -> None:
    """Another version of ipykernel may do more with them while it is imported."""
    stricter = (
        "import sys\nimport importlib.util as u\n"
        "spec = u.find_spec('autograder.sandbox.transport')\nsource = open(spec.origin).read()\n"
        "source = source.replace('return type(name', 'raise ImportError(name)\\n        return type(name')\n"
        "module = u.module_from_spec(spec)\nexec(compile(source, spec.origin, 'exec'), module.__dict__)\n"
        "carriers = set(module.CARRIERS)\n"
    )
    assert "['jupyter_client', 'tornado', 'zmq'] ZMQInteractiveShell" == said(
        stricter + THERE.replace(")\n", ", module.zmqshell.ZMQInteractiveShell.__name__)\n")
    )


def test_what_ipykernel_reads_is_what_it_would_read() -> None:
    """Which version of the carriers it has decides how it makes values plain."""
    facts = "from ipykernel import jsonutil\nprint(jsonutil.JUPYTER_CLIENT_MAJOR_VERSION)"
    assert said(f"import jupyter_client\n{facts}") == said(LOADED + facts)
