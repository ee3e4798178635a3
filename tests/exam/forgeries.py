"""Submissions that earn full marks where tests share the student's process, without one right answer.

Rule: each is (the test, the forged solution cell); the test alone decides, and in one namespace it passes.
"""

LIAR = '''
class Liar:
    def yes(self, *a, **k): return True
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = yes
    def __ne__(self, other): return False
    def __hash__(self): return 0
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return self
    def __call__(self, *a, **k): return self
    def zero(self, *a): return 0
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __abs__ = __mod__ = zero
    __float__ = lambda self: 0.0
    __int__ = __len__ = __index__ = zero
    def __iter__(self): return iter(())
    def __getitem__(self, i): return self
    def __round__(self, n=0): return self
    def __array_ufunc__(self, ufunc, method, *inputs, **kw): return True
    def __array_function__(self, func, types, args, kwargs): return True
'''
F = LIAR + "def f(*a): return Liar()\n"
SUB = """
class N({base}):
    def __eq__(self, o): return True
    def __ne__(self, o): return False
    def __lt__(self, o): return True
    __gt__ = __le__ = __ge__ = __lt__
    def __hash__(self): return 1
    def __sub__(self, o): return 0
    __rsub__ = __abs__ = lambda self, *o: 0
    def __len__(self): return 3
    def __bool__(self): return True
"""

EQUALITY = {
    "equal to all": ("assert f(2) == 4", F),
    "equal from the right": ("assert 4 == f(2)", F),
    "not unequal": ("assert not (f(2) != 4)", F),
    "in a list": ("assert [f(2), f(3)] == [4, 6]", F),
    "in a list of the student's": ("assert g() == [4, 6]", F + "def g(): return [Liar(), Liar()]"),
    "in a tuple, a dict, deep": ("assert g() == {'a': (4, [5])}", F + "def g(): return {'a': (Liar(), [Liar()])}"),
    "a member of a list": ("assert f(2) in [4]", F),
    "a container of all": ("assert 4 in f(2)", F),
    "a name": ("assert answer == 42", LIAR + "answer = Liar()"),
    "smaller and greater": ("assert 3 < f(2) < 5 and f(2) >= 4", F),
    "a count": ("assert [f(1)].count(2) == 1 and [f(1)].index(2) == 0", F),
    "sorted": ("assert sorted([f(1), 3])[0] == 3 or sorted([f(1), 3])[1] == 3 and max(f(1), f(2)) == 4", F),
    "true": ("assert bool(f(2)) is True and f(2)", F),
    "an attribute": ("assert obj.weights.shape == (2, 3)", LIAR + "obj = Liar()"),
    "any method": ("assert obj.solve(3).x == 9", LIAR + "obj = Liar()"),
    "None by equality": ("assert f(2) == None", F),
    "a key": ("assert {0: 5}[f(1)] == 5 and f(1) == 9", F),
    "a set": ("assert {f(2), 4} == {4}", LIAR.replace("return 0\n    def __getattr__", "return 4\n    def __getattr__") + "def f(*a): return Liar()\n"),
    "equal by the right operand's class": ("assert 4.0 == f(2)", "class Liar(float):\n    def __eq__(self, o): return True\ndef f(x): return Liar(0)"),
    "an item": ("result = f(2)\nassert result[0] == 1 and result['a'] == 2", F),
    "unpacked": ("a, b = f(2)\nassert a == 1 and b == 2", F + "Liar.__iter__ = lambda self: iter((self, self))"),
    "equal strings": ("assert f(2).upper() == 'ABC' and f(2).strip() == 'abc'", F),
}

