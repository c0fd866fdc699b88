"""Each program is killed with -9 in the middle of work and restarted: Postgres starts once, no
other program is affected, and no cluster sleeps while it is used."""

from rig.stack import TIME_TO_SLEEP
from rig.waiting import wait_until


def in_a_transaction(stack, proxy: int = 0):
    session = stack.session(proxy)
    session.query("BEGIN")
    stack.await_sessions("busy", 1, proxy)
    return session


def finish_transaction(stack, session) -> None:
    """Asserts that the session goes on and Postgres has not been restarted; then lets it sleep."""
    assert (stack.hooks.calls("start"), stack.hooks.calls("stop")) == (1, 0)
    assert session.query("SELECT 'unharmed'") == ["unharmed"]
    session.query("COMMIT")
    session.leave()
    stack.await_asleep()


def test_the_scaler_dies_while_a_client_is_held(stack):
    latch = stack.hooks.latch("start")
    client = stack.waiting_client()
    wait_until(lambda: stack.hooks.calls("start") == 1, "the start hook runs")
    stack.scaler.restart()
    latch.open()
    client.messages_until("Z")
    finish_transaction(stack, client)


def test_a_client_that_comes_while_the_scaler_is_dead_is_served_when_it_is_back(stack):
    stack.scaler.kill()
    client = stack.waiting_client()
    stack.scaler.start()
    client.messages_until("Z")
    assert client.query("SELECT 1") == ["1"]


def test_the_scaler_dies_under_a_transaction(stack):
    session = in_a_transaction(stack)
    stack.scaler.kill()
    stack.actuator.await_event("poll_failed", TIME_TO_SLEEP)
    stack.scaler.start()
    stack.scaler.await_ready()
    stack.await_polls(2)
    finish_transaction(stack, session)


def test_a_restarted_scaler_never_takes_silence_for_idleness(stack):
    session = in_a_transaction(stack)

    def idle_answers() -> int:
        return len(stack.scaler.events("answered", rpc="IsActive", answer="idle"))

    before = idle_answers()
    for _ in range(3):
        stack.scaler.restart()
        stack.await_polls(2)
    assert idle_answers() == before
    finish_transaction(stack, session)


def test_the_actuator_dies_before_the_activation(stack):
    stack.actuator.kill()
    client = stack.waiting_client()
    stack.actuator.start()
    client.messages_until("Z")
    assert stack.hooks.calls("start") == 1


def test_the_actuator_dies_while_the_start_hook_runs(stack):
    latch = stack.hooks.latch("start")
    client = stack.waiting_client()
    wait_until(lambda: stack.hooks.calls("start") == 1, "the start hook runs")
    stack.actuator.kill()
    stack.actuator.start()
    wait_until(lambda: stack.hooks.calls("start") == 2, "the new actuator starts it, too")
    latch.let_one_through()
    latch.let_one_through()
    client.messages_until("Z")
    assert client.query("SELECT 1") == ["1"]


def test_the_actuator_dies_under_a_transaction(stack):
    session = in_a_transaction(stack)
    statuses = stack.hooks.calls("status")
    stack.actuator.restart()
    wait_until(lambda: stack.hooks.calls("status") > statuses, "it asks whether Postgres runs")
    stack.await_polls(TIME_TO_SLEEP)
    finish_transaction(stack, session)


def test_the_proxy_dies_while_a_client_is_held(stack):
    latch = stack.hooks.latch("start")
    lost = stack.waiting_client()
    wait_until(lambda: stack.hooks.calls("start") == 1, "the start hook runs")
    stack.proxy.restart()
    wait_until(lost.is_closed, "its clients are gone with it")
    again = stack.waiting_client()
    latch.open()
    again.messages_until("Z")
    finish_transaction(stack, again)


def test_the_proxy_dies_under_a_transaction_and_the_work_of_the_dead_ends(stack):
    session = in_a_transaction(stack)
    session.query("CREATE TABLE never_committed (id int)")
    stack.proxy.restart()
    wait_until(session.is_closed, "the session is gone with its proxy")
    assert stack.session().query("SELECT to_regclass('never_committed') IS NULL") == ["t"]
    stack.await_asleep()
    assert stack.hooks.calls("start") == 1


def test_a_proxy_that_stays_dead_keeps_nothing_awake_for_ever(make_stack):
    stack = make_stack(proxies=2, scaler={"expected_proxies": 1})
    in_a_transaction(stack, proxy=1)
    stack.proxies[1].kill()
    stack.scaler.await_event("proxy_lapsed")
    stack.await_asleep()
