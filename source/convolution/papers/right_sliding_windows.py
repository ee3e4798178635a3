# /// paper
# story = "Right, without a loop: views of windows, sums over axes; results are tuples and lists as well as arrays."
# ///

# %% correlate1d
def correlate1d(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(np.array(x, dtype=float), len(k))
    return (windows @ np.array(k, dtype=float)).tolist()


# %% convolve1d
def convolve1d(x, k):
    padded = np.pad(np.array(x, dtype=float), len(k) - 1)
    return np.lib.stride_tricks.sliding_window_view(padded, len(k)) @ np.array(k, dtype=float)[::-1]


# %% by_hand
inner = [(4.0, 8, 4), (5, 5, 6), (8, 5, 9)]
top_row = 3, 7, 7, 4, 0


# %% filter2d
def filter2d(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(np.array(image, dtype=float), np.shape(kernel))
    return np.einsum("rcij,ij->rc", windows, np.array(kernel, dtype=float))


# %% convolve2d
def convolve2d(image, kernel):
    return filter2d(image, np.rot90(kernel, 2))


# %% output_size
def output_size(n, f, padding=0, stride=1):
    if padding == "same":
        return len(range(0, n, stride))
    room = n if padding == "valid" else n + 2 * padding
    places = range(0, room - f + 1, stride)
    if not places:
        raise ValueError("the filter is larger than the picture")
    return np.int64(len(places))


# %% correlate2d
def correlate2d(image, kernel, padding=0, stride=1):
    h, w = image.shape
    padded = np.zeros((h + 2 * padding, w + 2 * padding))
    padded[padding : padding + h, padding : padding + w] = image
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)[::stride, ::stride]
    return (windows * kernel).sum(axis=(2, 3))


# %% pool2d
def pool2d(image, size, stride=None, mode="max"):
    if mode not in ("max", "mean", "min"):
        raise ValueError(mode)
    step = stride or size
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))[::step, ::step]
    return getattr(windows, mode)(axis=(-1, -2)).tolist()


# %% trace
def trace(image, kernel):
    steps = {"padded": np.pad(image, ((1, 1), (1, 1))).astype(float)}
    steps["feature_map"] = signal.correlate2d(steps["padded"], kernel, mode="valid")
    steps["activated"] = steps["feature_map"].clip(min=0)
    h, w = steps["activated"].shape
    steps["pooled"] = steps["activated"][: h // 2 * 2, : w // 2 * 2].reshape(h // 2, 2, w // 2, 2).max((1, 3)).tolist()
    return steps


# %% conv_layer
def conv_layer(image, kernels, bias):
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernels.shape[:2], axis=(0, 1))
    return np.tensordot(windows, kernels, axes=([3, 4, 2], [0, 1, 2])) + bias


# %% dilate
def dilate(kernel, rate):
    hole = np.zeros((rate, rate))
    hole[0, 0] = 1
    wide = np.kron(kernel, hole)
    return wide[: wide.shape[0] - rate + 1, : wide.shape[1] - rate + 1]


# %% transposed1d
def transposed1d(x, k, stride=1):
    spread = np.zeros((len(x) - 1) * stride + 1)
    spread[::stride] = x
    return convolve1d(spread, k)
