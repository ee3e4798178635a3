"""An answer that is equal to everything, or lies about its kind, earns nothing."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
GIVE = "\nprize = divisors = table = motto = guess = lambda *a: made()\n"
YES = """
class Yes:
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = lambda self, other: True
    __hash__ = lambda self: 1
    __bool__ = lambda self: True
    __len__ = lambda self: 2
    __iter__ = lambda self: iter([self])
    __getattr__ = lambda self, name: self
    __call__ = lambda self, *a, **k: self
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = lambda self, other: self
    __abs__ = __neg__ = __pos__ = __round__ = lambda self, *a: self
"""
VARIANTS = {
    "equal_to_all": {"SOURCE": YES + "made = Yes" + GIVE},
    "kind_of_int": {"SOURCE": YES + "class Lie(Yes):\n    __class__ = property(lambda self: int)\nmade = Lie" + GIVE},
    "kind_of_changing": {
        "SOURCE": YES
        + "import random\nclass Lie(Yes):\n    __class__ = property(lambda self: random.choice([int, list, str]))\nmade = Lie"
        + GIVE
    },
    "int": {
        "SOURCE": """
class Yes(int):
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = lambda self, other: True
    __hash__ = int.__hash__
    __sub__ = __rsub__ = __abs__ = lambda self, *a: 0
made = lambda: Yes(-999)
"""
        + GIVE
    },
    "float": {
        "SOURCE": """
class Yes(float):
    __eq__ = __ne__ = __lt__ = __le__ = lambda self, other: True
    __hash__ = float.__hash__
    __sub__ = __rsub__ = __abs__ = lambda self, *a: Yes(0)
made = lambda: Yes("nan")
"""
        + GIVE
    },
    "str": {
        "SOURCE": """
class Yes(str):
    __eq__ = __ne__ = __contains__ = lambda self, other: True
    __hash__ = str.__hash__
made = Yes
"""
        + GIVE
    },
    "list": {
        "SOURCE": """
class Yes(list):
    __eq__ = __contains__ = lambda self, other: True
    __len__ = lambda self: 2
    __iter__ = lambda self: iter([1, 2, 3, 4, 6, 12])
made = Yes
divisors = lambda x: Yes([0])
prize = table = motto = guess = divisors
""",
        "EARNS": {"test_honest": 1.0, "test_after": 1.0},
    },
    "array": {
        "SOURCE": """
import numpy as np
class Yes(np.ndarray):
    __eq__ = __lt__ = __le__ = lambda self, other: np.ones(1, bool)
    __array_function__ = lambda self, function, types, args, kwargs: True
    __array_ufunc__ = lambda self, *a, **k: np.ones((4, 4), bool)
    shape = (4, 4)
made = lambda: np.zeros(3).view(Yes)
"""
        + GIVE
    },
    "array_protocol": {
        "SOURCE": """
import numpy as np
class Yes:
    __array_interface__ = {"shape": (4, 4), "typestr": "<f8", "data": (1, False), "version": 3}
    __array_priority__ = 1e9
    def __array__(self, *a, **k):
        raise SystemExit
    __array_ufunc__ = lambda self, *a, **k: True
    __array_function__ = lambda self, function, types, args, kwargs: None
made = Yes
"""
        + GIVE,
        "CONTROL": "none",
        "WHY": "NumPy itself crashes on the address in one process; nothing is earned there",
    },
    "numbers_on_demand": {
        "SOURCE": """
class Yes:
    __float__ = lambda self: float("nan")
    __int__ = __index__ = lambda self: 12
    __complex__ = lambda self: 12j
    __eq__ = __lt__ = lambda self, other: True
    __sub__ = lambda self, other: 0
made = Yes
"""
        + GIVE
    },
    "liar_class": {
        "SOURCE": """
class Meta(type):
    __instancecheck__ = __subclasscheck__ = __eq__ = lambda self, other: True
    __hash__ = type.__hash__
    mro = lambda self: [self, int, object]
class Yes(int, metaclass=Meta):
    __eq__ = __lt__ = lambda self, other: True
    __hash__ = int.__hash__
    __sub__ = __abs__ = lambda self, *a: 0
    __qualname__ = "int"
    __module__ = "builtins"
Yes.__name__ = "int"
made = lambda: Yes(-5)
"""
        + GIVE
    },
    "methods": {
        "SOURCE": """
class Yes(set):
    issubset = lambda self, other: True
    issuperset = lambda self, other: True
    def isdisjoint(self, other):
        print("the test asked about", other)
        return True
colours = lambda: Yes({"mud"})
""",
    },
    "methods_without_a_value": {
        "SOURCE": """
class Yes:
    def __getattr__(self, name):
        return lambda *told: print("the test asked about", told) or True
colours = Yes
""",
    },
    "elements": {
        "SOURCE": YES
        + "made = Yes"
        + GIVE
        + "divisors = lambda n: [Yes() for _ in range(6 if n == 12 else 2)]\nprize = table = lambda n: [Yes()]\n"
    },
    "dictionary": {
        "SOURCE": """
class Yes(dict):
    __missing__ = lambda self, key: key
    __eq__ = __contains__ = lambda self, other: True
    get = lambda self, key, default=None: default
made = Yes
"""
        + GIVE,
        "CONTROL": "none",
        "WHY": "these tests ask for no dictionary",
    },
    "reduce": {
        "SOURCE": """
import os
class Yes:
    def __reduce_ex__(self, protocol):
        return os.system, (f"echo hit > {folder}/reduced",)
    __reduce__ = lambda self: self.__reduce_ex__(2)
    __getstate__ = __copy__ = lambda self: self.__reduce_ex__(2)
made = Yes
"""
        + GIVE,
        "CONTROL": "none",
        "WHY": "nothing here unpickles; what it would write is looked for",
    },
    "hostile_repr": {
        "SOURCE": """
class Yes:
    def __repr__(self):
        raise SystemExit(0)
    __str__ = __format__ = __repr__
    def __getattribute__(self, name):
        raise KeyboardInterrupt(name)
made = Yes
"""
        + GIVE,
        "CONTROL": "none",
        "WHY": "it earns nothing in one process either; the batch must bear it",
    },
}
