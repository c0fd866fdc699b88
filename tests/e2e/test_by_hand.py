"""Orders by hand: wake, keep-awake and sleep-now, given to the scaler over its admin port."""

import subprocess
from pathlib import Path

import pytest

from rig.hosts import HostsFile
from rig.ports import free_port
from rig.program import BIN
from rig.stack import TIME_TO_SLEEP, admin
from rig.waiting import wait_until

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def token_file(directory) -> Path:
    file = directory / "token"
    file.write_text(f"{TOKEN}\n")
    file.chmod(0o600)
    return file


def with_token(token_file: Path) -> dict:
    settings = admin()
    settings["admin"]["token_file"] = str(token_file)
    return settings


@pytest.fixture
def ordered(make_stack, token_file):
    """A stack whose scaler takes orders with the token."""
    return make_stack(scaler=with_token(token_file))


def order(*arguments, prefix=()) -> subprocess.CompletedProcess:
    command = [*prefix, BIN / "wakegate-scaler", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def give(stack, kind: str, *arguments: str) -> str:
    """Gives an order that the scaler takes; returns its answer."""
    done = order(kind, "app", *arguments, "--config", stack.scaler.file)
    assert (done.returncode, done.stderr) == (0, "")
    address = stack.scaler.configuration["admin"]["address"]
    assert done.stdout.startswith(f"{address}: app: ")
    assert done.stdout.count("\n") == 1
    return done.stdout.strip().removeprefix(f"{address}: app: ")


def test_a_wake_starts_it_without_a_client_and_keeps_it_until_it_may_sleep(ordered):
    said = give(ordered, "wake", "--for", "10m")
    assert said == "woken by hand for 10m; 1 ScaledObject asks about it, 1 stream open: pushed"
    ordered.actuator.await_event("activation_received")
    wait_until(ordered.postgres.is_running, "Postgres runs")
    ordered.await_polls(TIME_TO_SLEEP)
    assert (ordered.hooks.calls("start"), ordered.hooks.calls("stop")) == (1, 0)
    assert ordered.postgres.is_running()
    assert "woken by hand, for another 10m" in ordered.scaler.page("/status")[1]

    said = give(ordered, "sleep-now")
    assert said.startswith("wake ended; idle from now on; KEDA stops it at the first poll")
    ordered.await_asleep()
    taken = ordered.scaler.events("order_taken", cluster="app")
    assert [(event["order"], event.get("for")) for event in taken] == [
        ("wake", "10m"),
        ("sleep-now", None),
    ]
    assert all(event["peer"].startswith("127.0.0.1:") for event in taken)
    ordered.scaler.await_event("order_ended", order="wake", reason="sleep-now")
    assert ordered.scaler.metric("wakegate_scaler_orders_total", answer="taken") == 2


def test_a_wake_ends_by_itself(ordered):
    give(ordered, "wake", "--for", "1s")
    ordered.scaler.await_event("order_ended", order="wake", reason="expired")
    ordered.await_asleep()


def test_keep_awake_keeps_what_is_awake_and_wakes_nothing(ordered):
    said = give(ordered, "keep-awake")
    assert said == "while it is awake it is kept so, for 8h; it sleeps, and this does not wake it"
    ordered.await_polls(2)
    assert ordered.hooks.calls("start") == 0

    ordered.session().hang_up()
    ordered.await_sessions("idle", 0)
    ordered.await_polls(TIME_TO_SLEEP + 2)
    assert (ordered.hooks.calls("start"), ordered.hooks.calls("stop")) == (1, 0)
    assert "kept awake by hand for another 8h" in ordered.scaler.page("/status")[1]

    assert give(ordered, "sleep-now").startswith("keep-awake ended; idle from now on")
    ordered.await_asleep()


def test_sleep_now_puts_nothing_to_sleep_that_works(ordered):
    session = ordered.session()
    session.query("BEGIN")
    ordered.await_sessions("busy", 1)
    ordered.await_polls(1)
    assert give(ordered, "sleep-now") == "it stays awake: 0 held, 1 busy"
    ordered.await_polls(TIME_TO_SLEEP)
    assert ordered.hooks.calls("stop") == 0
    assert session.query("SELECT 'still here'") == ["still here"]
    session.query("COMMIT")
    ordered.await_asleep()


def test_a_wrong_token_does_nothing(ordered, directory):
    other = directory / "other"
    other.write_text("x" * 32)
    done = order("wake", "app", "--config", ordered.scaler.file, "--token-file", other)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("token is not that of the scaler's admin.token_file (HTTP 401)\n")
    ordered.await_polls(2)
    assert ordered.hooks.calls("start") == 0
    told = ordered.scaler.await_event("order_unauthorized")
    assert told["level"] == "warning"
    assert told["peer"].startswith("127.0.0.1:")
    assert ordered.scaler.metric("wakegate_scaler_orders_total", answer="unauthorized") == 1
    log = ordered.scaler.log.read_text()
    assert TOKEN not in log and other.read_text() not in log


def test_a_replaced_token_holds_at_once(ordered, token_file):
    token_file.write_text("y" * 40)
    assert give(ordered, "keep-awake", "--for", "1m")


def test_a_misspelt_cluster_is_told_with_those_that_there_are(ordered):
    done = order("wake", "ap", "--config", ordered.scaler.file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody asks about 'ap'; clusters here: app" in done.stderr


def test_without_a_token_file_nobody_gives_orders(stack, token_file):
    address = stack.scaler.configuration["admin"]["address"]
    done = order("wake", "app", "--admin", address, "--token-file", token_file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "set admin.token_file in the scaler's configuration (HTTP 403)" in done.stderr
    done = order("wake", "app", "--config", stack.scaler.file)
    assert (done.returncode, done.stdout) == (2, "")
    assert "give --token-file FILE" in done.stderr


def test_every_replica_of_a_name_is_told(make_stack, directory, token_file):
    hosts = HostsFile(directory / "hosts")
    hosts.require()
    hosts.point("scalers", "127.0.0.2", "127.0.0.3")
    port = free_port()

    def replica(number: int) -> dict:
        address = f"127.0.0.{2 + number}:{port}"
        return {"admin": {"address": address, "token_file": str(token_file)}}

    pair = make_stack(scalers=2, scaler=replica)
    for scaler in pair.scalers:
        scaler.await_event("proxy_joined")
    flags = ["--admin", f"scalers:{port}", "--token-file", token_file]

    done = order("wake", "app", *flags, prefix=hosts.command())
    assert (done.returncode, done.stderr) == (0, "")
    lines = sorted(done.stdout.splitlines())
    assert [line.split(": ")[0] for line in lines] == [f"127.0.0.{n}:{port}" for n in (2, 3)]
    for scaler in pair.scalers:
        scaler.await_event("order_taken", cluster="app", order="wake")

    pair.scalers[1].stop()
    done = order("sleep-now", "app", *flags, prefix=hosts.command())
    assert done.returncode == 1
    assert done.stdout.startswith(f"127.0.0.2:{port}: app: wake ended; ")
    assert done.stderr == f"127.0.0.3:{port}: Connection refused\n"


def test_a_token_that_others_can_read_is_a_warning(ordered, token_file):
    token_file.chmod(0o644)
    done = order("--check", "--config", ordered.scaler.file)
    assert done.returncode == 0
    assert "warning: admin.token_file:" in done.stderr
    assert "mode 0644" in done.stderr


def test_help_lists_the_commands():
    help_text = order("--help").stdout
    for line in ["wake CLUSTER [--for DURATION]", "keep-awake CLUSTER", "sleep-now CLUSTER"]:
        assert line in help_text
