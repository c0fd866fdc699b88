"""One of wakegate's programs: configuration, process, log and pages."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from rig.waiting import PATIENCE, wait_until

REPOSITORY = Path(__file__).parents[3]
BIN = Path(os.environ.get("WAKEGATE_BIN", REPOSITORY / "build/release/bin"))
# Or wakegate-proxy-hostile, the same over hostile sockets: tests/support/hostility.hpp.
PROXY = os.environ.get("WAKEGATE_PROXY", "wakegate-proxy")

SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")
TROUBLE = re.compile(r"^hostile sockets: cut (\d+) reads \((\d+) to one byte\)", re.MULTILINE)
SAMPLE = re.compile(r"^(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$", re.MULTILINE)


class Program:
    def __init__(self, kind: str, name: str, configuration: dict, directory: Path) -> None:
        self.kind = kind
        self.name = name
        self.configuration = configuration
        self.file = directory / f"{name}.yaml"
        self.log = directory / f"{name}.log"
        self.log.touch()
        self.environment: dict[str, str] = {}  # beside the tests' own
        self.stderr: int | None = None  # a descriptor to log to instead of the file
        self.process: subprocess.Popen | None = None
        self.prefix: list[str] = []  # of its command line, to run it in a namespace

    # --- its process ---

    def start(self) -> None:
        assert self.process is None, f"{self.name} runs already"
        self.file.write_text(json.dumps(self.configuration, indent=2))  # JSON is YAML, too
        # It is killed with the test process, however that ends.
        binary = PROXY if self.kind == "proxy" else f"wakegate-{self.kind}"
        command = ["setpriv", "--pdeathsig", "KILL", BIN / binary]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [*self.prefix, *command, "--config", self.file],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log if self.stderr is None else self.stderr,
                env={**os.environ, **self.environment},
            )

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} does not run"
        return self.process.pid

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, deadline: float = PATIENCE) -> int:
        """Waits for its end and returns its exit code."""
        assert self.process is not None
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} does not end:\n{self.tail()}") from None
        self.process = None
        return code

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> None:
        self.signal(signal.SIGTERM)
        assert self.wait() == 0, f"{self.name} did not end well:\n{self.tail()}"
        if self.kind == "proxy" and PROXY != "wakegate-proxy":
            self.assert_had_trouble()

    def assert_had_trouble(self) -> None:
        """Asserts that its sockets were hostile, since otherwise a passing test proves nothing."""
        reports = TROUBLE.findall(self.log.read_text(errors="replace"))
        assert reports, f"{self.name} does not say what its sockets did:\n{self.tail()}"
        if self.events("session_released"):
            assert any(int(single) > 0 for _, single in reports), reports

    def await_ready(self) -> None:
        def is_ready() -> bool:
            assert self.process and self.process.poll() is None, f"it ended:\n{self.tail()}"
            return self.page("/readyz")[0] == 200

        wait_until(is_ready, f"{self.name} is ready")

    def restart(self) -> None:
        """Kills it with -9 and starts it again."""
        self.kill()
        self.start()
        self.await_ready()

    def resident_kib(self) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    # --- its log ---

    def events(self, name: str, **fields) -> list[dict]:
        """The events of that name with these fields that it has logged since the test began."""
        self._await_log_thread()
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            if f'"event":"{name}"' in line and line.endswith("}"):
                event = json.loads(line)
                if all(event.get(key) == value for key, value in fields.items()):
                    found.append(event)
        return found

    def _await_log_thread(self) -> None:
        """Waits until the program's log thread sleeps: then the file has all that was logged before
        what the test has seen."""
        if self.process is not None:
            wait_until(lambda: self._log_thread_state() in "S-", f"{self.name} has written its log")

    def _log_thread_state(self) -> str:
        """Its state in /proc/PID/stat; "-" without that thread, at the start and the end."""
        for stat in Path(f"/proc/{self.pid}/task").glob("*/stat"):
            try:
                name, state = re.match(r"\d+ \((.*)\) (\S)", stat.read_text()).groups()
            except OSError:
                continue  # that thread has ended
            if name == "log":
                return state
        return "-"

    def await_event(self, name: str, count: int = 1, **fields) -> dict:
        """Waits for the count-th such event and returns it."""
        what = f"{self.name} logs {name} {fields or ''} {count} time(s)"
        wait_until(lambda: len(self.events(name, **fields)) >= count, what)
        return self.events(name, **fields)[count - 1]

    def tail(self, lines: int = 40) -> str:
        """The end of its log; empty once the test's folder is gone."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def assert_no_sanitizer_report(self) -> None:
        assert not SANITIZER.search(self.log.read_text(errors="replace")), self.tail(200)

    # --- its pages ---

    def page(self, path: str) -> tuple[int, str]:
        """Status and body; status 0 without an answer."""
        address = self.configuration["admin"]["address"]
        try:
            with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name: str, **labels: str) -> float:
        """The sum of all samples of that name that carry these labels."""

        def answer() -> str:
            code, text = self.page("/metrics")
            return text if code == 200 else ""

        total = 0.0
        for sample in SAMPLE.finditer(wait_until(answer, f"{self.name} tells its metrics")):
            have = dict(re.findall(r'(\w+)="([^"]*)"', sample["labels"] or ""))
            if sample["name"] == name and labels.items() <= have.items():
                total += float(sample["value"])
        return total
