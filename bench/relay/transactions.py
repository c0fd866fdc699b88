"""pgbench through each way: the proxy's processor time per transaction."""

import re
import subprocess
import time
from contextlib import ExitStack

from relay.bench import Bench
from relay.children import processor_ns, sockets
from relay.measure import Goal, Measure, below_all
from relay.ways import PROXIES, Way, in_rotation, open_ways, wakegate
from rig.postgres import BIN as POSTGRES_BIN

PEERS = ("haproxy", "pgbouncer")

# Ten statements, eight of which read a row.
SCRIPT = (
    "BEGIN;\n"
    + "".join(
        f"\\set aid{n} random(1, 100000 * :scale)\n"
        f"SELECT abalance FROM pgbench_accounts WHERE aid = :aid{n};\n"
        for n in range(8)
    )
    + "COMMIT;\n"
)


class Run:
    """One pgbench run. The proxy's time counts from when all clients are connected, so that it
    contains transactions and no logins."""

    def __init__(
        self,
        bench: Bench,
        way: Way,
        clients: int,
        *arguments: str,
        seconds: int = 0,
        user: str = "postgres",
        environment: dict[str, str] | None = None,
    ) -> None:
        command = [POSTGRES_BIN / "pgbench", "-h", "127.0.0.1", "-p", way.port, "-U", user]
        time_limit = ["-T", seconds or bench.seconds]
        load = ["-n", "-j", "1", "-c", clients, *time_limit, *arguments, "app"]
        with subprocess.Popen(
            ["setpriv", "--pdeathsig=KILL", *map(str, [*command, *load])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as child:
            try:
                while "-C" not in arguments and child.poll() is None:
                    if sockets(child.pid) >= clients:
                        break
                    time.sleep(0.001)
                spent = processor_ns(way.pid)
                output, errors = child.communicate()
            finally:
                child.kill()
        spent = processor_ns(way.pid) - spent
        found = re.search(r"transactions actually processed: (\d+)", output)
        if child.returncode != 0 or found is None:
            raise RuntimeError(f"pgbench failed:\n{errors[-2000:]}")
        self.transactions = int(found[1])
        self.us_each = spent / self.transactions / 1000
        self.per_second = float(re.search(r"tps = ([\d.]+)", output)[1])


def by_clients(
    bench: Bench, title: str, goals: list[Goal], *arguments: str
) -> tuple[list[Measure], str]:
    samples: dict[int, dict[str, list[float]]] = {
        clients: {name: [] for name in PROXIES} for clients in bench.clients
    }
    with bench.on_one_processor(), ExitStack() as cleanup:
        ways = open_ways(cleanup, bench.directory, bench.postgres_port(), PROXIES)
        for turn in range(bench.rounds):
            bench.say(f"{title}, round {turn + 1} of {bench.rounds}")
            for clients in bench.clients:
                for name in in_rotation(list(ways), turn):
                    run = Run(bench, ways[name], clients, *arguments)
                    samples[clients][name].append(run.us_each)
    return [
        Measure(f"{clients} clients" if clients > 1 else "1 client", "µs", found, goals)
        for clients, found in samples.items()
    ], "Load, proxy and server on one processor."


def prepared(bench: Bench) -> tuple[list[Measure], str]:
    goals = [Goal(1.05, "floor"), *below_all(*PEERS)]
    return by_clients(bench, "prepared", goals, "-S", "-M", "prepared")


def simple(bench: Bench) -> tuple[list[Measure], str]:
    return by_clients(bench, "simple", below_all(*PEERS), "-S", "-M", "simple")


def script10(bench: Bench) -> tuple[list[Measure], str]:
    file = bench.directory / "script10.sql"
    file.write_text(SCRIPT)
    goals = below_all(*PEERS)
    return by_clients(bench, "script10", goals, "-M", "prepared", "-f", str(file))


def connect(bench: Bench) -> tuple[list[Measure], str]:
    samples: dict[str, list[float]] = {name: [] for name in PROXIES}
    with bench.on_one_processor(), ExitStack() as cleanup:
        ways = open_ways(cleanup, bench.directory, bench.postgres_port(), PROXIES)
        for turn in range(bench.rounds):
            bench.say(f"connect, round {turn + 1} of {bench.rounds}")
            for name in in_rotation(list(ways), turn):
                run = Run(bench, ways[name], 8, "-C", "-S")
                samples[name].append(run.us_each)
    goals = [Goal(300), Goal(1, "haproxy")]
    note = (
        "Load, proxy and server on one processor. PgBouncer reuses server sessions, and opens no"
        " connection of its own for most clients."
    )
    return [Measure("`-C -S`, 8 clients", "µs", samples, goals, digits=0)], note


def threads(bench: Bench) -> tuple[list[Measure], str]:
    def two(cleanup: ExitStack, directory, server_port: int) -> Way:
        return wakegate(cleanup, directory, server_port, threads=2, name="proxy2")

    measures = []
    clients = [each for each in bench.clients if each > 1]
    with ExitStack() as cleanup:
        starters = {"wakegate": wakegate, "wakegate2": two}
        ways = open_ways(cleanup, bench.directory, bench.postgres_port(), starters)
        for count in clients:
            bench.say(f"threads, {count} clients, {bench.rounds} rounds")
            samples: dict[str, list[float]] = {name: [] for name in ways}
            for turn in range(bench.rounds):
                for name in in_rotation(list(ways), turn):
                    run = Run(bench, ways[name], count, "-S", "-M", "prepared")
                    samples[name].append(run.us_each)
            goal = Goal(0.91, "wakegate2", least=True)
            measures.append(Measure(f"{count} clients", "µs", samples, [goal]))
    return measures, "With two threads at most 10 % more than with one; on all processors."
