"""Whoever owns the shell owns nothing: statuses are never credit."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
VARIANTS = {
    "run_cell": {
        "SOURCE": """
class Result:
    success, error_in_exec, error_before_exec, result, execution_count = True, None, None, None, 1
    def raise_error(self): pass
shell = get_ipython()
type(shell).run_cell = shell.run_cell = lambda *a, **k: Result()
async def later(*a, **k):
    return Result()
type(shell).run_cell_async = shell.run_cell_async = later
type(shell)._showtraceback = type(shell).showtraceback = lambda *a, **k: None
""",
        "EARNS": {"test_honest": 1.0},  # its own later cells run no more
    },
    "run_code": {
        "SOURCE": """
async def nothing(*a, **k):
    return False
shell = get_ipython()
type(shell).run_code = shell.run_code = nothing
""",
        "EARNS": {"test_honest": 1.0},
    },
    "compile": {
        "SOURCE": """
import ast
shell = get_ipython()
real = shell.compile.ast_parse
shell.compile.ast_parse = lambda source, *a, **k: real("pass" if "assert" in source or "right" in source else source, *a, **k)
""",
    },
}
