"""Machines, as network namespaces, that can vanish without closing their connections."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

_random = random.SystemRandom()


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=60)


def require_machines() -> None:
    """Skips the test where they are not possible."""
    if shutil.which("ip") is None:
        pytest.skip("vanishing machines need the program ip (Debian: iproute2)")
    if os.geteuid() != 0:
        pytest.skip("vanishing machines need root, to make network namespaces")
    name = f"wakegate-{os.getpid()}-trial"
    try:
        ip("netns", "add", name)
        try:
            ip("-n", name, "link", "set", "lo", "up")
        finally:
            ip("netns", "delete", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"vanishing machines need network namespaces: {error.stderr.strip()}")


class Machine:
    """Connected to this one by a veth pair: `address` is its end, `gate` is ours."""

    def __init__(self) -> None:
        number = _random.randrange(1 << 15)
        network = (198 << 24) + (18 << 16) + number * 4  # a /30 of RFC 2544's 198.18.0.0/15
        self.gate, self.address = (
            ".".join(str(network + host >> shift & 255) for shift in (24, 16, 8, 0))
            for host in (1, 2)
        )
        self._name = f"wakegate-{os.getpid()}-{number}"
        self._ours, self._theirs = f"wg{number}a", f"wg{number}b"

    def start(self) -> None:
        ip("netns", "add", self._name)
        peer = ["peer", "name", self._theirs, "netns", self._name]
        ip("link", "add", self._ours, "type", "veth", *peer)
        ip("address", "add", f"{self.gate}/30", "dev", self._ours)
        ip("link", "set", self._ours, "up")
        ip("-n", self._name, "address", "add", f"{self.address}/30", "dev", self._theirs)
        for device in (self._theirs, "lo"):
            ip("-n", self._name, "link", "set", device, "up")

    def command(self, *words: object) -> list[str]:
        """The command line that runs `words` there."""
        return ["ip", "netns", "exec", self._name, *map(str, words)]

    def vanish(self) -> None:
        """Cuts the link: no more segments, no FIN, no RST."""
        ip("-n", self._name, "link", "set", self._theirs, "down")

    def close(self) -> None:
        ip("link", "delete", self._ours)
        ip("netns", "delete", self._name)


@contextmanager
def running_machine() -> Iterator[Machine]:
    require_machines()
    machine = Machine()
    machine.start()
    try:
        yield machine
    finally:
        machine.close()
