"""Limits of clients: which excess clients get an error, and that others are not affected."""

import itertools
import os
import resource
import socket

import pytest

from rig.cancels import QUERY_CANCELED, cancel_all_at_once
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.stack import Stack
from rig.waiting import wait_until
from rig.wire import SSL_REQUEST, WireClient, query_message, startup_packet

TOO_MANY = "sorry, too many clients already"
MOST_LAST_WORDS = 64  # per_source_limit::max_rejections
MOST_AT_THE_DOOR = MOST_LAST_WORDS + 1024  # ... and max_waiting


def refused_psql(stack: Stack) -> str:
    child = stack.tool("psql", "-XqAtc", "SELECT 1", stack.dsn())
    _, errors = child.communicate(timeout=60)
    assert child.returncode == 2, errors
    return errors


def open_descriptors(stack: Stack) -> int:
    return len(os.listdir(f"/proc/{stack.proxy.pid}/fd"))


def make_room_for_sockets(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 500), hard))


def await_login(stack: Stack, **options) -> WireClient:
    """Retries, since a place is free only once the gate has noticed that its last client closed."""

    def logged_in() -> WireClient | None:
        client = stack.client(**options)
        client.send_startup()
        message = client.message()
        if message is None or message.kind == "E":
            return None
        client.messages_until("Z")
        return client

    return wait_until(logged_in, "a place is free")


def test_one_too_many_is_told_in_postgres_own_words(make_stack):
    stack = make_stack(proxy={"max_clients": 3})
    first, *_others = [stack.session() for _ in range(3)]
    errors = refused_psql(stack)
    assert TOO_MANY in errors
    assert "max_clients" in errors
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="53300") == 1
    first.leave()
    await_login(stack)


def test_clients_that_say_nothing_or_are_held_count_as_well(make_stack):
    stack = make_stack(proxy={"max_clients": 2})
    stack.hooks.latch("start")
    stack.waiting_client()
    before = open_descriptors(stack)
    silent = stack.client()
    assert TOO_MANY in refused_psql(stack)
    silent.hang_up()
    wait_until(lambda: open_descriptors(stack) == before, "it has gone")
    stack.waiting_client()


def test_a_cancel_gets_through_when_the_house_is_full(make_stack):
    stack = make_stack(proxy={"max_clients": 1})
    child = stack.tool("psql", "-XqAtc", "SELECT pg_sleep(100)", stack.dsn())
    stack.await_sessions("busy", 1)
    assert TOO_MANY in refused_psql(stack)
    child.send_signal(2)
    _, errors = child.communicate(timeout=60)
    assert "canceling statement due to user request" in errors


def test_a_crowd_of_cancels_gets_through_when_the_house_is_full(make_stack):
    stack = make_stack(proxy={"max_clients": 100})
    sessions = [stack.client() for _ in range(100)]
    keys = []
    for session in sessions:
        keys += [message.body for message in session.login() if message.kind == "K"]
        session.send(query_message("SELECT pg_sleep(600)"))
    cancel_all_at_once(stack, keys)
    for session in sessions:
        assert session.messages_until("E")[-1].fields()["C"] == QUERY_CANCELED


def with_headers(stack: Stack, trusted: str, mode: str = "optional") -> Stack:
    """Restarts the proxy with PROXY headers accepted from `trusted`."""
    listener = stack.proxy.configuration["listeners"]["main"]
    listener["proxy_protocol"] = {"mode": mode, "trusted": [trusted]}
    stack.proxy.stop()
    stack.proxy.start()
    stack.proxy.await_ready()
    return stack


@pytest.mark.parametrize("trusted", [None, "192.0.2.0/24", "127.0.0.0/8"])
def test_a_crowd_at_the_door_takes_no_more_than_a_few_places(make_stack, trusted):
    """Refused clients that are slow to read their error must not use up descriptors."""
    stack = make_stack(proxy={"max_clients": 1})
    if trusted:
        with_headers(stack, trusted)
    served = stack.session()
    before = open_descriptors(stack)
    make_room_for_sockets(MOST_AT_THE_DOOR + 100)
    crowd = [stack.client() for _ in range(MOST_AT_THE_DOOR + 100)]
    wait_until(
        lambda: sum(each.is_closed() for each in crowd) >= 100,
        "those whom nobody has time to tell are closed at once",
    )
    assert open_descriptors(stack) <= before + MOST_AT_THE_DOOR
    assert served.query("SELECT 'served'") == ["served"]
    # A silent client is given a second; then another one is sent its error.
    wait_until(lambda: open_descriptors(stack) == before, "the door is free")
    assert TOO_MANY in refused_psql(stack)


def test_a_cluster_and_a_role_have_bounds_of_their_own(make_stack):
    stack = make_stack(cluster={"max_clients": 3, "max_clients_per_role": 2})
    first, _ = [stack.session() for _ in range(2)]
    third = stack.client()
    third.send_startup()
    error = third.refusal()
    assert (error["C"], error["M"]) == ("53300", 'too many connections for role "postgres"')
    assert "max_clients_per_role" in error["H"]
    stack.postgres.query("CREATE ROLE ann LOGIN; CREATE ROLE ben LOGIN")
    stack.client().login(user="ann")
    late = stack.client()
    late.send_startup(user="ben")
    error = late.refusal()
    assert (error["C"], error["M"]) == ("53300", 'too many connections for cluster "app"')
    first.leave()
    await_login(stack)


