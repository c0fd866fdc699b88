"""Processes that end with the benchmark, and their use of processor and memory."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

from rig.waiting import PATIENCE


class Child:
    """A process in its own session, so that Ctrl-C reaches only the benchmark, which ends it; if
    the benchmark can't, the kernel does."""

    def __init__(
        self,
        cleanup: ExitStack,
        *command: str | Path,
        log: Path,
        user: list[str] = (),
        end: str = "KILL",
    ) -> None:
        self._log = log
        words = [*(user or ["setpriv"]), f"--pdeathsig={end}", *map(str, command)]
        with log.open("a") as output:
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        cleanup.callback(self.end)

    @property
    def pid(self) -> int:
        return self._process.pid

    def assert_alive(self) -> None:
        if self._process.poll() is not None:
            said = self._log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{self._process.args} ended:\n{said}")

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(PATIENCE)


def processor_ns(pid: int) -> int:
    """Processor time of all threads so far, user and system."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def anonymous_kib(pid: int) -> int:
    """The process's anonymous memory: no program text, which is loaded on first use."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous:\s+(\d+)", rollup, re.MULTILINE)[1])


def sockets(pid: int) -> int:
    found = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found += os.readlink(descriptor).startswith("socket:")
    return found


def keep_awake(cleanup: ExitStack, log: Path) -> None:
    """Runs one idle-priority process on each CPU, so that no CPU halts: on a virtual machine a
    halted CPU takes tens of microseconds to resume."""
    for processor in sorted(os.sched_getaffinity(0)):
        spin = [sys.executable, "-c", "while True: pass"]
        pinned = ["chrt", "--idle", "0", "taskset", "-c", str(processor), *spin]
        _come_last(Child(cleanup, *pinned, log=log))


def _come_last(child: Child) -> None:
    """Sets the nice value of the child's session: where the kernel groups processes by session
    (autogroup, sched(7)), that counts, not the process's own."""
    with suppress(FileNotFoundError):
        Path(f"/proc/{child.pid}/autogroup").write_text("19")
