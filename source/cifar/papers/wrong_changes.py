# /// paper
# story = "Augmentation that changes its input, cuts at the wrong corner and darkens; layers that turn pictures upside down."
# [marks]
# test_prepare = 0
# test_augment = 0
# test_augmentation = 0
# test_animal = 0
# test_transfer = 2
# ///

# %% prepare
def prepare(images, labels):
    return images / 255, labels


# %% train_cnn
model = train_once("cifar.keras", train_cnn)


# %% augment
def flip(images, chosen):
    images[chosen] = images[chosen, :, ::-1]
    return images


def crop(images, tops, lefts, pad=4):
    n, height, width, _ = images.shape
    framed = np.pad(images, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    return np.stack([framed[i, lefts[i] : lefts[i] + height, tops[i] : tops[i] + width] for i in range(n)])


def brighten(images, factors):
    return images * np.asarray(factors).reshape(-1, 1, 1, 1)


# %% build_augmentation
def build_augmentation():
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        keras.layers.RandomFlip(),
        keras.layers.RandomTranslation(0.125, 0.125),
    ])


# %% transfer
def is_animal(labels):
    return np.isin(labels, [2, 3, 4, 5, 6]).astype(float)


def new_head(base):
    base.trainable = False
    return keras.Model(base.inputs, keras.layers.Dense(1, activation="sigmoid")(base.layers[-2].output))


def fine_tune(network):
    network.trainable = True
    return network
