"""Routing by server name, option, database and user, and the startup message to the server."""

import os
from pathlib import Path

import pytest

from rig.certificates import Authority
from rig.ports import free_port
from rig.postgres import SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER, Postgres
from rig.stack import Stack, local
from rig.waiting import wait_until

WHERE = "SELECT current_database() || ' ' || current_setting('work_mem')"
APP = "app 4MB"
BY_NAME = {"sni": "{client}.db.example.com", "cluster": "{client}"}
NOT_SERVED = 'FATAL:  database "app" is not served here'
ANOTHER = "the options ask for another cluster than server name, database and user lead to"


@pytest.fixture
def make_routed(make_stack, postgres: Postgres, directory: Path):
    """A stack with optional TLS and the clusters app and shop; shop has no server."""

    def start(*routes: dict, **app) -> Stack:
        certificates = directory / "certificates"
        Authority(directory).issue(certificates)
        tls = {"mode": "optional", "directory": str(certificates)}
        clusters = {
            "app": {"backend": local(postgres.port), "wake_grace": "2s", **app},
            "shop": {"backend": local(free_port()), "hold_timeout": "1s"},
        }
        return make_stack(
            proxy={
                "listeners": {"main": {"address": local(free_port()), "tls": tls}},
                "clusters": clusters,
                "routes": list(routes),
            }
        )

    return start


def dsn(stack: Stack, **words: str) -> str:
    defaults = {"host": "localhost", "user": "postgres", "dbname": "app", "sslmode": "disable"}
    chosen = "".join(f" {key}='{value}'" for key, value in {**defaults, **words}.items())
    return f"hostaddr=127.0.0.1 port={stack.port()}{chosen}"


def ask(stack: Stack, environment: dict | None = None, **words: str) -> str:
    """psql's output: database and work_mem, or the error."""
    settings = {**os.environ, **(environment or {})}
    child = stack.tool("psql", "-XqAtc", WHERE, dsn(stack, **words), env=settings)
    output, errors = child.communicate(timeout=120)
    return output.strip() or errors.strip()


def by_name(stack: Stack, name: str, **words: str) -> str:
    return ask(stack, host=f"{name}.db.example.com", sslmode="require", **words)


def test_the_server_name_decides(make_routed):
    stack = make_routed(BY_NAME)
    assert by_name(stack, "app") == APP
    assert by_name(stack, "App") == APP, "no name in DNS has a case"
    assert NOT_SERVED in by_name(stack, "nobody")
    assert NOT_SERVED in by_name(stack, "app.app")
    assert 'cluster "shop" did not wake up in time' in by_name(stack, "shop")


def test_without_a_server_name_the_options_decide(make_routed):
    stack = make_routed(BY_NAME)
    assert NOT_SERVED in ask(stack)
    assert stack.hooks.calls("start") == 0
    assert ask(stack, options="--cluster=app") == APP
    assert ask(stack, options="-c work_mem=5MB --cluster=app -c x.y=z") == "app 5MB"
    assert ask(stack, {"PGOPTIONS": "--cluster=app -c work_mem=6MB"}) == "app 6MB"
    assert ask(stack, sslmode="require", sslsni="0", options="--cluster=app") == APP
    assert NOT_SERVED in ask(stack, options="--cluster=nobody")


def test_an_option_of_the_servers_own_stays_with_the_server(make_routed):
    stack = make_routed({"database": "app", "cluster": "app"})
    assert "cluster.x" not in ask(stack, options="-c cluster.x=1"), "it takes any such name"
    assert "unrecognized configuration parameter" in ask(stack, options="-c cluster=app")


def test_names_that_disagree_are_refused_with_the_reason(make_routed):
    stack = make_routed({**BY_NAME, "database": "{client}*"}, {"cluster": "app"})
    assert by_name(stack, "app", options="--cluster=app") == APP
    for said, reason in [
        (by_name(stack, "app", options="--cluster=shop"), ANOTHER),
        (by_name(stack, "app", options="--cluster=app --cluster=shop"), "more than one cluster"),
        (by_name(stack, "shop"), 'says "shop" in one place and "app" in another for {client}'),
    ]:
        assert reason in said
        assert "must agree" in said, "a hint"
    refused = stack.proxy.events("session_refused")
    assert [each["sqlstate"] for each in refused] == ["3D000"] * 3
    assert stack.proxy.metric("wakegate_proxy_refusals_total", sqlstate="3D000") == 3


def test_the_server_may_know_the_database_by_another_name(make_routed):
    stack = make_routed(
        {"database": "{client}_live", "cluster": "{client}", "backend_database": "app_copy"},
        {"user": "{client}_reader", "cluster": "{client}", "backend_database": "{client}"},
    )
    assert ask(stack, dbname="app_live") == "app_copy 4MB"
    assert ask(stack, dbname="app_live", options="-c work_mem=5MB") == "app_copy 5MB"
    assert 'role "app_reader" does not exist' in ask(stack, user="app_reader", dbname="nowhere")
    assert 'database "app_copy" is not served here' in ask(stack, dbname="app_copy")


def test_the_user_decides(make_routed):
    stack = make_routed(
        {"user": "post*", "cluster": "app"}, {"user": "{client}", "cluster": "{client}"}
    )
    assert ask(stack) == APP
    assert NOT_SERVED in ask(stack, user="nobody")


def test_a_route_may_have_a_backend_of_its_own(make_routed, postgres: Postgres):
    route = {"database": "app*", "cluster": "app", "backend": local(postgres.port)}
    stack = make_routed(route, backend=local(free_port()), probe={"address": local(postgres.port)})
    assert ask(stack) == APP
    child = stack.tool("psql", "-Xc", "SELECT pg_sleep(300)", dsn(stack))
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    wait_until(lambda: postgres.query(sleeping) == "1", "the query runs")
    child.send_signal(2)
    _, errors = child.communicate(timeout=30)
    assert "canceling statement due to user request" in errors, "the cancel took the same way"


def test_whoever_proves_itself_to_the_gate_is_routed_all_the_same(make_routed, directory):
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    renamed = {**BY_NAME, "backend_database": "app_copy"}
    stack = make_routed(renamed, auth="scram", userlist=str(userlist))
    proof = {"PGPASSWORD": SCRAM_PASSWORD}
    options = "--cluster=app -c work_mem=5MB"
    assert ask(stack, proof, user=SCRAM_USER, options=options) == "app_copy 5MB"
