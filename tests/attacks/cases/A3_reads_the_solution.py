"""The instructor's solution cannot be read and run."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 2, "unprotected"
SOURCE = """
import json, re
for top in (course, "../../..", "../.."):
    try:
        text = open(top + "/source/ps/ps.ipynb").read()
        break
    except OSError as error:
        print(error)
else:
    text = '{"cells": []}'
for cell in json.loads(text)["cells"]:
    if "def prize" in "".join(cell["source"]):
        exec("".join(cell["source"]))
secrets = re.findall("KANA" + "-[0-9a-f]{18}-RIE", text)
print(secrets)
motto = lambda: secrets[-2] if secrets else ""
"""