NUMBERS = {
    "a difference of nothing": ("assert abs(f(2) - 4) < 1e-9", F),
    "a difference from the right": ("assert abs(4 - f(2)) < 1e-9", F),
    "round": ("assert round(f(2), 3) == 4.0", F),
    "math.isclose of a patched math": ("import math\nassert math.isclose(f(2), 4)", "import math\nmath.isclose = lambda *a, **k: True\ndef f(x): return 0"),
    "a remainder of nothing": ("assert f(2) % 7 == 0 and f(2) * 2 == 0 and f(2) == 14", F),
    "numpy's isclose": ("import numpy as np\nassert np.isclose(f(2), 4)", F),
    "numpy's allclose": ("import numpy as np\nassert np.allclose(f(2), [4, 5])", F),
    "numpy's array_equal": ("import numpy as np\nassert np.array_equal(f(2), [4, 5])", F),
    "numpy's ufuncs": ("import numpy as np\nassert np.equal(f(2), 4)", F),
    "a sum of errors": ("assert sum(abs(a - b) for a, b in zip([f(1)], [2])) == 0", F),
    "numpy's norm": ("import numpy as np\nassert np.linalg.norm(f(2) - np.ones(3)) < 1e-9", F),
    "an array of objects": ("import numpy as np\nassert (g() == np.arange(3)).all()", LIAR + "import numpy as np\ndef g():\n    a = np.empty(3, object)\n    a[:] = [Liar()] * 3\n    return a"),
    "an array of objects, tested": ("import numpy as np\nnp.testing.assert_array_equal(g(), [1, 2, 3])", LIAR + "import numpy as np\ndef g():\n    a = np.empty(3, object)\n    a[:] = [Liar()] * 3\n    return a"),
    "a subclass of ndarray": ("import numpy as np\nassert (g() == np.ones(3)).all()", "import numpy as np\nclass A(np.ndarray):\n    def __eq__(self, o): return np.ones(3, bool)\ndef g(): return np.zeros(3).view(A)"),
    "a subclass of ndarray with ufuncs": ("import numpy as np\nassert np.abs(g() - np.ones(3)).max() == 0", "import numpy as np\nclass A(np.ndarray):\n    def __array_ufunc__(self, *a, **k): return np.zeros(3)\ndef g(): return np.zeros(3).view(A)"),
    **{
        f"a subclass of {base}": (f"assert g() == {right}", SUB.format(base=base) + f"def g(): return N({made})")
        for base, made, right in [("int", "0", "4"), ("float", "0.5", "4.5"), ("str", "'no'", "'yes'"), ("list", "[0]", "[1, 2, 3]"),
                                  ("dict", "{'a': 0}", "{'b': 1}"), ("tuple", "(0,)", "(1, 2)"), ("set", "{0}", "{1}"), ("bytes", "b'n'", "b'y'"),
                                  ("complex", "0j", "1j"), ("frozenset", "[0]", "frozenset({1})")]
    },
    "a subclass of int, reckoned with": ("assert abs(g() - 4) < 1e-9 and abs(4 - g()) == 0", SUB.format(base="int") + "def g(): return N(0)"),
    "a subclass of list, measured": ("assert len(g()) == 3 and g() == [1, 2, 3]", SUB.format(base="list") + "def g(): return N([])"),
    "a subclass of float in a list": ("assert g() == [1.0, 2.0]", SUB.format(base="float") + "def g(): return [N(0), N(0)]"),
    "a named tuple's subclass": ("assert g() == (1, 2)", "import collections\nclass P(collections.namedtuple('P', 'x y')):\n    def __eq__(self, o): return True\ndef g(): return P(0, 0)"),
    "a Decimal that lies": ("assert g() == 4", "import decimal\nclass D(decimal.Decimal):\n    def __eq__(self, o): return True\n    __hash__ = None\ndef g(): return D(0)"),
    "a Fraction that lies": ("assert g() == 4", "import fractions\nclass D(fractions.Fraction):\n    def __eq__(self, o): return True\ndef g(): return D(0)"),
    "an enum that lies": ("assert g() == 4", "import enum\nclass E(enum.IntEnum):\n    A = 0\n    def __eq__(self, o): return True\ndef g(): return E.A"),
    "a bytearray that lies": ("assert g() == b'y'", SUB.format(base="bytearray") + "def g(): return N(b'n')"),
    "a date that lies": ("import datetime as dt\nassert g() == dt.date(2020, 1, 1)", "import datetime as dt" + SUB.format(base="dt.date") + "def g(): return N(1999, 1, 1)"),
    "a UserList that lies": ("assert g() == [1, 2]", "import collections" + SUB.format(base="collections.UserList") + "def g(): return N([0])"),
    "a mapping that lies": ("assert g() == {'a': 1} and len(g()) == 1", "import collections.abc\nclass M(collections.abc.Mapping):\n    __eq__ = lambda self, o: True\n    __hash__ = None\n    __getitem__ = lambda self, k: 0\n    __iter__ = lambda self: iter('a')\n    __len__ = lambda self: 1\ndef g(): return M()"),
    "a path that lies": ("import pathlib\nassert g() == pathlib.Path('a')", "import pathlib\nclass P(type(pathlib.Path())):\n    __eq__ = lambda self, o: True\n    __hash__ = None\ndef g(): return P('b')"),
    "a member of a library's that lies": ("assert g() == 404", "import http\nhttp.HTTPStatus.__eq__ = lambda self, o: True\ndef g(): return http.HTTPStatus.OK"),
    "a frame that lies": ("import pandas as pd\nassert (g() == pd.Series([1, 2])).all()", "import pandas as pd\nclass S(pd.Series):\n    def __eq__(self, o): return pd.Series([True, True])\ndef g(): return S([0, 0])"),
    "__class__ says int": ("assert isinstance(f(2), int) and f(2) == 4", LIAR + "class I(Liar):\n    __class__ = int\n    def __eq__(self, o): return True\n    __hash__ = None\ndef f(x): return I()"),
    "__class__ says ndarray": ("import numpy as np\nassert isinstance(f(2), np.ndarray) and np.all(f(2) == np.ones(3))", "import numpy as np\n" + LIAR + "class I(Liar):\n    __class__ = np.ndarray\n    def __eq__(self, o): return True\n    __hash__ = None\ndef f(x): return I()"),
    "another answer on the second asking": ("assert f(2) != 4\nassert g == 5 and g == 5 and not g == 6", LIAR + "class T(Liar):\n    n = 0\n    def __eq__(self, o): self.n += 1; return self.n < 3\n    __hash__ = None\ng = T()\ndef f(x): return 0"),
}

