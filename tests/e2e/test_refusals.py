"""Refused clients get the reason with the SQLSTATE that drivers know, and wake nothing."""

import os
import re
import signal
import socket
import struct

import pytest

from rig.wire import (
    CANCEL_REQUEST,
    GSSENC_REQUEST,
    SSL_REQUEST,
    Message,
    WireClient,
    query_message,
    startup_packet,
)


def test_the_hold_deadline_ends_with_cannot_connect_now(make_stack):
    stack = make_stack(cluster={"hold_timeout": "1s"})
    stack.hooks.latch("start")
    client = stack.waiting_client()
    error = client.refusal()
    assert (error["S"], error["V"], error["C"]) == ("FATAL", "FATAL", "57P03")
    assert error["H"], "a hint says what to do"
    assert stack.sessions("held") == 0
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="57P03") == 1
    assert stack.proxy.await_event("session_refused")["sqlstate"] == "57P03"


def test_an_application_may_have_a_shorter_deadline(make_stack):
    shorter = [{"application_name": "prisma*", "hold_timeout": "1s"}]
    stack = make_stack(cluster={"hold_timeouts": shorter})
    latch = stack.hooks.latch("start")
    patient = stack.waiting_client(application_name="psql")
    hasty = stack.waiting_client(application_name="prisma-migrate")
    assert hasty.refusal()["C"] == "57P03"
    latch.open()
    patient.messages_until("Z")


@pytest.mark.parametrize("bound", ["cluster", "proxy"])
def test_a_full_queue_refuses_at_once_and_the_held_are_served(make_stack, bound):
    stack = make_stack(**{bound: {"max_waiting": 3}})
    latch = stack.hooks.latch("start")
    held = [stack.waiting_client() for _ in range(3)]
    late = stack.client()
    late.send_startup()
    assert late.refusal()["C"] == "53300"
    assert stack.sessions("held") == 3
    latch.open()
    for client in held:
        client.messages_until("Z")


def test_an_unknown_database_wakes_nothing(stack):
    client = stack.client()
    client.send_startup(database="nowhere")
    error = client.refusal()
    assert error["C"] == "3D000"
    assert "nowhere" in error["M"]
    assert not stack.proxy.events("session_held")
    assert stack.hooks.calls("start") == 0


def framed(code: int, body: bytes = b"") -> bytes:
    return struct.pack("!iI", len(body) + 8, code) + body


def startup_of(size: int) -> bytes:
    """A startup message of `size` bytes in total."""
    room = size - len(startup_packet(application_name=""))
    return startup_packet(application_name="x" * room)


LAYOUT = ("08P01", "invalid startup packet layout: expected terminator as last byte")
NO_USER = ("28000", "no PostgreSQL user name specified in startup packet")


def unsupported(protocol: str) -> tuple[str, str]:
    return "0A000", f"unsupported frontend protocol {protocol}: server supports 3.0 to 3.2"


def before_protocol_3(protocol: str) -> bytes:
    return f"EFATAL:  {unsupported(protocol)[1]}\n\0".encode()


# A client's first bytes, and Postgres's answer before it closes: nothing, an error's SQLSTATE and
# text, or other bytes.
FIRST_MESSAGES = {
    "Terminate": (b"X\0\0\0\4", b""),
    "Terminate, then a startup message": (b"X\0\0\0\4" + startup_packet(), b""),
    "a query": (query_message("SELECT 1"), b""),
    "an HTTP request": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n", b""),
    "TLS that nobody offered": (b"\x16\x03\x01\x00\xf4\x01" + bytes(243), b""),
    "a length of zero": (struct.pack("!i", 0), b""),
    "shorter than its own header": (struct.pack("!ii", 7, 3 << 16), b""),
    "negative length": (struct.pack("!ii", -1, 3 << 16), b""),
    "one byte too long": (startup_of(10_005)[:8], b""),
    "a cancel request without a key": (framed(CANCEL_REQUEST), b""),
    "a cancel request with half a key": (framed(CANCEL_REQUEST, b"1234567"), b""),
    "a cancel request with too long a key": (framed(CANCEL_REQUEST, b"k" * 261), b""),
    "a cancel request for nobody": (framed(CANCEL_REQUEST, b"12345678"), b""),
    "protocol 0.0": (framed(0, b"user\0postgres\0\0"), unsupported("0.0")),
    "protocol 1.0": (framed(1 << 16, b"user\0postgres\0\0"), before_protocol_3("1.0")),
    "protocol 2.0": (framed(2 << 16, b"postgres".ljust(288, b"\0")), before_protocol_3("2.0")),
    "protocol 4.0": (framed(4 << 16, b"user\0postgres\0\0"), unsupported("4.0")),
    "an unknown request": (framed(80877105), unsupported("1234.5681")),
    "nothing behind the version": (framed(3 << 16), LAYOUT),
    "no terminator": (framed(3 << 16, b"user\0postgres\0"), LAYOUT),
    "no terminator and no user": (framed(3 << 16, b"database\0app\0"), LAYOUT),
    "a name without a value": (framed(3 << 16, b"user\0"), LAYOUT),
    "a value without an end": (framed(3 << 16, b"user\0postgres"), LAYOUT),
    "bytes after the terminator": (framed(3 << 16, b"user\0postgres\0\0junk"), LAYOUT),
    "no user": (framed(3 << 16, b"database\0app\0\0"), NO_USER),
    "no parameters": (framed(3 << 16, b"\0"), NO_USER),
    "an empty user": (framed(3 << 16, b"user\0\0\0"), NO_USER),
}


