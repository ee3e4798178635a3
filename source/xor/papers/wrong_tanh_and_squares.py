# /// paper
# story = "Copied a network from elsewhere: tanh, the squared error, plain descent; seeds after the model is made."
# [marks]
# test_make_model = 0
# test_train = 0
# test_model = 0
# ///

# %% make_model
def make_model():
    network = keras.Sequential([
        keras.Input(shape=(2,)),
        keras.layers.Dense(2, activation="tanh"),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
    network.compile(optimizer=keras.optimizers.SGD(learning_rate=0.1), loss="mean_squared_error")
    return network


# %% train
def train(seed, epochs=150):
    network = make_model()
    keras.utils.set_random_seed(seed)
    for _ in range(epochs):
        network.train_on_batch(X, y)
    return network


# %% search
model = train(2)
