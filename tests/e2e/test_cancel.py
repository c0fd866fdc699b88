"""Cancel keys: each cancels its own session and no other, and wakes nothing."""

import struct

import pytest

from rig.cancels import (
    EACH_VERSION,
    LONG,
    NAMES,
    QUERY_CANCELED,
    assert_a_storm_stops_all,
    assert_canceled,
    assert_still_runs,
    await_long,
    cancel,
    guarded_session,
    outcomes,
    plain_session,
    run_long,
)
from rig.hosts import HostsFile
from rig.ports import free_port
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER
from rig.wire import PROTOCOL_3_0, PROTOCOL_3_2


@pytest.fixture
def guarded(make_stack, scram):
    return make_stack(cluster=scram)


@EACH_VERSION
def test_a_key_stops_its_query_and_no_other(guarded, version):
    client, key = guarded_session(guarded, version)
    bystander, _ = guarded_session(guarded, version)
    assert len(key) == 8 if version == PROTOCOL_3_0 else len(key) > 36
    run_long(guarded, client)
    cancel(guarded, key)
    assert_canceled(client)
    assert bystander.query("SELECT 1") == ["1"]


@EACH_VERSION
def test_a_key_finds_the_server_of_its_route(make_stack, scram, postgres, version):
    # The cluster's own backend does not exist, so a cancel sent there stops nothing.
    server = f"127.0.0.1:{postgres.port}"
    nobody = f"127.0.0.1:{free_port()}"
    cluster = {**scram, "probe": {"address": server}, "backend": nobody}
    stack = make_stack(cluster=cluster, proxy={"routes": [{"cluster": "app", "backend": server}]})
    client, key = guarded_session(stack, version)
    run_long(stack, client)
    cancel(stack, key)
    assert_canceled(client)


@pytest.mark.parametrize("version", [PROTOCOL_3_0, PROTOCOL_3_2, None], ids=[*NAMES, "server's"])
def test_a_key_finds_the_address_of_its_session_when_the_name_has_moved_on(
    make_stack, scram, postgres, directory, version
):
    hosts = HostsFile(directory / "hosts")
    hosts.require()
    hosts.point("moving.test", "127.0.0.1")
    changes = {
        "backend": f"moving.test:{postgres.port}",
        "probe": {"address": f"127.0.0.1:{postgres.port}"},
    }
    stack = make_stack(cluster={**changes, **(scram if version else {})})
    stack.proxy.stop()
    hosts.give_to(stack.proxy)
    stack.proxy.start()
    stack.proxy.await_ready()
    client, key = guarded_session(stack, version) if version else plain_session(stack)
    run_long(stack, client)
    hosts.point("moving.test", "127.0.0.9")  # where no program listens
    cancel(stack, key)
    assert_canceled(client)


def test_a_session_that_does_not_count_gets_a_key_that_finds_it(make_stack, scram, postgres):
    postgres.start()  # not by the actuator
    stack = make_stack(
        cluster={**scram, "wake": [{"class": "never"}]}, scaled_object={"cooldown_period": "60s"}
    )
    client, key = guarded_session(stack, PROTOCOL_3_2)
    assert len(key) == 8
    assert client.query("SELECT pg_backend_pid()") == [process_id(key)]
    run_long(stack, client)
    cancel(stack, key)
    assert_canceled(client)


def process_id(key: bytes) -> str:
    return str(struct.unpack("!i", key[:4])[0])


@EACH_VERSION
def test_a_key_shows_the_backends_process_id(guarded, version):
    client, key = guarded_session(guarded, version)
    assert client.query("SELECT pg_backend_pid()") == [process_id(key)]
    _, other = guarded_session(guarded, version)
    assert other[:4] != key[:4]
    assert guarded.postgres.query(f"SELECT pg_terminate_backend({process_id(other)})") == "t"
    assert client.query("SELECT 'alive'") == ["alive"]


def test_a_short_keys_secret_is_not_the_servers(guarded):
    """A cancel key from the gate is of no use at the server itself."""
    client, key = guarded_session(guarded, PROTOCOL_3_0)
    run_long(guarded, client)
    cancel(guarded, key, port=guarded.postgres.port)
    assert_still_runs(guarded, client)


@pytest.mark.parametrize("version", NAMES)
def test_drivers_know_their_backends_process_id(guarded, version):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    dsn = f"{guarded.dsn(user=SCRAM_USER)}"
    if psycopg.pq.version() >= 180000:
        dsn += f"?max_protocol_version={version}"
    elif version == "3.2":
        pytest.skip("its libpq is older than protocol 3.2")
    with psycopg.connect(dsn, password=SCRAM_PASSWORD, autocommit=True) as connection:
        pid = connection.info.backend_pid
        assert connection.execute("SELECT pg_backend_pid()").fetchone() == (pid,)
        # By the process ID clients tell their own notifications from others'.
        connection.execute("LISTEN news")
        connection.execute("NOTIFY news")
        (notify,) = connection.notifies(timeout=20, stop_after=1)
        assert notify.pid == pid


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


@EACH_VERSION
def test_keys_that_nobody_has_do_nothing(guarded, version):
    client, key = guarded_session(guarded, version)
    run_long(guarded, client)
    for place in (0, 3, len(key) - 1):
        foreign = bytearray(key)
        foreign[place] ^= 1
        cancel(guarded, bytes(foreign))
    cancel(guarded, key + b"\0")
    assert_still_runs(guarded, client)


@EACH_VERSION
def test_a_key_of_a_session_that_has_ended_finds_nobody(guarded, version):
    gone, key = guarded_session(guarded, version)
    gone.leave()
    guarded.await_sessions("idle", 0)
    client, _ = guarded_session(guarded, version)
    run_long(guarded, client)
    cancel(guarded, key)
    assert_still_runs(guarded, client)


@EACH_VERSION
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


@EACH_VERSION
def test_a_flood_of_foreign_keys_is_dropped_and_keeps_no_good_one_out(make_stack, scram, version):
    stack = make_stack(cluster=scram, proxy={"cancel": {"per_second": 1, "burst": 5}})
    client, key = guarded_session(stack, version)
    run_long(stack, client)
    foreign = key[:-1] + bytes([key[-1] ^ 1])
    for _ in range(50):
        cancel(stack, foreign)
    assert len(stack.proxy.events("cancel_dropped", reason="unknown_key")) == 50
    cancel(stack, key)
    assert_canceled(client)


@EACH_VERSION
def test_a_storm_of_good_keys_from_one_address_stops_all(guarded, version):
    assert_a_storm_stops_all(guarded, lambda: guarded_session(guarded, version))
    assert outcomes(guarded, 0) == {"forwarded": 100}


def test_a_storm_of_servers_own_keys_from_one_address_stops_all(stack):
    assert_a_storm_stops_all(stack, lambda: plain_session(stack))