def answer_to(client: WireClient, packet: bytes) -> bytes | tuple[str, str]:
    """All bytes up to the end of the stream, which is no reset."""
    client.send(packet)
    said = client.receive(1 << 16)
    if said[:2] != b"E\0":
        return said
    error = Message("E", said[5:]).fields()
    assert error["S"] == error["V"] == "FATAL"
    return error["C"], error["M"]


def servers_answer_to(port: int, packet: bytes) -> bytes | tuple[str, str]:
    """The answer of Postgres 18; older ones support only protocol 3.0."""
    answer = answer_to(WireClient(port), packet)
    if isinstance(answer, tuple):
        return answer[0], re.sub(r"3\.\d$", "3.2", answer[1])
    return re.sub(rb"3\.\d\n", b"3.2\n", answer)


def test_a_wrong_first_message_gets_what_postgres_answers(stack):
    for case, (packet, expected) in FIRST_MESSAGES.items():
        assert answer_to(stack.client(), packet) == expected, case
    assert stack.hooks.calls("start") == 0
    stack.postgres.start()
    for case, (packet, expected) in FIRST_MESSAGES.items():
        assert servers_answer_to(stack.postgres.port, packet) == expected, f"Postgres: {case}"


def test_a_second_request_for_the_same_encryption_is_an_unsupported_protocol(stack):
    stack.postgres.start()
    for client in (stack.client(), WireClient(stack.postgres.port)):
        client.send(SSL_REQUEST)
        assert client.receive(1) == b"N"
        sqlstate, text = answer_to(client, SSL_REQUEST)
        assert sqlstate == "0A000"
        assert text.startswith("unsupported frontend protocol 1234.5679: server supports 3.0 to 3.")


def test_an_encryption_request_may_be_longer_than_it_need_be(stack):
    stack.postgres.start()
    for client in (stack.client(), WireClient(stack.postgres.port)):
        client.send(framed(80877103, b"more"))
        assert client.receive(1) == b"N"
        client.login()


def test_half_a_first_message_is_nobodys_news(stack):
    stack.postgres.start()
    for count in (1, 4, 11):
        for client in (stack.client(), WireClient(stack.postgres.port)):
            client.send(startup_packet()[:count])
            client.socket.shutdown(socket.SHUT_WR)
            assert client.receive(1) == b""


def test_a_startup_that_does_not_arrive_is_ended(make_stack):
    stack = make_stack(proxy={"startup_timeout": "1s"})
    silent = stack.client()
    half = stack.client()
    half.send(startup_packet()[:11])
    assert half.refusal()["C"] == "08006"
    assert silent.refusal()["C"] == "08006"
    assert stack.hooks.calls("start") == 0


def test_encryption_requests_are_answered_at_once_while_it_sleeps(stack):
    stack.hooks.latch("start")
    client = stack.client()
    client.send(GSSENC_REQUEST)
    assert client.receive(1) == b"N"
    client.send(SSL_REQUEST)
    assert client.receive(1) == b"N"
    assert stack.hooks.calls("start") == 0, "nobody has asked for a database yet"
    client.send_startup()
    stack.proxy.await_event("session_held")


def test_a_backend_that_vanishes_is_a_lost_connection(stack):
    client = stack.session()
    backend = int(client.query("SELECT pg_backend_pid()")[0])
    os.kill(backend, signal.SIGKILL)
    assert client.refusal()["C"] == "08006"


def test_what_the_server_says_at_the_end_is_passed_on(stack):
    client = stack.session()
    backend = client.query("SELECT pg_backend_pid()")[0]
    stack.postgres.query(f"SELECT pg_terminate_backend({backend})")
    assert client.refusal()["C"] == "57P01"