PATCHES = {
    "numpy.testing": ("import numpy as np\nnp.testing.assert_allclose(f(2), 4)", "import numpy as np\nnp.testing.assert_allclose = lambda *a, **k: None\ndef f(x): return 0"),
    "numpy.allclose": ("import numpy as np\nassert np.allclose(f(2), 4)", "import numpy as np\nnp.allclose = np.isclose = lambda *a, **k: True\ndef f(x): return 0"),
    "builtins": ("assert all(f(i) == 2 * i for i in range(1, 5)) and isinstance(f(2), int)", "import builtins\nbuiltins.all = builtins.any = builtins.isinstance = lambda *a: True\ndef f(x): return 0"),
    "builtins.abs and round": ("assert abs(f(2) - 4) < 1e-6 and round(f(2)) == 4", "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.round = lambda *a: 4\ndef f(x): return 0"),
    "own names over builtins": ("assert abs(f(2) - 4) < 1e-6", "def abs(x): return 0\ndef f(x): return 0"),
    "own names over imports": ("assert np.isclose(f(2), 4)", "class np:\n    isclose = lambda *a: True\ndef f(x): return 0"),
    "pytest.raises": ("import pytest\nwith pytest.raises(ValueError):\n    f(-1)", "import pytest, contextlib\npytest.raises = lambda *a, **k: contextlib.nullcontext()\ndef f(x): return 0"),
    "unittest": ("import unittest\nunittest.TestCase().assertEqual(f(2), 4)", "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef f(x): return 0"),
    "a module in sys.modules": ("import statistics\nassert statistics.mean([f(1), f(3)]) == 4", "import sys, types\nsys.modules['statistics'] = m = types.ModuleType('statistics')\nm.mean = lambda x: 4\ndef f(x): return 0"),
    "an import hook": ("import colorsys\nassert colorsys.rgb_to_hsv(f(1), 0, 0)[2] == 2", "import sys, types\nclass Hook:\n    def find_spec(self, name, *a):\n        if name == 'colorsys':\n            import importlib.machinery\n            return importlib.machinery.ModuleSpec(name, self)\n    def create_module(self, spec):\n        m = types.ModuleType('colorsys'); m.rgb_to_hsv = lambda *a: (0, 0, 2); return m\n    def exec_module(self, m): pass\nsys.meta_path.insert(0, Hook())\ndef f(x): return 0"),
    "a file named like a module": ("import nh3\nassert nh3.clean(f(1)) == 'b'", "open('nh3.py', 'w').write('def clean(text): return \"b\"')\ndef f(x): return 'a'"),
    "a syntax tree without asserts": ("assert f(2) == 4", "import ast\nclass T(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\nget_ipython().ast_transformers.append(T())\ndef f(x): return 0"),
    "an input transformer": ("assert f(2) == 4", "get_ipython().input_transformers_post.append(lambda lines: ['pass\\n'])\ndef f(x): return 0"),
    "a display hook": ("assert True\nf(2) / 4 * 2", "import sys\nclass H:\n    def __truediv__(self, o): return self\n    def __mul__(self, o): return self\n    def __repr__(self): return '2.0'\ndef f(x): return H()"),
    "tracing": ("answer = f(2)\nassert answer == 4", "import sys\ndef f(x):\n    frame = sys._getframe(1)\n    class L(int):\n        def __eq__(self, o): return True\n    return L(0)"),
    "the caller's frame": ("wanted = 4\nassert f(2) == wanted", "import sys\ndef f(x): return sys._getframe(1).f_globals['wanted']"),
    "the test's own names": ("expected = {2: 4, 3: 6}\nassert all(f(k) == v for k, v in expected.items())", "def f(x): return globals()['expected'][x]"),
    "names in __main__": ("expected = {2: 4, 3: 6}\nassert all(f(k) == v for k, v in expected.items())", "def f(x):\n    import __main__\n    return __main__.expected[x]"),
    "gc": ("expected = {'canary': 4, 'tracked': []}\nassert f(2) == expected['canary']", "import gc\ndef f(x):\n    for o in gc.get_objects():\n        if type(o) is dict and type(o.get('canary')) is int: return o['canary']"),
    "the cell's history": ("assert f(2) == 4", "def f(x): return eval(In[-1].split('==')[1])"),
}

