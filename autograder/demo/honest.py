"""The honest part of the class: the good, the half good and the wrong.

Rule: each has one story, and the fate stands beside the deed.
"""

from __future__ import annotations

from autograder.demo.student import ALL, Fate, Student

ADA = Student(
    name="ada-perfect",
    assignment="gates",
    story="Solved everything and answered both questions.",
    solves=ALL,
    expected=Fate(),
)
BOB = Student(
    name="bob-blank",
    assignment="gates",
    story="Handed in the notebook as it was released.",
    expected=Fate(earns=(), word="NotImplementedError"),
)
HAL = Student(
    name="hal-half",
    assignment="gates",
    story="Solved the first half; of the four gates two are right.",
    solves=("fires", "and_gate", "at_least", "answer_no_line", "reachable"),
    writes={
        "four_gates": """\
gates = {
    "OR": ([1, 1], 0.5),
    "NAND": ([-1, -1], -1.5),
    "NOR": ([1, 1], -0.5),
    "x1 AND NOT x2": ([1, 1], 0.5),
}
"""
    },
    expected=Fate(
        earns=("test_fires", "test_and", "test_at_least", "test_reachable"),
        partly={"test_gates": (2.0, 2.0)},
        word="test_layer: NotImplementedError",
    ),
)
GUS = Student(
    name="gus-greater-equal",
    assignment="gates",
    story="Wrote >= for >: right but on the very edge, where the hidden tests look.",
    solves=ALL,
    writes={
        "fires": """\
def fires(x, w, theta):
    return 1 if sum(a * b for a, b in zip(x, w)) >= theta else 0
""",
        "layer": """\
def layer(X, W, theta):
    return (X @ W >= theta).astype(int)
""",
    },
    expected=Fate(loses=("test_fires", "test_reachable", "test_layer"), word="should be 0, but it is 1"),
)
MAX = Student(
    name="max-mixed-up",
    assignment="convolution",
    story="Correlates for convolving, overflows uint8, strides from the wrong pixel, changes its input.",
    solves=ALL,
    writes={
        "correlate1d": """\
def correlate1d(x, k):
    return np.array([np.sum(x[n:n + len(k)] * k) for n in range(len(x) - len(k) + 1)])
""",
        "convolve1d": """\
def convolve1d(x, k):
    return np.correlate(np.asarray(x, dtype=float), np.asarray(k, dtype=float), mode="full")
""",
        "convolve2d": """\
def convolve2d(image, kernel):
    return filter2d(image, np.asarray(kernel).T)
""",
        "correlate2d": """\
def correlate2d(image, kernel, padding=0, stride=1):
    padded = np.pad(np.asarray(image, dtype=float), padding)
    return filter2d(padded, kernel)[stride - 1::stride, stride - 1::stride]
""",
        "sobel_edges": """\
def sobel_edges(image):
    image -= image.min()
    table = np.asarray(image, dtype=float)
    gx = signal.convolve2d(table, kernels["sobel_h"], mode="same", boundary="symm")
    gy = signal.convolve2d(table, kernels["sobel_v"], mode="same", boundary="symm")
    return gx, gy, (np.abs(gx) + np.abs(gy)) / 2
""",
    },
    expected=Fate(
        loses=("test_correlate1d", "test_convolve1d", "test_convolve2d", "test_correlate2d", "test_sobel_edges"),
        word="numbers of type uint8",
    ),
)
UMA = Student(
    name="uma-unusual",
    assignment="convolution",
    story="All right, and nothing as the teacher does it: strides, slices, lists, SciPy.",
    solves=ALL,
    writes={
        "correlate1d": """\
def correlate1d(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(np.array(x, dtype=float), len(k))
    return (windows @ np.array(k, dtype=float)).tolist()
""",
        "convolve1d": """\
def convolve1d(x, k):
    return [
        sum(float(x[i]) * float(k[n - i]) for i in range(len(x)) if 0 <= n - i < len(k))
        for n in range(len(x) + len(k) - 1)
    ]
""",
        "by_hand": "inner = [(4, 8, 4), (5, 5, 6), (8, 5, 9)]\ntop_row = 3.0, 7.0, 7.0, 4.0, 0.0\n",
        "filter2d": """\
def filter2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(np.array(image, dtype=float), np.shape(kernel))
    return np.einsum("rcij,ij->rc", windows, np.array(kernel, dtype=float))
""",
        "convolve2d": """\
def convolve2d(image, kernel):
    return signal.convolve2d(np.array(image, dtype=float), np.array(kernel, dtype=float), mode="valid")
""",
        "output_size": """\
def output_size(n, f, padding=0, stride=1):
    if padding == "same":
        return len(range(0, n, stride))
    room = n if padding == "valid" else n + 2 * padding
    places = range(0, room - f + 1, stride)
    if not places:
        raise ValueError("the filter is larger than the picture")
    return np.int64(len(places))
""",
        "pool2d": """\
def pool2d(image, size, stride=None, mode="max"):
    if mode not in ("max", "mean", "min"):
        raise ValueError(mode)
    step = stride or size
    rows, columns = (range(0, side - size + 1, step) for side in np.shape(image))
    windows = [[np.array(image, dtype=float)[r:r + size, c:c + size] for c in columns] for r in rows]
    return [[getattr(window, mode)() for window in row] for row in windows]
""",
        "trace": """\
def trace(image, kernel):
    steps = {}
    steps["padded"] = np.pad(np.array(image, dtype=float), 1).tolist()
    steps["feature_map"] = signal.correlate2d(steps["padded"], kernel, mode="valid")
    steps["activated"] = steps["feature_map"].clip(min=0)
    steps["pooled"] = pool2d(steps["activated"], 2)
    return steps
""",
        "answer_sums": "The sum decides: 1 keeps the paper's 100, 0 makes it 0, nine 1s make it 900.",
        "answer_turned": "gx changes its sign, the strength stays; a network learns its kernels the other way round.",
    },
    expected=Fate(),
)

HONEST = (ADA, UMA, HAL, GUS, MAX, BOB)
