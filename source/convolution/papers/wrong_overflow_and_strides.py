# /// paper
# story = "Sums in uint8, a stride that begins one pixel late, leftovers kept, ReLU as the absolute value."
# [marks]
# test_correlate1d = 0
# test_filter2d = 0
# test_output_size = 0
# test_output_size_words = 0
# test_output_size_error = 0
# test_correlate2d = 0
# test_pool_max = 0
# test_pool_modes = 0
# test_pool_overlapped = 0
# test_trace = 1
# test_conv_layer = 0
# test_saving = 0
# ///

# %% correlate1d
def correlate1d(x, k):
    return np.array([np.sum(x[n : n + len(k)] * k, dtype=x.dtype) for n in range(len(x) - len(k) + 1)])


# %% filter2d
def filter2d(image, kernel):
    a, b = kernel.shape
    result = np.zeros((image.shape[0] - a + 1, image.shape[1] - b + 1), dtype=image.dtype)
    for r, c in np.ndindex(result.shape):
        result[r, c] = np.sum(image[r : r + a, c : c + b] * kernel)
    return result


# %% convolve2d
def convolve2d(image, kernel):
    return signal.convolve2d(image.astype(float), kernel, mode="valid")


# %% output_size
def output_size(n, f, padding=0, stride=1):
    if padding == "same":
        return n // stride
    return (n - f + 2 * (padding if padding != "valid" else 0)) / stride + 1


# %% correlate2d
def correlate2d(image, kernel, padding=0, stride=1):
    return filter2d(np.pad(image, padding), kernel)[stride - 1 :: stride, stride - 1 :: stride]


# %% pool2d
def pool2d(image, size, stride=None, mode="max"):
    step = stride or size
    rows, columns = range(0, len(image), step), range(0, len(image[0]), step)
    return [[getattr(image[r : r + size, c : c + size], mode)() for c in columns] for r in rows]


# %% trace
def trace(image, kernel):
    padded = np.pad(image, 1)
    feature_map = signal.convolve2d(padded, kernel, mode="valid")
    return {
        "padded": padded,
        "feature_map": feature_map,
        "activated": np.abs(feature_map),
        "pooled": pool2d(np.abs(feature_map), 2),
    }


# %% edge_strength
def edge_strength(image, name):
    h = signal.correlate2d(image.astype(float), kernels[name + "_h"], mode="valid")
    v = signal.correlate2d(image.astype(float), kernels[name + "_v"], mode="valid")
    return np.hypot(h, v) if name == "roberts" else (abs(h) + abs(v)) / 2


# %% conv_layer
def conv_layer(image, kernels, bias):
    channels, filters = kernels.shape[2:]
    maps = [filter2d(image[:, :, 0], kernels[:, :, 0, m]) + bias[m] for m in range(filters)]
    return np.stack(maps, axis=-1)


# %% cost
def multiplications(kind, n, f, c, h):
    if kind == "standard":
        return f * f * c * h * n * n
    if kind == "depthwise":
        return f * f * c * n * n
    if kind == "pointwise":
        return c * h * n * n
    return f * f * c * n * n + c * h * n * n


def saving(f, h):
    return h + f**2
