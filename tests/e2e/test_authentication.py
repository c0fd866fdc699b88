"""Passthrough: the server authenticates, the proxy relays every byte of the exchange."""

import os

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER

ASK = "SELECT current_user"


def run_psql(stack, password: str):
    environment = {**os.environ, "PGPASSWORD": password}
    child = stack.tool("psql", "-XqAtc", ASK, stack.dsn(user=SCRAM_USER), env=environment)
    output, errors = child.communicate(timeout=60)
    return child.returncode, output.strip(), errors


def test_scram_passes_through_and_wakes(stack):
    assert run_psql(stack, SCRAM_PASSWORD) == (0, SCRAM_USER, "")
    assert len(stack.proxy.events("session_held")) == 1


def test_a_wrong_password_is_refused_by_the_server(stack):
    code, _, errors = run_psql(stack, "wrong")
    assert code == 2
    assert f'password authentication failed for user "{SCRAM_USER}"' in errors


def test_no_secret_reaches_a_log(stack):
    assert run_psql(stack, SCRAM_PASSWORD)[0] == 0
    for program in stack.programs:
        text = program.log.read_text()
        assert SCRAM_PASSWORD not in text
        assert "SCRAM-SHA-256" not in text
