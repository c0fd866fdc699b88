"""Machines of clients and servers that vanish without closing connections: the session's other side
ends in time. Each is a network namespace whose link goes down."""

import ssl
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig.certificates import Authority
from rig.machine import Machine, running_machine
from rig.ports import free_port
from rig.postgres import AS_POSTGRES, BIN, SERVER_BIN, Postgres, run
from rig.program import Program
from rig.stack import Stack, admin
from rig.waiting import wait_until
from rig.wire import SSL_REQUEST, Message, WireClient, query_message
from test_backend_tls import Server

# Far shorter than the defaults of a minute, for a quick test.
SOON = {
    "keepalives_idle": "1s",
    "keepalives_interval": "1s",
    "keepalives_count": 2,
    "user_timeout": "3s",
}
LOST = "the connection to the server was lost: "
WITH_AND_WITHOUT_TLS = pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])


@pytest.fixture
def machine() -> Iterator[Machine]:
    with running_machine() as machine:
        yield machine


# --- the client's machine ---


def open_listener(directory: Path) -> dict:
    certificates = directory / "certificates"
    Authority(directory).issue(certificates)
    tls = {"mode": "optional", "directory": str(certificates)}
    return {"address": f"0.0.0.0:{free_port()}", "tls": tls, "tcp": SOON}


