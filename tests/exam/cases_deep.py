"""What tests of deep-learning courses do with tensors, layers and models."""

CASES = {
    "tensors": """
#S
import tensorflow as tf
def f(): return tf.constant([[1.0, 2.0]])
def same(x): return x
#T
import tensorflow as tf, numpy as np
assert isinstance(f(), tf.Tensor) and f().shape == (1, 2) and f().dtype == tf.float32
assert tf.reduce_sum(f()) == 3.0
np.allclose(f(), [[1, 2]]), f().numpy().tolist(), (f() * 2).numpy().tolist(), same(tf.constant(3)).numpy()
""",
    "variables": """
#S
import tensorflow as tf
v = tf.Variable([1.0, 2.0])
def step(): v.assign_add([1.0, 1.0])
#T
import numpy as np
step()
np.allclose(v, [2, 3]), v.shape.as_list(), v.numpy().tolist(), v.trainable
""",
    "keras layers and models": """
#S
import keras
def build():
    m = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(2, activation="softmax")])
    m.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return m
model = build()
#T
import keras, numpy as np
assert isinstance(model, keras.Model) and isinstance(model, keras.Sequential)
assert isinstance(model.layers[0], keras.layers.Dense)
assert model.layers[0].activation == keras.activations.relu
assert model.layers[1].activation == keras.activations.softmax
assert model.layers[0].activation != keras.activations.softmax
assert type(model.layers[0]) == keras.layers.Dense
out = model.predict(np.zeros((5, 4)), verbose=0)
assert out.shape == (5, 2)
len(model.layers), model.count_params(), model.output_shape, [w.shape for w in model.get_weights()], model.layers[0].units, model.loss, type(model.optimizer).__name__
""",
    "a model's weights": """
#S
import keras
m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
#T
import numpy as np
m.set_weights([np.eye(2, dtype="float32"), np.ones(2, dtype="float32")])
m.layers[0].kernel.shape, np.array(m.layers[0].kernel).tolist(), m.layers[0].bias.numpy().tolist(), np.array(m(np.ones((1, 2)))).tolist(), m.weights[0].trainable
""",
    "a student's layer and model": """
#S
import keras
class Scale(keras.layers.Layer):
    def __init__(self, k): super().__init__(); self.k = k
    def call(self, x): return x * self.k
class Net(keras.Model):
    def __init__(self): super().__init__(); self.d = Scale(3.0)
    def call(self, x): return self.d(x)
#T
import keras, numpy as np, tensorflow as tf
assert isinstance(Scale(2.0), keras.layers.Layer) and isinstance(Net(), keras.Model) and isinstance(Net(), Net)
np.array(Scale(2.0)(tf.ones((1, 2)))).tolist(), np.array(Net()(np.ones((1, 1)))).tolist()
""",
    "summary is printed": """
#S
import keras
m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="only")])
#T
import io, contextlib
out = []
m.summary(print_fn=lambda line, line_break=False: out.append(line))
"only" in "".join(out)
""",
    "tensorflow's seed holds in student code": """
#S
import tensorflow as tf
def draw(): return tf.random.normal((2,))
#T
import tensorflow as tf
tf.random.set_seed(3)
a = draw()
b = tf.random.normal((1,))
c = draw()
tf.random.set_seed(3)
d = draw()
a.numpy().tolist(), b.numpy().tolist(), c.numpy().tolist(), d.numpy().tolist()
""",
    "keras's seed holds in student code": """
#S
import keras
def init(): return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)]).get_weights()[0]
#T
import keras
keras.utils.set_random_seed(1)
a = init()
keras.utils.set_random_seed(1)
b = init()
a.tolist(), b.tolist()
""",
    "gradients through a callback": """
#S
import tensorflow as tf
def grad(f, x):
    x = tf.constant(x)
    return [(float(f(x + 1e-2)) - float(f(x - 1e-2))) / 2e-2]
#T
import tensorflow as tf
[round(g, 2) for g in grad(lambda x: x * x, 3.0)]
""",
    "history of training": """
#S
import keras, numpy as np
m = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
m.compile(optimizer="sgd", loss="mse")
history = m.fit(np.ones((4, 1)), np.ones((4, 1)), epochs=2, verbose=0)
#T
len(history.history["loss"]), "loss" in history.history, history.epoch, isinstance(history.history, dict)
""",
    "a functional model": """
#S
import keras
inp = keras.Input((8, 8, 1), name="image")
x = keras.layers.Conv2D(2, 3, padding="same")(inp)
x = keras.layers.Flatten()(x)
net = keras.Model(inp, keras.layers.Dense(3)(x))
#T
import keras
kinds = [type(l).__name__ for l in net.layers]
conv = net.layers[1]
assert any(isinstance(l, keras.layers.Conv2D) for l in net.layers)
kinds, conv.kernel_size, conv.filters, conv.padding, net.input_shape, net.get_layer(index=3).units, [l.name for l in net.layers][0]
""",
    "losses and metrics": """
#S
import keras
loss = keras.losses.MeanSquaredError()
def f(y, p): return keras.losses.mean_squared_error(y, p)
#T
import numpy as np
float(loss(np.zeros(2), np.ones(2))), float(f(np.zeros(2), np.ones(2)))
""",
}
