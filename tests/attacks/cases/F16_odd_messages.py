"""Odd outputs, displays and comms are shown or dropped, and harm nobody."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "they earn nothing anywhere; the grader must bear them"
SNIPPETS = {
    name: source + "\nraise OSError('sent')"
    for name, source in {
        "raw display": "from IPython.display import display\ndisplay({'text/html': 5, 'x' * 10**5: 'y'}, raw=True, metadata={'a': object()})",
        "publish": "p = get_ipython().display_pub\np.publish(data={'text/plain': b'\\xff', 1: 2}, metadata=None)",
        "update": "from IPython.display import display, update_display\nfor n in range(200): update_display('x' * 1000, display_id='nobody')",
        "id": "from IPython.display import display\ndisplay('a', display_id=True); display('b', display_id='../../x')",
        "comm": "import comm; comm.create_comm(target_name='x', data={'a': 1})",
        "clear": "from IPython.display import clear_output\nfor n in range(100): clear_output(wait=True); print(n)",
        "image": "from IPython.display import Image, display\ndisplay(Image(data=b'\\x89PNG\\r\\n\\x1a\\n' + bytes(10**6)))",
        "payload": "get_ipython().set_next_input('import os; os._exit(0)', replace=True)",
        "pager": "get_ipython().run_line_magic('pinfo', 'print')",
        "surrogates": "print('\\ud800')",
        "nested": "from IPython.display import JSON, display\nv = []\nfor n in range(5000): v = [v]\ndisplay(JSON(v))",
    }.items()
}
UNPROVEN = dict.fromkeys(SNIPPETS, "judged by the marks")
