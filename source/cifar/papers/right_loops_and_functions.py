# /// paper
# story = "Right, image by image in loops; networks in the functional API; a head made by popping nothing."
# ///

# %% prepare
def prepare(images, labels):
    scaled = np.array(images, dtype="float32")
    scaled /= 255
    return [scaled, np.array([int(label) for label in np.ravel(labels)])]


# %% build_dense
def build_dense():
    image = keras.Input((32, 32, 3))
    signal = keras.layers.Reshape((3072,))(image)
    for units in (128, 64, 32):
        signal = keras.layers.ReLU()(keras.layers.Dense(units)(signal))
    return keras.Model(image, keras.layers.Dense(10, "softmax")(signal))


# %% small_by_hand
small = {
    "conv1": [[30, 30, 32], (27 + 1) * 32],
    "pool1": [[15, 15, 32], 0],
    "conv2": [[13, 13, 64], (9 * 32 + 1) * 64],
    "pool2": [[6, 6, 64], 0],
    "flat": [6 * 6 * 64, 0],
    "output": [[10], (2304 + 1) * 10],
}
small_total = sum(entry[1] for entry in small.values())


# %% build_cnn
def build_cnn():
    image = signal = keras.Input((32, 32, 3))
    for maps in (32, 64):
        for _ in range(2):
            signal = keras.layers.Conv2D(maps, (3, 3), activation="relu")(signal)
        signal = keras.layers.Dropout(0.25)(keras.layers.MaxPooling2D((2, 2))(signal))
    signal = keras.layers.Dense(512, activation="relu")(keras.layers.Flatten()(signal))
    return keras.Model(image, keras.layers.Dense(10, activation="softmax")(keras.layers.Dropout(0.5)(signal)))


# %% augment
def flip(images, chosen):
    return np.stack([np.fliplr(image) if yes else image for image, yes in zip(images, chosen)])


def crop(images, tops, lefts, pad=4):
    result = np.zeros_like(images)
    n, h, w, _ = images.shape
    for i in range(n):
        for r in range(h):
            for c in range(w):
                row, column = r + tops[i] - pad, c + lefts[i] - pad
                if 0 <= row < h and 0 <= column < w:
                    result[i, r, c] = images[i, row, column]
    return result


def brighten(images, factors):
    return np.clip(np.einsum("nhwc,n->nhwc", images, factors), None, 1).astype(images.dtype)


# %% build_augmentation
def build_augmentation():
    image = keras.Input((32, 32, 3))
    changed = keras.layers.RandomTranslation(1 / 8, 1 / 8, fill_mode="reflect")(image)
    changed = keras.layers.RandomFlip(mode="horizontal")(changed)
    return keras.Sequential([keras.Model(image, changed)])


# %% transfer
def is_animal(labels):
    return [1.0 if names[label] in ("bird", "cat", "deer", "dog", "frog", "horse") else 0.0 for label in labels]


def new_head(base):
    for layer in base.layers:
        layer.trainable = False
    return keras.Sequential([*base.layers[:-1], keras.layers.Dense(1, "sigmoid")])


def fine_tune(network):
    dense = [layer for layer in network.layers if layer.__class__.__name__ == "Dense"]
    dense[0].trainable = True
    return network
