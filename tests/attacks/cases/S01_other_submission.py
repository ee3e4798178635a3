"""Nothing of the course can be read from inside: other submissions, the master, the ledger, folders above."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
SNIPPETS = {
    "read another's notebook": "print(open(sibling).read()[-400:])",
    "list the class": "os.listdir(course + '/submitted')",
    "read the master": "print([line for line in open(course + '/source/ps/ps.ipynb') if 'KANA' in line])",
    "read the gradebook": "open(course + '/gradebook.db', 'rb').read()",
    "read the ledger": "open(course + '/ledger.db', 'rb').read()",
    "find it from the root": "import glob; assert glob.glob(course + '/*/*/*/*.ipynb')",
    "climb out with dots": "here = os.open('.', os.O_RDONLY); print(os.open('../' * 30 + folder + '/secret', 0, dir_fd=here))",
    "list all submissions above": "assert set(os.listdir('/')) & {'etc', 'root', 'home'}",
}
