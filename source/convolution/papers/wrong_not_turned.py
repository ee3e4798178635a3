# /// paper
# story = "Takes correlation for convolution everywhere, and transposes where a kernel should be turned."
# [marks]
# test_convolve1d = 0
# test_convolve2d = 0
# test_sobel_edges = 0
# test_channels = 0
# test_transposed1d = 0
# ///

# %% convolve1d
def convolve1d(x, k):
    return np.correlate(np.asarray(x, dtype=float), np.asarray(k, dtype=float), mode="full")


# %% convolve2d
def convolve2d(image, kernel):
    return filter2d(image, kernel.T)


# %% sobel_edges
def sobel_edges(image):
    gx = signal.correlate2d(image, kernels["sobel_h"], mode="same", boundary="symm")
    gy = signal.correlate2d(image, kernels["sobel_v"], mode="same", boundary="symm")
    return gx, gy, (np.abs(gx) + np.abs(gy)) / 2


# %% channels
def channels_first(images):
    return np.swapaxes(images, -1, -3)


def channels_last(images):
    return np.swapaxes(images, -1, -3)


# %% transposed1d
def transposed1d(x, k, stride=1):
    return np.correlate(np.repeat(np.asarray(x, dtype=float), stride), k, mode="full")
