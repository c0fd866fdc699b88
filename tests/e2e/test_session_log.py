"""The log has which client woke a database, which were held, and why a login was refused."""

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.scram import log_in, prove

NAMES = {"role": "postgres", "database": "app", "application_name": "nightly report"}


def of(event: dict, *keys: str) -> dict:
    return {key: event[key] for key in keys}


def address_of(client) -> str:
    return "{}:{}".format(*client.socket.getsockname())


def test_who_woke_a_database_is_told_at_each_step(make_stack):
    stack = make_stack()
    client = stack.client()
    client.login(application_name=NAMES["application_name"])
    expected = {"cluster": "app", "peer": address_of(client), **NAMES}
    held = stack.proxy.await_event("session_held")
    assert of(held, *expected) == expected
    for name in ("cluster_waking", "session_released"):
        event = stack.proxy.await_event(name)
        assert of(event, *expected) == expected, name
        assert event["ticket"] == held["ticket"], name


def test_who_came_first_is_the_one_who_woke_it(make_stack):
    stack = make_stack(cluster={"wake": [{"application_name": "monitor", "class": "defer"}]})
    stack.hooks.latch("start")
    monitor = stack.client()
    monitor.send_startup(application_name="monitor")
    assert monitor.refusal()["C"] == "57P03"
    first = stack.waiting_client(application_name="first")
    stack.waiting_client(application_name="second")
    waking = stack.proxy.await_event("cluster_waking")
    expected = {"application_name": "first", "peer": address_of(first)}
    assert of(waking, *expected) == expected
    assert len(stack.proxy.events("cluster_waking")) == 1


def test_who_left_and_who_was_refused_are_named(make_stack):
    # Only the second client is refused: the first has all the time it needs to be seen leaving.
    hasty = [{"application_name": "patient", "hold_timeout": "500ms"}]
    stack = make_stack(cluster={"hold_timeouts": hasty})
    stack.hooks.latch("start")
    gone = stack.waiting_client(application_name="gone")
    address = address_of(gone)
    gone.hang_up()
    left = stack.proxy.await_event("session_left")
    expected = {"cluster": "app", "peer": address, "role": "postgres", "application_name": "gone"}
    assert of(left, *expected) == expected
    patient = stack.waiting_client(application_name="patient")
    assert patient.refusal()["C"] == "57P03"
    refused = stack.proxy.await_event("session_refused", application_name="patient")
    expected = {"cluster": "app", "peer": address_of(patient), "role": "postgres"}
    assert of(refused, *expected) == expected
    held = stack.proxy.await_event("session_held", application_name="patient")
    assert refused["ticket"] == held["ticket"]


def test_who_has_no_route_is_named(make_stack):
    stack = make_stack()
    client = stack.client()
    client.send_startup(database="nowhere", application_name="lost")
    assert client.refusal()["C"] == "3D000"
    refused = stack.proxy.await_event("session_refused")
    expected = {"role": "postgres", "database": "nowhere", "application_name": "lost"}
    assert of(refused, *expected) == expected
    assert "ticket" not in refused, "it never came to a gate"


HOSTILE = 'x"} \\ \n{"event":"session_held"} \r\x1b[2J\x85=\t'


def test_names_forge_no_lines(make_stack):
    stack = make_stack()
    client = stack.client()
    client.send_startup(database="nowhere", user="eve\nadmin", application_name=HOSTILE)
    client.refusal()
    refused = stack.proxy.await_event("session_refused")
    assert refused["application_name"] == HOSTILE
    assert refused["role"] == "eve\nadmin"
    assert not stack.proxy.events("session_held"), "that line is nobody's"
    text = stack.proxy.log.read_text()
    assert "\x1b" not in text
    assert "\x85" not in text


def test_names_are_cut_as_a_server_cuts_them(make_stack):
    stack = make_stack()
    client = stack.client()
    client.send_startup(database="nowhere", user="u" * 100, application_name="n" * 5_000)
    client.refusal()
    refused = stack.proxy.await_event("session_refused")
    assert of(refused, "role", "application_name") == {
        "role": "u" * 63,
        "application_name": "n" * 63,
    }


def test_a_login_that_takes_too_long_is_named(make_stack):
    stack = make_stack(proxy={"authentication_timeout": "500ms"})
    (stack.postgres.data / "pg_hba.conf").write_text(
        "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    )
    slow = stack.client()
    slow.send_startup(user=SCRAM_USER, application_name="slow")
    slow.messages_until("E")
    refused = stack.proxy.await_event("session_refused", sqlstate="57014")
    expected = {
        "cluster": "app",
        "peer": address_of(slow),
        "role": SCRAM_USER,
        "database": "app",
        "application_name": "slow",
    }
    assert of(refused, *expected) == expected
    assert refused["ticket"] > 0


@pytest.fixture
def guarded(make_stack, directory):
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    return make_stack(cluster={"auth": "scram", "userlist": str(userlist)})


def guess(stack, user: str, password: str = "wrong") -> str:
    client = stack.client()
    prove(client, user, password, application_name="guesser")
    error = client.refusal()
    assert error["M"] == f'password authentication failed for user "{user}"'
    return error["C"]


def test_a_refused_login_has_its_cause_in_the_log_and_nowhere_else(guarded):
    for user, cause in ((SCRAM_USER, "wrong_password"), ("nobody", "unknown_role")):
        assert guess(guarded, user) == "28P01"
        refused = guarded.proxy.await_event("login_refused", role=user)
        expected = {
            "cluster": "app",
            "database": "app",
            "application_name": "guesser",
            "cause": cause,
            "sqlstate": "28P01",
        }
        assert of(refused, *expected) == expected
        assert refused["peer"].startswith("127.0.0.1:")
    assert not guarded.proxy.events("session_refused"), "one line for each"
    assert log_in(guarded.client(), SCRAM_USER, SCRAM_PASSWORD)


def test_a_storm_of_guesses_is_no_flood_of_lines(guarded):
    for _ in range(11):  # as many as are not throttled
        assert guess(guarded, "nobody") == "28P01"
    assert len(guarded.proxy.events("login_refused")) == 10
    assert guarded.proxy.metric("wakegate_proxy_refusals_total", sqlstate="28P01") == 11
