"""Sleep and wake: Postgres, scaler, actuator and proxy as in deploy/local, one client each time."""

import datetime
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import figures
from rig.ports import free_port
from rig.postgres import AS_POSTGRES, BIN, Postgres, make_template
from rig.program import Program
from rig.waiting import wait_until
from rig.wire import WireClient, startup_packet

CONNECTED = "wakegate_proxy_scaler_streams"

# Phase, from, to, goal of its 99th percentile in ms.
PHASES = [
    ("first byte → `true` received by the actuator", "first_byte", "true_received", 5),
    ("`true` received → start hook started", "true_received", "hook_started", None),
    ("start hook started → server answers a login", "hook_started", "login_answered", None),
    ("start hook started → finished (`pg_ctl start -w`)", "hook_started", "hook_finished", None),
    ("server answers a login → proxy has seen it", "login_answered", "cluster_ready", None),
    ("proxy has seen it → first held client served", "cluster_ready", "served", None),
    ("server answers a login → first held client served", "login_answered", "served", 20),
    ("all: first byte → first held client served", "first_byte", "served", None),
]


class LoginWatch(threading.Thread):
    """Records when the server first answers a login that bypasses the proxy. Tries only once the
    server's log says that it accepts: each earlier login costs the starting server a process, and
    enough of them would distort the measurement."""

    PAUSE = 0.001
    OPEN = b"ready to accept connections"

    def __init__(self, postgres: Postgres) -> None:
        super().__init__(daemon=True)
        self._port = postgres.port
        self._log = postgres.log.open("rb")
        self._log.seek(0, os.SEEK_END)
        self._over = threading.Event()
        self.answered_ns = 0

    def run(self) -> None:
        said = b""
        while self.OPEN not in said and not self._over.wait(self.PAUSE):
            said += self._log.read()
        while not self._is_answered() and not self._over.wait(self.PAUSE):
            pass
        self.answered_ns = time.time_ns()

    def _is_answered(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as asking:
                asking.sendall(startup_packet())
                return asking.recv(1) == b"R"  # an Authentication request, no error
        except OSError:
            return False

    def close(self) -> None:
        self._over.set()
        self.join()
        self._log.close()


def moment_ns(event: dict) -> int:
    moment = datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    whole = int(moment.replace(microsecond=0).timestamp())
    return whole * 1_000_000_000 + moment.microsecond * 1000


class LocalSetup:
    """The programs' defaults, except where that makes a cycle short: the database sleeps after a
    second or two, and the proxy notices it at once, not within 15 s."""

    def __init__(self, directory: Path, probe_interval: str | None, cleanup: ExitStack) -> None:
        self.postgres = Postgres(make_template(directory), directory)
        cleanup.callback(self._end_postgres)
        scaler, self.port = f"127.0.0.1:{free_port()}", free_port()
        self.scaler = self._program("scaler", {"listen": scaler, "expected_proxies": 1}, directory)
        self.actuator = self._program(
            "actuator", {"scalers": [scaler], "scaled_objects": {"app": self._object()}}, directory
        )
        probe = {"ready_interval": "200ms"}
        if probe_interval:
            probe["interval"] = probe_interval
        listener = {"address": f"127.0.0.1:{self.port}"}
        cluster = {"backend": f"127.0.0.1:{self.postgres.port}", "probe": probe}
        self.proxy = self._program(
            "proxy",
            {"listeners": {"main": listener}, "scalers": [scaler], "clusters": {"app": cluster}},
            directory,
        )
        for program in (self.scaler, self.proxy, self.actuator):
            # The actuator is ended first and waits for its hooks, so that none starts a Postgres
            # after `_end_postgres`.
            cleanup.callback(stop, program)
            program.start()
            program.await_ready()
        wait_until(lambda: self.proxy.metric(CONNECTED) == 1, "the scaler hears the proxy")

    @staticmethod
    def _program(kind: str, configuration: dict, directory: Path) -> Program:
        common = {"admin": {"address": f"127.0.0.1:{free_port()}"}, "log": {"format": "json"}}
        return Program(kind, kind, {**configuration, **common}, directory)

    def _object(self) -> dict:
        pg_ctl = [*AS_POSTGRES, str(BIN / "pg_ctl"), "-D", str(self.postgres.data)]
        return {
            "namespace": "local",
            "polling_interval": "1s",
            "cooldown_period": "1s",
            "metadata": {"cluster": "app", "activityWindow": "1s"},
            "hooks": {
                "start": [*pg_ctl, "-l", str(self.postgres.log), "-w", "start"],
                "stop": [*pg_ctl, "-m", "fast", "-w", "stop"],
                "status": [*pg_ctl, "status"],
            },
        }

    def _end_postgres(self) -> None:
        """Retries, since a start hook interrupted by Ctrl-C may start a Postgres a moment later."""
        for _ in range(10):
            if self.postgres.is_running():
                self.postgres.close()
                return
            time.sleep(0.05)

    def one_cycle(self, number: int) -> dict[str, int]:
        """Starts and ends asleep; returns the time of each step."""
        with ExitStack() as cleanup:
            watch = LoginWatch(self.postgres)
            watch.start()
            cleanup.callback(watch.close)
            client = WireClient(self.port)
            cleanup.callback(client.hang_up)
            first_byte = time.time_ns()
            client.login()
            served = time.time_ns()
        hook = {"hook": "start"}
        cluster_ready = self._first_since(first_byte, self.proxy, "cluster_ready")
        moments = {
            "first_byte": first_byte,
            "true_received": self._first_since(first_byte, self.actuator, "activation_received"),
            "hook_started": self._first_since(first_byte, self.actuator, "hook_started", **hook),
            "hook_finished": self._first_since(first_byte, self.actuator, "hook_finished", **hook),
            # The earlier of the watch and the proxy's own prober.
            "login_answered": min(watch.answered_ns, cluster_ready),
            "cluster_ready": cluster_ready,
            "served": served,
        }
        self.actuator.await_event("scaled", number, to=0)
        self.proxy.await_event("cluster_asleep", number + 1)  # the first at its start
        return moments

    @staticmethod
    def _first_since(start: int, program: Program, name: str, **fields: str) -> int:
        def found() -> int:
            moments = map(moment_ns, program.events(name, **fields))
            return next((moment for moment in moments if moment >= start), 0)

        return wait_until(found, f"{program.name} logs {name}")


def stop(program: Program) -> None:
    if program.process is not None:
        program.process.terminate()
        program.wait()


def measure(
    directory: Path, cycles: int, probe_interval: str | None, say: Callable[[str], None]
) -> dict:
    say(f"{cycles} cycles of sleeping and waking, some seconds each")
    with ExitStack() as cleanup:
        setup = LocalSetup(directory, probe_interval, cleanup)
        moments = [setup.one_cycle(number) for number in range(1, cycles + 1)]
    samples = {
        name: [round((each[end] - each[start]) / 1e6, 3) for each in moments]
        for name, start, end, _ in PHASES
    }
    return {"cycles": cycles, "probe_interval": probe_interval or "default", "ms": samples}


def as_markdown(measured: dict) -> str:
    rows = []
    for name, _, _, limit in PHASES:
        samples = measured["ms"][name]
        p50, p99 = (figures.percentile(samples, percent) for percent in (50, 99))
        rows.append([name, f"{p50:.2f}", f"{p99:.2f}", figures.goal(p99, limit)])
    title = f"### {measured['cycles']} cycles of sleeping and waking, ms\n\n"
    return title + figures.table(["phase", "p50", "p99", "goal for p99"], rows) + "\n"
