"""Files that a test and the submission's code share, each in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from rig import Rig

WRITES = """
#S
import collections, json, os, pickle
with open('out.txt', 'w') as f:
    f.write('one\\n')
json.dump({'a': 1}, open('out.json', 'w'))
pickle.dump(collections.OrderedDict(a=1), open('out.pkl', 'wb'))
open('out.py', 'w').write('found = 1\\n')
import marshal
open('out.bin', 'wb').write(marshal.dumps((lambda: 1).__code__))
def save(name, text):
    with open(name, 'a') as f: f.write(text)
def lines(name):
    with open(name) as f: return len(f.readlines())
def listed():
    return sorted(os.listdir('.'))
def path():
    from pathlib import Path
    Path('deep').mkdir(exist_ok=True)
    Path('deep/p.txt').write_text('p')
    return Path('deep/p.txt').resolve()
def fill(folder):
    for n in 'ab': open(os.path.join(folder, n), 'w').write(n)
def taken(file): return file.read()
def prose(): return 'word ' * 60
name = 'out.txt'
"""
SHARED = {
    "a file is read": "assert open('out.txt').read() == 'one\\n'",
    "under a name of the student's": "with open(name) as f:\n    assert f.read() == 'one\\n'",
    "by a library": "import pandas as pd\nassert pd.read_csv('out.txt', header=None).shape == (1, 1)",
    "it is looked for": "import os\nassert os.path.exists('out.json') and not os.path.exists('other.json')",
    "a test's own file is read by the student": "open('mine.txt', 'w').write('a\\nb\\n')\nassert lines('mine.txt') == 2",
    "and changed": "open('mine.txt', 'w').write('a')\nsave('mine.txt', 'b')\nassert open('mine.txt').read() == 'ab'",
    "a file that is not there": "try:\n    open('none.txt')\nexcept FileNotFoundError:\n    pass\nelse:\n    assert False",
    "a path of the student's": "assert path().exists() and path().read_text() == 'p' and path().stat().st_size == 1",
    "a path of the test's": "from pathlib import Path\np = Path('given.txt')\np.write_text('a')\nassert lines(p) == 1\nsave(p, 'b')\nassert p.read_text() == 'ab'",
    "a temporary file": "import tempfile\nwith tempfile.NamedTemporaryFile('w', suffix='.csv') as f:\n    f.write('a\\nb')\n    f.flush()\n    assert lines(f.name) == 2",
    "a temporary folder": "import os, pathlib, tempfile\nwith tempfile.TemporaryDirectory() as d:\n    save(os.path.join(d, 'o.txt'), 'x')\n    assert os.path.exists(os.path.join(d, 'o.txt'))\n    fill(d)\n    assert sorted(os.listdir(d)) == ['a', 'b', 'o.txt']\n    assert pathlib.Path(d, 'a').read_text() == 'a'",
    "several files in one question": "import os, tempfile\nwith tempfile.TemporaryDirectory() as d:\n    paths = [os.path.join(d, n) for n in 'xyz']\n    [save(path, 'x') for path in paths]\n    assert sorted(os.listdir(d)) == ['x', 'y', 'z'] and os.path.exists(paths[0])\n    assert [lines(path) for path in paths] == [1, 1, 1]",
    "an open file": "with open('out.txt') as f:\n    assert taken(f) == 'one\\n'",
    "a long answer is no name": "assert len(prose()) == 300",
    "it can be removed": "import os\nassert open('out.txt').read()\nos.remove('out.txt')",
}
FAULTS = {
    "unpickles": "import pickle\nassert pickle.load(open('out.pkl', 'rb')) == {'a': 1}",
    "makes a function": "import marshal, types\ncode = marshal.loads(open('out.bin', 'rb').read())\nassert types.FunctionType(code, {})() == 1",
    "runs a text": "exec(open('out.py').read())\nassert found == 1",
    "only the student's own kernel has": "exec(In[-1])",
}


def sat(rig: Rig, tests: dict[str, str]) -> object:
    text = WRITES + "".join(f"\n#T\n{source}\n" for source in tests.values())
    return rig.sit(text)


@pytest.mark.slow
def test_a_test_reads_what_the_submission_wrote(rig: Rig) -> None:
    """Whatever opens it, and the other way round where a call names the file; as in one process."""
    found = sat(rig, SHARED).passed
    assert dict.fromkeys(SHARED, True) == dict(zip(SHARED, found.values(), strict=True))
    together = rig.sit(WRITES + "".join(f"\n#T\n{source}\n" for source in SHARED.values()), in_kernel=True).passed
    assert together == found


def test_the_courses_own_files_are_neither_replaced_nor_written(rig: Rig, tmp_path: Path) -> None:
    """Beside the master or in a folder there: the test reads the course's, and the course's stays what it was."""
    (tmp_path / "data").mkdir()
    own = [tmp_path / "wanted.csv", tmp_path / "data" / "wanted.csv"]
    for path in own:
        path.write_text("4")
    forged = """
