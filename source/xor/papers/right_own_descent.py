# /// paper
# story = "Right, with the functional API and a training loop of one's own: gradients from a tape, Adam apart from the model."
# ///

# %% binary_cross_entropy
def binary_cross_entropy(y, p):
    total = 0.0
    for target, chance in zip(np.ravel(y).tolist(), np.ravel(p).tolist()):
        chance = min(max(chance, 1e-7), 1 - 1e-7)
        total -= np.log(chance if target else 1 - chance)
    return total / np.size(y)


# %% make_model
def make_model():
    inputs = keras.Input((2,))
    hidden = keras.layers.Dense(2, "sigmoid")(inputs)
    outputs = keras.layers.Dense(1, keras.ops.sigmoid)(hidden)
    network = keras.Model(inputs, outputs)
    network.compile(keras.optimizers.Adam(1e-1), keras.losses.binary_crossentropy)
    return network


# %% solved
def solved(p):
    return not np.any(~(np.abs(np.reshape(p, 4) - [0, 1, 1, 0]) < 0.1))


# %% train
def train(seed, epochs=150):
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    network, descent = make_model(), keras.optimizers.Adam(0.1)
    descent.build(network.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = keras.ops.mean(keras.losses.binary_crossentropy(y[:, None], network(X)))
        descent.apply(tape.gradient(loss, network.trainable_variables))

    for _ in range(epochs):
        step()
    return network


# %% search
attempts = (train(seed) for seed in (2, 3, 6))
model = next(network for network in attempts if solved(np.array(network(X))))
