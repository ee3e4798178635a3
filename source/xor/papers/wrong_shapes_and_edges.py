# /// paper
# story = "The trap of shapes: (4, 1) against (4,); the second sigmoid forgotten; weights that are not sharp enough."
# [marks]
# test_forward = 0
# test_chosen_weights = 0
# test_binary_cross_entropy = 0
# test_solved = 0
# test_model = 0
# ///

# %% forward
def forward(X, W1, b1, W2, b2):
    return sigmoid(X @ W1 + b1) @ W2 + b2


# %% chosen_weights
W1 = np.array([[-1.0, 1.0], [-1.0, 1.0]])
b1 = np.array([1.5, -0.5])
W2 = np.array([[1.0], [1.0]])
b2 = np.array([-1.5])


# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


# %% solved
def solved(p):
    return bool((np.abs(p - y) < 0.1).all())


# %% search
model = train(1)
predictions = np.array(model(X)).ravel()
