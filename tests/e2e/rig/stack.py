"""Scalers, proxies, an actuator and a sleeping Postgres, connected over loopback."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from rig.hooks import Hooks
from rig.ports import free_port
from rig.postgres import BIN, Postgres
from rig.program import Program
from rig.waiting import wait_until
from rig.wire import WireClient

# Short, for a quick suite; long enough that a loaded machine does not change results.
COOLDOWN = 5  # seconds
ACTIVITY_WINDOW = 1
POLLING_INTERVAL = 1
# After this time without activity it is asleep.
TIME_TO_SLEEP = ACTIVITY_WINDOW + COOLDOWN + 2 * POLLING_INTERVAL


def local(port: int) -> str:
    return f"127.0.0.1:{port}"


def admin() -> dict:
    return {"admin": {"address": local(free_port())}, "log": {"format": "json", "level": "debug"}}


class Stack:
    """`proxy`, `cluster`, `scaler`, `scaled_object` and `hooks` change single keys of the files.

    `proxy` and `scaler` may be functions of the replica's number, for keys that differ.
    """

    def __init__(
        self,
        postgres: Postgres,
        directory: Path,
        *,
        proxies: int = 1,
        scalers: int = 1,
        stop_mode: str = "fast",
        proxy: dict | Callable[[int], dict] | None = None,
        cluster: dict | None = None,
        scaler: dict | Callable[[int], dict] | None = None,
        scaled_object: dict | None = None,
        hooks: dict | None = None,
    ) -> None:
        self.postgres = postgres
        self.hooks = Hooks(postgres, directory, stop_mode)
        ports = [free_port() for _ in range(scalers)]
        addresses = [local(port) for port in ports]
        self.scalers = [
            self._scaler(
                index,
                address,
                directory,
                {
                    "expected_proxies": proxies,
                    **(scaler(index) if callable(scaler) else scaler or {}),
                },
            )
            for index, address in enumerate(addresses)
        ]
        self.actuator = self._actuator(addresses, directory, scaled_object or {}, hooks or {})
        self.proxies = [
            self._proxy(
                index,
                addresses,
                directory,
                proxy(index) if callable(proxy) else proxy or {},
                cluster or {},
            )
            for index in range(proxies)
        ]
        self.proxy, self.scaler = self.proxies[0], self.scalers[0]
        self.programs = [*self.scalers, *self.proxies, self.actuator]
        self._clients: list[WireClient] = []
        self._children: list[subprocess.Popen] = []

    # --- configuration ---

    def _scaler(self, index: int, address: str, directory: Path, changes: dict) -> Program:
        base = {"listen": address, **admin(), "grace": "2s", "settle_time": "5s"}
        return Program("scaler", f"scaler{index}", {**base, **changes}, directory)

    def _actuator(self, scalers: list, directory: Path, changes: dict, hooks: dict) -> Program:
        scaled_object = {
            "namespace": "local",
            "polling_interval": f"{POLLING_INTERVAL}s",
            "cooldown_period": f"{COOLDOWN}s",
            "metadata": {"cluster": "app", "activityWindow": f"{ACTIVITY_WINDOW}s"},
            "hooks": {**self.hooks.configuration(), **hooks},
            **changes,
        }
        base = {"scalers": scalers, **admin(), "scaled_objects": {"app": scaled_object}}
        return Program("actuator", "actuator", base, directory)

    def _proxy(
        self, index: int, scalers: list, directory: Path, changes: dict, cluster: dict
    ) -> Program:
        base = {
            "listeners": {"main": {"address": local(free_port())}},
            "scalers": scalers,
            **admin(),
            "threads": 2,
            "lease": "3s",
            "drain_timeout": "1s",
            "clusters": {
                "app": {"backend": local(self.postgres.port), "wake_grace": "2s", **cluster}
            },
            "routes": [
                {"listener": "main", "database": name, "cluster": "app"}
                for name in ("app*", "replication")
            ],
        }
        return Program("proxy", f"proxy{index}", {**base, **changes}, directory)

    # --- life ---

    def start(self) -> None:
        # One after the other: a program that can't connect retries a second later, and the actuator
        # is ready once a poll is answered, which takes the proxies' reports.
        for program in self.programs:
            program.start()
            if program is not self.actuator or self._has_all_proxies():
                program.await_ready()

    def _has_all_proxies(self) -> bool:
        return self.scaler.configuration["expected_proxies"] <= len(self.proxies)

    def close(self) -> None:
        """Ends everything that was started, and checks that it ends properly."""
        for client in self._clients:
            client.hang_up()
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.wait()
        self.hooks.release_all()
        for program in reversed(self.programs):
            if program.process is not None:
                program.stop()
        self.postgres.close()
        for program in self.programs:
            program.assert_no_sanitizer_report()

    def abandon(self) -> None:
        """The same without checks, for use after one has failed."""
        for program in self.programs:
            if program.process is not None:
                program.kill()
        self.postgres.close()

    # --- clients ---

    def port(self, proxy: int = 0) -> int:
        address = self.proxies[proxy].configuration["listeners"]["main"]["address"]
        return int(address.rsplit(":", 1)[1])

    def dsn(self, proxy: int = 0, user: str = "postgres", database: str = "app") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port(proxy)}/{database}"

    def client(self, proxy: int = 0, source: str = "127.0.0.1") -> WireClient:
        """A new connection on which nothing has been sent yet."""
        client = WireClient(self.port(proxy), source)
        self._clients.append(client)
        return client

    def session(self, proxy: int = 0) -> WireClient:
        """A logged-in session."""
        client = self.client(proxy)
        client.login()
        return client

    def waiting_client(self, proxy: int = 0, **parameters: str) -> WireClient:
        """A client that the gate holds."""
        held = len(self.proxies[proxy].events("session_held"))
        client = self.client(proxy)
        client.send_startup(**parameters)
        self.proxies[proxy].await_event("session_held", held + 1)
        return client

    def tool(self, name: str, *arguments: str, **options) -> subprocess.Popen:
        """Runs one of Postgres's client programs in the background."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
        child = subprocess.Popen([BIN / name, *arguments], **options)
        self._children.append(child)
        return child

    def psql(self, *commands: str, proxy: int = 0, **options) -> str:
        """Runs psql through the proxy and returns its output."""
        arguments = [word for command in commands for word in ("-c", command)]
        quiet = ["-XqAt", "-v", "ON_ERROR_STOP=1"]
        child = self.tool("psql", *quiet, *arguments, self.dsn(proxy), **options)
        output, errors = child.communicate(timeout=120)
        assert child.returncode == 0, errors
        return output.strip()

    # --- conditions ---

    def sessions(self, state: str, proxy: int = 0) -> int:
        metric = "wakegate_proxy_sessions"
        return int(self.proxies[proxy].metric(metric, cluster="app", state=state))

    def await_sessions(self, state: str, count: int, proxy: int = 0) -> None:
        wait_until(lambda: self.sessions(state, proxy) == count, f"{count} sessions {state}")

    def await_polls(self, count: int) -> None:
        """Waits until the actuator has polled `count` more times, which takes as many seconds."""
        before = self._polls()
        wait_until(lambda: self._polls() >= before + count, f"{count} polls")

    def _polls(self) -> int:
        return sum(len(each.events("answered", rpc="IsActive")) for each in self.scalers)

    def await_asleep(self, stops: int = 1) -> None:
        """Waits until the stop hook has run that many times and Postgres is down."""
        wait_until(
            lambda: self.hooks.calls("stop") == stops and not self.postgres.is_running(),
            "Postgres is asleep",
        )
