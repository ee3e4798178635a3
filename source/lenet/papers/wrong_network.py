# /// paper
# story = "Builds without padding and with too small a first layer, counts no biases by hand, trains one epoch, and keeps model for restored."
# [marks]
# test_build_softmax = 0
# test_build_dense = 0
# test_dense_accuracy = 0
# test_lenet_by_hand = 1
# test_lenet_parameters = 0
# test_build_lenet = 0
# test_restored = 0
# ///

# %% build_dense
def build_softmax():
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, activation="sigmoid")])


def build_dense():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])


# %% train_dense
dense = build_dense()
dense.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = dense.fit(images, labels, batch_size=128, epochs=1, validation_split=0.2, verbose=0)

# %% lenet_by_hand
lenet5 = {
    "conv1": ((28, 28, 6), 150),
    "pool1": ((14, 14, 6), 0),
    "conv2": ((10, 10, 16), 2400),
    "pool2": ((5, 5, 16), 0),
    "conv3": ((1, 1, 120), 48000),
    "dense": ((84,), 10080),
    "output": ((10,), 840),
}
lenet5_total = 61470


# %% lenet_parameters
def lenet_parameters(side, padding):
    side = side // 4
    return 156 + 2416 + 48120 + dense_parameters([side * side * 120, 84, 10])


# %% build_lenet
def build_lenet():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 5, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(120, activation="relu"),
        layers.Dense(84, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])


# %% restore
restored = model
