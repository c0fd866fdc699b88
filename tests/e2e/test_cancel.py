"""Cancel keys: they find their session at any replica, and nobody else's, and wake nothing."""

import signal
import struct

import pytest

from rig.ports import free_port
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.scram import log_in, salt_of
from rig.waiting import wait_until
from rig.wire import PROTOCOL_3_0, PROTOCOL_3_2, WireClient, query_message, startup_packet

CANCEL_REQUEST = 80877102
QUERY_CANCELED = "57014"
LONG = "SELECT pg_sleep(600)"
VERSIONS = [PROTOCOL_3_0, PROTOCOL_3_2]
NAMES = ["3.0", "3.2"]


@pytest.fixture
def scram(directory) -> dict:
    """What makes a cluster's clients prove themselves to the gate."""
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    return {"auth": "scram", "userlist": str(userlist)}


@pytest.fixture
def guarded(make_stack, scram):
    return make_stack(cluster=scram)


@pytest.fixture
def make_pair(make_stack, directory):
    """Two proxies that share a secret and pass cancels on to each other."""
    secret = directory / "secret"
    secret.write_text("0123456789abcdef" * 4 + "\n")
    doors = [f"127.0.0.1:{free_port()}" for _ in range(2)]

    def start(cluster: dict | None = None, cancel_limits: dict | None = None, **more):
        def proxy(number: int) -> dict:
            # Each finds itself among its peers, as behind a headless Service.
            shared = {"secret_file": str(secret), "peers": doors, **(cancel_limits or {})}
            return {"cancel": {**shared, "listen": doors[number]}, **more}

        return make_stack(proxies=2, proxy=proxy, cluster=cluster)

    return start


@pytest.fixture
def pair(make_pair, scram):
    return make_pair(scram)


@pytest.fixture
def plain_pair(make_pair):
    return make_pair()


def guarded_session(stack, version: int, proxy: int = 0) -> tuple[WireClient, bytes]:
    """A session and the key that it was given."""
    client = stack.client(proxy)
    said = log_in(client, SCRAM_USER, SCRAM_PASSWORD, version=version)
    (key,) = [message.body for message in said if message.kind == "K"]
    return client, key


def peers_port(stack, proxy: int) -> int:
    listen = stack.proxies[proxy].configuration["cancel"]["listen"]
    return int(listen.rsplit(":", 1)[1])


def receive_all(client: WireClient) -> bytes:
    """What comes until the connection ends, which a reset of what is left unread may do."""
    try:
        return client.receive(1000)
    except ConnectionResetError:
        return b""


def outcomes(stack, proxy: int) -> dict[str, int]:
    """What became of this proxy's cancels."""
    metric = "wakegate_proxy_cancels_total"
    program = stack.proxies[proxy]
    counts = {
        outcome: int(program.metric(metric, outcome=outcome))
        for outcome in ("forwarded", "hopped", "dropped")
    }
    return {outcome: count for outcome, count in counts.items() if count}


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


def cancel(stack, key: bytes, proxy: int = 0, port: int | None = None) -> None:
    """Sends a CancelRequest and waits until it has been dealt with."""
    client = WireClient(port or stack.port(proxy))
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


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_key_finds_the_server_of_its_route(make_stack, scram, postgres, version):
    # The cluster's own backend is not there, so a cancel that goes there stops nothing.
    server = f"127.0.0.1:{postgres.port}"
    nobody = f"127.0.0.1:{free_port()}"
    cluster = {**scram, "probe": {"address": server}, "backend": nobody}
    stack = make_stack(cluster=cluster, proxy={"routes": [{"cluster": "app", "backend": server}]})
    client, key = guarded_session(stack, version)
    run_long(stack, client)
    cancel(stack, key)
    assert_canceled(client)


def test_a_session_that_does_not_count_gets_a_key_that_finds_it(make_stack, scram, postgres):
    stack = make_stack(cluster={**scram, "wake": [{"class": "never"}]})
    postgres.start()  # by somebody else
    client, key = guarded_session(stack, PROTOCOL_3_2)
    assert len(key) == 8
    assert client.query("SELECT pg_backend_pid()") == [process_id(key)]
    run_long(stack, client)
    cancel(stack, key)
    assert_canceled(client)


