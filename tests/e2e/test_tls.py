"""TLS from clients: every sslmode against every listener, asleep and awake."""

import hashlib
import os
import shutil
import signal
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from rig.certificates import Authority
from rig.ports import free_port
from rig.waiting import wait_until
from rig.wire import SSL_REQUEST, WireClient, startup_packet
from test_bulk import write_lines
from test_node_postgres import NODE

MODES = ["off", "optional", "required"]
PLAIN, SECURED = "plain", "secured"
NOT_OFFERED = "server does not support SSL"
NEEDED = "the gate takes only connections with TLS here"

# psql's results. "allow" tries plain text first and "prefer" TLS first; both then try the other.
OUTCOMES = {
    "off": dict(disable=PLAIN, allow=PLAIN, prefer=PLAIN, require=NOT_OFFERED),
    "optional": dict(disable=PLAIN, allow=PLAIN, prefer=SECURED, require=SECURED),
    "required": dict(disable=NEEDED, allow=SECURED, prefer=SECURED, require=SECURED),
}
for outcomes in OUTCOMES.values():
    outcomes |= {"verify-ca": outcomes["require"], "verify-full": outcomes["require"]}


class SecuredStack:
    """A stack whose proxy has one listener for each mode."""

    def __init__(self, make_stack, directory: Path, **proxy: object) -> None:
        self.authority = Authority(directory)
        self.certificates = directory / "certificates"
        self.authority.issue(self.certificates)
        listeners = {
            mode: {"address": f"127.0.0.1:{free_port()}", "tls": {"mode": mode}} for mode in MODES
        }
        for mode in ("optional", "required"):
            listeners[mode]["tls"]["directory"] = str(self.certificates)
        routes = [{"database": "app*", "cluster": "app"}]
        self.listeners = listeners
        settings = {"listeners": listeners, "routes": routes, **proxy}
        self.stack = make_stack(proxy=settings)

    def port(self, mode: str) -> int:
        return int(self.listeners[mode]["address"].rsplit(":", 1)[1])

    def dsn(self, mode: str, sslmode: str, host: str = "localhost", **more: str) -> str:
        words = {"sslmode": sslmode, "sslrootcert": str(self.authority.certificate), **more}
        where = f"host={host} hostaddr=127.0.0.1 port={self.port(mode)} user=postgres dbname=app"
        return where + "".join(f" {key}={value}" for key, value in words.items())

    def psql(self, mode: str, sslmode: str, *commands: str, **more: str) -> tuple[str, str]:
        words = [word for command in commands for word in ("-c", command)]
        quiet = ["-XAt", "-v", "ON_ERROR_STOP=1", *words]
        child = self.stack.tool("psql", *quiet, self.dsn(mode, sslmode, **more))
        return child.communicate(timeout=120)

    def outcome(self, mode: str, sslmode: str, **more: str) -> str:
        output, errors = self.psql(mode, sslmode, "\\conninfo", "SELECT 6 * 7", **more)
        if not output.endswith("42\n"):
            return errors
        return SECURED if "SSL connection (protocol: TLSv1.3" in output else PLAIN

    def handshake(self, mode: str) -> bytes:
        """The certificate that a new client gets."""
        client = WireClient(self.port(mode))
        client.send(SSL_REQUEST)
        assert client.receive(1) == b"S"
        context = ssl.create_default_context(cafile=self.authority.certificate)
        with context.wrap_socket(client.socket, server_hostname="localhost") as secured:
            return secured.getpeercert(binary_form=True)


@pytest.fixture
def secured(make_stack, directory: Path) -> SecuredStack:
    return SecuredStack(make_stack, directory)


def test_every_sslmode_meets_every_listener(secured):
    for mode, outcomes in OUTCOMES.items():
        for sslmode, expected in outcomes.items():
            assert expected in secured.outcome(mode, sslmode), (mode, sslmode)


ASLEEP = [("off", "prefer"), ("optional", "require"), ("required", "allow")]


@pytest.mark.parametrize("mode, sslmode", [*ASLEEP, ("required", "verify-full")])
def test_it_wakes(secured, mode, sslmode):
    assert secured.outcome(mode, sslmode) == OUTCOMES[mode][sslmode]
    assert secured.stack.hooks.calls("start") == 1


def test_who_does_not_get_through_wakes_nobody(secured, directory):
    stranger = str(Authority(directory, "stranger").certificate)
    assert NEEDED in secured.outcome("required", "disable")
    assert "verify failed" in secured.outcome("required", "verify-ca", sslrootcert=stranger)
    assert "does not match" in secured.outcome("required", "verify-full", host="other.example")
    assert NOT_OFFERED in secured.outcome("off", "require")
    secured.stack.proxy.await_event("tls_failed")
    secured.stack.await_polls(2)
    assert secured.stack.hooks.calls("start") == 0


