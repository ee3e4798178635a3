"""The disk cannot be filled: not by size, not by number, not by names."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 3, "one-process"
SNIPPETS = {
    "one large file": "open('large', 'wb').write(bytes(5 << 20))",
    "a sparse terabyte": "os.truncate(os.open('sparse', os.O_RDWR | os.O_CREAT), 1 << 40)",
    "many files": "for n in range(9): open(f'many{n}', 'wb').write(bytes(3 << 20))",
    "many names": """
os.mkdir("names")
try:
    for n in range(4300):
        os.close(os.open(f"names/{n}", os.O_CREAT | os.O_WRONLY))
finally:
    for name in os.listdir("names"):
        os.unlink("names/" + name)
""",
    "deep folders and odd names": """
for n in range(200):
    os.mkdir("deep"); os.chdir("deep")
for name in (b"\\xff\\xfe", b"a\\nb", b"-rf *", "x\\u202egnp.exe".encode()):
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
raise OSError("done; they are gone with the candidate")
""",
}
LEVELS = {"one large file": 0, "a sparse terabyte": 0}
UNPROVEN = {"deep folders and odd names": "they are allowed; the host is asked whether anything is left"}