def process_id(key: bytes) -> str:
    return str(struct.unpack("!i", key[:4])[0])


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_key_shows_the_backends_process_id(guarded, version):
    client, key = guarded_session(guarded, version)
    assert client.query("SELECT pg_backend_pid()") == [process_id(key)]
    _, other = guarded_session(guarded, version)
    assert other[:4] != key[:4]
    assert guarded.postgres.query(f"SELECT pg_terminate_backend({process_id(other)})") == "t"
    assert client.query("SELECT 'alive'") == ["alive"]


def test_a_short_keys_secret_is_not_the_servers(guarded):
    """Whoever holds a key of the gate's can do nothing with it at the server itself."""
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
        # What tells one's own notifications from others'.
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


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
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


def cancel_all_at_once(stack, keys: list[bytes], proxy: int = 0) -> None:
    clients = [WireClient(stack.port(proxy)) for _ in keys]
    for client, key in zip(clients, keys, strict=True):
        client.send(struct.pack("!ii", 8 + len(key), CANCEL_REQUEST) + key)
    for client in clients:
        assert client.receive(1) == b""
        client.hang_up()


def assert_a_storm_stops_all(stack, open_session, proxy: int = 0) -> None:
    sessions = [open_session() for _ in range(100)]
    for client, _ in sessions:
        client.send(query_message(LONG))
    running = f"SELECT count(*) FROM pg_stat_activity WHERE query = '{LONG}' AND state = 'active'"
    wait_until(lambda: stack.postgres.query(running) == "100", "all the queries run")
    cancel_all_at_once(stack, [key for _, key in sessions], proxy)
    for client, _ in sessions:
        assert_canceled(client)


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_storm_of_good_keys_from_one_address_stops_all(guarded, version):
    assert_a_storm_stops_all(guarded, lambda: guarded_session(guarded, version))
    assert outcomes(guarded, 0) == {"forwarded": 100}


def test_a_storm_of_servers_own_keys_from_one_address_stops_all(stack):
    assert_a_storm_stops_all(stack, lambda: plain_session(stack))


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_storm_at_another_replica_stops_all(pair, version):
    assert_a_storm_stops_all(pair, lambda: guarded_session(pair, version), proxy=1)


def test_what_is_dropped_is_told_and_counted(make_pair):
    pair = make_pair(cancel_limits={"per_second": 1, "burst": 2})
    for number in range(10):
        cancel(pair, bytes([number]) * 8, proxy=1)
    program = pair.proxies[1]
    (told,) = program.events("cancels_dropped")
    assert (told["level"], told["network_limit"], told["overload"]) == ("warning", 1, 0)
    limited = program.metric(
        "wakegate_proxy_cancels_total", outcome="dropped", reason="network_limit"
    )
    assert limited >= 7
    assert outcomes(pair, 1)["hopped"] >= 2


def test_a_long_key_is_followed_by_any_replica(pair):
    client, key = guarded_session(pair, PROTOCOL_3_2)
    run_long(pair, client)
    cancel(pair, key, proxy=1)
    assert_canceled(client)
    assert (outcomes(pair, 0), outcomes(pair, 1)) == ({}, {"forwarded": 1})


def test_a_short_key_finds_its_replica_by_one_hop(pair):
    client, key = guarded_session(pair, PROTOCOL_3_0)
    run_long(pair, client)
    cancel(pair, key, proxy=1)
    assert_canceled(client)
    assert outcomes(pair, 0) == {"forwarded": 1}
    assert outcomes(pair, 1) == {"hopped": 1, "dropped": 1}, "it is one of its own peers"


def test_a_servers_own_key_finds_its_replica_by_one_hop(plain_pair):
    client, key = plain_session(plain_pair)
    run_long(plain_pair, client)
    cancel(plain_pair, key, proxy=1)
    assert_canceled(client)
    assert outcomes(plain_pair, 0) == {"forwarded": 1}
    assert outcomes(plain_pair, 1) == {"hopped": 1, "dropped": 1}


