# /// paper
# story = "Two names exchanged, pooling after each convolution, one dropout, no biases counted by hand, 0 / 0 left as it is."
# [marks]
# test_names = 1.6
# test_build_dense = 0
# test_cnn_by_hand = 0.5
# test_build_cnn = 0
# test_measures = 0
# ///

# %% names
names = ["T-shirt/top", "Trouser", "Coat", "Dress", "Pullover", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


# %% build_dense
def build_dense():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        keras.layers.Flatten(),
        keras.layers.Dense(128),
        keras.layers.Dense(64),
        keras.layers.Dense(32),
        keras.layers.Dense(10, activation="softmax"),
    ])


# %% cnn_by_hand
cnn = {
    "conv1": ((26, 26, 32), 288),
    "conv2": ((24, 24, 64), 18432),
    "pool": ((12, 12, 64), 0),
    "dense": ((128,), 1179648),
    "output": ((10,), 1280),
}
cnn_total = 1199648


# %% build_cnn
def build_cnn():
    layers = keras.layers
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ])


# %% measures
def precision(table):
    return np.diag(table) / table.sum(axis=0)


def recall(table):
    return np.diag(table) / table.sum(axis=1)


def f1(table):
    return 2 / (1 / precision(table) + 1 / recall(table))


def iou(table):
    return np.diag(table) / (table.sum(axis=0) + table.sum(axis=1) - np.diag(table))
