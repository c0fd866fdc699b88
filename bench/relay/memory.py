"""Memory for each session that is relayed or held and says nothing."""

from contextlib import ExitStack

from mass_release import served_by, start_clients, start_server
from rig.waiting import wait_until

from relay.bench import Bench
from relay.children import anonymous_kib
from relay.measure import Goal, Measure
from relay.ways import PROXIES, Starter, open_ways, wakegate


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
