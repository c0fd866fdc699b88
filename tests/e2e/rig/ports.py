"""Free TCP ports for programs whose port must be known before they start."""

import random
import socket

# Below the kernel's ephemeral range, so that no outgoing connection takes one in between; above
# 15432, from where the demo searches for a free port.
FIRST, LAST, BLOCK = 16000, 32000, 1000
_random = random.SystemRandom()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _claim_block() -> tuple[socket.socket, list[int]]:
    """Ports that no other test process uses while this one lives, so that a program that was killed
    finds its port free when it restarts. The claim is an abstract Unix address, which ends with the
    process."""
    firsts = list(range(FIRST, LAST, BLOCK))
    _random.shuffle(firsts)
    for first in firsts:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0wakegate-ports-{first}")
        except OSError:
            claim.close()
            continue
        ports = list(range(first, first + BLOCK))
        _random.shuffle(ports)
        return claim, ports
    raise AssertionError("every block of ports is claimed")


_claim, _unused = _claim_block()


def free_port() -> int:
    """A port without a listener that this process has not returned before."""
    while _unused:
        port = _unused.pop()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"all {BLOCK} ports of this process's block are used up")
