"""A connection wakes Postgres; no client is refused, forgotten or served out of order."""

import pytest

from rig.waiting import wait_until
from rig.wire import WireClient, query_message, startup_packet


def test_psql_wakes_it_and_it_falls_asleep_again(make_stack):
    stack = make_stack(scaler={"repeat_first": "60s"})
    assert not stack.postgres.is_running()
    assert stack.psql("SELECT 'awake'") == "awake"
    for program, story in [
        (stack.proxy, ["session_held", "cluster_ready", "session_released"]),
        (stack.scaler, ["activation_pushed"]),
        (stack.actuator, ["activation_received"]),
    ]:
        for event in story:
            assert len(program.events(event)) == 1, event
    stack.await_asleep()
    stack.actuator.await_event("scaled", **{"from": 1, "to": 0})

    assert stack.psql("SELECT 'awake again'") == "awake again"
    assert stack.hooks.calls("start") == 2


def test_a_hundred_connects_at_once_cause_one_start_and_are_served_in_order(make_stack):
    stack = make_stack(scaler={"repeat_first": "60s"})
    latch = stack.hooks.latch("start")
    clients = [stack.client() for _ in range(100)]
    for client in clients:
        client.send_startup()
    stack.proxy.await_event("session_held", 100)
    stack.await_sessions("held", 100)
    latch.open()
    for client in clients:
        client.messages_until("Z")
        assert client.query("SELECT 1") == ["1"]

    # Sessions of two workers may be logged in another order than that of their tickets.
    held = [event["ticket"] for event in stack.proxy.events("session_held")]
    released = [event["ticket"] for event in stack.proxy.events("session_released")]
    assert released == sorted(held)
    assert stack.hooks.calls("start") == 1
    assert len(stack.scaler.events("activation_pushed")) == 1


def test_a_client_that_gave_up_finds_it_warm_on_its_retry(make_stack):
    stack = make_stack(cluster={"wake_grace": "20s"})
    latch = stack.hooks.latch("start")
    impatient = stack.waiting_client()
    impatient.socket.settimeout(1)
    with pytest.raises(TimeoutError):
        impatient.message()
    impatient.hang_up()
    stack.await_sessions("held", 0)
    latch.open()
    stack.proxy.await_event("cluster_ready")

    assert stack.psql("SELECT 'warm'") == "warm"
    assert len(stack.proxy.events("session_held")) == 1, "only the impatient client was held"


def test_a_client_that_hangs_up_leaves_the_queue(stack):
    latch = stack.hooks.latch("start")
    first, second, third = (stack.waiting_client() for _ in range(3))
    second.hang_up()
    stack.await_sessions("held", 2)
    latch.open()
    for client in (first, third):
        client.messages_until("Z")
    assert stack.proxy.metric("wakegate_proxy_sessions", cluster="app") == 2
    assert stack.proxy.metric("wakegate_proxy_refusals_total") == 0
    assert not stack.proxy.events("session_refused")
    assert len(stack.proxy.events("session_left")) == 1


def refuses_logins(port: int) -> bool:
    client = WireClient(port)
    client.send_startup()
    message = client.message()
    client.hang_up()
    return message is not None and message.kind == "E" and message.fields()["C"] == "57P03"


def test_a_connect_during_the_shutdown_is_held_and_then_served(make_stack):
    stack = make_stack(stop_mode="smart")
    stack.psql("SELECT 1")
    lingering = WireClient(stack.postgres.port)  # a smart shutdown waits for its end
    lingering.login()
    wait_until(lambda: stack.hooks.calls("stop") == 1, "the stop hook runs")
    wait_until(lambda: refuses_logins(stack.postgres.port), "Postgres is shutting down")

    client = stack.waiting_client()
    lingering.leave()
    client.messages_until("Z")
    assert client.query("SELECT 'after all'") == ["after all"]
    assert stack.hooks.calls("start") == 2


def test_a_postgres_that_was_stopped_behind_the_actuators_back_is_started_again(stack):
    stack.session()
    stack.actuator.await_event("scaled", **{"from": 0, "to": 1})
    # The actuator may start it at once, since the first session's activity still counts.
    latch = stack.hooks.latch("start")
    stack.postgres.stop("immediate")
    client = stack.waiting_client()
    latch.open()
    client.messages_until("Z")
    assert client.query("SELECT 'started again'") == ["started again"]
    assert stack.hooks.calls("start") == 2
    stack.await_asleep()


def test_connects_are_held_while_an_awake_postgres_restarts(make_stack):
    # Without a status hook the actuator does not notice the stop, and does not restart it.
    stack = make_stack(hooks={"status": []})
    stack.psql("SELECT 1")
    stack.postgres.stop("immediate")
    client = stack.waiting_client()
    stack.postgres.start()
    client.messages_until("Z")
    assert client.query("SELECT 'back'") == ["back"]
    assert stack.hooks.calls("start") == 1, "the restart was not the actuator's"


def test_a_client_may_send_its_first_query_with_the_startup(stack):
    client = stack.client()
    client.send(startup_packet() + query_message("SELECT 'early'"))
    client.messages_until("Z")
    assert client.rows() == ["early"]
