"""The gate's SCRAM server and client agree with libpq and Postgres, whatever the password."""

import json
import random

import pytest

from rig.postgres import SCRAM_PASSWORD
from rig.scram import verifier

psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable, see tests/e2e/prepare")

# Letters, and what SASLprep maps to space or nothing, composes or forbids; right-to-left.
PIECES = [
    *"abcXYZ019 '\"\\$,=",
    "\u00e9",
    "e\u0301",
    "\u00df",
    "\ufb03",
    "\u2168",
    "\u00a0",
    "\u200b",
    "\u00ad",
    "\u3000",
    "\u1100\u1161",
    "\u05e9\u05dc",
    "\u0627\u0031",
    "\u221e",
    "\ue000",
    "\U0001f600",
    "\uf900",
]
ROLES = 1000
ITERATIONS = [1, 2, 4095, 4096, 100_000, 1_000_000]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def create_roles(postgres, secrets: dict[str, str]) -> None:
    orders = [
        f"CREATE ROLE {quoted(role)} LOGIN PASSWORD {literal(secrets[role])}" for role in secrets
    ]
    for first in range(0, len(orders), 200):
        postgres.query("; ".join(orders[first : first + 200]))


def verifiers(postgres) -> dict[str, str]:
    stored = "SELECT json_object_agg(rolname, rolpassword) FROM pg_authid WHERE rolname ~ '^role '"
    return json.loads(postgres.query(stored))


def guard(make_stack, directory, secrets: dict[str, str]):
    """A stack with these roles in the gate's userlist, which stays awake."""
    userlist = directory / "userlist.txt"
    userlist.write_text("".join(f"{quoted(each)} {quoted(secrets[each])}\n" for each in secrets))
    cluster = {"auth": "scram", "userlist": str(userlist)}
    return make_stack(cluster=cluster, scaled_object={"cooldown_period": "120s"})


@pytest.fixture
def awake(postgres, directory):
    """An awake Postgres that requires SCRAM of all roles but its owner."""
    with (directory / "data" / "pg_hba.conf").open("w") as hba:
        hba.write("host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    postgres.start()
    return postgres


def assert_logs_in(stack, role: str, password: str) -> None:
    where = {"host": "127.0.0.1", "port": stack.port(), "dbname": "app"}
    with psycopg.connect(**where, user=role, password=password) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (role,)


def test_a_thousand_random_roles_and_passwords(make_stack, awake, directory):
    """For every second role the gate has the password, and derives the verifier itself."""
    source = random.Random(5802)
    passwords = {
        f"role {number} {source.choice(PIECES[:9])}\u00fc": "".join(
            source.choices(PIECES, k=source.randint(1, 24))
        )
        for number in range(ROLES)
    }
    create_roles(awake, passwords)
    stored = verifiers(awake)
    assert len(stored) == ROLES
    secrets = {
        role: passwords[role] if number % 2 else stored[role]
        for number, role in enumerate(passwords)
    }
    stack = guard(make_stack, directory, secrets)
    for role, password in passwords.items():
        assert_logs_in(stack, role, password)


def test_any_number_of_iterations(make_stack, awake, directory):
    secrets = {
        f"role {number}": verifier(SCRAM_PASSWORD, iterations=number) for number in ITERATIONS
    }
    create_roles(awake, secrets)
    stack = guard(make_stack, directory, secrets)
    for role in secrets:
        assert_logs_in(stack, role, SCRAM_PASSWORD)
