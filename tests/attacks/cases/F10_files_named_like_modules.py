"""Files named like modules, and poisoned modules, reach the student's own process alone."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 2, "one-process"
FAKE = """
class Any:
    shape = (2, 2)
    def __getattr__(self, name): return self
    def __call__(self, *a, **k): return self
"""


def files(folder, book):
    scene = folder.parents[3]
    mark = f"open({str(scene / 'canaries' / folder.parent.name / 'ran')!r}, 'a').write(__name__)\n"
    names = (
        "conftest",
        "sitecustomize",
        "usercustomize",
        "ipython_config",
        "nbgrader_config",
        "msgpack",
        "autograder",
        "json",
        "ast",
        "course",
        "unittest",
        "pytest",
    )
    for name in names:
        (folder / f"{name}.py").write_text(f"try:\n    {mark}except OSError:\n    pass\n")
    (folder / "autograder").mkdir()
    (folder / "autograder" / "__init__.py").write_text(mark)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p conftest\n")
    (folder / "course.toml").write_text('[grading]\nscoring = "nbgrader"\n[jail]\nlevel = 0\n')
    (folder / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")


VARIANTS = {
    "poisoned": {
        "SOURCE": FAKE
        + """
import sys
sys.modules["numpy"] = sys.modules["numpy.testing"] = sys.modules["unittest"] = np = Any()
table = lambda n: None
""",
        "LEVEL": 0,
    },
    "import_hook": {
        "SOURCE": FAKE
        + """
import builtins, sys
real = builtins.__import__
builtins.__import__ = lambda name, *a, **k: Any() if name.startswith("numpy") else real(name, *a, **k)
table = lambda n: None
""",
        "LEVEL": 0,
    },
    "many": {
        "hand_in": files,
        "CONTROL": "none",
        "WHY": "what would run them is a grader that starts in the student's folder; A11 shows it for nbgrader",
        "EXPECTED": "safe",
    },
}
