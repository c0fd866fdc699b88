"""The latency that each way adds to one client's round trip to Postgres."""

from collections.abc import Sequence
from contextlib import ExitStack

from figures import percentile
from relay.bench import Bench
from relay.measure import Goal, Measure
from relay.ways import PROXIES, direct, in_rotation, open_ways

QUERY = "SELECT abalance FROM pgbench_accounts WHERE aid = $1"
PERCENTS = [1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 95, 97, 98, 99, 99.5, 99.9]


def trip_percentiles(ns: Sequence[int]) -> dict[float, float]:
    """In µs."""
    ordered = sorted(ns)
    return {percent: percentile(ordered, percent) / 1000 for percent in PERCENTS}


def measure(bench: Bench) -> tuple[list[Measure], str]:
    names = ["direct", *PROXIES]
    rounds: dict[str, list[dict[float, float]]] = {name: [] for name in names}
    with bench.on_one_processor(), ExitStack() as cleanup:
        starters = {"direct": direct, **PROXIES}
        ways = open_ways(cleanup, bench.directory, bench.postgres_port(), starters)
        clients = {name: bench.client(cleanup, way.port) for name, way in ways.items()}
        for turn in range(bench.rounds):
            bench.say(f"latency, round {turn + 1} of {bench.rounds}")
            for name in in_rotation(names, turn):
                trips = clients[name].ask(f"trips {bench.seconds} {QUERY}")["ns"]
                rounds[name].append(trip_percentiles(trips))

    def added(percent: float) -> dict[str, list[float]]:
        bare = [each[percent] for each in rounds["direct"]]
        return {
            name: [each[percent] - base for each, base in zip(rounds[name], bare, strict=True)]
            for name in PROXIES
        }

    limits = {50: 1.05, 99: 1.2}
    measures = [
        Measure(
            f"added, p{percent:g}",
            "µs",
            {"direct": [each[percent] for each in rounds["direct"]], **added(percent)},
            [Goal(limits[percent], "floor")] if percent in limits else [],
        )
        for percent in PERCENTS
    ]
    return measures, (
        "Under direct stands the whole trip without a proxy. Client, proxy and server on one"
        " processor."
    )


def shown(measures: list[Measure]) -> list[Measure]:
    """The measures of the table; the others are for the chart."""
    return [each for each in measures if each.name in ("added, p50", "added, p99")]
