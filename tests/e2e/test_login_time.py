"""Slow logins: the client's time is bounded, and delays no other client."""

import os

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.stack import Stack
from rig.waiting import wait_until
from rig.wire import WireClient

RELEASE_BATCH = 4
LONG = {"authentication_timeout": "10m"}  # long, so that no test depends on it by chance
SLOW = 2  # seconds per login, like a login trigger or a cold disk


def stall(stack: Stack) -> WireClient:
    """A client that stops when the server has asked for its password."""
    client = stack.client()
    client.send_startup(user=SCRAM_USER)
    assert client.message().kind == "R"
    return client


def backends(stack: Stack) -> int:
    """Processes that serve a client or are starting to, except the one that counts them."""
    counted = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    return int(stack.postgres.query(counted)) - 1


def log_in_with_password(stack: Stack) -> None:
    words = ["-XqAtc", "SELECT 1", stack.dsn(user=SCRAM_USER)]
    child = stack.tool("psql", *words, env={**os.environ, "PGPASSWORD": SCRAM_PASSWORD})
    output, errors = child.communicate(timeout=120)
    assert output.strip() == "1", errors


def slow_down(stack: Stack, seconds: int) -> None:
    """Makes each login take this long between authentication and the first byte after it."""
    with (stack.postgres.data / "postgresql.conf").open("a") as settings:
        settings.write(f"post_auth_delay = {seconds}\nlog_connections = on\n")
    if stack.postgres.is_running():
        stack.postgres.control("reload")


def test_clients_that_stop_at_the_password_lock_nobody_out(make_stack):
    stack = make_stack(proxy=LONG, cluster={"release_batch": RELEASE_BATCH})
    stalled = [stall(stack) for _ in range(RELEASE_BATCH + 2)]
    assert stack.psql("SELECT 1") == "1"
    assert not any(client.is_closed() for client in stalled)


def test_a_login_under_way_is_demand(make_stack):
    stack = make_stack(proxy=LONG)
    client = stall(stack)
    stack.await_sessions("held", 1)
    client.hang_up()
    stack.await_sessions("held", 0)


def test_a_client_that_owes_its_answer_for_too_long_is_told_so_and_leaves_no_backend(make_stack):
    stack = make_stack(proxy={"authentication_timeout": "300ms"})
    stack.psql("SELECT 1")
    client = stall(stack)
    error = client.refusal()
    assert (error["S"], error["C"]) == ("FATAL", "57014")
    assert error["M"] == "canceling authentication due to timeout"  # Postgres's message
    wait_until(lambda: backends(stack) == 0, "the backend has gone")
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="57014") == 1


def test_the_servers_own_time_is_not_the_clients(make_stack):
    """The server's part follows the client's answer, and takes longer than the client's limit."""
    stack = make_stack(proxy={"authentication_timeout": "1s"})
    slow_down(stack, SLOW)
    log_in_with_password(stack)


# --- servers that are slow with logins ---

IMPATIENT = {"login_timeout": "200ms"}


def logins_seen(stack: Stack) -> int:
    return stack.postgres.log.read_text().count("connection authorized: user=postgres database=app")


def test_a_login_slower_than_login_timeout_is_made_once(make_stack):
    stack = make_stack(cluster=IMPATIENT)
    slow_down(stack, SLOW)
    assert stack.psql("SELECT 1") == "1"
    assert logins_seen(stack) == 1
    assert len(stack.proxy.events("login_slow")) == 1
    assert not stack.proxy.events("dial_failed")


def test_a_slow_login_in_the_clients_name_is_made_once(make_stack, directory):
    userlist = directory / "userlist"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    stack = make_stack(cluster={**IMPATIENT, "auth": "scram", "userlist": str(userlist)})
    slow_down(stack, SLOW)
    log_in_with_password(stack)
    log = stack.postgres.log.read_text()
    assert log.count(f"connection authorized: user={SCRAM_USER}") == 1


def test_who_runs_out_of_time_in_a_slow_login_hears_that_and_not_of_a_wake(make_stack):
    stack = make_stack(cluster={**IMPATIENT, "hold_timeout": "2s"})
    slow_down(stack, 60)
    client = stack.client()
    client.send_startup()
    error = client.refusal()
    assert error["C"] == "57P03"
    assert "did not finish the login in time" in error["M"]
    assert "hold_timeout" in error["H"]
    assert logins_seen(stack) == 1


def test_slow_logins_lock_nobody_out(make_stack):
    stack = make_stack(cluster={**IMPATIENT, "hold_timeout": "10m", "release_batch": RELEASE_BATCH})
    stack.psql("SELECT 1")
    slow_down(stack, 600)
    changed = 'parameter "post_auth_delay" changed'
    wait_until(lambda: changed in stack.postgres.log.read_text(), "it is slow")
    for _ in range(RELEASE_BATCH):
        stack.client().send_startup()
    stack.proxy.await_event("login_slow", RELEASE_BATCH)
    # This client is asked for its password before the delay.
    assert stall(stack)


def test_who_hangs_up_in_a_slow_login_leaves_nothing_behind(make_stack):
    stack = make_stack(cluster={**IMPATIENT, "hold_timeout": "10m"})
    slow_down(stack, 60)
    client = stack.client()
    client.send_startup()
    stack.proxy.await_event("login_slow", 1)
    stack.await_sessions("held", 1)
    client.hang_up()
    stack.await_sessions("held", 0)
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="57P03") == 0


@pytest.fixture
def probed(directory) -> dict:
    """A stack whose probe logs in, and is asked for its password."""
    password = directory / "password"
    password.write_text(SCRAM_PASSWORD)
    return {"user": SCRAM_USER, "password_file": str(password), "timeout": "1s"}


def test_a_probe_whose_login_is_slow_too_ends_no_login(make_stack, probed):
    stack = make_stack(cluster={**IMPATIENT, "probe": probed})
    stack.psql("SELECT 1")
    slow_down(stack, 3)
    changed = 'parameter "post_auth_delay" changed'
    wait_until(lambda: changed in stack.postgres.log.read_text(), "it is slow")
    assert stack.psql("SELECT 2") == "2"
    assert logins_seen(stack) == 1
    assert stack.proxy.events("probe_failed", reason="login takes longer than probe.timeout")


def test_who_waits_for_a_probe_whose_login_is_slow_hears_that(make_stack, probed):
    stack = make_stack(cluster={"hold_timeout": "4s", "probe": probed})
    slow_down(stack, 60)
    client = stack.client()
    client.send_startup()
    error = client.refusal()
    assert (error["C"], error["M"]) == ("57P03", 'cluster "app" was not found ready in time')
    assert "probe_failed" in error["H"]
