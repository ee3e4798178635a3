"""Tests that may say one thing today and another tomorrow, and cells that need the network.

Rule: this is what the text shows; whether a test really wavers is found by running it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.check.remarks import Remark, Rule, at
from autograder.notebook.code import clean
from autograder.values import Cell, Master, Role

SEEDERS = frozenset({"seed", "set_seed", "set_random_seed", "setstate", "set_state"})
MAKERS = frozenset({"default_rng", "RandomState", "Generator", "Random", "SeedSequence"})
"""Generators that take a seed, and the clock without one."""
CLOCKS = frozenset({"time", "perf_counter", "monotonic", "process_time", "now", "today", "utcnow", "time_ns"})
UNIQUE = frozenset({"uuid1", "uuid4", "urandom", "token_hex", "token_bytes", "SystemRandom", "getpid"})
MODULES = frozenset().union(
    {"requests", "urllib", "urllib3", "httpx", "aiohttp", "wget", "socket", "ftplib", "paramiko", "gdown", "boto3"},
    {"kagglehub", "kaggle", "huggingface_hub", "datasets", "tensorflow_datasets"},
)
FETCHERS = frozenset({"get_file", "urlopen", "urlretrieve", "fetch_openml", "snapshot_download", "hf_hub_download"})
SHELL = re.compile(r"^\s*[!%]\s*(pip3?|conda|mamba|apt(-get)?|wget|curl|git|kaggle|gdown)\b", re.MULTILINE)


def remarks(master: Master) -> Iterator[Remark]:
    """Everything of this kind in a master."""
    for cell in master.cells:
        if cell.kind == "code":
            yield from _network(master, cell)
            if cell.role is Role.TEST:
                yield from _wavering(master, cell)


def _wavering(master: Master, cell: Cell) -> Iterator[Remark]:
    text = clean(cell.source)
    calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)] if text else []
    seeded = any(_name(c) in SEEDERS for c in calls)
    for call in calls:
        told = _chance(call, seeded=seeded)
        if told:
            mend = "Seed it in the test itself, or fix the value."
            yield at(master, cell, "chance-in-test", told, mend, line=call.lineno, fault=False)


def _chance(call: ast.Call, *, seeded: bool) -> str:
    """What a call may bring into a test that differs from run to run; empty when nothing."""
    name, path = _name(call), ast.unparse(call.func)
    if name in MAKERS and not call.args and not call.keywords:
        return f"`{path}()` has no seed, so the test meets other numbers each time"
    if name in UNIQUE or (name in CLOCKS and re.match(r"(time|datetime|date|dt)\b", path)):
        return f"`{path}()` differs from run to run"
    drawn = re.match(r"(np|numpy)\.random\.[a-z_]+$|random\.[a-z]+$|(tf|keras)\.random\.[a-z_]+$", path)
    if drawn and not seeded and name not in SEEDERS | MAKERS and not any(k.arg == "seed" for k in call.keywords):
        return f"`{path}()` draws from a generator that the test has not seeded"
    return ""


def _network(master: Master, cell: Cell) -> Iterator[Remark]:
    mend = "Put the data beside the notebook, and what is installed into the grading machine."
    rule: Rule = "needs-network"
    for match in SHELL.finditer(cell.source):
        line = cell.source[: match.start()].count("\n") + 1
        told = f"`{match[0].strip()}` needs the network, which no candidate has"
        yield at(master, cell, rule, told, mend, line=line, fault=False)
    text = clean(cell.source)
    for node in ast.walk(ast.parse(text)) if text else ():
        name = _reaches_out(node)
        if name:
            told = f"`{name}` needs the network, which no candidate has"
            yield at(master, cell, rule, told, mend, line=node.lineno, fault=False)  # type: ignore[attr-defined]


def _reaches_out(node: ast.AST) -> str:
    if isinstance(node, ast.Import):
        return next(
            (a.name for a in node.names if a.name.partition(".")[0] in MODULES and a.name != "urllib.parse"), ""
        )
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        return module if module.partition(".")[0] in MODULES and module != "urllib.parse" else ""
    if isinstance(node, ast.Call):
        first = node.args[0] if node.args else None
        address = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        if _name(node) in FETCHERS or re.match(r"(https?|ftp|s3|gs)://", address):
            return ast.unparse(node.func)
    return ""


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else str(getattr(call.func, "attr", ""))
