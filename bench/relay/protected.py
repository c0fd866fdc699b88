"""The proxy's cost of clients with SCRAM and TLS, beside PgBouncer."""

import os
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mass_release import start_server
from relay.bench import Bench
from relay.children import anonymous_kib
from relay.measure import Goal, Measure, below_all
from relay.transactions import Run
from relay.ways import Way, in_rotation, pgbouncer, wakegate
from rig.certificates import Authority
from rig.ports import is_listening
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.waiting import wait_until
from rig.wire import SSL_REQUEST, startup_packet

# Opens a server session for each client, as a proxy must that does not reset them for reuse.
ONCE = "pgbouncer_once"


@dataclass
class Protection:
    scram: bool = False
    tls: bool = False

    @property
    def title(self) -> str:
        words = ["SCRAM-SHA-256"] * self.scram + ["TLS 1.3"] * self.tls
        return " and ".join(words) or "neither"

    @property
    def user(self) -> str:
        return SCRAM_USER if self.scram else "postgres"

    @property
    def environment(self) -> dict[str, str]:
        mode = "require" if self.tls else "disable"
        return {**os.environ, "PGPASSWORD": SCRAM_PASSWORD, "PGSSLMODE": mode}


class Doors:
    """Starts proxies with a `Protection`. Both know only the role's verifier."""

    def __init__(self, cleanup: ExitStack, directory: Path, server_port: int) -> None:
        self._cleanup = cleanup
        self._directory = directory
        self._server_port = server_port
        self._certificates = directory / "certificates"
        self._userlist = directory / "userlist.txt"
        self._userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
        if not self._certificates.exists():
            Authority(directory).issue(self._certificates)
        for file in ("tls.crt", "tls.key"):
            (self._certificates / file).chmod(0o644)  # for the user postgres

    def ours(self, asked: Protection) -> Way:
        tls = {"mode": "required", "directory": str(self._certificates)}
        scram = {"auth": "scram", "userlist": str(self._userlist)}
        return wakegate(
            self._cleanup,
            self._directory,
            self._server_port,
            listener={"tls": tls} if asked.tls else {},
            cluster=scram if asked.scram else {},
        )

    def theirs(self, asked: Protection, **more: object) -> Way:
        settings = dict(more)
        if asked.scram:
            settings |= {"auth_type": "scram-sha-256", "auth_file": self._userlist}
        if asked.tls:
            settings |= {"client_tls_sslmode": "require"}
            settings |= {"client_tls_cert_file": self._certificates / "tls.crt"}
            settings |= {"client_tls_key_file": self._certificates / "tls.key"}
        user = "" if asked.scram else "user=postgres"
        return pgbouncer(
            self._cleanup, self._directory, self._server_port, user=user, settings=settings
        )

    def theirs_once(self, asked: Protection) -> Way:
        return self.theirs(asked, server_lifetime=0)


def _opened(bench: Bench, asked: Protection, start: Callable[[Protection], Way]) -> Way:
    """A started and warmed-up way."""
    way = start(asked)
    wait_until(lambda: is_listening(way.port), "it listens")
    Run(bench, way, 1, "-S", seconds=1, user=asked.user, environment=asked.environment)
    return way


def login(bench: Bench) -> tuple[list[Measure], str]:
    measures = []
    for asked in (Protection(scram=True), Protection(tls=True), Protection(scram=True, tls=True)):
        with bench.on_one_processor(), ExitStack() as cleanup:
            bench.admit(SCRAM_USER)
            doors = Doors(cleanup, bench.directory, bench.postgres_port())
            starters = {"wakegate": doors.ours, ONCE: doors.theirs_once, "pgbouncer": doors.theirs}
            ways = {name: _opened(bench, asked, start) for name, start in starters.items()}
            samples: dict[str, list[float]] = {name: [] for name in ways}
            for turn in range(bench.rounds):
                bench.say(f"login, {asked.title}, round {turn + 1} of {bench.rounds}")
                for name in in_rotation(list(ways), turn):
                    who = {"user": asked.user, "environment": asked.environment}
                    run = Run(bench, ways[name], 8, "-C", "-S", **who)
                    samples[name].append(run.us_each)
        measures.append(Measure(asked.title, "µs", samples, [Goal(1 / 1.2, ONCE)], digits=0))
    note = (
        "`pgbench -C -S`, 8 clients; load, proxy and server on one processor. 1.2 times the logins"
        " per processor second is 0.833 times the time. PgBouncer with `server_lifetime = 0` opens"
        " a server session for each client, as the gate does; as it comes it reuses them."
    )
    return measures, note


def transactions(bench: Bench) -> tuple[list[Measure], str]:
    found: dict[int, dict[str, list[float]]] = {
        clients: {"wakegate": [], "pgbouncer": []} for clients in bench.clients
    }
    plain, secured = Protection(), Protection(tls=True)
    with bench.on_one_processor(), ExitStack() as cleanup:
        doors = Doors(cleanup, bench.directory, bench.postgres_port())
        starters = {"wakegate": doors.ours, "pgbouncer": doors.theirs}
        ways = {
            name: {asked.title: _opened(bench, asked, start) for asked in (plain, secured)}
            for name, start in starters.items()
        }
        for turn in range(bench.rounds):
            bench.say(f"tls, round {turn + 1} of {bench.rounds}")
            for clients in bench.clients:
                for name in in_rotation(list(ways), turn):
                    each = {
                        asked.title: Run(
                            bench,
                            ways[name][asked.title],
                            clients,
                            *("-S", "-M", "prepared"),
                            environment=asked.environment,
                        ).us_each
                        for asked in (plain, secured)
                    }
                    found[clients][name].append(each[secured.title] - each[plain.title])
    return [
        Measure(f"{clients} clients" if clients > 1 else "1 client", "µs", samples, [*GOALS])
        for clients, samples in found.items()
    ], "What TLS 1.3 on the client's leg adds; load, proxy and server on one processor."


GOALS = below_all("pgbouncer")


def memory(bench: Bench) -> tuple[list[Measure], str]:
    count = min(bench.crowd)
    samples = {}
    with ExitStack() as cleanup:
        server, server_port = start_server(cleanup)
        server.ask("open")
        doors = Doors(cleanup, bench.directory, server_port)
        for name, start in {"wakegate": doors.ours, "pgbouncer": doors.theirs}.items():
            bench.say(f"rss_tls, {count} sessions through {name}")
            way = start(Protection(tls=True))
            wait_until(lambda port=way.port: is_listening(port), f"{name} listens")
            with ExitStack() as crowd:
                _session(crowd, way.port)
                before = anonymous_kib(way.pid)
                for _ in range(count):
                    _session(crowd, way.port)
                samples[name] = [(anonymous_kib(way.pid) - before) / count]
    return [Measure(f"{count} sessions", "KiB", samples, [Goal(20)])], "They came one by one."


def _session(cleanup: ExitStack, port: int) -> None:
    """An idle session, logged in through TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", port))
    plain.sendall(SSL_REQUEST)
    if plain.recv(1) != b"S":
        raise RuntimeError("TLS is not offered")
    secured = cleanup.enter_context(context.wrap_socket(plain))
    secured.sendall(startup_packet(user="postgres", database="app"))
    said = b""
    while not said.endswith(b"Z\0\0\0\5I"):
        more = secured.recv(4096)
        if not more:
            raise RuntimeError(f"no login: {said!r}")
        said += more