def test_bytes_in_front_of_the_handshake_are_no_bytes_behind_it(secured):
    eager = WireClient(secured.port("optional"))
    eager.send(SSL_REQUEST + startup_packet())
    assert eager.refusal()["M"] == "received unencrypted data after SSL request"
    sly = WireClient(secured.port("optional"))
    sly.send(SSL_REQUEST)
    assert sly.receive(1) == b"S"
    sly.send(startup_packet())
    with suppress(ConnectionResetError):  # including its unread rest
        assert b"R\0\0\0" not in sly.receive(100), "an alert and the end"
    assert secured.stack.hooks.calls("start") == 0


def test_a_handshake_has_its_own_timer(make_stack, directory):
    secured = SecuredStack(make_stack, directory, tls_timeout="2s")
    slow = WireClient(secured.port("optional"))
    slow.send(SSL_REQUEST)
    assert slow.receive(1) == b"S"
    assert slow.receive(1) == b"", "closed without a word"
    secured.stack.proxy.await_event("tls_failed", reason="it took too long")


def test_new_files_are_shown_to_new_clients_and_open_sessions_go_on(secured):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    before = secured.handshake("required")
    with psycopg.connect(secured.dsn("required", "verify-full")) as connection:
        connection.execute("SELECT 1")  # in a transaction, which keeps the cluster awake
        (secured.certificates / "tls.key").write_text("not a key\n")
        secured.stack.proxy.await_event("tls_certificates_kept", listener="required")
        assert secured.handshake("required") == before
        secured.authority.issue(secured.certificates)
        secured.stack.proxy.await_event("tls_certificates_loaded", listener="required")
        assert secured.handshake("required") != before
        assert connection.execute("SELECT 2").fetchone() == (2,)


def cancel_when_asleep(secured, connection) -> None:
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    wait_until(lambda: secured.stack.postgres.query(asleep) == "1", "the query sleeps")
    connection.cancel_safe(timeout=20)


def test_psycopg_negotiates_directly_and_cancels_behind_tls(secured):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    if psycopg.pq.version() < 170000:
        pytest.skip("its libpq is older than direct TLS")
    dsn = secured.dsn("required", "verify-full", sslnegotiation="direct")
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.pgconn.ssl_in_use
        assert connection.execute("SELECT 1").fetchone() == (1,)
        cancel = threading.Thread(target=cancel_when_asleep, args=(secured, connection))
        cancel.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(600)")
        cancel.join()


def test_node_postgres(secured):
    if not (NODE / "node_modules" / "pg").is_dir() or not shutil.which("node"):
        pytest.skip("node-postgres is not there, see tests/e2e/prepare")
    script = """
        const { Client } = require('pg');
        const ca = require('fs').readFileSync(process.argv[1], 'utf8');
        const port = Number(process.argv[2]);
        const ssl = { ca, servername: 'localhost' };
        const who = { user: 'postgres', database: 'app' };
        const client = new Client({ host: '127.0.0.1', port, ssl, ...who });
        client.connect()
          .then(() => client.query('SELECT 6 * 7 AS answer'))
          .then(({ rows }) => { console.log(rows[0].answer); return client.end(); });
    """
    done = subprocess.run(
        ["node", "-e", script, secured.authority.certificate, str(secured.port("required"))],
        env={**os.environ, "NODE_PATH": str(NODE / "node_modules")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("42\n", 0), done.stderr


def test_100_mb_of_copy_both_ways_arrive_unchanged(secured, directory):
    there, back = Path(directory) / "there", Path(directory) / "back"
    _, checksum = write_lines(there, 100 * 1024 * 1024)
    copies = [
        "CREATE UNLOGGED TABLE big (line text)",
        f"\\copy big FROM '{there}'",
        f"\\copy big TO '{back}'",
    ]
    _, errors = secured.psql("required", "verify-full", *copies)
    assert back.exists(), errors
    with back.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == checksum


def test_a_full_house_says_so_through_tls_as_well(make_stack, directory):
    secured = SecuredStack(make_stack, directory, max_clients=1)
    silent = WireClient(secured.port("optional"))
    _, errors = secured.psql("required", "verify-full", "SELECT 1")
    assert "sorry, too many clients already" in errors
    silent.hang_up()


def test_the_end_of_a_certificate_is_known_before_it_comes(make_stack, directory):
    secured = SecuredStack(make_stack, directory)
    proxy = secured.stack.proxy
    warned = proxy.await_event("configuration_warning")
    assert 'certificate of "localhost" expires in' in warned["text"]
    labels = {"listener": "required", "certificate": "own"}
    until = proxy.metric("wakegate_proxy_certificate_not_after_seconds", **labels)
    assert 0 < until - time.time() < 2 * 24 * 3600
    secured.authority.issue(secured.certificates)
    proxy.signal(signal.SIGHUP)
    soon = proxy.await_event("certificate_expires_soon", listener="required")
    assert (soon["level"], soon["key"]) == ("warning", "directory")
