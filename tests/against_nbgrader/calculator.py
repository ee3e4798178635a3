"""A Jupyter kernel for a language of four statements, so that other languages can be graded on any machine.

    let NAME [ARGUMENT] = EXPRESSION      a number, or a function of one
    check EXPRESSION                      an error unless it is true
    EXPRESSION                            the cell's result, where it is the last line
    sink | quit | flood MEGABYTES | loud MEGABYTES
                                          what only an attacker writes: ignores interrupts and never ends; ends the
                                          kernel; prints so much, line by line or at once

Run as a program: `python calculator.py -f CONNECTION_FILE`.
"""

from __future__ import annotations

import ast
import os
import signal
import time
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

ALLOWED = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.operator,
           ast.unaryop, ast.cmpop, ast.Load)  # fmt: skip


class Calculator(Kernel):
    """One namespace of numbers and functions."""

    implementation = banner = "calculator"
    implementation_version = language_version = "1"
    language_info = {"name": "calculator", "mimetype": "text/plain", "file_extension": ".calc"}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.names: dict[str, Any] = {}

    def do_execute(self, code: str, silent: bool, *_: Any, **__: Any) -> dict[str, Any]:
        value = None
        try:
            for line in code.splitlines():
                text = line.partition("#")[0].strip()
                value = self.statement(text) if text else value
        except Exception as e:
            told = {"ename": type(e).__name__, "evalue": str(e), "traceback": [str(e)]}
            self.send_response(self.iopub_socket, "error", told)
            return {"status": "error", "execution_count": self.execution_count, **told}
        if value is not None and not silent:
            shown = {"data": {"text/plain": str(value)}, "metadata": {}, "execution_count": self.execution_count}
            self.send_response(self.iopub_socket, "execute_result", shown)
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

    def statement(self, text: str) -> Any:
        word, _, rest = text.partition(" ")
        if word == "let":
            head, _, expression = rest.partition("=")
            name, *arguments = head.split()
            self.names[name] = self.function(arguments, expression) if arguments else self.value(expression)
        elif word == "check":
            if not self.value(rest):
                raise ValueError(f"not so: {rest}")
        elif word in ("sink", "quit", "flood", "loud"):
            getattr(self, word)(*map(int, rest.split()))
        else:
            return self.value(text)
        return None

    def function(self, arguments: list[str], expression: str) -> Any:
        return lambda *given: self.value(expression, dict(zip(arguments, given, strict=True)))

    def value(self, expression: str, local: dict[str, Any] | None = None) -> Any:
        tree = ast.parse(expression.strip(), mode="eval")
        if not all(isinstance(node, ALLOWED) for node in ast.walk(tree)):
            raise ValueError(f"not of this language: {expression}")
        return eval(compile(tree, "<cell>", "eval"), {"__builtins__": {}}, self.names | (local or {}))

    def sink(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True:
            time.sleep(1)

    def quit(self) -> None:
        os._exit(0)

    def flood(self, megabytes: int) -> None:
        for _ in range(megabytes):
            self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": ("x" * 1023 + "\n") * 1024})

    def loud(self, megabytes: int) -> None:
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": "x" * (megabytes << 20)})


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=Calculator)
