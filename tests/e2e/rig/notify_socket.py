"""Receives what a program of Type=notify sends to systemd: the datagrams of sd_notify(3)."""

import socket
from pathlib import Path

from rig.program import Program
from rig.waiting import PATIENCE


class NotifySocket:
    def __init__(self, directory: Path, watchdog: float) -> None:
        """`watchdog`: the timeout in seconds within which programs must send WATCHDOG=1."""
        self._watchdog = watchdog
        self._path = directory / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        self._socket.settimeout(PATIENCE)

    def close(self) -> None:
        self._socket.close()

    def start(self, program: Program) -> None:
        microseconds = str(int(self._watchdog * 1_000_000))
        program.environment = {"NOTIFY_SOCKET": str(self._path), "WATCHDOG_USEC": microseconds}
        program.start()

    def next(self) -> dict[str, str]:
        message = self._socket.recv(4096).decode()
        return dict(line.split("=", 1) for line in message.splitlines())

    def next_but_alive(self) -> dict[str, str]:
        while (message := self.next()) == {"WATCHDOG": "1"}:
            pass
        return message
