"""Cancel keys: they find their session at any replica, and nobody else's, and wake nothing."""

import os
import signal
import struct

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.scram import log_in
from rig.waiting import wait_until
from rig.wire import PROTOCOL_3_0, PROTOCOL_3_2, WireClient, query_message

CANCEL_REQUEST = 80877102
QUERY_CANCELED = "57014"
LONG = "SELECT pg_sleep(600)"
VERSIONS = [PROTOCOL_3_0, PROTOCOL_3_2]
NAMES = ["3.0", "3.2"]


@pytest.fixture
def make_guarded(make_stack, directory):
    """A stack whose gate knows one role."""
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')

    def start(**changes):
        return make_stack(cluster={"auth": "scram", "userlist": str(userlist)}, **changes)

    return start


@pytest.fixture
def guarded(make_guarded):
    return make_guarded()


def guarded_session(stack, version: int, proxy: int = 0) -> tuple[WireClient, bytes]:
    """A session and the key that it was given."""
    client = stack.client(proxy)
    said = log_in(client, SCRAM_USER, SCRAM_PASSWORD, version=version)
    (key,) = [message.body for message in said if message.kind == "K"]
    return client, key


def plain_session(stack, proxy: int = 0) -> tuple[WireClient, bytes]:
    client = stack.client(proxy)
    (key,) = [message.body for message in client.login() if message.kind == "K"]
    return client, key


def run_long(stack, client: WireClient) -> None:
    """Has the session's query under way, and no other one."""
    client.send(query_message(LONG))
    await_long(stack)


def await_long(stack) -> None:
    running = f"SELECT count(*) FROM pg_stat_activity WHERE query = '{LONG}' AND state = 'active'"
    wait_until(lambda: stack.postgres.query(running) == "1", "the query runs")


def cancel(stack, key: bytes, proxy: int = 0) -> None:
    """Sends a CancelRequest and waits until it has been dealt with."""
    client = stack.client(proxy)
    client.send(struct.pack("!ii", 8 + len(key), CANCEL_REQUEST) + key)
    assert client.receive(1) == b"", "a CancelRequest is never answered"
    client.hang_up()


def assert_canceled(client: WireClient) -> None:
    assert client.messages_until("E")[-1].fields()["C"] == QUERY_CANCELED
    client.messages_until("Z")
    assert client.query("SELECT 'alive'") == ["alive"]


def assert_still_runs(stack, client: WireClient) -> None:
    """Its query has not been stopped by anything that was sent before."""
    client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.receive(1)
    client.hang_up()


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_key_stops_its_query_and_no_other(guarded, version):
    client, key = guarded_session(guarded, version)
    bystander, _ = guarded_session(guarded, version)
    assert len(key) == 8 if version == PROTOCOL_3_0 else len(key) > 36
    run_long(guarded, client)
    cancel(guarded, key)
    assert_canceled(client)
    assert bystander.query("SELECT 1") == ["1"]


def test_the_servers_own_key_is_no_key_at_the_gate(guarded):
    _, short = guarded_session(guarded, PROTOCOL_3_0)
    pids = guarded.postgres.query("SELECT pid FROM pg_stat_activity").split()
    assert str(struct.unpack("!i", short[:4])[0]) not in pids


def test_control_c_in_psql(guarded):
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    child = guarded.tool("psql", "-Xc", LONG, guarded.dsn(user=SCRAM_USER), env=environment)
    guarded.await_sessions("busy", 1)
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert "canceling statement due to user request" in errors


@pytest.mark.parametrize("version", NAMES)
def test_libpq_takes_the_key_and_cancels(guarded, version):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    if psycopg.pq.version() < 180000:
        pytest.skip("its libpq is older than protocol 3.2")
    dsn = f"{guarded.dsn(user=SCRAM_USER)}?max_protocol_version={version}"
    with psycopg.connect(dsn, password=SCRAM_PASSWORD, autocommit=True) as connection:
        connection.pgconn.send_query(LONG.encode())
        await_long(guarded)
        connection.cancel_safe(timeout=20)
        result = connection.pgconn.get_result()
        assert result.error_field(psycopg.pq.DiagnosticField.SQLSTATE).decode() == QUERY_CANCELED
        assert connection.pgconn.get_result() is None


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_keys_that_nobody_has_do_nothing(guarded, version):
    client, key = guarded_session(guarded, version)
    run_long(guarded, client)
    for place in (0, 3, len(key) - 1):
        foreign = bytearray(key)
        foreign[place] ^= 1
        cancel(guarded, bytes(foreign))
    cancel(guarded, key + b"\0")
    assert_still_runs(guarded, client)


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_key_of_a_session_that_has_ended_finds_nobody(guarded, version):
    gone, key = guarded_session(guarded, version)
    gone.leave()
    guarded.await_sessions("idle", 0)
    client, _ = guarded_session(guarded, version)
    run_long(guarded, client)
    cancel(guarded, key)
    assert_still_runs(guarded, client)


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_key_wakes_nothing(guarded, version):
    client, key = guarded_session(guarded, version)
    client.leave()
    guarded.await_asleep()
    starts = guarded.hooks.calls("start")
    held = len(guarded.proxy.events("session_held"))
    for _ in range(3):
        cancel(guarded, key)
    guarded.await_polls(2)
    assert guarded.hooks.calls("start") == starts
    assert len(guarded.proxy.events("session_held")) == held
    assert not guarded.proxy.events("cancel_forwarded"), "nobody is dialled for nothing"
