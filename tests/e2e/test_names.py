"""Names longer than Postgres's 63 bytes: the gate truncates them as the server does."""

import os

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_VERIFIER

LONG = "customer_project_dev_f7d30cc5_3ecb_49c3_9df4_faeee92ebffd_k8s_052c018d"
CUT = LONG[:63]
DATABASE = "tenant_" + "x" * 70
# Byte 63 is inside the last character: CREATE ROLE drops that, a login is cut within it.
SPLIT = "r" * 62 + "\u00e9"
HBA = """\
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


@pytest.fixture
def server(postgres):
    (postgres.data / "pg_hba.conf").write_text(HBA)
    postgres.start()
    for role in (LONG, SPLIT):
        postgres.query(f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{SCRAM_VERIFIER}'")
    postgres.query(f'CREATE DATABASE "{DATABASE}"')
    return postgres


def ask(stack, port: int, user: str, database: str = DATABASE) -> str:
    """The server's current user and database, or why the login is refused."""
    environment = {
        **os.environ,
        "PGPASSWORD": SCRAM_PASSWORD,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGUSER": user,
        "PGDATABASE": database,
    }
    sql = "SELECT current_user, current_database()"
    child = stack.tool("psql", "-XqAtc", sql, env=environment, errors="replace")
    output, errors = child.communicate(timeout=120)
    return output.strip() or errors.strip().split("FATAL:  ")[-1]


def assert_both_say(stack, user: str, expected: str) -> None:
    assert ask(stack, stack.port(), user) == expected
    assert ask(stack, stack.postgres.port, user) == expected


def with_routes(*routes: dict) -> dict:
    return {"routes": [{"cluster": "app", **each} for each in routes]}


AWAKE = {"initial_cooldown_period": "60s"}
SERVED = f"{CUT}|{DATABASE[:63]}"


def test_passthrough_routes_by_the_names_that_the_server_takes(make_stack, server):
    rule = {"user": LONG, "database": DATABASE}
    stack = make_stack(proxy=with_routes(rule), scaled_object=AWAKE)
    assert_both_say(stack, LONG, SERVED)
    assert_both_say(stack, CUT, SERVED)
    assert "is not served here" in ask(stack, stack.port(), CUT[:62])


@pytest.mark.parametrize("listed", [LONG, CUT])
def test_a_userlist_may_have_either_spelling(make_stack, server, directory, listed):
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{listed}" "{SCRAM_VERIFIER}"\n')
    stack = make_stack(
        proxy=with_routes({}),
        cluster={"auth": "scram", "userlist": str(userlist)},
        scaled_object=AWAKE,
    )
    assert_both_say(stack, LONG, SERVED)
    assert_both_say(stack, CUT, SERVED)


def test_what_the_server_tells_fits_the_long_name(make_stack, server, directory):
    stack = make_stack(
        proxy={**with_routes({}), "verifier_cache": str(directory / "verifiers")},
        cluster={"auth": "scram", "auth_query": {"user": "postgres"}},
        scaled_object=AWAKE,
    )
    stack.proxy.await_event("verifiers_refreshed")
    assert_both_say(stack, LONG, SERVED)
    assert_both_say(stack, "r" * 62, f"{'r' * 62}|{DATABASE[:63]}")
    unknown = f'password authentication failed for user "{"r" * 62}\ufffd"'
    assert_both_say(stack, SPLIT, unknown)
