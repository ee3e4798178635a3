# /// paper
# story = "Typical ideas: two of four gates, weights in rows, no biases counted, the slope as z(1 - z), slopes added up."
# [marks]
# test_gates = 2
# test_at_least = 0
# test_reachable = 0
# test_layer = 0
# test_xor = 0
# test_sigmoid = 0
# test_by_hand = 0
# test_count_parameters = 0
# test_gradient_factor = 0
# ///

# %% four_gates
gates = {
    "OR": ([1, 1], 0.5),
    "NAND": ([-1, -1], -0.5),
    "NOR": ([-1, -1], -0.5),
    "x1 AND NOT x2": ([1, 1], 0.5),
}


# %% at_least
def at_least(k, n):
    return [1] * n, k


# %% reachable
def reachable(weights, thresholds):
    found = set()
    for w in weights:
        for theta in thresholds:
            found.add(tuple(fires(x, [w, w], theta) for x in INPUTS))
    return found


# %% layer
def layer(X, W, theta):
    return (X @ W.T > theta).astype(int)


# %% xor_network
W_hidden = np.array([[1.0, 1.0], [1.0, 1.0]])
theta_hidden = np.array([0.5, 0.5])
W_out = np.array([[1.0], [1.0]])
theta_out = np.array([1.5])


# %% sigmoid
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_slope(z):
    return z * (1 - z)


# %% by_hand
hidden_weights = 4
hidden_biases = 0
output_weights = 2
output_biases = 0
total_parameters = 6


# %% count_parameters
def count_parameters(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:]))


# %% gradient_factor
def gradient_factor(z, activation):
    z = np.array(z, dtype=float)
    return float(np.sum(sigmoid_slope(z) if activation == "sigmoid" else z > 0))
