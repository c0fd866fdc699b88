"""Bulk transfers from and to a server that costs next to nothing."""

import threading
from contextlib import ExitStack

from figures import percentile
from relay.bench import Bench
from relay.children import anonymous_kib, processor_ns
from relay.measure import Goal, Measure
from relay.ways import PROXIES, Way, direct, in_rotation, open_ways

ROWS = 1_000_000
Samples = dict[str, list[float]]


def transfers(
    bench: Bench, server_port: int, title: str, command: str, times: int = 1
) -> tuple[Samples, Samples]:
    """Seconds of processor time per GB, and GB per second."""
    spent: Samples = {name: [] for name in PROXIES}
    speed: Samples = {name: [] for name in ["direct", *PROXIES]}
    with ExitStack() as cleanup:
        starters = {"direct": direct, **PROXIES}
        ways = open_ways(cleanup, bench.directory, server_port, starters)
        clients = {name: bench.client(cleanup, way.port) for name, way in ways.items()}
        for turn in range(bench.rounds):
            bench.say(f"{title}, round {turn + 1} of {bench.rounds}")
            for name in in_rotation(list(ways), turn):
                pid = ways[name].pid
                before = processor_ns(pid) if pid else 0
                done = [clients[name].ask(command) for _ in range(times)]
                size = sum(each["bytes"] for each in done)
                speed[name].append(size / sum(each["ns"] for each in done))
                if pid:
                    spent[name].append((processor_ns(pid) - before) / size)
    return spent, speed


def copy(bench: Bench) -> tuple[list[Measure], str]:
    measures = []
    for name, command in [
        ("TO STDOUT", f"fetch out {bench.bulk_bytes}"),
        ("FROM STDIN", f"copy {bench.bulk_bytes} in"),
    ]:
        spent, speed = transfers(bench, bench.bulk_port(), f"COPY {name}", command)
        measures += [
            Measure(f"COPY {name}", "CPU s/GB", spent, [Goal(0.30)]),
            Measure(f"COPY {name}", "GB/s", speed, [Goal(1, "haproxy", least=True)]),
        ]
    size = bench.bulk_bytes / 1e9
    return measures, f"{size:g} GB in rows of 1 KiB, from and to a server that does no work."


def rows(bench: Bench) -> tuple[list[Measure], str]:
    measures = []
    for name, port, query, times in [
        ("18 bytes each, no work for the server", bench.bulk_port(), f"rows {ROWS}", 10),
        ("from Postgres", bench.postgres_port(), f"SELECT generate_series(1, {ROWS})", 1),
    ]:
        spent, speed = transfers(bench, port, f"rows, {name}", f"fetch {query}", times)
        measures += [
            Measure(name, "CPU s/GB", spent, [Goal(1.10, "floor")]),
            Measure(name, "GB/s", speed),
        ]
    return measures, ""


class MemoryWatch(threading.Thread):
    """The peak memory of one of our processes while this runs."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.most_kib = 0

    def run(self) -> None:
        while not self._over.wait(0.2):
            self.most_kib = max(self.most_kib, anonymous_kib(self._pid))

    def stop(self) -> None:
        self._over.set()
        self.join()


def fairness(bench: Bench) -> tuple[list[Measure], str]:
    """One client reads 10 GB at 1 MB/s, another runs short queries."""
    seconds = bench.seconds
    found: dict[str, Samples] = {name: {} for name in ("alone", "beside", "ratio", "memory")}
    with ExitStack() as cleanup:
        ways = open_ways(cleanup, bench.directory, bench.bulk_port(), PROXIES)
        for turn in range(bench.rounds):
            bench.say(f"fairness, round {turn + 1} of {bench.rounds}")
            for name in in_rotation(list(ways), turn):
                for what, value in _one_fairness(bench, ways[name], seconds).items():
                    found[what].setdefault(name, []).append(value)
    return [
        Measure("p99 alone", "µs", found["alone"], digits=1),
        Measure("p99 beside the slow reader", "µs", found["beside"], digits=1),
        Measure("beside ÷ alone", "", found["ratio"], [Goal(2)]),
        Measure("memory it took meanwhile", "KiB", found["memory"], digits=0),
    ], "A reader that takes 1 MB/s of a 10 GB result, and a session that asks without a pause."


def _one_fairness(bench: Bench, way: Way, seconds: float) -> dict[str, float]:
    with ExitStack() as cleanup:
        asking = bench.client(cleanup, way.port)
        sipping = bench.client(cleanup, way.port)

        def p99() -> float:
            return percentile(asking.ask(f"trips {seconds} SELECT")["ns"], 99) / 1000

        alone = p99()
        before = anonymous_kib(way.pid)
        watch = MemoryWatch(way.pid)
        watch.start()
        cleanup.callback(watch.stop)
        sipping.tell(f"sip {seconds + 0.2} 1e6 out {10**10}")
        beside = p99()
        watch.stop()
        sipping.hear()
    return {
        "alone": alone,
        "beside": beside,
        "ratio": beside / alone,
        "memory": float(max(0, watch.most_kib - before)),
    }
