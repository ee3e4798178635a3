"""Deep, huge, endless, empty and odd values are wrong answers and nothing else."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "none"
WHY = "they earn nothing in one process either; the grader must bear them"
GIVE = "\nprize = table = divisors = motto = guess = lambda *a: made()\n"
VARIANTS = {
    name: {"SOURCE": source + GIVE}
    for name, source in {
        "nan": "made = lambda: float('nan')",
        "infinite": "made = lambda: float('-inf')",
        "array_of_nan": "import numpy as np\nmade = lambda: np.full((4, 4), np.nan)",
        "huge_number": "made = lambda: 10 ** 200000",
        "huge_text": "made = lambda: 'x' * (10 << 20)",
        "huge_array": "import numpy as np\nmade = lambda: np.zeros(8 << 20, 'u1')",
        "long_list": "made = lambda: [0] * 300_000",
        "deep": "def made():\n    v = []\n    for _ in range(100_000): v = [v]\n    return v",
        "in_itself": "def made():\n    v = []; v.append(v); return v",
        "endless": "import itertools\nmade = itertools.count",
        "endless_texts": "import itertools\nmade = lambda: itertools.repeat('x' * 1000)",
        "nothing": "made = lambda: None",
        "not_implemented": "made = lambda: NotImplemented",
        "ellipsis": "made = lambda: ...",
        "lone_surrogate": "made = lambda: '\\ud800'",
        "zeros": "made = lambda: '\\0' * 1000",
        "frame": "import sys\nmade = lambda: sys._getframe()",
        "module": "import sys\nmade = lambda: sys.modules['autograder.sandbox.candidate'] if 'autograder.sandbox.candidate' in sys.modules else sys",
        "shell": "made = lambda: get_ipython()",
        "class": "made = lambda: int",
        "coroutine": "async def f(): pass\nmade = f",
        "odd_dtype": "import numpy as np\nmade = lambda: np.array([(1, 'a')], dtype=[('x', 'i4'), ('y', 'U1')])",
        "object_array": "import numpy as np\nmade = lambda: np.array([object(), None, int], dtype=object)",
        "many_dimensions": "import numpy as np\nmade = lambda: np.zeros((1,) * 64)",
        "strided_to_enormous": "import numpy as np\nmade = lambda: np.broadcast_to(np.int8(0), (1 << 20, 1 << 20))",
        "memory": "made = lambda: memoryview(bytearray(10))",
        "many_handles": "made = lambda: [object() for _ in range(10_000)]",
    }.items()
}
NBGRADER = "none"
