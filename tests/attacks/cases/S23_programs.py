"""No program can be started where the assignment does not allow it."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "subprocess": "import subprocess; subprocess.run(['/bin/sh', '-c', ':'], check=True)",
    "os.system": "assert os.system('true') == 0",
    "os.popen": "assert os.popen('echo 1').read() == '1\\n'",
    "posix_spawn": "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    "a shell line": "assert get_ipython().getoutput('echo here') == ['here']",
    "a shell cell": "assert get_ipython().run_cell_magic('bash', '', 'exit 0') is None and False",
    "a dropped program": "import shutil, os\nshutil.copy('/bin/true', 't'); os.chmod('t', 0o755)\nassert os.spawnv(os.P_WAIT, './t', ['t']) == 0",
    "a program from memory": "import os; fd = os.memfd_create('x'); os.write(fd, open('/bin/true', 'rb').read())",
    "fork": "import os\nif not os.fork(): os._exit(0)",
    "multiprocessing": "import multiprocessing as m\np = m.get_context('fork').Process(target=print); p.start(); p.join()",
}
UNPROVEN = {"a shell cell": "the shell's own answer is not the claim; the others show it"}
