"""Who is not served is told why, with the SQLSTATE that drivers know, and wakes nothing."""

import os
import signal
import struct

import pytest

from rig.wire import GSSENC_REQUEST, SSL_REQUEST, startup_packet


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
    return struct.pack("!ii", len(body) + 8, code) + body


MALFORMED = {
    "shorter than its own header": struct.pack("!ii", 7, 3 << 16),
    "longer than 10,000 bytes": struct.pack("!ii", 10_001, 3 << 16),
    "negative length": struct.pack("!ii", -1, 3 << 16),
    "no terminator": framed(3 << 16, b"user\0postgres\0"),
    "a key without a value": framed(3 << 16, b"user\0"),
    "no user": framed(3 << 16, b"database\0app\0\0"),
    "protocol 2.0": framed(2 << 16, b"user\0postgres\0\0"),
    "protocol 4.0": framed(4 << 16, b"user\0postgres\0\0"),
    "bytes after the terminator": framed(3 << 16, b"user\0postgres\0\0junk"),
    "an HTTP request": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


def test_malformed_startups_are_protocol_violations(stack):
    for case, packet in MALFORMED.items():
        client = stack.client()
        client.send(packet)
        message = client.message()
        assert message is not None and message.kind == "E", case
        error = message.fields()
        assert (error["S"], error["C"]) == ("FATAL", "08P01"), case
        assert client.message() is None, case
    assert stack.hooks.calls("start") == 0
    assert stack.psql("SELECT 1") == "1"


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
