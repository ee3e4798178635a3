"""The standard streams of a notebook: order, descriptors, bounds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import autograder

PRELUDE = """
import json, os, resource, subprocess, sys
from autograder.sandbox.console import Console
from autograder.sandbox.outputs import Outputs
answers = os.fdopen(os.dup(1), "w")
outputs = Outputs(10_000)
console = Console(outputs)
console.attach()

def cell():
    console.begin()
    outputs.begin(None, 1)

def left():
    console.end()
    return [(o["name"], o["text"]) for o in outputs.finish()[0]]

def resident():  # of this very program: ru_maxrss remembers whoever started it
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])

def answer(value):
    answers.write(json.dumps(value))
    answers.flush()

cell()
"""


def alone(code: str, folder: Path) -> Any:
    """What `code` answers, in a process whose streams it may take over."""
    env = os.environ | {"PYTHONPATH": str(Path(autograder.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + code], cwd=folder, env=env, capture_output=True, timeout=60
    )
    return json.loads(done.stdout)


def test_python_and_descriptors_keep_their_order(tmp_path: Path) -> None:
    """A child's text stands between the prints around it, with no flush asked for."""
    code = """
print("a")
os.write(1, b"b\\n")
print("c")
subprocess.run(["echo", "d"])
print("e")
answer(left())
"""
    assert [["stdout", "a\nb\nc\nd\ne\n"]] == alone(code, tmp_path)


def test_each_descriptor_has_its_stream(tmp_path: Path) -> None:
    """1 is stdout and 2 is stderr; what a shell redirects to /dev/stdout arrives too."""
    code = """
os.write(2, b"two\\n")
os.write(1, b"one\\n")
subprocess.run("echo three >> /dev/stdout", shell=True)
answer(left())
"""
    assert [["stdout", "one\nthree\n"], ["stderr", "two\n"]] == alone(code, tmp_path)


def test_a_character_in_two_pieces_is_one(tmp_path: Path) -> None:
    """UTF-8 that arrives in parts is put together; what never comes is a replacement character."""
    code = """
text = "안".encode()
os.write(1, text[:1]); print(end=""); print("", end="")
os.write(1, text[1:] + b"\\n")
first = left()
cell()
os.write(1, text[:2])
answer([first, left()])
"""
    assert [[["stdout", "안\n"]], [["stdout", "\ufffd"]]] == alone(code, tmp_path)


def test_text_between_cells_belongs_to_none(tmp_path: Path) -> None:
    """Neither prints nor descriptors carry over."""
    code = """
print("first")
first = left()
print("lost"); os.write(1, b"lost")
cell()
print("second")
answer([first, left()])
"""
    assert [[["stdout", "first\n"]], [["stdout", "second\n"]]] == alone(code, tmp_path)


def test_a_flood_through_the_descriptors_is_bounded(tmp_path: Path) -> None:
    """A hundred megabytes by a child cost no memory, and the file is emptied for the next cell."""
    code = """
subprocess.run("head -c 100000000 /dev/zero | tr '\\\\0' x", shell=True)
before = os.fstat(1).st_size
held = resident()
(name, text), = left()
grown = resident() - held
cell()
print("next")
answer([before, len(text), text[-35:], os.fstat(1).st_size, grown < 20_000, left()])
"""
    note = "\n[output truncated at 10000 bytes]\n"
    assert [100_000_000, 10_000 + len(note), note, 0, True, [["stdout", "next\n"]]] == alone(code, tmp_path)


def test_a_writer_at_the_file_limit_is_told_and_not_stopped(tmp_path: Path) -> None:
    """Beyond RLIMIT_FSIZE a write fails, as on a full disk; prints go on."""
    code = """
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
print("a")
try:
    for _ in range(100): os.write(2, b"x" * 100)
except OSError as e:
    print(type(e).__name__)
print("b")
answer(left()[0])
"""
    assert ["stdout", "a\nOSError\nb\n"] == alone(code, tmp_path)


def test_a_forked_child_prints_to_its_parent(tmp_path: Path) -> None:
    """`multiprocessing` with fork works as in a kernel."""
    code = """
outputs.on_output = lambda event: None
print("parent")
child = os.fork()
if not child:
    print("child", "안")
    sys.stdout.flush()
    print("error", file=sys.stderr)
    os._exit(0 if outputs.on_output is None else 1)
status = os.waitpid(child, 0)[1]
print("parent")
answer([status, left()])
"""
    assert [0, [["stdout", "parent\nchild 안\nparent\n"], ["stderr", "error\n"]]] == alone(code, tmp_path)


def test_closed_descriptors_do_not_stop_a_print(tmp_path: Path) -> None:
    """A notebook that closes everything it finds goes on printing."""
    code = """
os.closerange(5, 100)
print("still")
answers = os.fdopen(os.open("answer", os.O_CREAT | os.O_WRONLY), "w")
answer(left())
"""
    with pytest.raises(json.JSONDecodeError):
        alone(code, tmp_path)
    assert [["stdout", "still\n"]] == json.loads((tmp_path / "answer").read_text())


def test_without_a_place_for_files_prints_are_kept(tmp_path: Path) -> None:
    """Descriptors then stay as they were."""
    code = """
import tempfile
def nowhere(**_): raise OSError("read-only")
tempfile.TemporaryFile = nowhere
outputs = Outputs(1000)
console = Console(outputs)
os.dup2(answers.fileno(), 1)
console.attach()
cell()
print("kept")
answer(left())
"""
    assert [["stdout", "kept\n"]] == alone(code, tmp_path)


def test_a_stream_is_no_file(tmp_path: Path) -> None:
    """Only text goes in; after `close` nothing does; `fileno` is the descriptor from before."""
    code = """
caught = []
for wrong in (lambda: sys.stdout.write(b"b"), lambda: sys.stdout.buffer, lambda: sys.stdout.read()):
    try: wrong()
    except Exception as e: caught.append(type(e).__name__)
os.write(sys.stdout.fileno(), b"")
same = os.fstat(sys.stdout.fileno()).st_ino == os.fstat(answers.fileno()).st_ino
print("last")
sys.stderr.close()
try: print("x", file=sys.stderr)
except ValueError as e: caught.append(str(e))
answer([caught, same, left()])
"""
    errors = ["TypeError", "AttributeError", "UnsupportedOperation", "I/O operation on closed file"]
    assert [errors, True, [["stdout", "last\n"]]] == alone(code, tmp_path)
