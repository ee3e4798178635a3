"""Putting images to a model that is an object of this process.

Rule: the model is asked as a person would ask it, in batches of one size, and nothing is believed of the answer here.
"""

from __future__ import annotations

from typing import Any

BATCH = 256
"""Images that a model sees at once, unless they are large."""
BATCH_BYTES = 16 << 20


def batch_for(image_bytes: int) -> int:
    """Images in one batch, for images of that many bytes."""
    return max(1, min(BATCH, BATCH_BYTES // max(1, image_bytes)))


def ask(model: Any, images: Any) -> Any:
    """What the model answers for images (N, ...): scores (N, C), if it is a classifier; raises what it raises."""
    if any(cls.__module__.partition(".")[0] in ("keras", "tf_keras") for cls in type(model).__mro__):
        return model.predict(images, batch_size=batch_for(images.nbytes // max(1, len(images))), verbose=0)
    for name in ("predict_proba", "predict"):
        if hasattr(model, name):
            return getattr(model, name)(images)
    return model(images)
