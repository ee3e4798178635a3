# /// paper
# story = "Wrote >= for >: right but where a sum merely reaches the threshold; and counts layers until <=."
# [marks]
# test_fires = 0
# test_reachable = 0
# test_layer = 0
# test_gradient_factor = 0
# test_layers_until = 0
# ///

# %% fires
def fires(x, w, theta):
    return int(np.dot(x, w) >= theta)


# %% layer
def layer(X, W, theta):
    return (X @ W >= theta).astype(int)


# %% gradient_factor
def gradient_factor(z, activation):
    z = np.array(z, dtype=float)
    slopes = sigmoid_slope(z) if activation == "sigmoid" else (z >= 0)
    return float(np.prod(slopes))


# %% layers_until
def layers_until(limit):
    n = 1
    while 0.25**n > limit:
        n += 1
    return n
