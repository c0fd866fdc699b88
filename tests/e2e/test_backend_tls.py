"""TLS to the server: every mode against good and bad servers, asleep and awake."""

import hashlib
import os
import shutil
import socket
import ssl
import struct
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from rig.certificates import Authority
from rig.ports import free_port
from rig.postgres import BIN, SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER, Postgres
from rig.waiting import wait_until
from rig.wire import WireClient
from test_bulk import write_lines

IS_SECURED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
TLS_ONLY = f"""\
hostssl all {SCRAM_USER} 127.0.0.1/32 scram-sha-256
hostssl all all 127.0.0.1/32 trust
"""
NOT_TRUSTED = 'the gate does not trust the server of cluster "{}"'


class Server:
    """A Postgres with certificates."""

    def __init__(self, postgres: Postgres, directory: Path) -> None:
        self.postgres = postgres
        self.directory = directory
        self.authority = Authority(directory, "server-authority")
        self._issued = directory / "server"
        self.show(self.authority)
        settings = "ssl = on\nssl_cert_file = 'tls.crt'\nssl_key_file = 'tls.key'\n"
        with (postgres.data / "postgresql.conf").open("a") as file:
            file.write(settings)

    def show(self, authority: Authority, name: str = "localhost") -> None:
        """Installs another certificate, used from the next start or reload on."""
        authority.issue(self._issued, name)
        for file in ("tls.crt", "tls.key"):
            there = self.postgres.data / file
            shutil.copy(self._issued / file, there)
            there.chmod(0o600)
            if os.geteuid() == 0:
                shutil.chown(there, "postgres", "postgres")

    def admit(self, hba: str) -> None:
        (self.postgres.data / "pg_hba.conf").write_text(hba)

    def reload(self) -> None:
        """Reloads; returns when new connections get the new certificate."""
        serial = self.fingerprint()
        assert self.postgres.control("reload").returncode == 0
        wait_until(lambda: self.shown() == serial, "Postgres shows its new certificate")

    def fingerprint(self) -> str:
        der = ssl.PEM_cert_to_DER_cert((self._issued / "tls.crt").read_text())
        return hashlib.sha256(der).hexdigest()

    def shown(self) -> str:
        client = WireClient(self.postgres.port)
        client.send(struct.pack("!ii", 8, 80877103))
        assert client.receive(1) == b"S"
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with context.wrap_socket(client.socket) as secured:
            return hashlib.sha256(secured.getpeercert(binary_form=True)).hexdigest()


@pytest.fixture
def server(postgres: Postgres, directory: Path) -> Server:
    return Server(postgres, directory)


class Clusters:
    """A gate with one listener and one cluster for each TLS setting of the same server."""

    def __init__(self, make_stack, postgres: Postgres, ways: dict[str, dict], **cluster) -> None:
        self.ports = {name: free_port() for name in ways}
        self.stack = make_stack(
            proxy={
                "listeners": {
                    name: {"address": f"127.0.0.1:{port}"} for name, port in self.ports.items()
                },
                "clusters": {
                    name: {
                        "backend": f"127.0.0.1:{postgres.port}",
                        "hold_timeout": "4s",
                        "backend_tls": way,
                        **cluster,
                    }
                    for name, way in ways.items()
                },
                "routes": [{"listener": name, "cluster": name} for name in ways],
            },
            # For one of the clusters, only so that the actuator becomes ready; it stops nothing.
            scaled_object={
                "metadata": {"cluster": next(iter(ways))},
                "cooldown_period": "60s",
                "initial_cooldown_period": "60s",
            },
        )

    def ask(self, name: str, sql: str = IS_SECURED) -> str:
        """The server's answer, or psql's error."""
        dsn = f"postgresql://postgres@127.0.0.1:{self.ports[name]}/app"
        child = self.stack.tool("psql", "-XAtc", sql, dsn)
        output, errors = child.communicate(timeout=120)
        return output.strip() or errors

    def why(self, name: str, event: str = "probe_failed") -> str:
        return self.stack.proxy.await_event(event, cluster=name)["reason"]


