# /// paper
# story = "Right, with arrays for everything: NumPy's scalars come out where whole numbers are asked for."
# ///

# %% fires
def fires(x, w, theta):
    return np.heaviside(np.inner(x, w) - theta, 0).astype(np.int64)


# %% and_gate
w_and = np.full(2, 1e-3)
theta_and = np.float32(1.5e-3)

# %% four_gates
gates = {name: (np.array(w, dtype="float32"), np.float64(t)) for name, w, t in [
    ("OR", (9, 9), 8.5), ("NAND", (-9, -9), -17.5), ("NOR", (-9, -9), -0.5), ("x1 AND NOT x2", (9, -9), 8.5)]}


# %% at_least
def at_least(k, n):
    return [np.ones(n) / n, np.array((k - 0.25) / n)]


# %% reachable
def reachable(weights, thresholds):
    w1, w2, theta = np.meshgrid(weights, weights, thresholds, indexing="ij")
    sums = np.stack([0 * w1, w2, w1, w1 + w2], axis=-1)
    tables = (sums > theta[..., None]).astype(int).reshape(-1, 4)
    return set(map(tuple, tables.tolist()))


# %% layer
def layer(X, W, theta):
    return np.where(np.einsum("...d,dm->...m", X, W) - theta > 0, 1, 0)


# %% sigmoid
def sigmoid(z):
    return np.reciprocal(1 + np.exp(-np.asarray(z, dtype=float)))


def sigmoid_slope(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


# %% by_hand
hidden_weights, hidden_biases, output_weights, output_biases = np.array([4, 2, 2, 1])
total_parameters = np.int32(9)


# %% count_parameters
def count_parameters(sizes):
    sizes = np.array(sizes)
    return np.dot(sizes[:-1] + 1, sizes[1:])


# %% gradient_factor
def gradient_factor(z, activation):
    slope = {"relu": lambda s: np.heaviside(s, 0.0), "sigmoid": sigmoid_slope}[activation]
    return np.multiply.reduce(slope(np.asarray(z, dtype=np.float64)))


# %% layers_until
def layers_until(limit):
    powers = 0.25 ** np.arange(1, 400)
    return np.argmax(powers < limit) + 1