import os
os.makedirs('data', exist_ok=True)
for name in ('wanted.csv', 'data/wanted.csv', 'data/new.csv'):
    open(name, 'w').write('77')
def f(x): return 77
"""
    test = "assert f(2) == int(open({0!r}).read()) == int(open({0!r}).read())"
    text = "\n#T\n".join(["#S\ndef f(x): return 2 * x", *(test.format(str(p.relative_to(tmp_path))) for p in own)])
    text += "\n#T\nimport os\nassert not os.path.exists('data/new.csv')"
    honest, sat = (rig.sit(text, answers, terms={"path": (str(tmp_path),)}) for answers in ({}, {"s1": forged}))
    assert {"t1": True, "t2": True, "t3": True} == honest.passed
    assert {"t1": False, "t2": False, "t3": True} == sat.passed
    assert ["4", "4"] == [path.read_text() for path in own]
    assert not (tmp_path / "data" / "new.csv").exists()


@pytest.mark.slow
def test_what_a_submission_wrote_is_never_run(rig: Rig) -> None:
    """A test that would run or unpickle it stays unscored, and says how to be run."""
    findings = sat(rig, FAULTS).findings
    for word, finding in zip(FAULTS, findings.values(), strict=True):
        assert word in finding.fault
        assert "in-kernel" in finding.fault


@pytest.mark.slow
def test_a_tests_own_files_stay_its_own(rig: Rig) -> None:
    """What no call names is not told: it may hold what is expected."""
    source = "open('expected.txt', 'w').write('42')\nassert listed() and 'expected.txt' not in listed()"
    assert {"t1": True} == sat(rig, {"": source}).passed


@pytest.mark.slow
def test_names_that_lead_elsewhere_reach_nothing(rig: Rig) -> None:
    """A submission cannot put a file outside of the test's folder, nor in place of the course's."""
    book = "#S\nopen('a.txt', 'w').write('x')\nname = '../escaped.txt'\n#T\nimport os\ntry:\n    open(name)\nexcept FileNotFoundError:\n    pass\nassert not os.path.exists('../escaped.txt')"
    assert {"t1": True} == rig.sit(book).passed


@pytest.mark.slow
def test_a_path_brings_no_module_and_no_file_of_the_courses(rig: Rig, tmp_path: Path) -> None:
    """What an answer names as a path is fetched as a file: it is neither imported nor in place of what the test has."""
    (tmp_path / "wanted.csv").write_text("4")
    forged = """
from pathlib import Path
Path('colorsys.py').write_text('rgb_to_hsv = lambda *a: (0, 0, 2)')
for name in ('wanted.csv', 'mine.csv'): Path(name).write_text('77')
def paths(): return [Path('colorsys.py'), Path('wanted.csv'), Path('mine.csv'), Path('../up.csv'), Path('/etc/hostname')]
"""
    text = """
