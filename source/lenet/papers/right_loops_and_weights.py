# /// paper
# story = "Right, in loops; the dense network learns with RMSprop, and the weights of the file go into a network built anew."
# ///

# %% losses
def one_hot(labels, classes=10):
    table = np.zeros((len(labels), classes))
    for row, label in enumerate(labels):
        table[row, label] = 1
    return table


def categorical_loss(p, targets):
    return keras.losses.categorical_crossentropy(np.array(targets, dtype=float), np.array(p, dtype=float)).numpy()


def sparse_loss(p, labels):
    return [-float(np.log(np.clip(p[i][label], 1e-7, 1))) for i, label in enumerate(labels)]


# %% softmax
def softmax(z):
    rows = []
    for row in z:
        powers = [np.exp(number - max(row)) for number in row]
        rows.append([power / sum(powers) for power in powers])
    return rows


def dense_softmax(x, w, b):
    return np.array(softmax(np.dot(x, w) + b))


# %% train_dense
dense = build_dense()
dense.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
history = dense.fit(images, labels, epochs=2 * passes, batch_size=64, validation_split=0.2, verbose=0)


# %% lenet_parameters
def lenet_parameters(side, padding):
    total = 0
    for maps_in, maps, pooled in ((1, 6, True), (6, 16, True), (16, 120, False)):
        total += maps * (25 * maps_in + 1)
        side -= 4 * (padding == "valid")
        side //= 1 + pooled
    return total + dense_parameters((side * side * 120, 84, 10))


# %% confusion
def confusion(labels, answers, classes=10):
    table = [[0] * classes for _ in range(classes)]
    for label, answer in zip(labels, answers):
        table[label][answer] += 1
    return table


# %% restore
restored = build_lenet()
restored.set_weights(keras.models.load_model("lenet.keras").get_weights())
