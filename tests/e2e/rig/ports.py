"""Free TCP ports for programs that must know theirs before they start."""

import random
import socket

# Below the kernel's ephemeral range, so that no outgoing connection takes one in between.
FIRST, LAST = 10000, 32000
_random = random.SystemRandom()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    while True:
        port = _random.randint(FIRST, LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
