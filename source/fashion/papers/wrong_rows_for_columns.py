# /// paper
# story = "Rows for columns: the confusion transposed, precision for recall, F1 as the mean, IoU without its union, ties as wins."
# [marks]
# test_confusion = 0
# test_measures = 0
# test_top_k = 0
# test_auc = 0
# ///

# %% confusion
def confusion_matrix(labels, answers, classes=10):
    table = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (answers, labels), 1)
    return table


def most_confused(table):
    row, column = np.unravel_index(np.argmax(table), table.shape)
    return int(row), int(column)


# %% measures
def precision(table):
    return np.diag(table) / np.maximum(table.sum(axis=1), 1)


def recall(table):
    return np.diag(table) / np.maximum(table.sum(axis=0), 1)


def f1(table):
    return (precision(table) + recall(table)) / 2


def iou(table):
    return np.diag(table) / np.maximum(table.sum(axis=0) + table.sum(axis=1), 1)


# %% top_k
def top_k(scores, labels, k):
    best = np.argsort(scores, axis=1)[:, :k]
    return float(np.mean([label in row for label, row in zip(labels, best)]))


# %% auc
def auc(scores, positive):
    high, low = np.asarray(scores)[positive], np.asarray(scores)[~positive]
    return float(np.mean(high[:, None] >= low))
