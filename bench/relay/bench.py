"""Shared by all measures: folder, number and length of rounds, and the servers."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mass_release import Talker
from relay.children import Child
from rig.ports import free_port, is_listening
from rig.postgres import AS_POSTGRES, BIN as POSTGRES_BIN, Postgres, make_template
from rig.program import BIN
from rig.waiting import wait_until

SCALE = 10

SETTINGS = """\
shared_buffers = '512MB'
max_connections = 200
max_wal_size = '2GB'
"""


@dataclass
class Bench:
    directory: Path
    cleanup: ExitStack
    rounds: int
    seconds: int  # of one pgbench run
    clients: list[int]
    crowd: list[int]  # idle or held sessions
    bulk_bytes: int
    say: Callable[[str], None]
    quick: bool = False
    _postgres: Postgres | None = None
    _bulk_port: int = 0

    def postgres_port(self) -> int:
        """The port of a throwaway Postgres with pgbench's tables, made at the first call."""
        if self._postgres is None:
            self.say(f"making a Postgres with pgbench's tables at scale {SCALE}")
            server = Postgres(make_template(self.directory), self.directory)
            with (server.data / "postgresql.conf").open("a") as settings:
                settings.write(SETTINGS)
            # Not by pg_ctl, so that it ends with the benchmark, however that ends.
            command = [POSTGRES_BIN / "postgres", "-D", server.data]
            Child(self.cleanup, *command, log=server.log, user=AS_POSTGRES, end="QUIT")
            self.cleanup.callback(server.close)  # it ends its own children
            where = ["-h", "127.0.0.1", "-p", str(server.port)]
            ask = [str(POSTGRES_BIN / "pg_isready"), "-q", *where]
            wait_until(lambda: subprocess.run(ask, check=False).returncode == 0, "Postgres answers")
            self.pgbench(server.port, "-i", "-q", "-s", str(SCALE))
            server.query("VACUUM ANALYZE")
            server.query("CHECKPOINT")
            self._postgres = server
        return self._postgres.port

    def admit(self, role: str) -> None:
        """Lets a role of the template read pgbench's tables."""
        self.postgres_port()
        self._postgres.query(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")

    def bulk_port(self) -> int:
        """The port of the server that generates and discards bytes."""
        if self._bulk_port == 0:
            self._bulk_port = free_port()
            command = [BIN / "bench-bulk-server", str(self._bulk_port)]
            Child(self.cleanup, *command, log=self.directory / "bulk_server.log")
            wait_until(lambda: is_listening(self._bulk_port), "the bulk server listens")
        return self._bulk_port

    @contextmanager
    def on_one_processor(self) -> Iterator[None]:
        """Pins Postgres and all that is started meanwhile to one processor. On a virtual machine
        waking a process on another processor costs several times what relaying a query does, and
        how often that happens is up to the scheduler: it would hide the differences."""
        self.postgres_port()
        server = self._postgres.pid()
        before = os.sched_getaffinity(0)
        one = {max(before)}
        try:
            for pid in (0, server):
                os.sched_setaffinity(pid, one)
            yield
        finally:
            for pid in (0, server):
                os.sched_setaffinity(pid, before)

    def client(self, cleanup: ExitStack, port: int) -> Talker:
        """A logged-in client."""
        client = Talker(cleanup, "bench-client", port, "app")
        client.hear()
        return client

    def pgbench(self, port: int, *arguments: str) -> str:
        where = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
        command = [str(POSTGRES_BIN / "pgbench"), *where, *arguments, "app"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"pgbench failed:\n{done.stderr[-2000:]}")
        return done.stdout
