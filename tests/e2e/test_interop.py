"""SCRAM through TLS with every driver: each wakes the cluster, and then finds it awake."""

import asyncio
import os
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from rig.guarded import GuardedStack
from rig.pgbouncer import PgBouncer
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.program import PROXY
from test_node_postgres import HERE, NODE

WHO = "SELECT current_user"
SSLMODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
# libpq first connects without TLS, which the gate accepts where TLS is optional.
WITHOUT_TLS = ["disable", "allow"]
JDBC = Path("/usr/share/java/postgresql.jar")


@pytest.fixture
def guarded(make_stack, directory) -> GuardedStack:
    return GuardedStack(make_stack, directory)


def assert_logs_in_asleep_and_awake(stack, log_in) -> None:
    assert log_in() == SCRAM_USER
    assert stack.hooks.calls("start") == 1
    assert log_in() == SCRAM_USER
    assert stack.hooks.calls("start") == 1


def output_of(*command: str | Path, **options) -> str:
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=120, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_psql_with_every_sslmode_and_channel_binding(guarded):
    for sslmode in SSLMODES:
        for binding in ["disable", "prefer", "require"]:
            code, output, errors = guarded.psql(WHO, sslmode=sslmode, channel_binding=binding)
            if binding == "require" and sslmode in WITHOUT_TLS:
                assert "channel binding required" in errors, (sslmode, binding)
            else:
                assert (code, output, errors) == (0, SCRAM_USER, ""), (sslmode, binding)
    assert guarded.stack.hooks.calls("start") == 1


@pytest.mark.parametrize("sslmode, binding", [("disable", "prefer"), ("verify-full", "require")])
def test_psql(guarded, sslmode, binding):
    def log_in() -> str:
        code, output, errors = guarded.psql(WHO, sslmode=sslmode, channel_binding=binding)
        assert code == 0, errors
        return output

    assert_logs_in_asleep_and_awake(guarded.stack, log_in)


NEW_LIBPQ = {
    "direct_tls": {"sslnegotiation": "direct", "channel_binding": "require"},
    "protocol_3_2": {"max_protocol_version": "latest", "channel_binding": "require"},
    "protocol_3_2_in_the_clear": {"max_protocol_version": "3.2", "sslmode": "disable"},
    "only_3_2": {"min_protocol_version": "3.2", "max_protocol_version": "3.2"},
}


@pytest.mark.parametrize("settings", NEW_LIBPQ.values(), ids=NEW_LIBPQ.keys())
def test_libpq_18(guarded, settings):
    psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable")
    if psycopg.pq.version() < 180000:
        pytest.skip("its libpq is older than protocol 3.2")
    protocol = 30002 if "max_protocol_version" in settings else 30000

    def log_in() -> str:
        words = guarded.words(password=f"'{SCRAM_PASSWORD}'", **settings)
        with psycopg.connect(words) as connection:
            assert connection.pgconn.full_protocol_version == protocol
            assert connection.pgconn.ssl_in_use == (settings.get("sslmode") != "disable")
            return connection.execute(WHO).fetchone()[0]

    assert_logs_in_asleep_and_awake(guarded.stack, log_in)


def test_asyncpg(guarded):
    asyncpg = pytest.importorskip("asyncpg", reason="PyPI was not reachable")

    async def work() -> str:
        connection = await asyncpg.connect(
            host="localhost",
            port=guarded.port,
            user=SCRAM_USER,
            password=SCRAM_PASSWORD,
            database="app",
            ssl=ssl.create_default_context(cafile=guarded.ca),
        )
        try:
            return await connection.fetchval(WHO)
        finally:
            await connection.close()

    assert_logs_in_asleep_and_awake(guarded.stack, lambda: asyncio.run(work()))


@pytest.mark.parametrize("library", ["pg", "postgres"])
def test_node(guarded, library):
    if not (NODE / "node_modules" / library).is_dir() or not shutil.which("node"):
        pytest.skip(f"npm's {library} is not there, see tests/e2e/prepare")
    environment = {**os.environ, "NODE_PATH": str(NODE / "node_modules")}
    words = [str(guarded.port), SCRAM_USER, SCRAM_PASSWORD, guarded.ca]

    def log_in() -> str:
        return output_of("node", HERE / "node" / "login.js", library, *words, env=environment)

    assert_logs_in_asleep_and_awake(guarded.stack, log_in)


@pytest.mark.parametrize("sslmode", ["disable", "prefer", "require", "verify-full"])
def test_pgjdbc(guarded, sslmode):
    url = f"jdbc:postgresql://localhost:{guarded.port}/app?sslmode={sslmode}"
    words = [url + f"&sslrootcert={guarded.ca}", SCRAM_USER, SCRAM_PASSWORD]

    def log_in() -> str:
        return output_of("java", "-cp", JDBC, HERE / "java" / "Login.java", *words)

    assert_logs_in_asleep_and_awake(guarded.stack, log_in)


def test_pgbouncer_in_front(guarded, directory):
    server = f"host=127.0.0.1 port={guarded.port} dbname=app"
    settings = {"auth_type": "trust", "server_tls_sslmode": "verify-ca"}
    settings["server_tls_ca_file"] = guarded.ca
    with PgBouncer(directory, server, {SCRAM_USER: SCRAM_PASSWORD}, **settings) as pooler:
        where = f"host=127.0.0.1 port={pooler.port} user={SCRAM_USER} dbname=app"

        def log_in() -> str:
            return output_of("psql", "-XqAtc", WHO, where)

        assert_logs_in_asleep_and_awake(guarded.stack, log_in)


@pytest.mark.skipif(PROXY != "wakegate-proxy", reason="PgBouncer takes no login in pieces")
def test_pgbouncer_behind(make_stack, directory, postgres):
    """PgBouncer answers probes even while Postgres is down, so Postgres itself is probed."""
    address = f"127.0.0.1:{postgres.port}"
    server = f"host=127.0.0.1 port={postgres.port}"
    users = {SCRAM_USER: SCRAM_VERIFIER}
    with PgBouncer(directory, server, users, auth_type="scram-sha-256") as pooler:
        backend = {"backend": f"127.0.0.1:{pooler.port}", "probe": {"address": address}}
        guarded = GuardedStack(make_stack, directory, **backend)

        def log_in() -> str:
            code, output, errors = guarded.psql(WHO)
            assert code == 0, errors
            return output

        assert_logs_in_asleep_and_awake(guarded.stack, log_in)
