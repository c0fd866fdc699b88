"""PgBouncer with the same backend: how long PAUSE and RESUME take."""

import os
import struct
import subprocess
from pathlib import Path

from rig.ports import free_port
from rig.postgres import AS_POSTGRES
from rig.waiting import PATIENCE, wait_until
from rig.wire import WireClient, query_message

# As many server connections as the proxy has logins under way (release_batch).
POOL_SIZE = 64

SETTINGS = """\
[databases]
app = host=127.0.0.1 port={server_port} dbname=app user=bench
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = bench
pool_mode = transaction
max_client_conn = {most_clients}
default_pool_size = {pool_size}
log_connections = 0
log_disconnections = 0
"""


def columns(row: bytes) -> list[str]:
    """Of a DataRow's body; NULL becomes an empty text."""
    found, place = [], 2
    for _ in range(struct.unpack_from("!h", row)[0]):
        size = max(0, struct.unpack_from("!i", row, place)[0])
        found.append(row[place + 4 : place + 4 + size].decode())
        place += 4 + size
    return found


class Pooler:
    def __init__(self, directory: Path, server_port: int, clients: int) -> None:
        self.port = free_port()
        settings = directory / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(
                server_port=server_port,
                port=self.port,
                most_clients=clients + 10,
                pool_size=POOL_SIZE,
            )
        )
        # It refuses to run as root, as Postgres does. Its output is dropped: if it ends,
        # connecting to it fails.
        self._process = subprocess.Popen(
            [*AS_POSTGRES, "pgbouncer", "-q", str(settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"},
        )
        self._console: WireClient | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    def warm_up(self) -> None:
        """One session, whose parameters it sends to clients that log in while it is paused."""
        first = wait_until(self._session, "PgBouncer serves a session")
        first.login(user="bench")
        first.query("SELECT 1")
        first.leave()
        self._console = WireClient(self.port)
        self._console.login(user="bench", database="pgbouncer")

    def _session(self) -> WireClient | None:
        if self._process.poll() is not None:
            raise RuntimeError(f"pgbouncer ended with {self._process.returncode}")
        try:
            return WireClient(self.port)
        except OSError:
            return None

    def ask(self, command: str) -> list[dict[str, str]]:
        assert self._console, "warm_up comes first"
        self._console.send(query_message(command))
        messages = self._console.messages_until("Z")
        rows = [columns(each.body) for each in messages if each.kind == "D"]
        heads = [each.body for each in messages if each.kind == "T"]
        names = column_names(heads[0]) if heads else []
        return [dict(zip(names, row, strict=True)) for row in rows]

    def waiting(self) -> int:
        pools = [pool for pool in self.ask("SHOW POOLS") if pool["database"] == "app"]
        return sum(int(pool["cl_waiting"]) for pool in pools)

    def close(self) -> None:
        if self._console:
            self._console.hang_up()
        self._process.kill()
        self._process.wait(PATIENCE)


def column_names(description: bytes) -> list[str]:
    """Of a RowDescription's body."""
    names, place = [], 2
    for _ in range(struct.unpack_from("!h", description)[0]):
        end = description.index(b"\0", place)
        names.append(description[place:end].decode())
        place = end + 1 + 18
    return names
