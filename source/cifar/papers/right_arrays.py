# /// paper
# story = "Right, with arrays in place of loops: index tables for the windows, a sum of masks, layers that rotate a little as well."
# ///

# %% prepare
def prepare(images, labels):
    return np.divide(images, 255, dtype="float32"), np.squeeze(labels, axis=1) if np.ndim(labels) == 2 else labels


# %% augment
def flip(images, chosen):
    return np.where(np.asarray(chosen)[:, None, None, None], images[:, :, ::-1], images)


def crop(images, tops, lefts, pad=4):
    n, h, w, _ = images.shape
    framed = np.zeros((n, h + 2 * pad, w + 2 * pad, 3), dtype=images.dtype)
    framed[:, pad : pad + h, pad : pad + w] = images
    rows = np.asarray(tops)[:, None, None] + np.arange(h)[:, None]
    columns = np.asarray(lefts)[:, None, None] + np.arange(w)
    return framed[np.arange(n)[:, None, None], rows, columns]


def brighten(images, factors):
    result = (images.T * factors).T.astype(images.dtype)
    result[result > 1] = 1
    return result


# %% build_augmentation
def build_augmentation():
    layers = [keras.layers.RandomRotation(0.01, fill_mode="constant"), keras.layers.RandomFlip("horizontal")]
    layers += [keras.layers.RandomTranslation((-0.125, 0.125), (-0.125, 0.125), fill_mode="nearest")]
    return keras.Sequential(layers)


# %% transfer
def is_animal(labels):
    return ((labels > 1) & (labels < 8)) * 1.0


def new_head(base):
    features = keras.Model(base.inputs, base.layers[-2].output)
    features.trainable = False
    return keras.Model(base.inputs, keras.layers.Activation("sigmoid")(keras.layers.Dense(1)(features.output)))


def fine_tune(network):
    widest = max((w.shape[-1], k) for k, layer in enumerate(network.layers) for w in layer.weights)[1]
    network.layers[widest].trainable = True
    return network
