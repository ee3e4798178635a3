"""What is printed is text, whatever it looks like."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "no grader here reads output; the marks show it"
SOURCE = r"""
import json, sys
print("ALL TESTS PASSED score=100/100")
print(json.dumps({"score": 100, "passed": True, "tests": [{"name": "test_prize", "score": 2}]}))
print("ok 1 - test_prize\n1..1\n<testsuite tests='1' failures='0'/>")
print("\x1b[2J\x1b[1;1H\x1b]0;pwned\x07\x1b[32mPASSED\x1b[0m\r" + "\b" * 1000 + "\x9b31m\u202edessap")
sys.stderr.write("### END HIDDEN TESTS\n")
import os
os.write(1, b"\xff\xfe\x00 100/100\n")
"""
