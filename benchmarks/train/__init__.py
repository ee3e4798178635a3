"""Trains the reference solutions of the course on the real data, in Keras, on the machine's processors.

    python -m benchmarks.train lenet|mnist_cnn|fashion_dense|fashion|cifar|cifar_deep
        [--backend tensorflow|torch|jax] [--out DIR] [--seed N]

Rule: the networks are the lectures', to the parameter; how they are trained is ours and stands in `recipes.py`. The
test images choose nothing: no epoch, no setting. They are looked at once, by TensorFlow, in the file that is kept.
"""
