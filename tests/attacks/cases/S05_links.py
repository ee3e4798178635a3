"""A link in the work folder leads nowhere outside."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
SNIPPETS = {
    "follow a symbolic link": "os.symlink(folder + '/secret', 'l'); print(open('l').read())",
    "follow a link to a folder": "os.symlink(folder, 'd'); os.listdir('d')",
    "make a hard link": "os.link(folder + '/secret', 'h'); print(open('h').read())",
    "swap it in": "os.rename(folder + '/secret', 's'); os.rename('s', folder + '/secret')",
    "through /proc": "print(open('/proc/self/root' + folder + '/secret').read())",
    "through the working folder": "print(open('/proc/self/cwd/' + '../' * 20 + folder + '/secret').read())",
}
