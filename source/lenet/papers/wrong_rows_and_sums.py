# /// paper
# story = "The wrong axis everywhere: losses averaged, softmax by columns and without care for large numbers, a confusion of rows and columns."
# [marks]
# test_describe = 0
# test_prepare = 0
# test_losses = 0
# test_softmax = 0
# test_dense_parameters = 0
# test_lenet_parameters = 0
# test_confusion = 0
# ///

# %% describe
def describe(images, labels):
    return {
        "images": len(images),
        "shape": images.shape,
        "dtype": str(images.dtype),
        "lowest": int(images.min()),
        "highest": int(images.max()),
        "per_class": np.bincount(labels).tolist(),
    }


# %% prepare
def prepare(images):
    return (images / 255)[..., np.newaxis]


# %% losses
def one_hot(labels, classes=10):
    return np.eye(classes)[labels]


def categorical_loss(p, targets):
    return -np.mean(targets * np.log(np.maximum(p, 1e-7)))


def sparse_loss(p, labels):
    return -np.log(np.maximum(p[:, labels].diagonal(), 1e-7)).mean()


# %% softmax
def softmax(z):
    powers = np.exp(z)
    return powers / powers.sum(axis=0)


def dense_softmax(x, w, b):
    return softmax(x @ w + b)


# %% dense_parameters
def dense_parameters(sizes):
    return sum(a * m for a, m in zip(sizes, sizes[1:]))


# %% confusion
def confusion(labels, answers, classes=10):
    table = np.zeros((classes, classes), dtype=int)
    np.add.at(table, (answers, labels), 1)
    return table
