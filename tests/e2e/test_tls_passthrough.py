"""TLS passthrough: the gate routes, holds and relays sessions without decrypting them."""

import json
import os
import signal
import struct
import threading

import pytest

from rig.cancels import cancel
from rig.ports import free_port
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER
from rig.waiting import wait_until
from rig.wire import SSL_REQUEST, WireClient, startup_packet
from test_backend_tls import IS_SECURED, TLS_ONLY, Server

PASSTHROUGH = {"mode": "passthrough"}


@pytest.fixture
def server(postgres, directory) -> Server:
    server = Server(postgres, directory)
    server.admit(TLS_ONLY)
    return server


def start(make_stack, server, cluster: dict | None = None, tls: dict | None = None, **more: object):
    tls = {**PASSTHROUGH, **(tls or {})}
    listener = {"address": f"127.0.0.1:{free_port()}", "tls": tls}
    proxy = {
        "listeners": {"main": listener},
        "routes": [{"listener": "main", "cluster": "app"}],
        **more,
    }
    # The probe does not pass through.
    return make_stack(proxy=proxy, cluster={"backend_tls": {"mode": "require"}, **(cluster or {})})


def dsn(stack, server, user: str = "postgres", **words: str) -> str:
    words = {"sslmode": "verify-full", "sslrootcert": str(server.authority.certificate), **words}
    where = f"host=localhost hostaddr=127.0.0.1 port={stack.port()} user={user} dbname=app"
    return where + "".join(f" {key}={value}" for key, value in words.items())


def ask(stack, server, sql: str, **words: str) -> str:
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    command = ["-XAtc", sql, dsn(stack, server, **words)]
    output, errors = stack.tool("psql", *command, env=environment).communicate(timeout=120)
    return output.strip() or errors


def test_client_and_server_meet_end_to_end(make_stack, server):
    stack = start(make_stack, server)
    assert ask(stack, server, IS_SECURED) == "t"
    assert stack.hooks.calls("start") == 1, "a hello has woken it"
    bound = {"user": SCRAM_USER, "channel_binding": "require"}
    assert ask(stack, server, "SELECT current_user", **bound) == SCRAM_USER
    assert "does not match" in ask(stack, server, "SELECT 1", host="other.example")


def test_who_comes_in_the_clear_or_with_no_tls_at_all_wakes_nobody(make_stack, server):
    stack = start(make_stack, server, tls_timeout="2s")
    assert "takes only connections with TLS" in ask(stack, server, "SELECT 1", sslmode="disable")
    for words in (startup_packet(), b"\x16\x03\x01\x00\x01\x00", b"GET / HTTP/1.1\r\n\r\n"):
        client = WireClient(stack.port())
        client.send(SSL_REQUEST)
        assert client.receive(1) == b"S"
        client.send(words)
        wait_until(client.is_closed, "the gate hangs up")
    slow = WireClient(stack.port())
    slow.send(SSL_REQUEST)
    assert slow.receive(1) == b"S"
    wait_until(slow.is_closed, "the gate hangs up")
    stack.proxy.await_event("tls_failed", reason="it is no TLS")
    stack.proxy.await_event("tls_failed", reason="it took too long")
    stack.await_polls(2)
    assert stack.hooks.calls("start") == 0


def test_an_idle_session_counts_as_busy_since_nobody_can_tell(make_stack, server):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    stack = start(make_stack, server)
    with psycopg.connect(dsn(stack, server), autocommit=True) as connection:
        connection.execute("SELECT 1")
        stack.await_sessions("busy", 1)
        (row,) = json.loads(stack.proxy.page("/status.json")[1])["clusters"][0]["groups"]
        assert (row["state"], row["count"], row["source"]) == ("busy", 1, "127.0.0.1")
        assert (row["role"], row["application_name"]) == (None, None), "they are inside the TLS"
        stack.await_polls(6)
        assert stack.hooks.calls("stop") == 0
        connection.execute("SELECT 1")
    stack.await_asleep()


def test_a_client_that_waits_in_vain_is_told_by_an_alert(make_stack, server):
    nobody = {"backend": f"127.0.0.1:{free_port()}", "hold_timeout": "1s"}
    stack = start(make_stack, server, nobody)
    assert "alert internal error" in ask(stack, server, "SELECT 1")
    stack.proxy.await_event("session_refused", sqlstate="57P03")


