"""/status of the proxy: which clients keep each cluster awake, and when it sleeps."""

import json
import re
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from rig.program import Program
from rig.stack import ACTIVITY_WINDOW, POLLING_INTERVAL, Stack
from rig.waiting import wait_until

# Long enough that it sleeps in no test; the scaler gets it as well.
COOLDOWN = 300
PATIENT = {
    "cooldown_period": f"{COOLDOWN}s",
    "metadata": {
        "cluster": "app",
        "activityWindow": f"{ACTIVITY_WINDOW}s",
        "cooldownPeriod": str(COOLDOWN),
        "pollingInterval": str(POLLING_INTERVAL),
    },
}


def status(program: Program) -> dict:
    code, body = program.page("/status.json")
    assert code == 200
    return json.loads(body)


def text(program: Program) -> str:
    code, body = program.page("/status")
    assert code == 200
    return body


def cluster(stack: Stack) -> dict:
    (found,) = status(stack.proxy)["clusters"]
    return found


def groups(stack: Stack, **wanted) -> list[dict]:
    """The rows that have these values."""
    return [row for row in cluster(stack)["groups"] if wanted.items() <= row.items()]


def await_group(stack: Stack, **wanted) -> dict:
    (row,) = wait_until(lambda: groups(stack, **wanted), f"a group with {wanted}")
    return row


def await_line(stack: Stack, pattern: str) -> None:
    wait_until(
        lambda: re.search(pattern, text(stack.proxy), re.MULTILINE), f"a line like {pattern}"
    )


def test_a_held_client_is_shown_with_what_it_waits_for(make_stack):
    stack = make_stack()
    latch = stack.hooks.latch("start")
    client = stack.waiting_client(application_name="batch")
    row = await_group(stack, state="held")
    assert row.pop("age_ms") >= 0
    assert row == {
        "state": "held",
        "role": "postgres",
        "application_name": "batch",
        "source": "127.0.0.1",
        "wake": "always",
        "count": 1,
    }
    found = cluster(stack)
    assert (found["state"], found["held"]) == ("waking", 1)
    assert found["awake_because"] == ["held"]
    assert found["forecast"] == "does not sleep while 1 client is held"
    await_line(stack, r"^cluster app: waking for \d+s; 1 held, 0 busy, 0 idle")
    await_line(stack, r"^  held +\d+s +1  postgres  batch +127\.0\.0\.1$")
    latch.open()
    client.messages_until("Z")
    await_group(stack, state="idle", application_name="batch")
    assert not groups(stack, state="held")
    assert cluster(stack)["state"] == "ready"


def test_busy_and_idle_sessions_are_shown_by_role_application_and_source(make_stack):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    stack = make_stack(scaled_object=PATIENT)
    for _ in range(3):
        stack.client(source="127.0.0.2").login(application_name="pool")
    with psycopg.connect(stack.dsn(), application_name="report") as session:
        session.execute("SELECT 1")  # and its transaction is open
        busy = await_group(stack, state="busy")
        assert (busy["application_name"], busy["source"]) == ("report", "127.0.0.1")
        idle = await_group(stack, state="idle", count=3)
        assert (idle["application_name"], idle["source"]) == ("pool", "127.0.0.2")
        assert cluster(stack)["awake_because"] == ["busy"]
        await_line(stack, r"^  does not sleep while 1 session is busy$")
        wait_until(
            lambda: groups(stack, state="idle")[0]["age_ms"] >= 1000, "they have idled for a second"
        )
        assert groups(stack, state="busy")[0]["age_ms"] <= groups(stack, state="idle")[0]["age_ms"]
    wait_until(lambda: not groups(stack, state="busy"), "the transaction is over")


