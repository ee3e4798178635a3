"""Kinds of value that TensorFlow makes.

Rule: an eager tensor travels as its dtype and its array; where TensorFlow is not loaded it is the array.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from autograder.wire.codec import Codec, built, kind, must

TENSOR = 48


@kind(TENSOR, "tensorflow.python.framework.ops.EagerTensor")
def _tensor(codec: Codec, value: Any) -> list[Any]:
    return [value.dtype.name, value.numpy()]


@built(TENSOR)
def _to_tensor(codec: Codec, payload: Any) -> Any:
    import numpy as np

    dtype, content = payload
    must(
        type(dtype) is str and re.fullmatch(r"[a-z]+\d*[a-z0-9_]*", dtype) is not None, "a tensor has a dtype"
    )
    must(isinstance(content, np.ndarray | np.generic | bytes), "a tensor carries an array")
    if "tensorflow" not in sys.modules:
        return content
    return sys.modules["tensorflow"].constant(content, dtype=dtype)
