"""Attacks that have hit other poolers, after PgBouncer's CVE-2026-6664, -6665 and -6666.

CVE-2025-2291 (VALID UNTIL) and CVE-2025-12819 (search_path) are in test_auth_query.py.
"""

import struct
from collections.abc import Callable, Iterator

import pytest

from rig.guarded import GuardedStack
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER
from rig.scripted import Connection, ScriptedServer, authentication, message
from rig.wire import WireClient

MECHANISM = b"SCRAM-SHA-256\0"


def assert_still_serves(guarded: GuardedStack) -> None:
    client = WireClient(guarded.port)
    client.send_startup(user=SCRAM_USER)
    assert client.message().kind == "R"
    client.hang_up()


@pytest.fixture
def guarded(make_stack, directory) -> GuardedStack:
    return GuardedStack(make_stack, directory)


def sasl_initial(length: int, data: bytes = b"n,,n=,r=abcdefgh") -> bytes:
    return message("p", MECHANISM + struct.pack("!I", length & 0xFFFFFFFF) + data)


LENGTHS = {
    "message_without_a_body": b"p\0\0\0\4",
    "message_shorter_than_its_length": b"p\0\0\0\3",
    "message_of_no_length": b"p\0\0\0\0",
    "message_of_2_gib": b"p\x7f\xff\xff\xff" + MECHANISM,
    "message_of_4_gib": b"p\xff\xff\xff\xff" + MECHANISM,
    "message_of_513_bytes": message("p", MECHANISM + b"x" * 499),
    "data_of_2_gib": sasl_initial(0x7FFFFFFF),
    "data_of_4_gib_less_two": sasl_initial(-2),
    "data_longer_than_the_message": sasl_initial(17),
    "data_shorter_than_the_message": sasl_initial(15),
    "nonce_of_400_bytes_and_no_end": sasl_initial(408, b"n,,n=,r=" + b"x" * 400),
}


def test_lengths_that_lie(guarded):
    """CVE-2026-6664: a length from an unauthenticated client that overflows."""
    for name, attack in LENGTHS.items():
        client = WireClient(guarded.port)
        client.send_startup(user=SCRAM_USER)
        assert client.message().kind == "R", name
        client.send(attack)
        answer = client.message()
        if answer.kind == "R":  # a long nonce is allowed, a wrong proof is not
            client.send(message("p", b"c=biws,r=x,p=" + b"A" * 43 + b"="))
            answer = client.message()
        assert answer.kind == "E", name
        assert answer.fields()["C"] in ("08P01", "28P01"), name
        assert_still_serves(guarded)
    assert guarded.stack.hooks.calls("start") == 0


def first_nonce(connection: Connection) -> bytes:
    connection.say(authentication(10, MECHANISM + b"\0"))
    return connection.hear().rsplit(b"r=", 1)[1]


def challenge(nonce: bytes, salt: bytes = b"c2FsdA==", iterations: bytes = b"4096") -> bytes:
    return authentication(11, b"r=" + nonce + b",s=" + salt + b",i=" + iterations)


SERVERS = {
    "nonce_of_900_bytes": lambda nonce: challenge(nonce + b"x" * 900),
    "nonce_of_9000_bytes": lambda nonce: challenge(nonce + b"x" * 9000),
    "nonce_of_somebody_else": lambda nonce: challenge(b"x" * 24),
    "salt_of_900_bytes": lambda nonce: challenge(nonce + b"y", salt=b"eHh4" * 225),
    "endless_iterations": lambda nonce: challenge(nonce + b"y", iterations=b"9" * 200),
    "negative_iterations": lambda nonce: challenge(nonce + b"y", iterations=b"-1"),
    "challenge_of_2_gib": lambda nonce: b"R\x7f\xff\xff\xff\0\0\0\x0b" + b"r=" + nonce,
    "challenge_of_no_length": lambda nonce: b"R\0\0\0\0\0\0\0\x0b",
    "signature_before_the_challenge": lambda nonce: authentication(12, b"v=AAAA"),
    "ok_before_the_challenge": lambda nonce: authentication(0) + message("Z", b"I"),
}


class Liar:
    """Answers probes properly, and all other clients as the test says."""

    def __init__(self) -> None:
        self.answer: Callable[[Connection], None] = lambda connection: None
        self._server = ScriptedServer(self._speak)
        self.backend = {"backend": f"127.0.0.1:{self._server.port}"}

    def _speak(self, connection: Connection) -> None:
        if connection.parameters.get(b"database") == b"postgres":
            connection.say(authentication(10, MECHANISM + b"\0"))
        else:
            self.answer(connection)

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def liar() -> Iterator[Liar]:
    liar = Liar()
    yield liar
    liar.close()


def test_a_server_that_lies_in_its_scram_messages(make_stack, directory, liar):
    """CVE-2026-6665: a nonce from the server that does not extend ours."""
    guarded = GuardedStack(make_stack, directory, **liar.backend)
    for name, attack in SERVERS.items():

        def answer(connection: Connection, attack=attack) -> None:
            connection.say(attack(first_nonce(connection)))
            connection.hear()

        liar.answer = answer
        code, output, errors = guarded.psql("SELECT 1")
        assert (code, output) == (2, ""), name
        # Even if all else is right, the salt differs from that of the gate's copy of the verifier.
        stale = "The gate's copy of the role's verifier is not the server's" in errors
        assert stale or "the gate could not log in to the server" in errors, (name, errors)
        assert_still_serves(guarded)


ERRORS = {
    "without_a_sqlstate": message("E", b"SFATAL\0Mno code\0\0"),
    "with_an_empty_sqlstate": message("E", b"SFATAL\0C\0Mno code\0\0"),
    "with_a_sqlstate_of_one_letter": message("E", b"SFATAL\0C5\0Mno code\0\0"),
    "without_an_end": message("E", b"SFATAL\0Mno code"),
    "with_a_field_and_no_end": message("E", b"SFATAL\0C57P0"),
    "without_a_field": message("E", b"\0"),
    "without_a_body": message("E", b""),
}


def test_errors_that_are_not_whole_while_the_gate_logs_in(make_stack, directory, liar):
    """CVE-2026-6666: an ErrorResponse from the server without a SQLSTATE."""
    guarded = GuardedStack(make_stack, directory, **liar.backend)
    for name, error in ERRORS.items():
        liar.answer = lambda connection, error=error: connection.say(error)
        code, output, _ = guarded.psql("SELECT 1")
        assert (code, output) == (2, ""), name
        assert_still_serves(guarded)


def test_errors_that_are_not_whole_are_the_clients_in_passthrough(make_stack, liar):
    stack = make_stack(cluster=liar.backend)
    for name, error in ERRORS.items():
        liar.answer = lambda connection, error=error: connection.say(error)
        client = stack.client()
        client.send_startup(user="postgres")
        assert client.receive(len(error)) == error, name


def test_secrets_never_reach_a_log(guarded):
    guarded.psql("SELECT 1")
    guarded.password = "another secret"
    guarded.psql("SELECT 1")
    for program in guarded.stack.programs:
        said = program.log.read_text()
        assert SCRAM_PASSWORD not in said
        assert "another secret" not in said
        assert "SCRAM-SHA-256$" not in said