def test_a_key_that_nobody_has_goes_no_further_than_one_hop(plain_pair):
    client, key = plain_session(plain_pair)
    run_long(plain_pair, client)
    cancel(plain_pair, key[:-1] + bytes([key[-1] ^ 1]), proxy=1)
    assert outcomes(plain_pair, 0) == {"dropped": 1}
    assert outcomes(plain_pair, 1) == {"hopped": 1, "dropped": 1}
    assert_still_runs(plain_pair, client)


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_forged_key_costs_nobody_a_hop(pair, version):
    client, key = guarded_session(pair, version)
    run_long(pair, client)
    cancel(pair, key[:-1] + bytes([key[-1] ^ 1]), proxy=1)
    assert (outcomes(pair, 0), outcomes(pair, 1)) == ({}, {"dropped": 1})
    assert_still_runs(pair, client)


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_key_that_is_replayed_at_another_replica_does_nothing(pair, version):
    gone, key = guarded_session(pair, version)
    gone.leave()
    pair.await_sessions("idle", 0)
    client, _ = guarded_session(pair, version)
    run_long(pair, client)
    cancel(pair, key, proxy=1)
    assert_still_runs(pair, client)


def test_a_role_that_nobody_has_looks_the_same_at_all_who_share_the_secret(pair):
    def salts(user: str) -> set[str]:
        return {salt_of(pair.client(proxy), user) for proxy in (0, 1)}

    (known,), (unknown,) = salts(SCRAM_USER), salts("nobody")
    assert known != unknown
    pair.proxies[0].stop()
    pair.proxies[0].start()
    pair.proxies[0].await_ready()
    assert salts("nobody") == {unknown}, "as a verifier does it outlives the process"


@pytest.mark.parametrize("version", VERSIONS, ids=NAMES)
def test_a_key_wakes_nothing_at_another_replica_either(pair, version):
    client, key = guarded_session(pair, version)
    client.leave()
    pair.await_asleep()
    starts = pair.hooks.calls("start")
    for proxy in (0, 1):
        cancel(pair, key, proxy)
    pair.await_polls(2)
    assert pair.hooks.calls("start") == starts
    assert not pair.postgres.is_running()


def test_sessions_of_a_proxy_that_drains_are_canceled_at_the_other(make_pair, scram):
    pair = make_pair(scram, drain_timeout="60s")
    client, key = guarded_session(pair, PROTOCOL_3_0)
    run_long(pair, client)
    pair.proxies[0].signal(signal.SIGTERM)
    pair.proxies[0].await_event("proxy_draining")
    cancel(pair, key, proxy=1)
    assert client.messages_until("E")[-1].fields()["C"] == QUERY_CANCELED
    pair.proxies[0].await_event("proxy_stopped")
    assert pair.proxies[0].wait() == 0


def test_the_peers_door_takes_cancels_and_nothing_else(pair):
    client, key = guarded_session(pair, PROTOCOL_3_0)
    run_long(pair, client)
    port = peers_port(pair, 0)
    too_short = struct.pack("!ii", 15, CANCEL_REQUEST) + key[:-1]
    too_long = struct.pack("!ii", 269, CANCEL_REQUEST) + bytes(261)
    endless = struct.pack("!ii", 2**31 - 1, CANCEL_REQUEST) + key
    for opening in (startup_packet(), too_short, too_long, endless, b"GET / HTTP/1.1\r\n\r\n"):
        stranger = WireClient(port)
        stranger.send(opening)
        assert not receive_all(stranger), "whoever wants more is hung up on without a word"
    silent = WireClient(port)
    assert silent.receive(1) == b"", "nobody may keep it waiting"
    cancel(pair, key, port=port)
    assert_canceled(client)
    cancel(pair, key, port=peers_port(pair, 1))
    assert outcomes(pair, 1) == {"dropped": 1}, "another's key has had its hop"
