# /// paper
# story = "Right, with libraries: scikit-learn's confusion, SciPy's ranks, layers added one by one."
# ///

# %% build_cnn
def build_cnn():
    network = keras.models.Sequential()
    network.add(keras.layers.Conv2D(32, kernel_size=(3, 3), input_shape=(28, 28, 1)))
    network.add(keras.layers.ReLU())
    network.add(keras.layers.Conv2D(filters=64, kernel_size=3, padding="valid", activation=keras.activations.relu))
    network.add(keras.layers.MaxPooling2D(pool_size=(2, 2)))
    network.add(keras.layers.Dropout(rate=0.25))
    network.add(keras.layers.Flatten())
    network.add(keras.layers.Dense(128, activation="relu"))
    network.add(keras.layers.Dropout(0.5))
    network.add(keras.layers.Dense(10))
    network.add(keras.layers.Softmax())
    return network


# %% confusion
from sklearn import metrics


def confusion_matrix(labels, answers, classes=10):
    return metrics.confusion_matrix(labels, answers, labels=np.arange(classes))


def most_confused(table):
    masked = np.ma.masked_array(table, np.eye(len(table), dtype=bool))
    return tuple(int(i) for i in np.argwhere(masked == masked.max())[0])


# %% measures
def ratio(part, whole):
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def precision(table):
    return ratio(table.diagonal(), table.sum(0))


def recall(table):
    return precision(table.T)


def f1(table):
    overlap = iou(table)
    return 2 * overlap / (1 + overlap)


def iou(table):
    return ratio(np.diagonal(table), table.sum(0) + table.sum(1) - np.diagonal(table))


# %% top_k
def top_k(scores, labels, k):
    own = np.take_along_axis(scores, np.asarray(labels)[:, None], axis=1)
    return np.mean(np.count_nonzero(scores >= own, axis=1) <= k)


# %% auc
def auc(scores, positive):
    from scipy import stats

    ranks = stats.rankdata(scores)
    n = np.count_nonzero(positive)
    return (ranks[positive].sum() - n * (n + 1) / 2) / (n * (len(ranks) - n))
