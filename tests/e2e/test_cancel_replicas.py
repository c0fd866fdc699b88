"""Cancel keys at replicas: each forwards keys of all that share a secret, by one hop at most."""

import signal
import struct

import pytest

from rig.cancels import (
    EACH_VERSION,
    QUERY_CANCELED,
    assert_a_storm_stops_all,
    assert_canceled,
    assert_still_runs,
    cancel,
    guarded_session,
    outcomes,
    plain_session,
    run_long,
)
from rig.ports import free_port
from rig.postgres import SCRAM_USER
from rig.scram import salt_of
from rig.wire import CANCEL_REQUEST, PROTOCOL_3_0, PROTOCOL_3_2, WireClient, startup_packet


@pytest.fixture
def make_pair(make_stack, directory):
    """Two proxies that share a secret and forward cancels to each other."""
    secret = directory / "secret"
    secret.write_text("0123456789abcdef" * 4 + "\n")
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]

    def start(cluster: dict | None = None, cancel_limits: dict | None = None, **more):
        def proxy(number: int) -> dict:
            # Each has itself among its peers, as behind a headless Service.
            shared = {"secret_file": str(secret), "peers": addresses, **(cancel_limits or {})}
            return {"cancel": {**shared, "listen": addresses[number]}, **more}

        return make_stack(proxies=2, proxy=proxy, cluster=cluster)

    return start


@pytest.fixture
def pair(make_pair, scram):
    return make_pair(scram)


@pytest.fixture
def plain_pair(make_pair):
    return make_pair()


def peers_port(stack, proxy: int) -> int:
    listen = stack.proxies[proxy].configuration["cancel"]["listen"]
    return int(listen.rsplit(":", 1)[1])


def receive_all(client: WireClient) -> bytes:
    """Reads to the end of the connection, which may be a reset because of unread bytes."""
    try:
        return client.receive(1000)
    except ConnectionResetError:
        return b""


@EACH_VERSION
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


@EACH_VERSION
def test_a_forged_key_costs_nobody_a_hop(pair, version):
    client, key = guarded_session(pair, version)
    run_long(pair, client)
    cancel(pair, key[:-1] + bytes([key[-1] ^ 1]), proxy=1)
    assert (outcomes(pair, 0), outcomes(pair, 1)) == ({}, {"dropped": 1})
    assert_still_runs(pair, client)


@EACH_VERSION
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


@EACH_VERSION
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
