"""What the candidate's process holds in memory, and what it can ask for."""

from __future__ import annotations

import pytest
from rig import Rig

SCAN = '''
def canaries():
    """Where the bird, spelt nowhere in one piece, is found in this process."""
    import gc, sys, ctypes
    import re
    bird = re.compile(b"KANARIEN[V]OGEL")
    found = []
    seen, todo = set(), gc.get_objects() + [sys._getframe()]
    while todo:
        o = todo.pop()
        if id(o) in seen: continue
        seen.add(id(o))
        if type(o) in (str, bytes):
            text = o.encode("utf-8", "replace") if type(o) is str else o
            if bird.search(text) and len(text) < 10**6: found.append(repr(o)[:300])
        todo.extend(gc.get_referents(o))
    raw = 0
    try:
        maps = open("/proc/self/maps").read().splitlines()
        memory = open("/proc/self/mem", "rb", 0)
    except OSError:
        maps = []
    for line in maps:
        span, rights = line.split()[:2]
        if "r" not in rights or "[v" in line: continue
        low, high = (int(x, 16) for x in span.split("-"))
        for at in range(low, high, 1 << 22):
            try:
                memory.seek(at)
                chunk = memory.read(min(1 << 22, high - at))
            except (OSError, ValueError, OverflowError):
                break
            raw += len(bird.findall(chunk))
            del chunk
    return found, raw
'''
TEST = """
secret_KANARIENVOGEL_name = 5
expected = {"KANARIENVOGEL": [12345, "KANARIENVOGEL value"]}
def check_KANARIENVOGEL(value):
    "KANARIENVOGEL document"
    assert value == 4, "KANARIENVOGEL message"
check_KANARIENVOGEL(f(2))
assert f(2) == 4 and not f(2) == "KANARIENVOGEL literal"
try:
    assert f(3) == 5, "KANARIENVOGEL caught"
except AssertionError:
    pass
"""
TEXT = f"""
#S
def f(x): return 2 * x
#R
### BEGIN HIDDEN TESTS
locked_secret = "KANARIENVOGEL locked"
### END HIDDEN TESTS
#T
### BEGIN HIDDEN TESTS
{TEST}
### END HIDDEN TESTS
#S
pass
#T
found, raw = canaries()
len(found)
#T
raw
"""


def test_nothing_of_a_test_is_in_the_candidates_memory(rig: Rig) -> None:
    """No text, name, message or expected value of a test is found there; tests beside it would be."""
    answers = {"s1": "def f(x): return 2 * x", "s2": SCAN}
    together = rig.sit(TEXT, answers, in_kernel=True)
    assert together["t2"].error is None and int(together["t2"].result_text) > 5
    assert int(together["t3"].result_text) > 5
    apart = rig.sit(TEXT, answers)
    assert apart["t1"].error is None
    assert ("0", "0") == (apart["t2"].result_text, apart["t3"].result_text)


OTHERS = """
#S
pass
#T
found, raw = canaries()
len(found)
#T
raw
"""


def test_nothing_of_another_students_work_is_in_the_candidates_memory(rig: Rig) -> None:
    """What one candidate wrote, printed and answered, the next one of the same warm parent does not hold; the first did."""
    work = SCAN + 'essay = "KANARIENVOGEL " * 3\nprint(essay)\nessay'
    own = rig.sit(OTHERS, {"s1": work})
    assert int(own["t1"].result_text) > 0 and int(own["t2"].result_text) > 0
    after = rig.sit(OTHERS, {"s1": SCAN})
    assert after["t1"].error is None
    assert ("0", "0") == (after["t1"].result_text, after["t2"].result_text)


def test_a_comparison_tells_the_student_nothing(rig: Rig) -> None:
    """An object that listens in its own operators never hears what it is compared with."""
    spy = (
        "heard = []\nclass Spy:\n"
        "    def listen(self, *others): heard.extend(others); return self\n"
        "    __eq__ = __ne__ = __lt__ = __gt__ = __add__ = __radd__ = __sub__ = __rsub__ = __contains__ = listen\n"
        "    __hash__ = None\n    def __getattr__(self, name): raise AttributeError(name)\ndef f(): return Spy()"
    )
    tests = ["f() == 987", "f() < 987", "f() + 987", "987 - f()", "987 in f()", "abs(f() - 987)", "[f()] == [987]"]
    cells = "\n".join(f"try:\n    {t}\nexcept Exception:\n    pass" for t in tests)
    text = f"#S\ndef f(): return 1\nheard = []\n#T\n{cells}\n#T\nrepr(heard)"
    assert "987" in rig.sit(text, {"s1": spy}, in_kernel=True)["t2"].result_text
    assert "'[]'" == rig.sit(text, {"s1": spy})["t2"].result_text


@pytest.mark.parametrize("name", ["expected", "check", "score"])
def test_names_of_tests_are_not_the_students(rig: Rig, name: str) -> None:
    """What a test binds and the master's student code does not read stays with the test."""
    text = f"#S\ndef peek(): return None\n#T\n{name} = 42\nassert {name} == 42\n#T\npeek()"
    peek = f"def peek(): return globals().get('{name}')"
    assert "42" == rig.sit(text, {"s1": peek}, in_kernel=True)["t2"].result_text
    assert "" == rig.sit(text, {"s1": peek})["t2"].result_text


def test_the_tests_draw_what_the_candidate_cannot_know(rig: Rig) -> None:
    """Both processes are seeded, but not with one seed; and two runs draw the same."""
    text = "#S\nimport random, numpy as np\ndef guess(): return random.random(), np.random.rand()\n#T\nimport random, numpy as np\nmine = random.random(), np.random.rand()\nassert mine != guess()\nmine"
    first, second = rig.sit(text)["t1"], rig.sit(text)["t1"]
    assert first.error is None and first.result_text == second.result_text


def test_a_chosen_random_state_is_not_drawn_from(rig: Rig) -> None:
    """A student's function cannot make a seeding test draw zeros."""
    text = "#S\ndef f(x): return x\n#T\nimport numpy as np\nnp.random.seed(0)\nf(1)\nx = np.random.rand(5)\nassert (x == 0).all()"
    zeros = "import numpy as np\ndef f(x):\n    np.random.set_state(('MT19937', np.zeros(624, 'uint32'), 624))\n    return 0"
    assert rig.sit(text, {"s1": zeros}, in_kernel=True)["t1"].error is None
    assert rig.sit(text, {"s1": zeros})["t1"].error is not None


def test_a_method_of_a_plain_type_looks_into_nothing_here(rig: Rig) -> None:
    """`str.format`, handed over, is the submission's own: it told what a test's function could see."""
    test = "def f(word, function):\n    try:\n        return word('{0.__globals__[wanted]}', function)\n    except KeyError:\n        return word('{:>3}', 'a')"
    text = f"#S\n{test}\n#T\nwanted = 42\ndef g(): pass\nassert f(str.format, g) == '42'\n#T\nassert f(str.format, 1) == '  a'"
    own = f"#S\n{test.replace('KeyError', 'AttributeError')}\n#T\nassert f(str.format, 1) == '  a'"
    assert {"t1": True, "t2": False} == rig.sit(text, in_kernel=True).passed
    assert {"t1": False, "t2": False} == rig.sit(text).passed
    assert {"t1": True} == rig.sit(own).passed
