# /// paper
# story = "Right, with whole numbers and plain Python: no NumPy but where an array is asked for."
# ///

# %% fires
def fires(x, w, theta):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * w[i]
    if total <= theta:
        return 0
    return 1


# %% and_gate
w_and = (3, 2)
theta_and = 4

# %% four_gates
gates = dict()
gates["NOR"] = (-1, -2), -1
gates["OR"] = [[2, 1], 0]
gates["x1 AND NOT x2"] = ((5, -7), 0)
gates["NAND"] = (-2, -3), -5


# %% at_least
def at_least(k, n):
    return tuple(2 for _ in range(n)), 2 * k - 1


# %% reachable
def reachable(weights, thresholds):
    tables = []
    for theta in thresholds:
        for pair in ([a, b] for a in weights for b in weights):
            table = tuple(fires(list(map(int, row)), pair, theta) for row in INPUTS)
            tables.append(table)
    return frozenset(tables)


# %% layer
def layer(X, W, theta):
    if X.ndim == 1:
        return np.array([fires(X, W[:, neuron], theta[neuron]) for neuron in range(len(theta))])
    return np.array([layer(row, W, theta) for row in X])


# %% xor_network
W_hidden = [[1, 1], [1, 1]]  # OR, and AND
theta_hidden = [0, 1]
W_out = [[1], [-1]]  # OR but not AND
theta_out = [0]


# %% sigmoid
def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(np.asarray(z) / 2)


def sigmoid_slope(z):
    return 0.25 / np.cosh(np.asarray(z) / 2) ** 2


# %% count_parameters
def count_parameters(sizes):
    total = 0
    for i in range(1, len(sizes)):
        total += sizes[i] + sizes[i] * sizes[i - 1]
    return total


# %% gradient_factor
def gradient_factor(z, activation):
    factor = 1.0
    for number in z:
        if activation == "relu":
            factor = factor if number > 0 else 0.0
        else:
            factor *= float(sigmoid_slope(number))
    return factor


# %% layers_until
def layers_until(limit):
    return 1 if 0.25 < limit else 1 + layers_until(4 * limit)
