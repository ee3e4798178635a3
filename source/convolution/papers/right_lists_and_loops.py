# /// paper
# story = "Right, the long way: lists of lists, a loop for every index, no function of NumPy's but where it must be."
# ///

# %% correlate1d
def correlate1d(x, k):
    out = []
    for n in range(len(x) - len(k) + 1):
        total = 0
        for i in range(len(k)):
            total += int(x[n + i]) * int(k[i]) if x.dtype == "uint8" else float(x[n + i]) * float(k[i])
        out.append(total)
    return out


# %% convolve1d
def convolve1d(x, k):
    return [
        sum(float(x[i]) * float(k[n - i]) for i in range(len(x)) if 0 <= n - i < len(k))
        for n in range(len(x) + len(k) - 1)
    ]


# %% filter2d
def filter2d(image, kernel):
    rows, columns = len(image) - len(kernel) + 1, len(image[0]) - len(kernel[0]) + 1
    return np.array([
        [
            sum(float(image[r + i][c + j]) * float(kernel[i][j]) for i in range(len(kernel)) for j in range(len(kernel[0])))
            for c in range(columns)
        ]
        for r in range(rows)
    ])


# %% convolve2d
def convolve2d(image, kernel):
    return filter2d(image, [list(reversed(row)) for row in reversed(kernel.tolist())])


# %% output_size
def output_size(n, f, padding=0, stride=1):
    if padding == "same":
        return int(np.ceil(n / stride))
    if padding == "valid":
        padding = 0
    count, start = 0, -padding
    while start + f <= n + padding:
        count, start = count + 1, start + stride
    if count == 0:
        raise ValueError
    return count


# %% kernels
row, smooth = [1, 0, -1], [1, 2, 1]
kernels = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "box": [[0.111, 0.111, 0.111]] * 3,
    "gaussian": [[a * b / 16 for b in smooth] for a in smooth],
    "difference": [[0, 0, 0], [-1, 1, 0], [0, 0, 0]],
    "roberts_h": [[1, 0], [0, -1]],
    "roberts_v": [[0, 1], [-1, 0]],
    "prewitt_h": [row, row, row],
    "prewitt_v": [[a, a, a] for a in row],
    "sobel_h": [[a * b for b in row] for a in smooth],
    "sobel_v": [[a * b for b in smooth] for a in row],
}


# %% edge_strength
def edge_strength(image, name):
    pairs = zip(filter2d(image, kernels[name + "_h"]), filter2d(image, kernels[name + "_v"]))
    if name == "roberts":
        return [[(a * a + b * b) ** 0.5 for a, b in zip(h, v)] for h, v in pairs]
    return [[0.5 * abs(a) + 0.5 * abs(b) for a, b in zip(h, v)] for h, v in pairs]


# %% channels
def channels_first(images):
    return np.transpose(images, (2, 0, 1) if images.ndim == 3 else (0, 3, 1, 2))


def channels_last(images):
    return np.transpose(images, (1, 2, 0) if images.ndim == 3 else (0, 2, 3, 1))


# %% dilate
def dilate(kernel, rate):
    return [
        [float(kernel[r // rate][c // rate]) if r % rate == c % rate == 0 else 0.0
         for c in range((len(kernel[0]) - 1) * rate + 1)]
        for r in range((len(kernel) - 1) * rate + 1)
    ]


# %% cost
def multiplications(kind, n, f, c, h):
    places = n * n
    depthwise = places * c * f * f
    pointwise = places * c * h
    return {
        "standard": depthwise * h,
        "depthwise": depthwise,
        "pointwise": pointwise,
        "depthwise separable": depthwise + pointwise,
    }[kind]


def saving(f, h):
    return multiplications("depthwise separable", 1, f, 1, h) / multiplications("standard", 1, f, 1, h)