#S
pass
#T
import os
open('mine.csv', 'w').write('4')
assert all(p.exists() for p in paths()[:2])
assert open('mine.csv').read() == open('wanted.csv').read() == '4' and not os.path.exists('../up.csv')
import colorsys
assert colorsys.rgb_to_hsv(1, 0, 0)[2] != 2
"""
    sat = rig.sit(text, {"s1": forged}, terms={"path": (str(tmp_path),)})
    assert {"t1": True} == sat.passed, sat["t1"].error
    assert "4" == (tmp_path / "wanted.csv").read_text()


NAMES = [
    "secret.txt",
    "data/../secret.txt",
    "{home}/secret.txt",
    "{home}/data/../secret.txt",
    "/etc/passwd",
    "/dev/full",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_the_submissions_leads_to_nothing_but_its_own(rig: Rig, tmp_path: Path, name: str) -> None:
    """Else a failing test would tell its words; the control, the test's own name for it, reads the file."""
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.txt").write_text("42 is expected")
    test = "text = open({}).read(100)\nassert text == '42 is expected', text"
    text = f"#S\ndef where(): return ''\n#T\n{test.format('where()')}\n#T\n{test.format(repr('secret.txt'))}"
    answer = f"def where(): return {name.format(home=tmp_path)!r}"
    sat = rig.sit(text, {"s1": answer}, terms={"path": (str(tmp_path),)})
    assert {"t1": False, "t2": True} == sat.passed
    assert "no file of its own" in str(sat["t1"].error), sat["t1"]


PLACES = ["'file:///etc/hostname'", "[('a', {'b': 'file:///etc/hostname'})]", "[('a', {'b': '/etc/hostname'})]"]


@pytest.mark.parametrize("answer", PLACES)
def test_an_address_or_a_name_within_an_answer_leads_nowhere_either(rig: Rig, answer: str) -> None:
    """Whatever library opens it; the control, before the submission has named it, reads the test's own."""
    test = "import pandas as pd\nfound = {}\nfound = found if isinstance(found, str) else found[0][1]['b']\nassert len(pd.read_csv(found, header=None))"
    text = f"#S\ndef where(): return ''\n#T\n{test.format(answer)}\n#T\n{test.format('where()')}"
    sat = rig.sit(text, {"s1": f"def where(): return {answer}"})
    assert {"t1": True, "t2": False} == sat.passed
    assert "The submission names" in str(sat["t2"].error), sat["t2"]


def test_a_given_file_may_be_named_by_the_submission(rig: Rig, tmp_path: Path) -> None:
    """It lies on both sides; what the submission has made of its copy does not count."""
    (tmp_path / "given.txt").write_text("4")
    text = "#S\nname = 'given.txt'\n#T\nassert open(name).read() == '4'"
    about = {"terms": {"path": (str(tmp_path),)}, "files": {"given.txt": tmp_path / "given.txt"}}
    assert {"t1": True} == rig.sit(text, **about).passed
    assert {"t1": False} == rig.sit(text, {"s1": "name = 'given.txt'\nopen(name, 'w').write('5')"}, **about).passed


@pytest.mark.slow
def test_what_comes_is_bounded(rig: Rig) -> None:
    """A file's size, and that of all together, whatever the student's side would send."""
    text = "#S\nsize = 1\n#T\nfor n in range(6):\n    assert open(f'{n}.txt', 'rb').read(1) == b'x'"
    forged = "from autograder.sandbox.files import Folder\nFolder.read = lambda self, name: b'x' * {}"
    small, large, many = (forged.format(n) for n in (1, (32 << 20) + 1, 25 << 20))
    assert {"t1": True} == rig.sit(text, {"s1": small}).passed
    for code in (large, many):
        assert "too large to be tested" in str(rig.sit(text, {"s1": code}, terms={"cell_seconds": 30.0})["t1"].error)


def test_no_bytecode_comes(rig: Rig) -> None:
    """Python would run it without compiling anything; the control runs it beside the student's code."""
    forged = """
import py_compile
open('mod.py', 'w').write('found = 1')
py_compile.compile('mod.py', invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
open('mod.py', 'w').write('found = 0')
"""
    text = "#S\npass\n#T\nimport sys\nsys.path.insert(0, '.')\nassert open('mod.py').read()\nimport mod\nassert mod.found == 1"
    assert {"t1": True} == rig.sit(text, {"s1": forged}, in_kernel=True).passed
    assert "runs a text" in rig.sit(text, {"s1": forged})["t1"].fault
