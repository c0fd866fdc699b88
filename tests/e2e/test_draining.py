"""SIGTERM: busy sessions finish, idle ones close, held ones end with an error; then exit 0."""

import resource
import signal

from rig.ports import is_listening
from rig.program import PROXY
from rig.scripted import Connection, ScriptedServer, authentication
from rig.stack import TIME_TO_SLEEP
from rig.waiting import wait_until


def test_a_transaction_finishes_and_idle_sessions_close(make_stack):
    stack = make_stack(proxy={"drain_timeout": "30s"})
    idle, busy = stack.session(), stack.session()
    busy.query("CREATE TABLE witness (word text)")
    busy.query("BEGIN")
    stack.await_sessions("busy", 1)
    stack.proxy.signal(signal.SIGTERM)
    assert idle.refusal()["C"] == "57P01"
    wait_until(lambda: not is_listening(stack.port()), "nobody is accepted any more")
    assert stack.proxy.page("/readyz")[0] == 503
    busy.query("INSERT INTO witness VALUES ('whole')")
    busy.send(b"Q\0\0\0\x0bCOMMIT\0")
    assert [message.kind for message in busy.messages_until("Z")] == ["C", "Z"]
    assert stack.proxy.wait() == 0
    assert stack.postgres.query("SELECT word FROM witness") == "whole"


def test_held_clients_are_told_at_the_end_of_the_drain_timeout(make_stack):
    stack = make_stack(proxy={"drain_timeout": "1s"})
    stack.hooks.latch("start")
    client = stack.waiting_client()
    stack.proxy.signal(signal.SIGTERM)
    assert client.refusal()["C"] == "57P03"
    assert stack.proxy.wait() == 0


def test_thousands_of_held_clients_are_all_told(make_stack):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # As many as use most of the time for final errors; over hostile sockets it takes longer.
    count = min(4000 if PROXY == "wakegate-proxy" else 1000, hard // 2 - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 500), hard))
    stack = make_stack(proxy={"drain_timeout": "0s", "threads": 1})
    stack.hooks.latch("start")
    clients = [stack.client() for _ in range(count)]
    for client in clients:
        client.send_startup()
    stack.await_sessions("held", len(clients))
    stack.proxy.signal(signal.SIGTERM)
    assert {client.refusal()["C"] for client in clients} == {"57P03"}
    assert stack.proxy.wait() == 0


def test_a_held_client_that_is_released_in_time_is_served(make_stack):
    stack = make_stack(proxy={"drain_timeout": "30s"})
    latch = stack.hooks.latch("start")
    client = stack.waiting_client()
    stack.proxy.signal(signal.SIGTERM)
    wait_until(lambda: not is_listening(stack.port()), "nobody is accepted any more")
    latch.open()
    client.messages_until("Z")
    assert stack.proxy.wait() == 0


def test_the_second_signal_ends_it_now(make_stack):
    stack = make_stack(proxy={"drain_timeout": "300s"})
    session = stack.session()
    session.query("BEGIN")
    stack.await_sessions("busy", 1)
    stack.proxy.signal(signal.SIGTERM)
    wait_until(lambda: stack.proxy.page("/readyz")[0] == 503, "it drains")
    stack.proxy.signal(signal.SIGTERM)
    assert stack.proxy.wait() == 0
    wait_until(session.is_closed, "the session is cut")


def test_sessions_that_still_dial_end_with_it(make_stack):
    dialled = []

    def answer_nobody_but_probes(connection: Connection) -> None:
        if connection.parameters.get(b"database") == b"postgres":
            connection.say(authentication(10, b"SCRAM-SHA-256\0\0"))
        else:
            dialled.append(connection)
            connection.hear()

    server = ScriptedServer(answer_nobody_but_probes)
    backend = f"127.0.0.1:{server.port}"
    stack = make_stack(cluster={"backend": backend, "login_timeout": "60s"})
    for _ in range(3):
        stack.client().send_startup()
    wait_until(lambda: len(dialled) == 3, "all are dialled for")
    stack.proxy.signal(signal.SIGTERM)
    stack.proxy.await_event("proxy_draining")
    stack.proxy.signal(signal.SIGTERM)
    assert stack.proxy.wait() == 0
    server.close()


def test_a_proxy_that_leaves_is_forgotten_at_once(make_stack):
    stack = make_stack(proxies=2, scaler={"expected_proxies": 1, "grace": "300s"})
    stack.session(proxy=1).query("BEGIN")
    stack.proxies[1].stop()
    stack.scaler.await_event("proxy_left")
    stack.await_asleep()


def test_without_any_proxy_nothing_is_called_idle(stack):
    stack.psql("SELECT 1")
    stack.proxy.stop()
    stack.scaler.await_event("proxy_left")
    stack.actuator.await_event("poll_failed", TIME_TO_SLEEP)
    assert stack.hooks.calls("stop") == 0
    stack.proxy.start()
    stack.await_asleep()


def test_the_scaler_and_the_actuator_end_well(stack):
    stack.psql("SELECT 1")
    stack.scaler.stop()
    stack.actuator.await_event("stream_ended")
    stack.actuator.stop()
    assert stack.psql("SELECT 'they are not missed'") == "they are not missed"
