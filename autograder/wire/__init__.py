"""The value-only wire across the trust boundary.

Rule: only plain values cross. No pickle in either direction; nothing that the other side names is imported,
looked up or called; sizes, counts and depth are capped before anything is built.
"""

from autograder.errors import WireError
from autograder.wire import arrays, buffers, builtin, frames, moments, symbols, tensors, texts  # noqa: F401  (they register their kinds)
from autograder.wire.channel import Channel
from autograder.wire.codec import HANDLE, MAX_DEPTH, MAX_FRAME, Codec, NotPlain
from autograder.wire.twins import Twin, Twins

__all__ = ["HANDLE", "MAX_DEPTH", "MAX_FRAME", "Channel", "Codec", "NotPlain", "Twin", "Twins", "WireError"]
