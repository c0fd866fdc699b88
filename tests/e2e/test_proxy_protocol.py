"""PROXY protocol: which senders are trusted, and which address a client then has."""

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.certificates import Authority
from rig.ports import free_port
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER, Postgres
from rig.proxy_protocol import LOCAL, NOTHING, UNKNOWN, HeaderReader, header
from rig.scram import sasl_message
from rig.stack import Stack, local
from rig.waiting import wait_until
from rig.wire import SSL_REQUEST, WireClient, cancel_request, query_message, startup_packet
from test_scram import SASL_GUESS

HERE, ELSEWHERE = ["127.0.0.0/8"], ["10.0.0.0/8", "fd00::/8"]
CLIENT = "203.0.113.9"


@pytest.fixture
def make_fronted(make_stack):
    """A stack whose listener has this mode and trusts these networks."""

    def start(mode: str, trusted: list[str], cluster: dict | None = None, **listener) -> Stack:
        rules = {"mode": mode, "trusted": trusted}
        main = {"address": local(free_port()), "proxy_protocol": rules, **listener}
        return make_stack(proxy={"listeners": {"main": main}}, cluster=cluster)

    return start


def refused_peer(stack: Stack, first: bytes) -> str:
    """The peer in the log for that header, followed by a login to an unknown database."""
    before = len(stack.proxy.events("session_refused"))
    client = stack.client()
    client.send(first + startup_packet(database="nowhere"))
    assert client.refusal()["C"] == "3D000"
    return stack.proxy.await_event("session_refused", before + 1)["peer"]


def own_peer(client: WireClient) -> str:
    return "{}:{}".format(*client.socket.getsockname())


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_a_header_in_single_bytes_says_who_the_client_is(make_fronted, mode):
    stack = make_fronted(mode, HERE)
    client = stack.client()
    for byte in header(CLIENT) + startup_packet():
        client.send(bytes([byte]))
    client.messages_until("Z")
    assert client.query("SELECT 6 * 7") == ["42"]
    assert refused_peer(stack, header(CLIENT)) == f"{CLIENT}:40000"
    assert refused_peer(stack, header("2001:db8::7", 1, NOTHING * 9)) == "[2001:db8::7]:1"
    assert refused_peer(stack, UNKNOWN) == "unknown"
    assert refused_peer(stack, LOCAL).startswith("127.0.0.1:")


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_nobody_else_may_send_one(make_fronted, mode):
    stack = make_fronted(mode, ELSEWHERE)
    client = stack.client()
    client.send(header(CLIENT) + startup_packet())
    assert_closed_without_a_word(client)
    event = stack.proxy.await_event("proxy_header_refused", peer=own_peer(client), listener="main")
    assert "proxy_protocol.trusted" in event["reason"]
    assert not stack.proxy.events("session_held")


def assert_closed_without_a_word(client: WireClient) -> None:
    try:
        assert client.receive(1) == b""
    except ConnectionResetError:
        pass  # it had sent more than was read


def test_required_means_that_nobody_is_served_without(make_fronted):
    stack = make_fronted("required", HERE)
    for number, first in enumerate([startup_packet(), SSL_REQUEST, b"PROXY TCP4 1.2.3.4"]):
        client = stack.client()
        client.send(first)
        assert_closed_without_a_word(client)
        stack.proxy.await_event("proxy_header_refused", number + 1)
    assert "send-proxy-v2" in stack.proxy.events("proxy_header_refused")[2]["reason"]
    assert stack.hooks.calls("start") == 0


@pytest.mark.parametrize("trusted", [HERE, ELSEWHERE])
def test_optional_means_that_clients_may_come_by_themselves(make_fronted, trusted):
    stack = make_fronted("optional", trusted)
    assert stack.psql("SELECT 6 * 7") == "42"
    assert refused_peer(stack, b"").startswith("127.0.0.1:")


@pytest.mark.parametrize("trusted", [HERE, ELSEWHERE])
def test_health_checks_are_no_news(make_fronted, trusted):
    stack = make_fronted("required", trusted)
    before = stack.proxy.log.read_text()
    for said in [b"", LOCAL] if trusted is HERE else [b""]:
        for _ in range(10):
            client = WireClient(stack.port())
            client.send(said)
            client.hang_up()
    stack.await_polls(2)
    logged = stack.proxy.log.read_text().removeprefix(before)
    assert "peer" not in logged and "session" not in logged, logged


