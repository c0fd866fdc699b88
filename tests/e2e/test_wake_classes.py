"""Wake classes: which clients may use an awake cluster, wake it or keep it awake."""

import os

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.stack import TIME_TO_SLEEP
from rig.waiting import wait_until

DEFER_METABASE = [{"application_name": "metabase*", "class": "defer"}]
NEVER_METABASE = [{"application_name": "metabase*", "class": "never"}]


def assert_is_turned_away(stack, **parameters):
    client = stack.client()
    client.send_startup(**parameters)
    error = client.refusal()
    assert (error["S"], error["C"]) == ("FATAL", "57P03")
    assert "was not found awake" in error["M"]
    assert "may not wake it" in error["H"]


def assert_nothing_was_woken(stack):
    stack.await_polls(2)
    assert stack.hooks.calls("start") == 0
    assert not stack.scaler.events("activation_pushed")
    assert not stack.proxy.events("cluster_waking")
    assert not stack.proxy.events("session_held")


@pytest.mark.parametrize("wake_class", ["defer", "never"])
def test_a_client_that_may_not_wake_is_told_at_once_and_wakes_nothing(make_stack, wake_class):
    rules = [{"application_name": "metabase*", "class": wake_class}]
    stack = make_stack(cluster={"wake": rules})
    for _ in range(5):
        assert_is_turned_away(stack, application_name="metabase 1")
    assert_nothing_was_woken(stack)
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="57P03") == 5


def test_the_role_and_the_network_decide_as_well(make_stack):
    rules = [
        {"role": "postgres", "networks": ["10.0.0.0/8"], "class": "always"},
        {"role": "post*", "networks": ["127.0.0.0/8"], "class": "defer"},
    ]
    stack = make_stack(cluster={"wake": rules})
    assert_is_turned_away(stack)
    assert_nothing_was_woken(stack)


def test_it_is_let_in_while_others_keep_the_cluster_awake(make_stack):
    stack = make_stack(cluster={"wake": DEFER_METABASE})
    stack.session()
    client = stack.client()
    client.login(application_name="metabase")
    assert client.query("SELECT 'served'") == ["served"]


def test_it_is_turned_away_while_others_wait_and_they_are_served(make_stack):
    stack = make_stack(cluster={"wake": DEFER_METABASE})
    latch = stack.hooks.latch("start")
    waiting = stack.waiting_client()
    assert_is_turned_away(stack, application_name="metabase")
    assert stack.sessions("held") == 1
    latch.open()
    waiting.messages_until("Z")


def test_a_cluster_that_is_up_unknown_to_the_gate_is_found(make_stack):
    """The server is started after the gate, whose first probe counts for 200 ms."""
    stack = make_stack(cluster={"wake": DEFER_METABASE})
    stack.proxy.await_event("cluster_asleep")
    stack.postgres.start()

    def is_let_in() -> bool:
        client = stack.client()
        client.send_startup(application_name="metabase")
        return client.message().kind == "R"

    wait_until(is_let_in, "metabase is let in")
    assert stack.hooks.calls("start") == 0
    client = stack.client()
    client.login(application_name="metabase")
    assert client.query("SELECT 'served'") == ["served"]  # which is demand, as any query is
    assert not stack.proxy.events("cluster_waking")


def test_a_cluster_that_is_gone_unknown_to_the_gate_is_not_woken(make_stack):
    stack = make_stack(cluster={"wake": NEVER_METABASE, "probe": {"ready_interval": "0s"}})
    stack.session().leave()
    stack.await_asleep()
    assert stack.proxy.events("cluster_ready"), "it has been ready, and nobody has looked since"
    assert len(stack.proxy.events("cluster_asleep")) == 1, "when the gate began"
    assert_is_turned_away(stack, application_name="metabase")
    stack.proxy.await_event("cluster_asleep", 2)
    stack.await_polls(2)
    assert stack.hooks.calls("start") == 1


def test_the_work_of_one_who_defers_keeps_it_awake_and_that_of_never_does_not(make_stack):
    rules = [*DEFER_METABASE, {"application_name": "exporter", "class": "never"}]
    stack = make_stack(cluster={"wake": rules})
    stack.session().leave()
    deferring = stack.client()
    deferring.login(application_name="metabase")
    deferring.query("BEGIN")
    stack.await_polls(TIME_TO_SLEEP)
    assert stack.hooks.calls("stop") == 0
    exporter = stack.client()
    exporter.login(application_name="exporter")
    exporter.query("BEGIN")
    assert stack.sessions("busy") == 1, "of the two"
    deferring.query("COMMIT")
    deferring.leave()
    stack.await_asleep()
    assert exporter.refusal()["C"] == "57P01", "Postgres itself has ended the session"
    assert stack.hooks.calls("start") == 1


def test_queries_of_an_exporter_do_not_keep_it_awake(make_stack):
    stack = make_stack(cluster={"wake": NEVER_METABASE, "idle_sessions": "count"})
    stack.session().leave()
    exporter = stack.client()
    exporter.login(application_name="metabase")
    latch = stack.hooks.latch("stop")  # a stop is counted before it cuts the exporter off

    def has_stopped() -> bool:
        if stack.hooks.calls("stop") == 0:
            exporter.query("SELECT 2")  # SELECT 1 would be a ping
        return stack.hooks.calls("stop") == 1

    wait_until(has_stopped, "the cluster is stopped while the exporter asks on")
    latch.open()


def test_with_scram_the_class_is_judged_after_the_proof(make_stack, directory):
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    rules = [{"role": SCRAM_USER, "class": "defer"}]
    stack = make_stack(cluster={"auth": "scram", "userlist": str(userlist), "wake": rules})

    def ask(password: str) -> tuple[int, str]:
        environment = {**os.environ, "PGPASSWORD": password}
        dsn = stack.dsn(user=SCRAM_USER)
        child = stack.tool("psql", "-XqAtc", "SELECT 1", dsn, env=environment)
        _, errors = child.communicate(timeout=60)
        return child.returncode, errors

    assert "password authentication failed" in ask("wrong")[1]
    code, errors = ask(SCRAM_PASSWORD)
    assert code == 2
    assert 'cluster "app" was not found awake' in errors
    assert_nothing_was_woken(stack)
    stack.postgres.start()
    assert wait_until(lambda: ask(SCRAM_PASSWORD)[0] == 0, "it is served")
