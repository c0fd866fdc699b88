"""A throwaway Postgres, copied from a template that initdb made once per test process."""

import os
import shutil
import subprocess
from pathlib import Path

from rig.ports import free_port
from rig.scram import verifier

# psql, pgbench and the like, and the server unless another version is tested.
BIN = Path("/usr/lib/postgresql/15/bin")
SERVER_BIN = Path(os.environ.get("WAKEGATE_POSTGRES_BIN", BIN))

# Postgres refuses to run as root.
AS_POSTGRES = (
    ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    if os.geteuid() == 0
    else []
)

SCRAM_USER, SCRAM_PASSWORD = "keeper", "correct horse battery staple"
SCRAM_VERIFIER = verifier(SCRAM_PASSWORD)
MD5_USER, MD5_PASSWORD = "old", "md5 was yesterday"

HBA = f"""\
host all {SCRAM_USER} 127.0.0.1/32 scram-sha-256
host all {MD5_USER} 127.0.0.1/32 md5
host all all 127.0.0.1/32 trust
host replication all 127.0.0.1/32 trust
"""

SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = '16MB'
max_connections = 150
fsync = off
synchronize_seqscans = off
autovacuum = off
wal_level = replica
max_wal_senders = 4
timezone = 'UTC'
"""

ROLES_AND_DATABASES = f"""\
CREATE ROLE {SCRAM_USER} LOGIN PASSWORD '{SCRAM_VERIFIER}';
SET password_encryption = 'md5';
CREATE ROLE {MD5_USER} LOGIN PASSWORD '{MD5_PASSWORD}';
CREATE DATABASE app;
CREATE DATABASE app_copy;
"""


def server_objection() -> str | None:
    """The reason why this version of the server can't be run; None when it can."""
    server = [*AS_POSTGRES, str(SERVER_BIN / "postgres"), "--version"]
    try:
        tried = subprocess.run(server, capture_output=True, text=True, timeout=60, cwd="/")
    except FileNotFoundError:
        return f"there is no {server[-2]}"
    return tried.stderr.strip() if tried.returncode != 0 else None


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*map(str, command)], check=True, capture_output=True, text=True, timeout=60, **options
    )


def make_template(directory: Path) -> Path:
    """Makes a stopped cluster under `directory`, which must be open to the user postgres."""
    data = directory / "template"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    run(*AS_POSTGRES, SERVER_BIN / "initdb", "-D", data, *options, "--no-sync", cwd="/")
    (data / "pg_hba.conf").write_text(HBA)
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    single = [*AS_POSTGRES, SERVER_BIN / "postgres", "--single", "-D", data, "postgres"]
    run(*single, input=ROLES_AND_DATABASES, cwd="/")
    return data


class Postgres:
    """One database cluster. Initially stopped; `port` never changes."""

    def __init__(self, template: Path, directory: Path) -> None:
        self.data = directory / "data"
        self.log = directory / "postgres.log"
        self.port = free_port()
        run("cp", "-a", template, self.data)
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {self.port}\n")
        self.log.touch()
        if os.geteuid() == 0:
            shutil.chown(self.log, "postgres", "postgres")

    def control(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [*AS_POSTGRES, str(SERVER_BIN / "pg_ctl"), "-D", str(self.data), *arguments]
        return subprocess.run(command, stdout=subprocess.DEVNULL, cwd="/", timeout=60, check=False)

    def start(self) -> None:
        assert self.control("start", "-w", "-l", str(self.log)).returncode == 0, "pg_ctl start"

    def stop(self, mode: str = "fast") -> None:
        assert self.control("stop", "-w", "-m", mode).returncode == 0, f"pg_ctl stop -m {mode}"

    def pid(self) -> int | None:
        """The running postmaster, or None."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n")[0])
            os.kill(pid, 0)
            return pid
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None

    def is_running(self) -> bool:
        return self.pid() is not None

    def query(self, sql: str, database: str = "app") -> str:
        """Runs a query at Postgres directly, not through the proxy."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database]
        return run(BIN / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *where, "-c", sql).stdout.strip()

    def close(self) -> None:
        if self.is_running():
            self.stop("immediate")
        assert not self.is_running(), "Postgres is still running"
