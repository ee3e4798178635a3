# /// paper
# story = "Right, with model.fit, layers added one by one, other gates in the hidden layer, and a search with while."
# ///

# %% forward
def forward(X, W1, b1, W2, b2):
    hidden = (1 + np.tanh((np.dot(X, W1) + b1) / 2)) / 2
    return (1 + np.tanh((np.dot(hidden, W2) + b2) / 2)) / 2


# %% chosen_weights
# OR, and AND; then OR but not AND
W1 = np.full((2, 2), 30.0)
b1 = np.array([-15, -45])
W2 = np.array([[30], [-30]])
b2 = np.full(1, -15.0)


# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    y, p = np.reshape(y, -1), np.clip(np.reshape(p, -1), 1e-7, 1 - 1e-7)
    return np.mean(np.where(y == 1, -np.log(p), -np.log1p(-p)))


# %% make_model
def make_model():
    network = keras.Sequential(name="xor")
    network.add(keras.layers.Dense(2, input_shape=(2,)))
    network.add(keras.layers.Activation("sigmoid"))
    network.add(keras.layers.Dense(1))
    network.add(keras.layers.Activation(keras.activations.sigmoid))
    network.compile("adam", keras.losses.BinaryCrossentropy(), metrics=["accuracy"])
    network.optimizer.learning_rate = 0.1
    return network


# %% solved
def solved(p):
    a, b, c, d = map(float, np.asarray(p).flatten())
    return abs(a) < 0.1 and abs(b - 1) < 0.1 and abs(c - 1) < 0.1 and abs(d) < 0.1


# %% train
def train(seed, epochs=150):
    keras.utils.set_random_seed(seed)
    network = make_model()
    if epochs:
        network.fit(X, y[:, None], epochs=epochs, batch_size=4, shuffle=False, verbose=0)
    return network


# %% search
seed, model = 3, train(3)
while not solved(model.predict_on_batch(X)):
    seed += 1
    model = train(seed)
