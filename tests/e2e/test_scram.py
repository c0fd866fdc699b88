"""auth: scram: clients that fail it wake nothing; others are served, asleep and awake."""

import os
import socket

import pytest

from rig.postgres import MD5_PASSWORD, MD5_USER, SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.scram import log_in, prove, sasl_message, verifier
from rig.waiting import wait_until
from rig.wire import PROTOCOL_3_2, SSL_REQUEST, WireClient, startup_packet

ASK = "SELECT current_user"
SASL_GUESS = b"SCRAM-SHA-256\0\0\0\0\x10n,,n=,r=abcdefgh"


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture
def make_guarded(make_stack, directory):
    """A stack whose gate has these roles."""

    def start(roles: dict[str, str], proxy: dict | None = None, **cluster):
        userlist = directory / "userlist.txt"
        lines = [f"{quoted(role)} {quoted(secret)}\n" for role, secret in roles.items()]
        userlist.write_text("".join(lines))
        cluster = {"auth": "scram", "userlist": str(userlist), **cluster}
        return make_stack(cluster=cluster, proxy=proxy)

    return start


@pytest.fixture
def guarded(make_guarded):
    return make_guarded({SCRAM_USER: SCRAM_VERIFIER})


def ask(stack, user: str, password: str, sql: str = ASK):
    environment = {**os.environ, "PGPASSWORD": password}
    child = stack.tool("psql", "-XqAtc", sql, stack.dsn(user=user), env=environment)
    output, errors = child.communicate(timeout=120)
    return child.returncode, output.strip(), errors


def assert_nothing_was_woken(stack):
    assert stack.hooks.calls("start") == 0
    assert not stack.proxy.events("session_held")
    assert not stack.scaler.events("activation_pushed")


def test_a_password_wakes_and_then_finds_the_cluster_awake(guarded):
    assert ask(guarded, SCRAM_USER, SCRAM_PASSWORD) == (0, SCRAM_USER, "")
    assert ask(guarded, SCRAM_USER, SCRAM_PASSWORD) == (0, SCRAM_USER, "")
    assert guarded.hooks.calls("start") == 1
    assert len(guarded.proxy.events("session_held")) == 1


@pytest.mark.parametrize("user", [SCRAM_USER, "nobody", "postgres"])
def test_a_wrong_password_and_an_unknown_role_wake_nothing(guarded, user):
    code, _, errors = ask(guarded, user, "wrong")
    assert code == 2
    assert f'FATAL:  password authentication failed for user "{user}"' in errors
    assert_nothing_was_woken(guarded)
    assert guarded.proxy.metric("wakegate_proxy_refusals_total", sqlstate="28P01") == 1


class Guess:
    """One login with a wrong proof."""

    def __init__(self, port: int, user: str) -> None:
        self._client = WireClient(port)
        self._client.send_startup(user=user)
        self._answer = self._client.message()
        if self._answer.kind == "R":
            self._client.send(sasl_message(SASL_GUESS))
            self._nonce = self._client.message().body[4:].split(b",")[0]

    def prove(self) -> None:
        if self._answer.kind == "R":
            self._client.send(sasl_message(b"c=biws," + self._nonce + b",p=" + b"A" * 43 + b"="))

    def end(self) -> str:
        """The SQLSTATE that ends it."""
        if self._answer.kind == "R":
            self._answer = self._client.message()
        self._client.hang_up()
        assert self._answer.kind == "E"
        return self._answer.fields()["C"]


def guess(port: int, user: str) -> str:
    one = Guess(port, user)
    one.prove()
    return one.end()


