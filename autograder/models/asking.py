"""Putting images to a model that is an object of this process.

Rule: the model is asked as a person would ask it, in batches of one size, and nothing is believed of the answer here.

A Keras model on TensorFlow whose prediction nobody has overridden is called as `predict` would call it, without what
`predict` does around it: callbacks and input pipelines cost a sixth of a small network's time.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any

BATCH = 256
"""Images that a model sees at once, unless they are large."""
BATCH_BYTES = 16 << 20
FEW = 32
"""Images for which compiling a model does not pay."""
_PREDICTING = ("predict", "predict_step", "make_predict_function", "predict_function", "__call__")
_compiled: weakref.WeakKeyDictionary[Any, tuple[Any, Callable[[Any], Any]]] = weakref.WeakKeyDictionary()


def batch_for(image_bytes: int) -> int:
    """Images in one batch, for images of that many bytes."""
    return max(1, min(BATCH, BATCH_BYTES // max(1, image_bytes)))


def ask(model: Any, images: Any) -> Any:
    """What the model answers for images (N, ...): scores (N, C), if it is a classifier; raises what it raises."""
    batch = batch_for(images.nbytes // max(1, len(images)))
    if _is_plain(model):
        if len(images) <= FEW:
            return model(images, training=False)
        return _in_batches(_function(model, images), images, batch)
    if any(cls.__module__.partition(".")[0] in ("keras", "tf_keras") for cls in type(model).__mro__):
        return model.predict(images, batch_size=batch, verbose=0)
    for name in ("predict_proba", "predict"):
        if hasattr(model, name):
            return getattr(model, name)(images)
    return model(images)


def _is_plain(model: Any) -> bool:
    """Whether it is a Keras model on TensorFlow with one output, which predicts by Keras's own methods."""
    keras = sys.modules.get("keras")
    if keras is None or "tensorflow" not in sys.modules or not isinstance(model, keras.Model):
        return False
    own = all(getattr(type(model), name, None) is getattr(keras.Model, name, None) for name in _PREDICTING)
    untouched = not any(name in vars(model) for name in ("predict", "predict_step", "call"))
    one = not isinstance(getattr(model, "output", None), list | tuple | dict)
    return own and untouched and one and bool(model.built) and keras.backend.backend() == "tensorflow"


def _function(model: Any, images: Any) -> Callable[[Any], Any]:
    """The model as one compiled function of a batch of such images, made once."""
    tensorflow = sys.modules["tensorflow"]
    kind = (images.shape[1:], images.dtype.str)
    known = _compiled.get(model)
    if known is None or known[0] != kind:
        held: Any = weakref.ref(model)  # the function must not keep it alive
        spec = tensorflow.TensorSpec((None, *images.shape[1:]), images.dtype)
        told: dict[str, Any] = {"input_signature": [spec], "autograph": False}  # as `predict` does
        made = tensorflow.function(lambda batch: held()(batch, training=False), **told)
        known = _compiled[model] = (kind, made)
    return known[1]


def _in_batches(function: Callable[[Any], Any], images: Any, batch: int) -> Any:
    import numpy as np

    answers = [np.asarray(function(images[at : at + batch])) for at in range(0, len(images), batch)]
    return np.concatenate(answers)
