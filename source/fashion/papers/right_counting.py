# /// paper
# story = "Right, by counting: true and false positives in loops, pairs compared one by one, the functional API."
# ///

# %% names
names = "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"


# %% build_dense
def build_dense():
    image = keras.Input((28, 28, 1))
    signal = keras.layers.Reshape((28 * 28,))(image)
    for units, activation in ((128, "relu"), (64, "relu"), (32, "relu"), (10, "softmax")):
        signal = keras.layers.Dense(units, activation)(signal)
    return keras.Model(image, signal)


# %% cnn_by_hand
cnn = {
    "conv1": [(26, 26, 32), 32 * (9 + 1)],
    "conv2": [(24, 24, 64), 64 * (9 * 32 + 1)],
    "pool": [(12, 12, 64), 0],
    "dense": [(128,), 128 * (12 * 12 * 64 + 1)],
    "output": [(10,), 10 * 129],
}
cnn_total = np.sum([parameters for _, parameters in cnn.values()])


# %% confusion
def confusion_matrix(labels, answers, classes=10):
    return [[sum(1 for pair in zip(labels, answers) if pair == (row, column)) for column in range(classes)] for row in range(classes)]


def most_confused(table):
    best = None
    for row in range(len(table)):
        for column in range(len(table)):
            if row != column and (best is None or table[row, column] > table[best]):
                best = row, column
    return best


# %% measures
def counts(table, c):
    hits = float(table[c, c])
    return hits, float(table[:, c].sum()) - hits, float(table[c].sum()) - hits  # true, false positives, false negatives


def share(part, whole):
    return part / whole if whole else 0.0


def precision(table):
    return [share(tp, tp + fp) for tp, fp, fn in (counts(table, c) for c in range(len(table)))]


def recall(table):
    return [share(tp, tp + fn) for tp, fp, fn in (counts(table, c) for c in range(len(table)))]


def f1(table):
    pairs = zip(precision(table), recall(table))
    return np.array([share(2 * p * r, p + r) for p, r in pairs])


def iou(table):
    return [share(tp, tp + fp + fn) for tp, fp, fn in (counts(table, c) for c in range(len(table)))]


# %% top_k
def top_k(scores, labels, k):
    hits = 0
    for row, label in zip(scores, labels):
        hits += sum(other > row[label] for other in row) < k
    return hits / len(labels)


# %% auc
def auc(scores, positive):
    pairs = [(float(a), float(b)) for a, p in zip(scores, positive) if p for b, q in zip(scores, positive) if not q]
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)
