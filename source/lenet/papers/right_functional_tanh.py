# /// paper
# story = "Right, after LeCun: tanh and average pooling, the functional API; logarithms of sums for the softmax."
# ///

# %% describe
def describe(images, labels):
    n, *shape = images.shape
    facts = dict(images=n, shape=shape, dtype=images.dtype, lowest=images.min(), highest=images.max())
    return facts | {"per_class": [np.count_nonzero(labels == digit) for digit in range(10)]}


# %% prepare
def prepare(images):
    return np.expand_dims(np.float32(images) / np.float32(255), axis=-1)


# %% losses
def one_hot(labels, classes=10):
    return keras.utils.to_categorical(labels, classes)


def categorical_loss(p, targets):
    return np.array([-np.log(max(row[np.argmax(target)], 1e-7)) for row, target in zip(p, targets)])


def sparse_loss(p, labels):
    return categorical_loss(p, one_hot(labels, p.shape[1]))


# %% softmax
def softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return np.exp(z - np.log(np.exp(z).sum(axis=-1, keepdims=True)))


def dense_softmax(x, w, b):
    return softmax(np.einsum("ni,im->nm", x, w) + b[np.newaxis])


# %% dense_parameters
def dense_parameters(sizes):
    return sum(sizes[k] * sizes[k + 1] for k in range(len(sizes) - 1)) + sum(sizes) - sizes[0]


# %% build_dense
def build_softmax():
    return keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Reshape((784,)), keras.layers.Dense(10, "softmax")])


def build_dense():
    image = signal = keras.Input((28, 28, 1))
    signal = keras.layers.Flatten()(signal)
    for units in (128, 64, 32):
        signal = keras.layers.ReLU()(keras.layers.Dense(units)(signal))
    return keras.Model(image, keras.layers.Dense(10, activation=keras.activations.softmax)(signal))


# %% lenet_by_hand
lenet5 = {
    "conv1": [[28, 28, 6], 6 * (25 + 1)],
    "pool1": [[14, 14, 6], 0],
    "conv2": [[10, 10, 16], 16 * (150 + 1)],
    "pool2": [[5, 5, 16], 0],
    "conv3": [[1, 1, 120], 120 * (400 + 1)],
    "dense": [[84], 84 * 121],
    "output": [[10], 850],
}
lenet5_total = sum(parameters for shape, parameters in lenet5.values())


# %% lenet_parameters
def lenet_parameters(side, padding):
    shrink = (lambda n: n - 4) if padding == "valid" else (lambda n: n)
    side = shrink(shrink(shrink(side) // 2) // 2)
    return 156 + 2416 + 48120 + 84 * (120 * side**2 + 1) + 850


# %% build_lenet
def build_lenet():
    image = keras.Input((28, 28, 1))
    signal = image
    for maps, pooled in ((6, True), (16, True), (120, False)):
        signal = keras.layers.Conv2D(maps, (5, 5), padding="same", activation="tanh")(signal)
        signal = keras.layers.AveragePooling2D((2, 2))(signal) if pooled else signal
    signal = keras.layers.Dense(84, activation="tanh")(keras.layers.Flatten()(signal))
    return keras.Model(image, keras.layers.Dense(10, activation="softmax")(signal))


# %% confusion
def confusion(labels, answers, classes=10):
    pairs = np.asarray(labels).astype(int) * classes + np.asarray(answers)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