def test_with_scram_only_those_who_prove_it_take_a_roles_place(make_stack, directory):
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    login = {"auth": "scram", "userlist": str(userlist)}
    stack = make_stack(cluster={**login, "max_clients_per_role": 1, "max_clients": 1})
    for _ in range(3):
        stranger = stack.client()
        stranger.send_startup(user=SCRAM_USER)
        assert stranger.message().kind == "R", "it is asked for a proof, and says no more"
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    dsn = stack.dsn(user=SCRAM_USER)
    owner = stack.tool("psql", "-XqAtc", "SELECT 'served'", dsn, env=environment)
    assert owner.communicate(timeout=60) == ("served\n", "")


def test_a_source_that_takes_all_it_may_leaves_others_unharmed(make_stack):
    stack = make_stack(proxy={"max_clients_per_source": 5})
    greedy = [stack.client() for _ in range(5)]
    for client in greedy:
        client.send(SSL_REQUEST)
        assert client.receive(1) == b"N", "it is in, and says no more"
    sixth = stack.client()
    sixth.send_startup()
    error = sixth.refusal()
    assert (error["C"], error["M"]) == ("53300", "too many connections from 127.0.0.1")
    other = stack.client(source="127.0.0.2")
    other.login()
    assert other.query("SELECT 'served'") == ["served"]
    greedy[0].hang_up()
    await_login(stack)


def test_a_silent_source_is_bounded_where_load_balancers_may_speak_for_others(make_stack):
    stack = with_headers(make_stack(proxy={"max_clients_per_source": 5}), trusted="192.0.2.0/24")
    _silent = [stack.client() for _ in range(5)]

    def another_is_refused() -> bool:
        another = stack.client()
        another.send_startup()
        answer = another.message()
        another.hang_up()
        return answer.kind == "E"

    # Within the time that silent clients are given, else their places are free again.
    wait_until(another_is_refused, "all five are known to be there", deadline=8)
    refused = stack.proxy.events("session_refused")
    assert {each["reason"] for each in refused} == {"too many connections from 127.0.0.1"}
    stack.client(source="127.0.0.2").login()


class Slowloris:
    """Connections that never complete a message: even ones silent, odd ones byte by byte."""

    def __init__(self, port: int, count: int) -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.count = min(count, hard // 2 - 500)  # the proxy needs as many, and some more
        make_room_for_sockets(self.count)
        if self.count < count:
            print(f"the limit of open files is {hard}: {self.count} sockets instead of {count}")
        self.sockets = [self._connect(port) for _ in range(self.count)]
        self._packet = startup_packet(application_name="x" * 100)
        self._sent = itertools.count()

    @staticmethod
    def _connect(port: int) -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), timeout=30)

    def dribble(self) -> None:
        place = next(self._sent)
        for each in self.sockets[1::2]:
            try:
                each.send(self._packet[place : place + 1])
            except OSError:
                pass  # closed by the proxy; a real attacker would reconnect

    def close(self) -> None:
        for each in self.sockets:
            each.close()


@pytest.fixture
def make_slowloris():
    made: list[Slowloris] = []

    def start(port: int, count: int) -> Slowloris:
        made.append(Slowloris(port, count))
        return made[0]

    yield start
    for each in made:
        each.close()


def test_5000_slow_connections_leave_real_clients_unharmed(make_stack, make_slowloris):
    stack = make_stack(proxy={"startup_timeout": "25s"})
    stack.await_polls(1)  # by then the readiness checks' connections are closed
    before = open_descriptors(stack)
    slow = make_slowloris(stack.port(), 5000)
    wait_until(lambda: open_descriptors(stack) >= before + slow.count, "they are all there")

    # Asleep, awake, in a crowd, asleep again.
    assert stack.psql("SELECT 'served'") == "served"
    slow.dribble()
    for client in [stack.session() for _ in range(20)]:
        assert client.query("SELECT 'served'") == ["served"]
        client.leave()
    slow.dribble()
    stack.await_asleep()
    slow.dribble()
    assert stack.psql("SELECT 'served'") == "served"
    assert stack.hooks.calls("start") == 2
    assert open_descriptors(stack) >= before + slow.count, "they were there all the time"

    wait_until(lambda: open_descriptors(stack) <= before + 10, "startup_timeout has ended them", 90)
    assert stack.psql("SELECT 'served'") == "served"
    assert not stack.proxy.events("accept_failed")


def test_slow_connections_from_one_address_get_no_further_than_its_bound(
    make_stack, make_slowloris
):
    stack = make_stack(proxy={"max_clients": 600, "max_clients_per_source": 500})
    before = open_descriptors(stack)
    slow = make_slowloris(stack.port(), 2000)
    wait_until(
        lambda: open_descriptors(stack) <= before + 500 + MOST_AT_THE_DOOR,
        "the rest is turned away",
    )
    slow.dribble()
    clients = [stack.client(source="127.0.0.2") for _ in range(20)]
    for client in clients:
        client.login()
        assert client.query("SELECT 'served'") == ["served"]
