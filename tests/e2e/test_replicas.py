"""Two scalers and two proxies: every replica knows every cluster, and one may die."""

import pytest

from rig.stack import TIME_TO_SLEEP


@pytest.fixture
def pair(make_stack):
    return make_stack(proxies=2, scalers=2)


def test_every_proxy_reports_to_every_scaler(pair):
    for proxy in pair.proxies:
        proxy.await_event("scaler_connected", 2)
    for scaler in pair.scalers:
        scaler.await_event("proxy_joined", 2)


def test_clients_of_both_proxies_are_served_by_one_start(pair):
    latch = pair.hooks.latch("start")
    clients = [pair.waiting_client(number % 2) for number in range(10)]
    latch.open()
    for client in clients:
        client.messages_until("Z")
    assert pair.hooks.calls("start") == 1
    for client in clients:
        client.leave()
    pair.await_asleep()


def test_a_session_at_one_proxy_keeps_it_awake_for_both_scalers(pair):
    session = pair.session(proxy=1)
    session.query("BEGIN")
    pair.await_sessions("busy", 1, proxy=1)
    pair.await_polls(TIME_TO_SLEEP)
    assert pair.hooks.calls("stop") == 0
    session.query("COMMIT")
    pair.await_asleep()


def test_either_scaler_may_die_and_return(pair):
    sessions = [pair.session(proxy) for proxy in (0, 1)]
    for session in sessions:
        session.query("BEGIN")
    for scaler in pair.scalers:
        scaler.kill()
        pair.await_polls(TIME_TO_SLEEP)
        scaler.start()
        scaler.await_ready()
    assert (pair.hooks.calls("start"), pair.hooks.calls("stop")) == (1, 0)
    assert [session.query("SELECT 1") for session in sessions] == [["1"], ["1"]]


def test_it_wakes_through_the_scaler_that_is_left(pair):
    for dead in pair.scalers:
        dead.kill()
        starts = pair.hooks.calls("start")
        pair.session().leave()
        assert pair.hooks.calls("start") == starts + 1
        dead.start()
        dead.await_ready()
        pair.await_asleep(starts + 1)


def test_a_dying_proxy_takes_only_its_own_sessions(pair):
    lost, kept = pair.session(0), pair.session(1)
    for session in (lost, kept):
        session.query("BEGIN")
    pair.proxies[0].kill()
    pair.await_polls(TIME_TO_SLEEP)
    assert lost.is_closed()
    assert kept.query("SELECT 'kept'") == ["kept"]
    assert pair.hooks.calls("stop") == 0

    pair.proxies[0].start()
    pair.proxies[0].await_ready()
    assert pair.psql("SELECT 1", proxy=0) == "1"
    kept.query("COMMIT")
    pair.await_asleep()
