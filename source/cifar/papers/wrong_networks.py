# /// paper
# story = "The networks of grey digits: one channel, no dropout after pooling, a head that learns everything anew; no biases by hand."
# [marks]
# test_build_dense = 0
# test_small_by_hand = 1.5
# test_build_cnn = 0
# test_augmentation = 0
# test_transfer = 0
# ///

# %% build_dense
def build_dense():
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10),
    ])


# %% small_by_hand
small = {
    "conv1": ((30, 30, 32), 288),
    "pool1": ((15, 15, 32), 0),
    "conv2": ((13, 13, 64), 576),
    "pool2": ((6, 6, 64), 0),
    "flat": ((2304,), 0),
    "output": ((10,), 23040),
}
small_total = 23904


# %% build_cnn
def build_cnn():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(512, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ])


# %% build_augmentation
def build_augmentation():
    return keras.Sequential([keras.Input((32, 32, 3)), keras.layers.RandomFlip("horizontal"), keras.layers.RandomBrightness(0.3)])


# %% transfer
def is_animal(labels):
    return np.isin(labels, [2, 3, 4, 5, 6, 7]).astype(float)


def new_head(base):
    network = keras.models.clone_model(base)
    return keras.Model(network.inputs, keras.layers.Dense(1, activation="sigmoid")(network.layers[-2].output))


def fine_tune(network):
    return network