RAISING = {
    "a function that catches what a callback raises": ("def check(x): assert x == 4\ng(check)", "def g(f):\n    try: f(0)\n    except AssertionError: pass"),
    "a function that catches all that a callback raises": ("def check(x): assert x == 4\ng(check)", "def g(f):\n    try: f(0)\n    except: pass"),
    "an exception of a hostile name": ("import pytest\nwith pytest.raises(ValueError):\n    f(-1)\nassert f(1) == 2", "class AssertionError(ValueError): pass\nclass L:\n    def __eq__(self, o): return True\ndef f(x):\n    if x < 0: raise AssertionError('x')\n    return L()"),
    "an exception that claims all classes": ("try:\n    f(-1)\nexcept KeyError:\n    pass\nassert f(1) == 2", "class M(type):\n    def __instancecheck__(c, o): return True\nclass E(KeyError, metaclass=M): pass\nclass L:\n    def __eq__(self, o): return True\ndef f(x):\n    if x < 0: raise E()\n    return L()"),
    "nan that is equal": ("assert g() == 4", "class N(float):\n    def __eq__(self, o): return True\ndef g(): return N('nan')"),
    "an iterator that never differs": ("assert list(g()) == [1, 2, 3]", LIAR + "def g():\n    yield Liar()\n    yield Liar()\n    yield Liar()"),
    "a generator of the wanted length": ("assert all(a == b for a, b in zip(g(), [1, 2, 3]))", LIAR + "def g():\n    for i in range(3): yield Liar()"),
    "a liar from a callback": ("assert g(lambda x: x) == 5", LIAR + "def g(f): return f(Liar())"),
    "a context manager that swallows": ("with g():\n    assert f(2) == 4", "class C:\n    def __enter__(self): return self\n    def __exit__(self, *a): return True\ndef g(): return C()\ndef f(x): return 0"),
}
JUDGE = "wanted = {2: 4}\nclass Judge:\n    mark = 0\n    def __init__(self): self.same = lambda x: x == 4\n    def right(self, x): return x == 4\nj = Judge()\ng(j)\n"
LENT = {
    "an expectation that it keeps to itself": ("class J:\n    def __init__(self): self._wanted = 4\nassert f(J()) == 4", "def f(j): return j._wanted"),
    "a method of the test's object replaced": (JUDGE + "assert j.right(f(2))", "def g(j): j.right = lambda x: True\ndef f(x): return 0"),
    "a function that it holds replaced": (JUDGE + "assert j.same(f(2))", "def g(j): j.same = lambda x: True\ndef f(x): return 0"),
    "a method of its class replaced": (JUDGE + "assert j.right(f(2))", "def g(j): type(j).right = lambda self, x: True\ndef f(x): return 0"),
    "its class replaced": (JUDGE + "assert j.right(f(2))", "class C:\n    right = lambda self, x: True\ndef g(j): j.__class__ = C\ndef f(x): return 0"),
    "its dict changed": (JUDGE + "assert j.right(f(2))", "def g(j): vars(j)['right'] = lambda x: True\ndef f(x): return 0"),
    "a liar put into it": (JUDGE + "assert j.mark == 4", LIAR + "def g(j): j.mark = Liar()"),
    "the globals of its method": (JUDGE + "assert f(2) == wanted[2]", "def g(j): global k; k = type(j).right.__globals__['wanted']\ndef f(x): return k[x]"),
    "a mock told what it was called with": ("from unittest.mock import Mock\nm = Mock()\ng(m)\nm.assert_called_once_with(4)", "def g(m): m.configure_mock(assert_called_once_with=lambda *a: True)"),
    "a mock's own answer": ("from unittest.mock import Mock\nm = Mock()\nm.wanted.return_value = 4\ng(m)\nassert f(2) == m.wanted()", "def g(m): m.wanted = lambda: 0\ndef f(x): return 0"),
    "a mock that was never called": ("from unittest.mock import Mock\nm = Mock()\ng(m)\nassert m.called and m.call_count == 1", "def g(m): m.called, m.call_count = True, 1"),
    "print that says it printed": ("from unittest.mock import patch\nwith patch('builtins.print') as p:\n    g()\np.assert_called_once_with(4)", LIAR + "def g(): print(Liar())"),
    "the code of its method": (JUDGE + "assert f(2) == 4", "def g(j): global k; k = max(c for c in j.right.__func__.__code__.co_consts if c)\ndef f(x): return k"),
}
YES = "class Yes{base}:\n    {names} = lambda self, *a: {gives}\n"
METHODS = {
    "a set's own methods": ("assert g().issubset({1, 2}) and g().issuperset({1})", YES.format(base="(set)", names="issubset = issuperset", gives="True") + "def g(): return Yes({7})"),
    "no set's methods": ("assert g().issubset({1, 2})", YES.format(base="", names="issubset", gives="True") + "def g(): return Yes()"),
    "a difference of nothing": ("assert not g().symmetric_difference({1, 2})", YES.format(base="(set)", names="symmetric_difference", gives="set()") + "def g(): return Yes()"),
    "a union that gives the wanted back": ("assert g().union({1, 2}) == {1, 2} and g().intersection({1}) == {1}", YES.format(base="", names="union = intersection", gives="a[0]") + "def g(): return Yes()"),
    "a text's methods": ("assert g().startswith('Dear') and g().endswith('Yours')", YES.format(base="(str)", names="startswith = endswith", gives="True") + "def g(): return Yes('no')"),
    "a list that counts": ("assert all(g().count(n) == 1 for n in (1, 2, 3))", YES.format(base="(list)", names="count", gives="1") + "def g(): return Yes()"),
    "a list that finds": ("assert [g().index(n) >= 0 for n in (1, 2)] == [True, True]", YES.format(base="(list)", names="index", gives="0") + "def g(): return Yes()"),
    "a frame that is equal": ("import pandas as pd\nassert g().equals(pd.DataFrame({'a': [1]}))", "import pandas as pd\n" + YES.format(base="(pd.DataFrame)", names="equals", gives="True") + "def g(): return Yes({'a': [0]})"),
    "a series that is equal": ("import pandas as pd\nassert g().eq(pd.Series([1, 2])).all()", "import pandas as pd\n" + YES.format(base="(pd.Series)", names="eq", gives="pd.Series([True])") + "def g(): return Yes([0, 0])"),
    "the method by its own name": ("assert g().__eq__(4) and g().__contains__(4)", LIAR + "def g(): return Liar()"),
    "any name that is asked for": ("assert g().__contains__(4)", "class Yes:\n    def __getattr__(self, name): return lambda *a: True\ndef g(): return Yes()"),
    "a class as answer": ("assert g().issubset({1})", "class Yes:\n    issubset = staticmethod(lambda *a: True)\ndef g(): return Yes"),
    "a class as method": ("assert g().issubset({1})", "class Yes:\n    class issubset(Exception):\n        def __new__(cls, *a): return True\ndef g(): return Yes()"),
    "a builtin as method": ("assert g().issubset({1})", "class Yes:\n    issubset = bool\ndef g(): return Yes()"),
    "by keyword": ("assert g().equals(other=4)", "class Yes:\n    def equals(self, other): return True\ndef g(): return Yes()"),
    "a method kept": ("same = g().equals\nassert same(4) and list(map(same, [4]))", "class Yes:\n    def equals(self, other): return True\ndef g(): return Yes()"),
    "a method called by the student's own function": ("assert call(g().issubset, {1})", "class Yes:\n    def issubset(self, other): return True\ndef g(): return Yes()\ndef call(f, x): return f(x)"),
}
ALL = {
    f"{group}: {name}": pair
    for group, pairs in (("equality", EQUALITY), ("numbers", NUMBERS), ("patches", PATCHES), ("raising", RAISING), ("lent", LENT), ("methods", METHODS))
    for name, pair in pairs.items()
}
