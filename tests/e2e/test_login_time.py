"""Whose time a login takes: the client's is bounded and costs nobody else anything."""

import os

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER
from rig.stack import Stack
from rig.waiting import wait_until
from rig.wire import WireClient

RELEASE_BATCH = 4
LONG = {"authentication_timeout": "10m"}  # so that no test waits for it by chance


def stall(stack: Stack) -> WireClient:
    """A client that stops where the server has asked it for its password."""
    client = stack.client()
    client.send_startup(user=SCRAM_USER)
    assert client.message().kind == "R"
    return client


def backends(stack: Stack) -> int:
    """Processes that serve some client or begin to, beside the one that counts them."""
    counted = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    return int(stack.postgres.query(counted)) - 1


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
    assert error["M"] == "canceling authentication due to timeout"  # Postgres's words
    wait_until(lambda: backends(stack) == 0, "the backend has gone")
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="57014") == 1


def test_the_servers_own_time_is_not_the_clients(make_stack):
    """The server's part comes after the client's answer and takes longer than the client may."""
    stack = make_stack(proxy={"authentication_timeout": "1s"})
    with (stack.postgres.data / "postgresql.conf").open("a") as settings:
        settings.write("post_auth_delay = 2\n")
    child = stack.tool(
        "psql",
        "-XqAtc",
        "SELECT 1",
        stack.dsn(user=SCRAM_USER),
        env={**os.environ, "PGPASSWORD": SCRAM_PASSWORD},
    )
    output, errors = child.communicate(timeout=120)
    assert output.strip() == "1", errors
