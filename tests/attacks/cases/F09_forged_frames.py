"""The wire answers nothing that the candidate asks, and believes nothing that it was not asked for."""

from __future__ import annotations

from attacks.snippets import WIRE

EXPECTED, LEVEL, CONTROL = "end", 0, "none"
WHY = "in one process there is no wire; what can be forged there shows in F14"
SEND = (
    WIRE
    + """
def send(data, length=None):
    fd = wire()
    os.set_blocking(fd, True)
    os.write(fd, struct.pack(">I", len(data) if length is None else length) + data)
def frame(*parts):
    import msgpack
    send(msgpack.packb(list(parts)))
"""
)
REST = "\ntable = divisors = motto = guess = prize\n"
VARIANTS = {
    name: {"SOURCE": SEND + "\ndef prize(*a):\n" + body + "\n    return 0" + REST}
    for name, body in {
        "verdict": "    frame('found', 4, {'error': None, 'has_result': True, 'result': 4.0})",
        "end": "    frame('end', 0.0)",
        "ask_for_answers": "    frame(1, 'name', ['wanted'], {})\n    frame(1, 'call', [0, [], {}], {})",
        "answers_ahead": "    for n in range(1000): frame(n, 'ok', True, {'seconds': 0.0})",
        "garbage": "    send(os.urandom(1000))",
        "endless_length": "    send(b'x', 0xFFFFFFFF)",
        "short_frame": "    send(b'x', 1000)\n    os.close(wire())",
        "deep_frame": "    send(b'\\x91' * 100000 + b'\\xc0')",
        "large_frame": "    send(b'\\xdd\\xff\\xff\\xff\\xff')",
        "unknown_extension": "    send(b'\\x94\\x01\\xa2ok\\xd4\\x7f\\x00\\x80')",
        "handle_of_nothing": "    send(b'\\x94\\x01\\xa2ok\\xc7\\x03\\x00\\x93\\x01\\x02\\x80')",
        "close": "    os.close(wire())",
        "never_ready_again": "    frame(0, 'ready', None, {})",
        "a_folder_sent_along": "    socket.send_fds(socket.socket(fileno=os.dup(wire())), [b'\\0\\0\\0\\x01\\xc0'], [os.open('.', 0)])",
    }.items()
}
NBGRADER = "none"