class RemoteClients:
    """psql on the client's machine."""

    def __init__(self, machine: Machine, stack: Stack, tls: bool) -> None:
        self._machine = machine
        self._stack = stack
        mode = "require" if tls else "disable"
        words = f"user=postgres dbname=app sslmode={mode} connect_timeout=60"
        self._where = f"host={machine.gate} port={stack.port()} {words}"
        self._children: list[subprocess.Popen] = []

    def psql(self, name: str, sql: str) -> subprocess.Popen:
        """Starts psql with `sql`, which then waits for input; its output is dropped."""
        psql = [BIN / "psql", "-XqAt", f"{self._where} application_name={name}"]
        child = subprocess.Popen(
            self._machine.command(*psql),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._children.append(child)
        child.stdin.write(f"{sql};\n")
        child.stdin.flush()
        return child

    def close(self) -> None:
        for child in self._children:
            child.kill()
            child.communicate()


NAMES = ["idle", "in_transaction", "asks", "listens", "reads", "writes"]
SESSIONS = "SELECT string_agg(application_name, ' ') FROM pg_stat_activity WHERE " + " OR ".join(
    f"application_name = '{name}'" for name in NAMES
)
LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"


def states(postgres: Postgres) -> dict[str, str]:
    rows = postgres.query("SELECT application_name, state FROM pg_stat_activity").splitlines()
    found = dict(row.split("|") for row in rows)
    return {name: found.get(name, "") for name in NAMES}


@WITH_AND_WITHOUT_TLS
def test_a_client_that_has_vanished_frees_its_session_and_its_locks(
    machine, make_stack, postgres, directory, tls
):
    with (postgres.data / "postgresql.conf").open("a") as settings:
        # Postgres needs this without a proxy, too, to notice it during a query without output.
        settings.write("client_connection_check_interval = '1s'\n")
    stack = make_stack(proxy={"listeners": {"main": open_listener(directory)}})
    clients = RemoteClients(machine, stack, tls)
    try:
        clients.psql("idle", "SELECT 1")
        clients.psql("in_transaction", "BEGIN; SELECT pg_advisory_xact_lock(7)")
        clients.psql("asks", "SELECT pg_sleep(600)")
        clients.psql("listens", "LISTEN something")
        clients.psql("reads", "COPY (SELECT * FROM generate_series(1, 1000000000)) TO STDOUT")
        wait_until(lambda: stack.sessions("idle") + stack.sessions("busy") == 5, "all logged in")
        postgres.query("CREATE TABLE copied (line text)")
        writer = clients.psql("writes", "COPY copied FROM STDIN")
        writer.stdin.write("the first line\n")
        writer.stdin.flush()
        expected = dict.fromkeys(NAMES, "active") | {
            "idle": "idle",
            "listens": "idle",
            "in_transaction": "idle in transaction",
        }
        wait_until(lambda: states(postgres) == expected, "each is in its state")
        assert postgres.query(LOCKS) == "1"
        machine.vanish()
        wait_until(lambda: postgres.query(SESSIONS) == "", "no session is left")
        assert postgres.query(LOCKS) == "0"
        for state in ("busy", "idle"):
            stack.await_sessions(state, 0)
    finally:
        clients.close()


def test_a_held_client_that_has_vanished_is_not_waited_for(machine, make_stack, directory):
    stack = make_stack(proxy={"listeners": {"main": open_listener(directory)}})
    stack.hooks.latch("start")
    clients = RemoteClients(machine, stack, tls=False)
    try:
        clients.psql("held", "SELECT 1")
        stack.proxy.await_event("session_held")
        machine.vanish()
        stack.proxy.await_event("session_left")
    finally:
        clients.close()


# --- the server's machine ---


class RemotePostgres(Postgres):
    """A Postgres on a machine of its own that accepts connections from this one."""

    def __init__(self, machine: Machine, template: Path, directory: Path) -> None:
        super().__init__(template, directory)
        self.machine = machine
        (self.data / "pg_hba.conf").write_text("host all all 0.0.0.0/0 trust\n")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write("listen_addresses = '*'\n")

    def start(self) -> None:
        words = ["start", "-w", "-l", self.log]
        run(*self.machine.command(*self.pg_ctl(), *words), cwd="/")

    def pg_ctl(self) -> list[str]:
        return [*AS_POSTGRES, str(SERVER_BIN / "pg_ctl"), "-D", str(self.data)]


class ServerRig:
    """A proxy here and its server there, without a scaler, so that nothing sleeps."""

    def __init__(
        self, machine: Machine, template: Path, directory: Path, tls: bool, **cluster: object
    ) -> None:
        self.tls = tls
        self.machine = machine
        self.postgres = RemotePostgres(machine, template, directory)
        server = Server(self.postgres, directory)
        self.postgres.start()
        self.port = free_port()
        backend = f"{machine.address}:{self.postgres.port}"
        app = {
            "backend": backend,
            **cluster,
        }
        where: dict = {"address": f"127.0.0.1:{self.port}"}
        if tls:
            # One certificate for both: clients may bind their logins to it.
            where["tls"] = {"mode": "required", "directory": str(directory / "server")}
            app["backend_tls"] = {"mode": "require", "pin": server.fingerprint()}
        configuration = {
            "listeners": {"main": where},
            **admin(),
            "drain_timeout": "1s",
            "clusters": {"app": app},
        }
        self.proxy = Program("proxy", "proxy", configuration, directory)
        self.proxy.start()
        self.proxy.await_ready()

    def session(self) -> WireClient:
        client = WireClient(self.port)
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            client.send(SSL_REQUEST)
            assert client.receive(1) == b"S"
            client.socket = context.wrap_socket(client.socket)
        client.login()
        return client

    def close(self) -> None:
        self.proxy.stop()
        self.proxy.assert_no_sanitizer_report()
        self.postgres.close()


@pytest.fixture
def start_server(machine, template, directory):
    rigs: list[ServerRig] = []

    def start(tls: bool, **cluster: object) -> ServerRig:
        rigs.append(ServerRig(machine, template, directory, tls, **cluster))
        return rigs[0]

    yield start
    for rig in rigs:
        rig.close()


def copy_data(size: int) -> bytes:
    return b"d" + struct.pack("!i", size + 4) + b"x" * (size - 1) + b"\n"


def last_error(client: WireClient) -> dict[str, str]:
    """The error with which the stream must end; skips the messages before it."""
    while True:
        message: Message | None = client.message()
        assert message is not None, "closed without a word"
        if message.kind == "E":
            assert client.message() is None
            return message.fields()


def read_to_end(client: WireClient) -> None:
    """Reads to the end, which is in the middle of a message, where no error can be sent."""
    while client.receive(1 << 20):
        pass


# How the gate finds out: by itself, or because probes have failed.
BY_ITSELF = {"tcp": SOON, "probe": {"ready_interval": "0s"}}
BY_PROBES = {"probe": {"ready_interval": "200ms", "timeout": "500ms"}}


@WITH_AND_WITHOUT_TLS
@pytest.mark.parametrize("cluster", [BY_ITSELF, BY_PROBES], ids=["by_itself", "by_probes"])
def test_a_client_whose_server_has_vanished_is_told(start_server, tls, cluster):
    rig = start_server(tls, **cluster)
    idle, in_transaction, asking, reading, writing = (rig.session() for _ in range(5))
    in_transaction.query("BEGIN")
    asking.send(query_message("SELECT pg_sleep(600)"))
    reading.send(query_message("SELECT repeat('x', 1000) FROM generate_series(1, 100000000)"))
    assert len(reading.receive(1 << 20)) == 1 << 20
    in_transaction.query("CREATE TABLE copied (line text)")
    in_transaction.query("COMMIT; BEGIN")
    writing.send(query_message("COPY copied FROM STDIN"))
    writing.messages_until("G")
    rig.machine.vanish()
    writing.send(copy_data(1 << 16))
    for client in (idle, in_transaction, asking, writing):
        error = last_error(client)
        assert error["C"] == "08006" and error["S"] == "FATAL"
        assert error["M"].startswith(LOST)
    read_to_end(reading)


def test_a_client_that_asks_a_vanished_server_is_told(start_server):
    rig = start_server(tls=False, **BY_PROBES)
    client = rig.session()
    rig.machine.vanish()
    client.send(query_message("SELECT 1"))
    assert last_error(client)["M"].startswith(LOST)


# --- a scaler's machine ---


def test_a_scaler_that_has_vanished_is_missed(machine, directory):
    there = [f"{machine.address}:{free_port()}" for _ in range(2)]
    configuration = {"listen": there[0], "admin": {"address": there[1]}, "expected_proxies": 1}
    scaler = Program("scaler", "scaler", configuration, directory)
    scaler.prefix = machine.command()
    proxy = Program(
        "proxy",
        "proxy",
        {
            "listeners": {"main": {"address": f"127.0.0.1:{free_port()}"}},
            **admin(),
            "scalers": [there[0]],
            "clusters": {"app": {"backend": f"127.0.0.1:{free_port()}"}},
        },
        directory,
    )
    try:
        for program in (scaler, proxy):
            program.start()
        proxy.await_ready()
        machine.vanish()
        wait_until(lambda: proxy.page("/readyz")[0] == 503, "the proxy misses its scaler")
    finally:
        for program in (proxy, scaler):
            if program.process is not None:
                program.kill()
