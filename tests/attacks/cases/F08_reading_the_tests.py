"""Neither hidden tests, nor expected values, nor labels are in the candidate: not in memory, frames, caches or objects."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
USE = """
import re
def found():
    texts = set(look())
    print("found", sorted(texts)[:20])
    return sorted(texts)
def motto():
    hits = found()
    return hits[-1] if hits else ""
def guess(inputs):
    found()
    return []
prize = table = divisors = lambda *a: 0
found()
"""
SHAPE = 're.compile("KANA" + "-[0-9a-f]{18}-RIE")'
VARIANTS = {
    "memory": {
        "SOURCE": """
import re
own = "KANA-" + "%018x" % 0xABCDEF + "-RIE"  # proves that the scan finds what is there
def look():
    shape, hits, size = re.compile(b"KANA-[0-9a-f]{18}-RIE"), set(), 0
    wide = re.compile(b"K\\0\\0\\0A\\0\\0\\0N\\0\\0\\0A\\0\\0\\0-")
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps.read().splitlines():
            place, rights = line.split()[:2]
            if "r" not in rights or "[v" in line:
                continue
            start, end = (int(n, 16) for n in place.split("-"))
            for at in range(start, end, 8 << 20):
                try:
                    memory.seek(at)
                    data = memory.read(min((8 << 20) + 64, end - at))
                except (OSError, ValueError, OverflowError):
                    break
                size += len(data)
                hits.update(h.decode() for h in shape.findall(data))
    assert own in hits and size > 10 << 20, (hits, size)
    print("scanned more than 10 MiB and found what was planted")
    return hits - {own}
"""
        + USE,
        "TELLS": ("found what was planted",),
    },
    "gc": {
        "SOURCE": """
import gc, re
def look():
    shape = """
        + SHAPE
        + """
    hits = set()
    for thing in gc.get_objects():
        for child in gc.get_referents(thing):
            if type(child) is str and "KANA" in child:
                hits.update(shape.findall(child))
    return hits
"""
        + USE,
    },
    "frames": {
        "SOURCE": """
import re, sys
def look():
    shape = """
        + SHAPE
        + """
    hits, frame = set(), sys._getframe()
    while frame is not None:
        for space in (frame.f_locals, frame.f_globals):
            for value in list(space.values()):
                if type(value) is str:
                    hits.update(shape.findall(value))
        for constant in frame.f_code.co_consts:
            if type(constant) is str:
                hits.update(shape.findall(constant))
        frame = frame.f_back
    return hits
"""
        + USE,
    },
    "history": {
        "SOURCE": """
import linecache, re, sys
def look():
    shape = """
        + SHAPE
        + """
    texts = [str(line) for entry in list(linecache.cache.values()) if len(entry) > 2 for line in entry[2]]
    shell = get_ipython()
    texts += map(str, shell.history_manager.input_hist_raw if shell.history_manager else [])
    texts += map(str, shell.user_ns.get("In", []))
    texts += [str(value) for value in vars(sys.modules["__main__"]).values() if type(value) is str]
    return {hit for text in texts for hit in shape.findall(text)}
"""
        + USE,
    },
    "files": {
        "LEVEL": 2,
        "SOURCE": """
import glob, re
def look():
    shape = """
        + SHAPE
        + """
    hits = set()
    for path in (course + "/source/ps/ps.ipynb", "ps.ipynb", sibling, *glob.glob("/tmp/*/*.ipynb")):
        try:
            hits.update(shape.findall(open(path).read()))
        except (OSError, ValueError):
            pass
    return hits
"""
        + USE,
    },
    "names": {
        "SOURCE": """
import re
def look():
    shape = """
        + SHAPE
        + """
    names = ("wanted", "secret", "labels", "inputs", "name", "right")
    return {hit for name in names for hit in shape.findall(str(globals().get(name)))}
"""
        + USE,
    },
}