def test_it_stands_in_front_of_tls(make_fronted, directory: Path):
    certificates = directory / "certificates"
    authority = Authority(directory)
    authority.issue(certificates)
    tls = {"mode": "required", "directory": str(certificates)}
    stack = make_fronted("required", HERE, tls=tls)
    client = stack.client()
    client.send(header(CLIENT) + SSL_REQUEST)
    assert client.receive(1) == b"S"
    context = ssl.create_default_context(cafile=authority.certificate)
    client.socket = context.wrap_socket(client.socket, server_hostname="localhost")
    client.login()
    assert client.query("SELECT 6 * 7") == ["42"]
    plain = stack.client()
    plain.send(header(CLIENT) + startup_packet())
    assert f'from host "{CLIENT}"' in plain.refusal()["D"]


def guess(stack: Stack, source: str, user: str) -> str:
    """A login from `source` with a wrong proof; returns the SQLSTATE that ends it."""
    client = WireClient(stack.port())
    client.send(header(source) + startup_packet(user=user))
    answer = client.message()
    if answer.kind == "R":
        client.send(sasl_message(SASL_GUESS))
        nonce = client.message().body[4:].split(b",")[0]
        client.send(sasl_message(b"c=biws," + nonce + b",p=" + b"A" * 43 + b"="))
        answer = client.message()
    client.hang_up()
    return answer.fields()["C"]


def test_guessers_are_counted_by_the_headers_address(make_fronted, directory: Path):
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    stack = make_fronted("required", HERE, cluster={"auth": "scram", "userlist": str(userlist)})
    attempts = 0
    while guess(stack, CLIENT, f"nobody{attempts}") != "53300":
        attempts += 1
    assert attempts >= 10, "some failures are free"
    neighbours = {guess(stack, f"198.51.{number}.1", f"no{number}") for number in range(20)}
    assert neighbours == {"28P01"}, "others come through the same sender"


@pytest.fixture
def reader(postgres: Postgres) -> Iterator[HeaderReader]:
    reader = HeaderReader(postgres.port)
    yield reader
    reader.close()


@pytest.fixture
def told(make_fronted, reader: HeaderReader, postgres: Postgres) -> Stack:
    """A stack whose proxy sends PROXY headers to the server."""
    return make_fronted("optional", HERE, cluster=telling(reader, postgres))


def telling(reader: HeaderReader, postgres: Postgres) -> dict:
    probe = {"address": local(postgres.port)}
    return {"backend": local(reader.port), "proxy_protocol": "v2", "probe": probe}


def test_the_server_hears_whose_session_it_is(told, reader):
    own = told.session()
    source, port = own.socket.getsockname()
    assert reader.headers == [header(source, port, to=told.port())]
    fronted = told.client()
    fronted.send(header(CLIENT) + startup_packet())
    fronted.messages_until("Z")
    assert fronted.query("SELECT 6 * 7") == ["42"]
    assert reader.headers[1:] == [header(CLIENT)], "the very same"
    unknown = told.client()
    unknown.send(UNKNOWN + startup_packet())
    unknown.messages_until("Z")
    assert reader.headers[2:] == [UNKNOWN]


def test_a_cancel_request_speaks_for_the_gate(told, reader, postgres):
    client = told.client()
    client.send_startup()
    (key,) = [each.body for each in client.messages_until("Z") if each.kind == "K"]
    client.send(query_message("SELECT pg_sleep(300)"))
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    wait_until(lambda: postgres.query(sleeping) == "1", "the query runs")
    stopping = told.client()
    stopping.send(cancel_request(key))
    assert stopping.receive(1) == b""
    assert client.messages_until("E")[-1].fields()["C"] == "57014"
    assert reader.headers[1:] == [LOCAL]


def test_the_gates_own_logins_tell_it_too(make_fronted, reader, postgres, directory: Path):
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    login = {"auth": "scram", "userlist": str(userlist)}
    stack = make_fronted("off", HERE, cluster={**telling(reader, postgres), **login})
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    child = stack.tool("psql", "-XqAtc", "SELECT 1", stack.dsn(user=SCRAM_USER), env=environment)
    assert child.communicate(timeout=120) == ("1\n", "")
    assert len(reader.headers) == 1
