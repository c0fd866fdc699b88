"""All connections of an awake cluster are in use: which clients wait, get an error or get in."""

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_VERIFIER
from rig.scram import log_in, prove
from rig.waiting import wait_until
from rig.wire import Message

ROLE = "worker"
PROBE = {"user": "gate_probe", "ready_interval": "0s"}
# Of 10 connections the server reserves 3 for superusers, and the gate keeps 5 free.
FOR_EVERYBODY = 2
FOR_SUPERUSERS = 10
IN_USE = 'all {} connections of cluster "app" are in use'


@pytest.fixture
def fill(make_stack, postgres):
    """An awake cluster whose ordinary connections are all in use."""

    def run(**cluster):
        with (postgres.data / "postgresql.conf").open("a") as settings:
            settings.write("max_connections = 10\nsuperuser_reserved_connections = 3\n")
        postgres.start()
        postgres.query(f"CREATE ROLE {ROLE} LOGIN; CREATE ROLE {PROBE['user']} LOGIN")
        postgres.stop()
        stack = make_stack(cluster={"probe": PROBE, **cluster})
        stack.taken = [stack.client() for _ in range(FOR_EVERYBODY)]
        for client in stack.taken:
            if "auth" in cluster:
                log_in(client, ROLE, SCRAM_PASSWORD)
            else:
                client.login(user=ROLE)
        return stack

    return run


@pytest.fixture
def guarded(directory) -> dict:
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{ROLE}" "{SCRAM_VERIFIER}"\n')
    return {"auth": "scram", "userlist": str(userlist)}


def asking(stack, user: str = ROLE):
    client = stack.client()
    client.send_startup(user=user)
    return client


def assert_is_full(error: dict[str, str], connections: int = FOR_EVERYBODY) -> None:
    assert (error["S"], error["C"]) == ("FATAL", "53300")
    assert error["M"] == IN_USE.format(connections)
    assert "raise max_connections" in error["H"]


def test_who_waits_in_vain_is_told_the_true_cause(fill):
    stack = fill(hold_timeout="1s")
    assert_is_full(asking(stack).refusal())
    assert stack.proxy.events("session_held")[-1]["cause"] == "full"
    refused = stack.proxy.await_event("session_refused")
    assert (refused["sqlstate"], refused["reason"]) == ("53300", IN_USE.format(FOR_EVERYBODY))
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="53300") == 1
    assert stack.proxy.metric("wakegate_proxy_cluster_ready", cluster="app") == 1


def test_who_waits_gets_the_next_that_is_free(fill):
    stack = fill()
    client = stack.waiting_client(user=ROLE)
    stack.taken[0].leave()
    client.messages_until("Z")
    assert client.query("SELECT current_user") == [ROLE]


def test_where_nobody_is_to_wait_it_is_told_at_once(fill):
    stack = fill(when_full="refuse")
    held = len(stack.proxy.events("session_held"))
    assert_is_full(asking(stack).refusal())
    assert len(stack.proxy.events("session_held")) == held
    stack.taken[0].leave()

    def is_let_in() -> bool:
        message = asking(stack).message()
        return message is not None and message.kind == "R"

    wait_until(is_let_in, "a connection is free")


def proved(stack):
    """A client whose proof has been accepted."""
    client = stack.client()
    prove(client, ROLE, SCRAM_PASSWORD)
    assert client.message().kind == "R"
    return client


def test_the_notice_names_the_cause(fill, guarded):
    stack = fill(**guarded, notice_after="100ms")
    client = proved(stack)
    assert client.message() == Message("R", bytes(4))
    notice = client.message()
    assert notice.kind == "N"
    assert notice.fields()["M"] == 'waiting for a free connection to cluster "app"'
    stack.taken[0].leave()
    client.messages_until("Z")


def test_where_nobody_is_to_wait_it_is_told_in_place_of_authentication_ok(fill, guarded):
    client = proved(fill(**guarded, when_full="refuse"))
    error = client.message()
    assert error.kind == "E"
    assert_is_full(error.fields())


def test_a_reserved_role_gets_in_at_once(fill):
    stack = fill(reserved_roles=["postgres"])
    stack.waiting_client(user=ROLE)
    held = len(stack.proxy.events("session_held"))
    superuser = stack.session()
    assert superuser.query("SELECT current_user") == ["postgres"]
    assert len(stack.proxy.events("session_held")) == held
    assert stack.sessions("held") == 1, "the other one still waits"


def test_a_reserved_role_ends_at_the_servers_own_bound(fill):
    stack = fill(reserved_roles=["post*"], hold_timeout="1s")
    for _ in range(FOR_SUPERUSERS - FOR_EVERYBODY):
        stack.session()
    assert_is_full(asking(stack, "postgres").refusal(), FOR_SUPERUSERS)


def test_the_server_decides_what_a_claimed_role_is_worth(fill):
    stack = fill(reserved_roles=[ROLE], hold_timeout="1s")
    for _ in range(5):  # what the gate keeps free
        stack.client().login(user=ROLE)
    error = asking(stack).refusal()
    assert error["C"] == "53300"
    assert "reserved" in error["M"], "the server's own words"
