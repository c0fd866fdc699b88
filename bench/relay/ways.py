"""The compared ways to a server. Each has one worker and relays whole sessions."""

import resource
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from relay.children import Child
from rig.ports import free_port, is_listening
from rig.postgres import AS_POSTGRES
from rig.program import BIN, Program
from rig.waiting import wait_until
from rig.wire import WireClient

# Each session takes two descriptors, and a proxy needs some for itself.
MOST_SESSIONS = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2 - 50

HAPROXY = """\
global
    nbthread 1
    maxconn {most}
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen postgres
    bind 127.0.0.1:{port}
    server postgres 127.0.0.1:{server_port}
"""

PGBOUNCER = """\
[databases]
app = host=127.0.0.1 port={server_port} dbname=app {user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = session
max_client_conn = {most}
default_pool_size = {most}
log_connections = 0
log_disconnections = 0
"""


@dataclass
class Way:
    """A running way. `pid` is None for the direct one."""

    port: int
    pid: int | None = None
    program: Program | None = None


Starter = Callable[[ExitStack, Path, int], Way]


def direct(_cleanup: ExitStack, _directory: Path, server_port: int) -> Way:
    return Way(server_port)


def floor(cleanup: ExitStack, directory: Path, server_port: int) -> Way:
    port = free_port()
    log = directory / "floor.log"
    return Way(port, Child(cleanup, BIN / "bench-floor", str(port), str(server_port), log=log).pid)


def haproxy(cleanup: ExitStack, directory: Path, server_port: int) -> Way:
    port = free_port()
    settings = _settings(directory / f"haproxy-{port}.cfg", HAPROXY, port, server_port)
    command = ["/usr/sbin/haproxy", "-db", "-f", settings]
    return Way(port, Child(cleanup, *command, log=directory / "haproxy.log").pid)


def pgbouncer(
    cleanup: ExitStack,
    directory: Path,
    server_port: int,
    user: str = "user=postgres",
    settings: dict[str, object] | None = None,
) -> Way:
    port = free_port()
    file = _settings(directory / f"pgbouncer-{port}.ini", PGBOUNCER, port, server_port, user=user)
    with file.open("a") as more:  # the last one wins
        more.writelines(f"{key} = {value}\n" for key, value in (settings or {}).items())
    command = ["/usr/sbin/pgbouncer", "-q", file]  # refuses to run as root
    log = directory / "pgbouncer.log"
    return Way(port, Child(cleanup, *command, log=log, user=AS_POSTGRES).pid)


def wakegate(
    cleanup: ExitStack,
    directory: Path,
    server_port: int,
    threads: int = 1,
    name: str = "proxy",
    listener: dict | None = None,
    cluster: dict | None = None,
    **changes: object,
) -> Way:
    port = free_port()
    backend = {"backend": f"127.0.0.1:{server_port}", "max_waiting": MOST_SESSIONS}
    configuration = {
        "listeners": {"main": {"address": f"127.0.0.1:{port}", **(listener or {})}},
        "admin": {"address": f"127.0.0.1:{free_port()}"},
        "threads": threads,
        "max_waiting": MOST_SESSIONS,
        "clusters": {"app": {**backend, **(cluster or {})}},
        **changes,
    }
    program = Program("proxy", f"{name}-{port}", configuration, directory)
    cleanup.callback(_kill, program)
    program.start()
    program.await_ready()
    return Way(port, program.pid, program)


def _kill(program: Program) -> None:
    if program.process is not None:
        program.process.kill()
        program.wait()


def _settings(file: Path, template: str, port: int, server_port: int, **more: str) -> Path:
    values = {"port": port, "server_port": server_port, "most": MOST_SESSIONS, **more}
    file.write_text(template.format(**values))
    return file


PROXIES: dict[str, Starter] = {
    "floor": floor,
    "wakegate": wakegate,
    "haproxy": haproxy,
    "pgbouncer": pgbouncer,
}
TITLES = {
    "direct": "direct",
    "floor": "floor",
    "wakegate": "wakegate",
    "wakegate2": "wakegate, 2 threads",
    "haproxy": "HAProxy",
    "pgbouncer": "PgBouncer",
    "pgbouncer_once": "PgBouncer, once",
}


def versions() -> list[str]:
    """The peers' versions: the first line of their output for it."""
    programs = [["/usr/sbin/haproxy", "-v"], ["/usr/sbin/pgbouncer", "--version"]]
    said = [subprocess.run(each, capture_output=True, text=True, check=True) for each in programs]
    return [each.stdout.splitlines()[0].split(" - ")[0] for each in said]


def open_ways(
    cleanup: ExitStack, directory: Path, server_port: int, starters: dict[str, Starter]
) -> dict[str, Way]:
    """Starts them, and runs one session through each, so that all are awake and warm."""
    opened = {}
    for name, start in starters.items():
        opened[name] = start(cleanup, directory, server_port)
        wait_until(lambda port=opened[name].port: is_listening(port), f"{name} listens")
        client = WireClient(opened[name].port)
        cleanup.callback(client.hang_up)
        client.login()
        client.leave()
    return opened


def in_rotation(names: list[str], turn: int) -> list[str]:
    """Each way is first in one of as many rounds, so that changes over time affect all of them."""
    first = turn % len(names)
    return names[first:] + names[:first]
