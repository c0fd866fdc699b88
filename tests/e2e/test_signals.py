"""SIGHUP rereads files and ends nothing; signals without a meaning here do nothing."""

import signal

import pytest

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.scram import log_in
from test_tls import SecuredStack

IGNORED = [signal.SIGPIPE, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM]


def reload(program) -> dict:
    before = len(program.events("reloaded"))
    program.signal(signal.SIGHUP)
    return program.await_event("reloaded", before + 1)


def test_a_transaction_goes_on_whatever_signals_all_programs_get(stack):
    session = stack.session()
    session.query("CREATE TABLE witness (word text)")
    session.query("BEGIN")
    session.query("INSERT INTO witness VALUES ('whole')")
    pids = [program.pid for program in stack.programs]
    for program in stack.programs:
        for number in IGNORED:
            program.signal(number)
        assert reload(program)["configuration"] == "unchanged until a restart"
        assert reload(program), "a second one, too"
        assert program.page("/readyz")[0] == 200
    session.query("COMMIT")
    assert stack.postgres.query("SELECT word FROM witness") == "whole"
    assert [program.pid for program in stack.programs] == pids
    assert all(program.process.poll() is None for program in stack.programs)


def test_a_draining_proxy_goes_on_draining(make_stack):
    stack = make_stack(proxy={"drain_timeout": "30s"})
    session = stack.session()
    session.query("BEGIN")
    stack.await_sessions("busy", 1)
    stack.proxy.signal(signal.SIGTERM)
    stack.proxy.await_event("proxy_draining")
    reload(stack.proxy)
    session.send(b"Q\0\0\0\x0bCOMMIT\0")
    assert [message.kind for message in session.messages_until("Z")] == ["C", "Z"]
    assert stack.proxy.wait() == 0


def test_new_certificates_are_shown_at_once(make_stack, directory):
    secured = SecuredStack(make_stack, directory)
    before = secured.handshake("required")
    secured.authority.issue(secured.certificates)
    told = reload(secured.stack.proxy)
    assert (told["listeners_with_certificates"], told["clusters_with_certificates"]) == (2, 0)
    assert secured.handshake("required") != before


def test_certificates_that_are_no_good_change_nothing(make_stack, directory):
    secured = SecuredStack(make_stack, directory)
    before = secured.handshake("required")
    (secured.certificates / "tls.key").write_text("not a key\n")
    reload(secured.stack.proxy)
    assert secured.stack.proxy.events("tls_certificates_kept", listener="required")
    assert secured.handshake("required") == before


@pytest.mark.parametrize("source", ["userlist", "secret_directory"])
def test_a_new_role_may_log_in_at_once(make_stack, directory, source):
    files = directory / "roles"
    files.mkdir()
    userlist = files / "userlist.txt"

    def add(role: str) -> None:
        if source == "userlist":
            with userlist.open("a") as file:
                file.write(f'"{role}" "{SCRAM_VERIFIER}"\n')
        else:
            (files / role).write_text(SCRAM_VERIFIER)

    add("another")
    path = userlist if source == "userlist" else files
    stack = make_stack(cluster={"auth": "scram", source: str(path)})
    add(SCRAM_USER)
    assert reload(stack.proxy)["clusters_with_role_files"] == 1
    client = stack.client()
    assert log_in(client, SCRAM_USER, SCRAM_PASSWORD)[-1].kind == "Z"
