"""The startup exchange under any segmentation and any protocol version."""

import socket
import struct

from rig.wire import PROTOCOL_3_2, SSL_REQUEST, query_message, startup_packet


def test_one_byte_at_a_time(stack):
    client = stack.client()
    for byte in SSL_REQUEST:
        client.send(bytes([byte]))
    assert client.receive(1) == b"N"
    for byte in startup_packet(application_name="dribble"):
        client.send(bytes([byte]))
    client.messages_until("Z")
    for byte in query_message("SELECT current_setting('application_name')"):
        client.send(bytes([byte]))
    assert client.rows() == ["dribble"]


def negotiations(messages: list) -> list[tuple[int, list[str]]]:
    """Newest minor version and unknown options of each NegotiateProtocolVersion."""
    found = []
    for message in messages:
        if message.kind == "v":
            version, count = struct.unpack("!ii", message.body[:8])
            found.append((version, message.body[8:].decode().split("\0")[:count]))
    return found


def test_a_newer_protocol_is_negotiated_by_the_server(stack):
    client = stack.client()
    messages = client.login(version=PROTOCOL_3_2, **{"_pq_.colour": "blue"})
    assert negotiations(messages) == [(3 << 16, ["_pq_.colour"])]
    assert client.query("SELECT 1") == ["1"]


def test_a_minor_version_nobody_knows_is_negotiated_down(stack):
    client = stack.client()
    messages = client.login(version=3 << 16 | 9999)
    assert negotiations(messages) == [(3 << 16, [])]


def test_protocol_3_0_is_not_negotiated(stack):
    assert negotiations(stack.client().login()) == []


def test_a_half_closed_client_still_gets_its_answer(stack):
    client = stack.session()
    client.send(query_message("SELECT pg_sleep(0.2), 42"))
    client.socket.shutdown(socket.SHUT_WR)
    kinds = [message.kind for message in client.messages_until("Z")]
    assert kinds == ["T", "D", "C", "Z"]
    assert client.message() is None, "the server closes after the client has"


def test_the_longest_startup_that_postgres_takes(stack):
    room = 10_004 - len(startup_packet(application_name=""))
    client = stack.client()
    client.login(application_name="x" * room)
    assert client.query("SELECT 1") == ["1"]


def test_the_servers_own_login_errors_reach_the_client(stack):
    stack.psql("SELECT 1")
    client = stack.client()
    client.send_startup(database="app_that_never_was")
    error = client.refusal()
    assert error["C"] == "3D000"
    assert error["R"] == "InitPostgres", "this is Postgres speaking, not the proxy"
