"""Exceptions with hostile names, texts and kinds are a lost test and nothing else."""

from __future__ import annotations

from attacks.case import HONEST

EXPECTED, LEVEL, CONTROL = "zero", 0, "none"
WHY = "an exception fails a test everywhere; it must not reach the grader, pass for another or stop the batch"
RAISE = "\ndef prize(*a):\n    raise made()\ntable = divisors = motto = guess = prize\n"
NAMES = (
    "GraderError",
    "CandidateLost",
    "TestTimeout",
    "Skipped",
    "StopIteration",
    "ValueError",
    "WireError",
    "MemoryError",
)
IS_ONE = HONEST | {"test_error": 1.0}  # a UnicodeDecodeError is a ValueError, as the test wants
VARIANTS = {
    **{
        f"named_{name}": {"SOURCE": f"class {name}(Exception):\n    pass\nmade = lambda: {name}('0 of 0')" + RAISE}
        for name in NAMES
    },
    "from_the_grader": {
        "SOURCE": "class E(Exception): pass\nE.__name__ = E.__qualname__ = 'GraderError'\nE.__module__ = 'autograder.errors'\nmade = E"
        + RAISE
    },
    "the_graders_own": {
        "SOURCE": "import sys\nmade = lambda: getattr(sys.modules.get('autograder.errors'), 'GraderError', KeyError)('ours')"
        + RAISE
    },
    "text_that_raises": {
        "SOURCE": "class E(Exception):\n    def __str__(self): raise SystemExit\n    __repr__ = __str__\nmade = E"
        + RAISE
    },
    "endless_name": {"SOURCE": "made = type('E' * 10**6 + '\\n\\x1b[2J', (Exception,), {})" + RAISE},
    "no_identifier": {"SOURCE": "made = type('import os; os._exit(0)', (Exception,), {})" + RAISE},
    "large_text": {"SOURCE": "made = lambda: Exception('x' * (1 << 20))" + RAISE},
    "deep_chain": {
        "SOURCE": "def made():\n    e = Exception('0')\n    for n in range(2000):\n        f = Exception(str(n)); f.__cause__ = e; e = f\n    return e"
        + RAISE
    },
    "a_loop_of_causes": {
        "SOURCE": "def made():\n    e = Exception('a'); f = Exception('b'); e.__context__ = f; f.__context__ = e; e.__cause__ = e\n    return e"
        + RAISE
    },
    "group": {"SOURCE": "made = lambda: BaseExceptionGroup('g', [SystemExit(0), KeyboardInterrupt()])" + RAISE},
    "arguments": {
        "SOURCE": "made = lambda: UnicodeDecodeError('utf-8', b'x' * 10**6, 0, 1, 'r')" + RAISE,
        "EARNS": IS_ONE,
    },
    "no_arguments": {
        "SOURCE": "class E(UnicodeDecodeError):\n    def __init__(self): pass\n    args = property(lambda self: 1 / 0)\nmade = E"
        + RAISE,
        "EARNS": IS_ONE,
    },
}
NBGRADER = "none"
