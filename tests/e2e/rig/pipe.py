"""A pipe in place of a log file, with or without a reader."""

import fcntl
import json
import os
import signal
import threading

from rig.program import Program
from rig.waiting import wait_until


class LogPipe:
    """A pipe of 4 KiB, the smallest capacity."""

    def __init__(self) -> None:
        self._reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, 4096)
        self._text = b""
        self._thread: threading.Thread | None = None

    def restart(self, program: Program) -> None:
        """Restarts the program with its log in this pipe."""
        program.stop()
        program.stderr = self.writer
        program.start()
        program.await_ready()

    def read_from_now_on(self) -> None:
        def read() -> None:
            while more := os.read(self._reader, 65536):
                self._text += more

        self._thread = threading.Thread(target=read, daemon=True)
        self._thread.start()

    def events(self, name: str) -> list[dict]:
        lines = self._text.decode(errors="replace").split("\n")[:-1]
        return [json.loads(line) for line in lines if f'"event":"{name}"' in line]

    def close(self) -> None:
        """Call it once all programs that write here have ended."""
        os.close(self.writer)
        if self._thread:
            self._thread.join()
        os.close(self._reader)


def lines_dropped(program: Program) -> int:
    return int(program.metric(f"wakegate_{program.kind}_log_lines_dropped_total"))


def fill(program: Program) -> None:
    """Makes the program log, one line for each SIGHUP, until it has dropped some."""

    def has_dropped() -> bool:
        for _ in range(500):
            program.signal(signal.SIGHUP)
        return lines_dropped(program) > 0

    wait_until(has_dropped, f"{program.name} has dropped lines", 120)