def test_it_says_when_a_cluster_sleeps_and_unless_what(make_stack):
    stack = make_stack(scaled_object=PATIENT)
    session = stack.session()
    session.query("SELECT 1")
    stack.await_polls(2)
    await_line(
        stack,
        r"^  sleeps in \d+ s unless a client comes or a session works; "
        r"1 idle session does not count$",
    )
    told = wait_until(lambda: cluster(stack)["scaler"], "the scaler has told")
    assert 0 < told["sleeps_in_ms"] <= (COOLDOWN + ACTIVITY_WINDOW + POLLING_INTERVAL) * 1000
    assert told["asked"] == 1


def test_recent_activity_is_a_reason_as_long_as_its_window_is_open(make_stack):
    metadata = {**PATIENT["metadata"], "activityWindow": "10m"}
    stack = make_stack(scaled_object={**PATIENT, "metadata": metadata})
    stack.psql("SELECT 1")
    wait_until(lambda: cluster(stack)["awake_because"] == ["recent_activity"], "the window is open")
    await_line(stack, r"^  kept awake: the scaler said \d+ s ago: last activity .* 10m$")


def test_idle_sessions_that_count_are_a_reason(make_stack):
    stack = make_stack(cluster={"idle_sessions": "count"})
    stack.session()
    wait_until(lambda: cluster(stack)["awake_because"] == ["idle_sessions"], "the session counts")
    await_line(stack, r"^  does not sleep while 1 idle session counts$")


def test_without_a_scaler_nobody_knows_when_it_sleeps(make_stack):
    stack = make_stack(scaled_object=PATIENT)
    stack.psql("SELECT 1")
    wait_until(lambda: cluster(stack)["scaler"], "the scaler has told")
    assert [each["connected"] for each in status(stack.proxy)["scalers"]] == [True]
    stack.scaler.kill()
    stack.proxy.await_event("scaler_lost")
    await_line(stack, r"^  not known when it sleeps: no scaler is connected$")
    assert cluster(stack)["scaler"] is None


def test_the_proxy_says_who_it_is(stack):
    stack.session()
    page = status(stack.proxy)
    assert re.fullmatch(r"\d+\.\d+\.\d+", page["version"])
    assert page["uptime_ms"] >= 0
    assert (page["clients"], page["workers"], page["missing_threads"]) == (1, 2, 0)
    assert page["draining"] is False
    await_line(stack, r"^wakegate-proxy .*up \d+s, serving$")
    await_line(stack, r"^1 of \d+ clients, 2 workers$")


def test_a_draining_proxy_shows_whom_it_waits_for(make_stack):
    stack = make_stack(proxy={"drain_timeout": "300s"})
    session = stack.session()
    session.query("BEGIN")
    stack.await_sessions("busy", 1)
    stack.proxy.signal(signal.SIGTERM)
    wait_until(lambda: status(stack.proxy)["draining"], "it drains")
    assert cluster(stack)["state"] == "draining"
    assert await_group(stack, state="busy")["count"] == 1
    await_line(stack, r"^wakegate-proxy .*draining$")
    stack.proxy.signal(signal.SIGTERM)
    assert stack.proxy.wait() == 0


def test_names_that_clients_make_up_command_no_terminal(stack):
    stack.client().login(application_name="\x1b[2J\nROOT")
    await_group(stack, state="idle")
    assert cluster(stack)["groups"][0]["application_name"] == "\x1b[2J\nROOT"
    assert "\x1b" not in text(stack.proxy)
    await_line(stack, r"^  idle +\d+s +1  postgres  \?\[2J\?ROOT")


def test_more_groups_than_anybody_reads_are_summed_up(stack):
    for number in range(50):
        stack.client().login(application_name=f"job {number}")
    stack.await_sessions("idle", 50)

    def shown() -> tuple[int, list[int]]:
        found = cluster(stack)
        return len(found["groups"]), [row["count"] for row in found["others"]]

    wait_until(lambda: shown() == (40, [10]), "forty groups and the rest")
    await_line(stack, r"^  idle +\d+s +10  \(others\)$")


def test_many_may_look_at_once(stack):
    stack.session()
    with ThreadPoolExecutor(20) as readers:
        pages = list(readers.map(lambda _: text(stack.proxy), range(100)))
    assert all("1 idle" in page for page in pages)
