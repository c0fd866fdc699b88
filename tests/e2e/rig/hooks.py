"""The hooks of the tests' scaled object: pg_ctl calls that tests can delay, fail and count."""

import os
from pathlib import Path

from rig.postgres import AS_POSTGRES, SERVER_BIN, Postgres

SCRIPT = Path(__file__).with_name("hook")


class Latch:
    """Holds back every run of one hook until it is opened; each `let_one_through` lets one run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path, 0o666)
        # Opened for both directions, so that neither end waits in open(2) for the other.
        self._pipe = os.open(path, os.O_RDWR)

    def let_one_through(self) -> None:
        os.write(self._pipe, b"go\n")

    def open(self) -> None:
        self.path.unlink(missing_ok=True)
        self.let_one_through()


class Hooks:
    def __init__(self, postgres: Postgres, directory: Path, stop_mode: str = "fast") -> None:
        self.directory = directory / "hooks"
        self.directory.mkdir()
        self.environment = {
            "RIG": str(self.directory),
            "PG_CTL": " ".join(
                [*AS_POSTGRES, str(SERVER_BIN / "pg_ctl"), "-D", str(postgres.data)]
            ),
            "SERVER_LOG": str(postgres.log),
            "STOP_MODE": stop_mode,
        }
        self._latches: list[Latch] = []

    def configuration(self) -> dict:
        actions = {name: [str(SCRIPT), name] for name in ("start", "stop", "status")}
        return {**actions, "environment": self.environment}

    def latch(self, action: str) -> Latch:
        latch = Latch(self.directory / f"latch-{action}")
        self._latches.append(latch)
        return latch

    def release_all(self) -> None:
        for latch in self._latches:
            latch.open()

    def fail(self, action: str) -> Path:
        """Makes the hook fail until the returned file is gone."""
        marker = self.directory / f"fail-{action}"
        marker.touch()
        return marker

    def pids(self, action: str) -> list[int]:
        """One per call so far, in order."""
        calls = self.directory / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [int(line.split()[1]) for line in lines if line.split()[0] == action]

    def calls(self, action: str) -> int:
        return len(self.pids(action))
