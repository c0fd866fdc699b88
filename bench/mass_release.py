"""Many held clients released at once, with a backend that costs next to nothing."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import figures
import pooler
from rig.ports import free_port
from rig.program import BIN, Program
from rig.waiting import PATIENCE, wait_until

# Clients → ms from the release to the last one served, beyond what the backend needs by itself.
GOALS = {1000: 100, 5000: 300}


class Talker:
    """A child that answers lines with lines; it ends with its standard input."""

    def __init__(self, cleanup: ExitStack, program: str, *words: object) -> None:
        command = ["setpriv", "--pdeathsig", "KILL", BIN / program, *map(str, words)]
        pipe = subprocess.PIPE
        self._child = subprocess.Popen([*map(str, command)], stdin=pipe, stdout=pipe, text=True)
        cleanup.callback(self._end)

    def tell(self, line: str) -> None:
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()

    def hear(self) -> str:
        line = self._child.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"{self._child.args[3]} ended with {self._child.wait()}")
        return line

    def ask(self, line: str) -> dict:
        self.tell(line)
        return json.loads(self.hear())

    def _end(self) -> None:
        self._child.stdin.close()
        try:
            self._child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child.stdout.close()


def start_server(cleanup: ExitStack) -> tuple[Talker, int]:
    port = free_port()
    return Talker(cleanup, "bench-fake-server", port), port


def start_clients(cleanup: ExitStack, port: int, clients: int, until: str) -> Talker:
    waiting = Talker(cleanup, "bench-held-clients", port, clients, until)
    if waiting.hear() != "waiting":
        raise RuntimeError(f"not all of {clients} clients came to wait")
    return waiting


def served_by(waiting: Talker, clients: int) -> dict:
    times = json.loads(waiting.hear())
    if times["served"] != clients:
        raise RuntimeError(f"{times['served']} of {clients} clients were served")
    return times


def processor_ns(pid: int) -> int:
    """Time on a processor so far, all threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def resident_kib(pid: int) -> int:
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def ms(later: int, earlier: int) -> float:
    return round((later - earlier) / 1e6, 3)


def through_proxy(directory: Path, clients: int, probe_interval: str | None) -> dict:
    with ExitStack() as cleanup:
        server, server_port = start_server(cleanup)
        port = free_port()
        cluster: dict = {"backend": f"127.0.0.1:{server_port}"}
        if probe_interval:
            cluster["probe"] = {"interval": probe_interval}
        configuration = {
            "listeners": {"main": {"address": f"127.0.0.1:{port}"}},
            "admin": {"address": f"127.0.0.1:{free_port()}"},
            "clusters": {"app": cluster},
        }
        proxy = Program("proxy", "release", configuration, directory)
        proxy.start()
        cleanup.callback(proxy.kill)
        proxy.await_ready()
        resident = resident_kib(proxy.pid)

        waiting = start_clients(cleanup, port, clients, "login")

        def all_held() -> bool:
            return proxy.metric("wakegate_proxy_sessions", state="held") == clients

        wait_until(all_held, f"{clients} clients are held")
        held_kib = resident_kib(proxy.pid) - resident
        before = processor_ns(proxy.pid)
        opened = server.ask("open")["opened_ns"]
        times = served_by(waiting, clients)
        spent = processor_ns(proxy.pid) - before
        answered = server.ask("report")["first_login_ns"]
        return {
            "opened_to_answered": ms(answered, opened),
            "answered_to_first": ms(times["first_ns"], answered),
            "answered_to_median": ms(times["median_ns"], answered),
            "answered_to_last": ms(times["last_ns"], answered),
            "processor_us_per_client": round(spent / clients / 1000, 1),
            "kib_per_held_client": round(held_kib / clients, 2),
        }


def direct(clients: int) -> dict:
    """The backend's own time: as many clients connect and log in directly."""
    with ExitStack() as cleanup:
        server, port = start_server(cleanup)
        server.ask("open")
        times = served_by(start_clients(cleanup, port, clients, "login"), clients)
        return {"direct": ms(times["last_ns"], times["began_ns"])}


def through_pooler(directory: Path, clients: int) -> dict:
    """PgBouncer's RESUME: its clients are logged in and wait with a query."""
    with ExitStack() as cleanup:
        server, server_port = start_server(cleanup)
        server.ask("open")
        bouncer = pooler.Pooler(directory, server_port, clients)
        cleanup.callback(bouncer.close)
        bouncer.warm_up()
        bouncer.ask("PAUSE")
        waiting = start_clients(cleanup, bouncer.port, clients, "query")
        wait_until(lambda: bouncer.waiting() == clients, f"{clients} clients wait for PgBouncer")
        before = processor_ns(bouncer.pid)
        resumed = time.monotonic_ns()
        bouncer.ask("RESUME")
        times = served_by(waiting, clients)
        return {
            "pooler_resumed_to_first": ms(times["first_ns"], resumed),
            "pooler_resumed_to_last": ms(times["last_ns"], resumed),
            "pooler_processor_us_per_client": round(
                (processor_ns(bouncer.pid) - before) / clients / 1000, 1
            ),
        }


def measure(
    directory: Path,
    clients: int,
    rounds: int,
    probe_interval: str | None,
    say: Callable[[str], None],
) -> dict:
    samples: dict[str, list[float]] = {}
    for number in range(1, rounds + 1):
        say(f"{clients} held clients, round {number} of {rounds}")
        # Interleaved, so that other load on the machine affects all of them.
        found = {**direct(clients), **through_proxy(directory, clients, probe_interval)}
        found["beyond_backend"] = round(found["answered_to_last"] - found["direct"], 3)
        if shutil.which("pgbouncer"):
            found.update(through_pooler(directory, clients))
        for name, value in found.items():
            samples.setdefault(name, []).append(value)
    return {"clients": clients, "rounds": rounds, "samples": samples}


ROWS = [
    ("server opens → answers its first login", "opened_to_answered"),
    ("first login answered → first served", "answered_to_first"),
    ("first login answered → half served", "answered_to_median"),
    ("first login answered → all served", "answered_to_last"),
    ("the backend's own time: as many clients without a proxy", "direct"),
    ("first login answered → all served, beyond the backend's own", "beyond_backend"),
    ("PgBouncer: RESUME → first served", "pooler_resumed_to_first"),
    ("PgBouncer: RESUME → all served", "pooler_resumed_to_last"),
]
OTHER_ROWS = [
    ("the proxy's processor time per client released, µs", "processor_us_per_client"),
    ("PgBouncer's, µs", "pooler_processor_us_per_client"),
    ("the proxy's memory per held client, KiB", "kib_per_held_client"),
]


def as_markdown(measured: list[dict]) -> str:
    parts = []
    for each in measured:
        rows = []
        for name, key in [*ROWS, *OTHER_ROWS]:
            samples = each["samples"].get(key)
            if samples:
                limit = GOALS.get(each["clients"]) if key == "beyond_backend" else None
                middle, worst = median(samples), max(samples)
                rows.append([name, f"{middle:.1f}", f"{worst:.1f}", figures.goal(worst, limit)])
        title = f"### {each['clients']} held clients released, {each['rounds']} rounds, ms\n\n"
        parts.append(title + figures.table(["", "median", "worst", "goal for worst"], rows) + "\n")
    return "\n".join(parts)