def ways_to(server: Server) -> dict[str, dict]:
    ca = {"ca": str(server.authority.certificate)}
    return {
        "prefer": {"mode": "prefer"},
        "require": {"mode": "require"},
        "pinned": {"mode": "require", "pin": server.fingerprint()},
        "verify-ca": {"mode": "verify-ca", **ca},
        "verify-full": {"mode": "verify-full", "server_name": "localhost", **ca},
    }


def test_every_mode_meets_a_server_that_has_it_all(make_stack, server):
    server.admit(TLS_ONLY)
    server.postgres.start()
    clusters = Clusters(make_stack, server.postgres, {"disable": {}, **ways_to(server)})
    for name in ways_to(server):
        assert clusters.ask(name) == "t", name
    assert "no encryption" in clusters.ask("disable"), "the server's own words"


def test_a_server_without_tls_is_asked_for_it_in_vain(make_stack, server):
    with (server.postgres.data / "postgresql.conf").open("a") as settings:
        settings.write("ssl = off\n")
    server.postgres.start()
    clusters = Clusters(make_stack, server.postgres, {"disable": {}, **ways_to(server)})
    assert clusters.ask("disable") == "f"
    assert clusters.ask("prefer") == "f"
    for name in ("require", "verify-full"):
        assert "did not wake up in time" in clusters.ask(name)
        assert "server does not support SSL" in clusters.why(name)


def test_a_server_that_is_somebody_else_is_not_taken_for_awake(make_stack, server, directory):
    ways = ways_to(server)
    server.show(Authority(directory, "stranger"))
    server.postgres.start()
    clusters = Clusters(make_stack, server.postgres, ways)
    assert clusters.ask("require") == "t", "which looks at nothing"
    for name in ("verify-ca", "pinned"):
        assert "did not wake up in time" in clusters.ask(name)
    assert "certificate verify failed" in clusters.why("verify-ca")
    assert clusters.why("pinned") == "TLS: the server's certificate is not the pinned one"


def test_an_awake_cluster_changes_its_certificate(make_stack, server, directory):
    """A certificate that is not trusted is refused at once, until the CA file is replaced."""
    trusted = directory / "trusted.crt"
    shutil.copy(server.authority.certificate, trusted)
    name = {"mode": "verify-full", "server_name": "localhost", "ca": str(trusted)}
    server.postgres.start()
    clusters = Clusters(make_stack, server.postgres, {"app": name}, probe={"ready_interval": "0s"})
    assert clusters.ask("app") == "t"
    server.show(server.authority, "db.example.com")
    server.reload()
    assert NOT_TRUSTED.format("app") in clusters.ask("app")
    reason = "TLS: the server's certificate is for db.example.com, not for localhost"
    assert clusters.why("app", "dial_failed") == reason
    stranger = Authority(directory, "stranger")
    server.show(stranger)
    server.reload()
    assert NOT_TRUSTED.format("app") in clusters.ask("app")
    shutil.copy(stranger.certificate, trusted)
    clusters.stack.proxy.await_event("tls_certificates_loaded", cluster="app")
    assert clusters.ask("app") == "t"


def test_the_gate_shows_a_certificate_of_its_own(make_stack, server, directory):
    gate = directory / "gate"
    Authority(directory, "gate-authority").issue(gate, "gate")
    (gate / "tls.key").chmod(0o600)
    with (server.postgres.data / "postgresql.conf").open("a") as settings:
        settings.write(f"ssl_ca_file = '{directory / 'gate-authority.crt'}'\n")
    server.admit("hostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n")
    server.postgres.start()
    own = {"certificate": str(gate / "tls.crt"), "key": str(gate / "tls.key")}
    ways = {"without": {"mode": "require"}, "with": {"mode": "require", **own}}
    clusters = Clusters(make_stack, server.postgres, ways)
    assert clusters.ask("with") == "t"
    assert "connection requires a valid client certificate" in clusters.ask("without")