def test_ten_thousand_hostile_connects_wake_nothing(guarded):
    port = guarded.port()
    openings = [
        b"",
        SSL_REQUEST,
        SSL_REQUEST + b"\x16\3\1",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff" * 64,
        startup_packet(user=SCRAM_USER)[:-3],
        startup_packet(user=SCRAM_USER),
        startup_packet(user=SCRAM_USER) + b"Q\0\0\0\x0dSELECT 1\0",
        startup_packet(user="nobody"),
    ]
    refused = set()
    for number in range(10_000):
        if number % 10 == 0:
            refused.add(guess(port, (SCRAM_USER, "nobody")[number // 10 % 2]))
        else:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
                client.sendall(openings[number % len(openings)])
    assert refused == {"28P01", "53300"}, "guessers are slowed down"
    guarded.await_polls(2)
    assert_nothing_was_woken(guarded)
    assert not guarded.scaler.events("answered", rpc="IsActive", answer="active")


def test_guesses_that_were_all_begun_at_once_are_slowed_down_alike(guarded):
    begun = [Guess(guarded.port(), SCRAM_USER) for _ in range(100)]
    for each in begun:
        each.prove()
    ends = [each.end() for each in begun]
    free_failures, threads = 10, 2
    assert set(ends) == {"28P01", "53300"}
    assert ends.count("28P01") <= free_failures + threads
    assert_nothing_was_woken(guarded)


def test_guessers_do_not_lock_an_owner_out_for_good(make_guarded):
    guarded = make_guarded({SCRAM_USER: SCRAM_VERIFIER})
    while guess(guarded.port(), "nobody") != "53300":
        pass
    code, _, errors = ask(guarded, SCRAM_USER, SCRAM_PASSWORD)
    if code != 0:
        assert "too many failed logins" in errors
        assert "Try again in" in errors
    assert guarded.hooks.calls("start") == (1 if code == 0 else 0)


def test_a_held_client_is_told_what_it_waits_for(make_guarded):
    stack = make_guarded({SCRAM_USER: SCRAM_VERIFIER}, notice_after="200ms")
    latch = stack.hooks.latch("start")
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    child = stack.tool("psql", "-XqAtc", ASK, stack.dsn(user=SCRAM_USER), env=environment)
    assert child.stderr.readline() == 'NOTICE:  waiting for cluster "app" to wake up\n'
    latch.open()
    output, errors = child.communicate(timeout=60)
    assert (child.returncode, output.strip(), errors) == (0, SCRAM_USER, "")
    stack.await_asleep()
    latch = stack.hooks.latch("start")
    child = stack.tool("psql", "-XqAtc", ASK, stack.dsn(user=SCRAM_USER), env=environment)
    assert child.stderr.readline() == 'NOTICE:  waiting for cluster "app" to wake up\n'
    assert child.stderr.readline().startswith("HINT:  That usually takes ")
    latch.open()
    assert child.wait(60) == 0


def test_giving_up_is_an_error_after_the_proof_as_well(make_guarded):
    stack = make_guarded({SCRAM_USER: SCRAM_VERIFIER}, hold_timeout="1s")
    stack.hooks.latch("start")
    code, _, errors = ask(stack, SCRAM_USER, SCRAM_PASSWORD)
    assert code == 2
    assert 'FATAL:  cluster "app" did not wake up in time' in errors


def test_a_password_in_plain_text_logs_in_at_the_server_too(make_guarded):
    stack = make_guarded({SCRAM_USER: SCRAM_PASSWORD})
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == (0, SCRAM_USER, "")


def test_a_mounted_secret_holds_roles_as_files(make_stack, directory):
    secrets = directory / "secrets"
    secrets.mkdir()
    (secrets / SCRAM_USER).write_text(SCRAM_VERIFIER + "\n")
    stack = make_stack(cluster={"auth": "scram", "secret_directory": str(secrets)})
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == (0, SCRAM_USER, "")


def test_a_userlist_is_read_again_when_it_changes(make_guarded, directory):
    stack = make_guarded({SCRAM_USER: verifier("yesterday")})
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD)[0] == 2
    userlist = directory / "userlist.txt"
    userlist.write_text(f"{quoted(SCRAM_USER)} without quotes\n")
    kept = stack.proxy.await_event("roles_kept", cluster="app")
    assert kept["reason"].startswith(f"{userlist}:1: expected the secret in double quotes")
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD)[0] == 2
    assert_nothing_was_woken(stack)
    userlist.write_text(f"{quoted(SCRAM_USER)} {quoted(SCRAM_VERIFIER)}\n")
    assert stack.proxy.await_event("roles_loaded", cluster="app")["roles"] == 1
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == (0, SCRAM_USER, "")


def test_a_server_that_trusts_the_gate_is_taken(make_guarded):
    stack = make_guarded({"postgres": verifier("secret")})
    assert ask(stack, "postgres", "secret") == (0, "postgres", "")
    assert ask(stack, "postgres", "wrong")[0] == 2


def test_an_older_verifier_than_the_servers_is_said_to_be_one(make_guarded):
    stack = make_guarded({SCRAM_USER: verifier("yesterday", salt=b"another sixteen.")})
    code, _, errors = ask(stack, SCRAM_USER, "yesterday")
    assert code == 2
    assert f'FATAL:  password authentication failed for user "{SCRAM_USER}"' in errors
    assert "HINT:  The gate's copy of the role's verifier is not the server's. Try again" in errors
    stack.await_sessions("held", 0)


def test_a_server_that_wants_md5_is_named_with_the_way_out(make_guarded):
    stack = make_guarded({MD5_USER: MD5_PASSWORD})
    code, _, errors = ask(stack, MD5_USER, MD5_PASSWORD)
    assert code == 2
    assert "the server asks for an md5 password" in errors
    assert "auth: passthrough" in errors


def test_who_is_refused_after_the_servers_answer_keeps_nobody_waiting(make_guarded):
    """Its login slot is free at once, however long it takes to hang up."""
    roles = {MD5_USER: MD5_PASSWORD, SCRAM_USER: SCRAM_VERIFIER}
    stack = make_guarded(roles, release_batch=1)
    refused = stack.client()
    prove(refused, MD5_USER, MD5_PASSWORD)
    assert refused.messages_until("E")[-1].fields()["C"] == "28000"
    log_in(stack.client(), SCRAM_USER, SCRAM_PASSWORD)
    assert len(stack.proxy.events("session_held")) == 1, "nobody was held but the first"


def test_the_servers_own_refusal_reaches_the_client(guarded):
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    dsn = guarded.dsn(user=SCRAM_USER, database="app_nowhere")
    child = guarded.tool("psql", "-XqAtc", ASK, dsn, env=environment)
    _, errors = child.communicate(timeout=60)
    assert 'FATAL:  database "app_nowhere" does not exist' in errors


def test_protocol_3_2_is_agreed_on_before_the_first_question(guarded):
    client = guarded.client()
    client.send(startup_packet(PROTOCOL_3_2, user=SCRAM_USER, **{"_pq_.odd": "1"}))
    assert [client.message().kind, client.message().kind] == ["v", "R"]


def test_cancel_finds_the_session(guarded):
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    child = guarded.tool(
        "psql", "-XqAtc", "SELECT pg_sleep(100)", guarded.dsn(user=SCRAM_USER), env=environment
    )
    guarded.await_sessions("busy", 1)  # from the query's first byte on, at the gate
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    wait_until(lambda: guarded.postgres.query(sleeping) == "1", "the query sleeps")
    child.send_signal(2)
    _, errors = child.communicate(timeout=60)
    assert "canceling statement due to user request" in errors


def test_no_secret_reaches_a_log(make_guarded):
    stack = make_guarded({SCRAM_USER: SCRAM_PASSWORD})
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD)[0] == 0
    assert ask(stack, SCRAM_USER, "a wrong one")[0] == 2
    for program in stack.programs:
        text = program.log.read_text()
        for secret in (SCRAM_PASSWORD, "a wrong one", "SCRAM-SHA-256"):
            assert secret not in text


def test_psycopg_logs_in_asleep(guarded):
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(guarded.dsn(user=SCRAM_USER), password=SCRAM_PASSWORD) as connection:
        assert connection.execute(ASK).fetchone() == (SCRAM_USER,)


def test_asyncpg_logs_in_asleep(guarded):
    asyncpg = pytest.importorskip("asyncpg")
    import asyncio

    async def run() -> str:
        connection = await asyncpg.connect(guarded.dsn(user=SCRAM_USER), password=SCRAM_PASSWORD)
        try:
            return await connection.fetchval(ASK)
        finally:
            await connection.close()

    assert asyncio.run(run()) == SCRAM_USER