def test_a_query_is_cancelled_by_a_client_that_encrypts_its_request(make_stack, server):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    if psycopg.pq.version() < 170000:
        pytest.skip("its libpq cancels in the clear")
    stack = start(make_stack, server)
    with psycopg.connect(dsn(stack, server), autocommit=True) as connection:
        sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"

        def cancel_soon() -> None:
            wait_until(lambda: server.postgres.query(sleeps) == "1", "the query sleeps")
            connection.cancel_safe(timeout=20)

        canceller = threading.Thread(target=cancel_soon)
        canceller.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(600)")
        canceller.join()


SLEEPS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
BROADCAST = {"cancel": "broadcast"}


def start_long_psql(stack, server):
    """psql of any version sends its CancelRequest in the clear."""
    child = stack.tool("psql", "-XAtc", "SELECT pg_sleep(600)", dsn(stack, server))
    stack.await_sessions("busy", 1)  # which it is from its first byte on
    wait_until(lambda: server.postgres.query(SLEEPS) == "1", "the query sleeps")
    return child


def cancels(stack, **labels: str) -> float:
    return stack.proxy.metric("wakegate_proxy_cancels_total", **labels)


def test_a_cancel_in_the_clear_is_dropped_unless_the_listener_broadcasts(make_stack, server):
    stack = start(make_stack, server)
    child = start_long_psql(stack, server)
    child.send_signal(signal.SIGINT)
    stack.proxy.await_event("cancel_dropped", reason="unknown_key")
    assert server.postgres.query(SLEEPS) == "1", "nobody could know whose key it is"
    child.kill()


def test_a_listener_that_broadcasts_has_psqls_query_cancelled(make_stack, server):
    stack = start(make_stack, server, tls=BROADCAST)
    child = start_long_psql(stack, server)
    bystander = stack.tool("psql", "-XAtc", "SELECT pg_sleep(600)", dsn(stack, server))
    wait_until(lambda: server.postgres.query(SLEEPS) == "2", "both queries sleep")
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=60)
    assert "canceling statement due to user request" in errors
    assert server.postgres.query(SLEEPS) == "1", "the bystander's goes on"
    assert cancels(stack, outcome="broadcast") == 1
    bystander.kill()


def test_a_broadcast_wakes_nothing_and_asks_only_servers_with_sessions(make_stack, server):
    stack = start(make_stack, server, tls=BROADCAST)
    cancel(stack, b"pid!secr")
    stack.await_polls(2)
    assert stack.hooks.calls("start") == 0
    assert ask(stack, server, "SELECT 'awake'") == "awake"
    wait_until(lambda: stack.sessions("busy") == 0, "it has left")
    cancel(stack, b"pid!secr")
    asked = [event["servers"] for event in stack.proxy.events("cancel_broadcast")]
    assert asked == [0, 0]


def test_a_flood_of_broadcasts_is_limited(make_stack, server):
    limits = {"per_second": 1, "burst": 3}
    stack = start(make_stack, server, tls=BROADCAST, cancel=limits)
    for _ in range(20):
        cancel(stack, b"pid!secr")
    assert cancels(stack, outcome="dropped", reason="network_limit") >= 10
    stack.proxy.await_event("cancels_dropped")


def test_a_cancel_in_the_clear_finds_a_session_at_another_replica(make_stack, server, directory):
    secret = directory / "secret"
    secret.write_text("0123456789abcdef" * 4 + "\n")
    addresses = [f"127.0.0.1:{free_port()}" for _ in range(2)]

    def proxy(number: int) -> dict:
        listener = {"address": f"127.0.0.1:{free_port()}", "tls": {**PASSTHROUGH, **BROADCAST}}
        return {
            "listeners": {"main": listener},
            "routes": [{"listener": "main", "cluster": "app"}],
            "cancel": {"secret_file": str(secret), "peers": addresses, "listen": addresses[number]},
        }

    stack = make_stack(proxies=2, proxy=proxy, cluster={"backend_tls": {"mode": "require"}})
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    with psycopg.connect(dsn(stack, server), autocommit=True) as connection:
        key = struct.pack("!i", connection.info.backend_pid) + bytes(4)
        cancel(stack, key, proxy=1)
    events = stack.proxies[0].events("cancel_broadcast")
    assert [event["servers"] for event in events] == [1]