@pytest.fixture
def guarded(make_stack, server, directory):
    """A sleeping cluster with TLS on both sides of the gate, and `auth: scram`."""
    server.admit(TLS_ONLY)
    clients = directory / "clients"
    authority = Authority(directory)
    authority.issue(clients)
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    listener = {
        "address": f"127.0.0.1:{free_port()}",
        "tls": {"mode": "required", "directory": str(clients)},
    }
    stack = make_stack(
        proxy={"listeners": {"main": listener}},
        cluster={
            "auth": "scram",
            "userlist": str(userlist),
            "backend_tls": ways_to(server)["verify-full"],
        },
    )
    where = f"host=localhost hostaddr=127.0.0.1 port={stack.port()} user={SCRAM_USER} dbname=app"
    words = {
        "password": f"'{SCRAM_PASSWORD}'",
        "sslmode": "verify-full",
        "sslrootcert": authority.certificate,
        "channel_binding": "require",
    }
    stack.secured_dsn = where + "".join(f" {key}={value}" for key, value in words.items())
    return stack


def psql(stack, *commands: str) -> tuple[str, str]:
    words = [word for command in commands for word in ("-c", command)]
    child = stack.tool("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *words, stack.secured_dsn)
    return child.communicate(timeout=120)


def test_a_sleeping_cluster_is_woken_and_logged_in_to_through_tls(guarded):
    assert psql(guarded, "SELECT current_user", IS_SECURED) == (f"{SCRAM_USER}\nt\n", "")
    assert guarded.hooks.calls("start") == 1
    assert psql(guarded, IS_SECURED) == ("t\n", ""), "and awake"


def test_a_query_is_cancelled_behind_tls_on_both_legs(guarded):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    with psycopg.connect(guarded.secured_dsn, autocommit=True) as connection:
        sleeps = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"

        def cancel() -> None:
            wait_until(lambda: guarded.postgres.query(sleeps) == "1", "the query sleeps")
            connection.cancel()

        canceller = threading.Thread(target=cancel)
        canceller.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(600)")
        canceller.join()


def test_40_mb_of_copy_both_ways_through_tls_on_both_legs(guarded, directory):
    there, back = directory / "there", directory / "back"
    _, checksum = write_lines(there, 40 * 1024 * 1024)
    copies = [
        "CREATE TEMPORARY TABLE big (line text)",
        f"\\copy big FROM '{there}'",
        f"\\copy big TO '{back}'",
    ]
    _, errors = psql(guarded, *copies)
    assert back.exists(), errors
    with back.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == checksum


class ScramServer:
    """Offers SCRAM with and without channel binding, and records what is chosen."""

    def __init__(self, certificates: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates / "tls.crt", certificates / "tls.key")
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.chosen: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with suppress(OSError):  # a probe may have closed already
                self._offer(client)

    def _offer(self, client: socket.socket) -> None:
        client.recv(8, socket.MSG_WAITALL)
        client.sendall(b"S")
        with self._context.wrap_socket(client, server_side=True) as secured:
            secured.recv(4096)
            offered = b"\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"
            secured.sendall(b"R" + struct.pack("!i", len(offered) + 4) + offered)
            self.chosen.append(secured.recv(4096)[5:])  # empty when a probe has closed by then

    def close(self) -> None:
        self._socket.close()


def test_the_login_at_the_server_is_bound_to_its_certificate(make_stack, directory):
    certificates, userlist = directory / "fake", directory / "userlist.txt"
    Authority(directory).issue(certificates)
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_PASSWORD}"\n')
    server = ScramServer(certificates)
    cluster = {
        "backend": f"127.0.0.1:{server.port}",
        "backend_tls": {"mode": "require"},
        "auth": "scram",
        "userlist": str(userlist),
        "hold_timeout": "5s",
    }
    stack = make_stack(cluster=cluster)
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    command = [BIN / "psql", "-XAtc", "SELECT 1", stack.dsn(user=SCRAM_USER)]
    subprocess.run(command, env=environment, timeout=120, capture_output=True, check=False)
    server.close()
    assert any(each.startswith(b"SCRAM-SHA-256-PLUS\0") for each in server.chosen), server.chosen
