"""Memory for each silent session that is relayed, held or not yet logged in."""

import socket
from contextlib import ExitStack
from pathlib import Path

from mass_release import served_by, start_clients, start_server
from relay.bench import Bench
from relay.children import anonymous_kib, sockets
from relay.measure import Goal, Measure
from relay.ways import PROXIES, Starter, open_ways, wakegate
from rig.waiting import wait_until
from rig.wire import startup_packet


def relayed(bench: Bench) -> tuple[list[Measure], str]:
    measures = []
    for count in bench.crowd:
        bench.say(f"rss, {count} idle sessions")
        one_by_one, at_once = {}, {}
        for name, start in PROXIES.items():
            one_by_one[name] = [_kib_each_relayed(bench, name, start, count, at_once=False)]
            at_once[name] = [_kib_each_relayed(bench, name, start, count, at_once=True)]
        measures += [
            Measure(f"{count} sessions", "KiB", one_by_one, [Goal(0.5)]),
            Measure(f"{count} sessions that came all at once", "KiB", at_once),
        ]
    return measures, "Anonymous memory beyond what it was after one session, by the sessions."


def _kib_each_relayed(
    bench: Bench, name: str, start: Starter, count: int, *, at_once: bool
) -> float:
    with ExitStack() as cleanup:
        server, server_port = start_server(cleanup)
        server.ask("open")
        way = open_ways(cleanup, bench.directory, server_port, {name: start})[name]
        before = anonymous_kib(way.pid)
        if at_once:
            served_by(start_clients(cleanup, way.port, count, "login"), count)
        else:
            bench.client(cleanup, way.port).ask(f"crowd {count}")
        return (anonymous_kib(way.pid) - before) / count


def held(bench: Bench) -> tuple[list[Measure], str]:
    measures = []
    for count in bench.crowd:
        bench.say(f"held, {count} clients")
        samples = {"wakegate": [_kib_each_held(bench, count)]}
        measures.append(Measure(f"{count} held clients", "KiB", samples, [Goal(4)]))
    return measures, ""


def _kib_each_held(bench: Bench, count: int) -> float:
    with ExitStack() as cleanup:
        _server, server_port = start_server(cleanup)  # refuses all connections
        way = wakegate(cleanup, bench.directory, server_port)
        before = anonymous_kib(way.pid)
        start_clients(cleanup, way.port, count, "login")

        def all_held() -> bool:
            return way.program.metric("wakegate_proxy_sessions", state="held") == count

        wait_until(all_held, f"{count} clients are held")
        return (anonymous_kib(way.pid) - before) / count


# How much of its startup message each connection sends. The last is half of the longest that
# Postgres accepts, which no driver sends; it is kept in a string that doubles as it grows.
PSQL = startup_packet(application_name="psql", client_encoding="UTF8")
LONGEST = startup_packet(options="x" * (10_000 - len(startup_packet(options=""))))
SAID = {
    "silent": b"",
    "half a message of psql's": PSQL[: len(PSQL) // 2],
    "half a message of 10,000 bytes": LONGEST[: len(LONGEST) // 2],
}


def unauthenticated(bench: Bench) -> tuple[list[Measure], str]:
    measures = []
    for count in bench.crowd:
        for name, said in SAID.items():
            bench.say(f"unauthenticated, {count} connections, {name}")
            samples = {"wakegate": [_kib_each_unauthenticated(bench, count, said)]}
            goals = [Goal(8)] if len(said) < 1024 else []
            measures.append(Measure(f"{count} connections, {name}", "KiB", samples, goals))
    return measures, "Without TLS."


def _kib_each_unauthenticated(bench: Bench, count: int, said: bytes) -> float:
    with ExitStack() as cleanup:
        # So long that none times out while the last ones still connect.
        way = wakegate(cleanup, bench.directory, server_port=1, startup_timeout="10m")
        before = anonymous_kib(way.pid)
        for _ in range(count):
            client = socket.create_connection(("127.0.0.1", way.port))
            cleanup.callback(client.close)
            client.sendall(said)
        wait_until(lambda: sockets(way.pid) > count, f"{count} connections are there")
        wait_until(lambda: _unread(way.port) == 0, "what they have sent is read")
        return (anonymous_kib(way.pid) - before) / count


def _unread(port: int) -> int:
    """Unread bytes in the sockets of a server on that port, from /proc/net/tcp."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    established = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]
    return sum(int(row[4].split(":")[1], 16) for row in established)
