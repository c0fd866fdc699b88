"""A PgBouncer for one test."""

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from rig.ports import free_port, is_listening
from rig.postgres import AS_POSTGRES
from rig.waiting import wait_until

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/sbin:/bin")


class PgBouncer:
    """Pools sessions per transaction; `server` is libpq's connection string."""

    def __init__(self, directory: Path, server: str, users: dict[str, str], **settings) -> None:
        self.port = free_port()
        userlist = directory / "pgbouncer-users.txt"
        userlist.write_text("".join(f'"{user}" "{secret}"\n' for user, secret in users.items()))
        lines = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_file": userlist,
            "pool_mode": "transaction",
            **settings,
        }
        self._settings = directory / "pgbouncer.ini"
        self._settings.write_text(
            f"[databases]\napp = {server}\n[pgbouncer]\n"
            + "".join(f"{key} = {value}\n" for key, value in lines.items())
        )
        for file in (userlist, self._settings):
            file.chmod(0o644)
        self.log = directory / "pgbouncer.log"
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "PgBouncer":
        command = [*(AS_POSTGRES or ["setpriv"]), "--pdeathsig=KILL", PROGRAM, self._settings]
        with self.log.open("w") as log:
            self._process = subprocess.Popen([*map(str, command)], stdout=log, stderr=log)
        wait_until(lambda: is_listening(self.port), "PgBouncer listens")
        return self

    def __exit__(self, *_) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
