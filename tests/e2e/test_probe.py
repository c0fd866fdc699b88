"""With a role of its own a probe logs in and asks; it lets nobody in before it has been answered."""

import pytest

ROLE = "gate_probe"

# The rig itself, and the clients here, come as postgres.
HBA = """\
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


@pytest.fixture
def password(directory):
    return directory / "password"


@pytest.fixture
def stack(make_stack, postgres, password):
    (postgres.data / "pg_hba.conf").write_text(HBA)
    postgres.start()
    postgres.query(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'the first'")
    postgres.stop()
    password.write_text("the first\n")
    return make_stack(cluster={"probe": {"user": ROLE, "password_file": str(password)}})


def test_a_new_password_in_the_file_is_used_without_a_restart(stack, password):
    assert stack.psql("SELECT 'awake'") == "awake"
    stack.postgres.query(f"ALTER ROLE {ROLE} PASSWORD 'the second'")
    password.write_text("the second\n")
    stack.await_asleep()
    assert stack.psql("SELECT 'awake again'") == "awake again"
