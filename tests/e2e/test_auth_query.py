"""auth_query: the gate reads the roles from the server while it is awake, and keeps them."""

import os
import re
import stat
import time
from contextlib import contextmanager

import pytest

from rig.postgres import MD5_USER, SCRAM_PASSWORD, SCRAM_USER, SCRAM_VERIFIER
from rig.program import REPOSITORY
from rig.scram import verifier
from rig.waiting import wait_until

ASK = "SELECT current_user"
AUTH_USER, AUTH_PASSWORD = "gate_auth", "the gate's own password"
REFRESHED_AT = "wakegate_proxy_verifiers_refreshed_timestamp_seconds"
STORED_AT = "wakegate_proxy_verifier_cache_stored_timestamp_seconds"
GATES_DATABASE = "postgres"  # grants on pg_authid are per database
ANN, ANNS_PASSWORD = "ann", "known to the server alone"

# The rig itself logs in as postgres.
HBA = """\
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""
ROLES = f"""\
CREATE ROLE {AUTH_USER} LOGIN PASSWORD '{AUTH_PASSWORD.replace("'", "''")}';
GRANT SELECT ON pg_catalog.pg_authid TO {AUTH_USER};
CREATE ROLE {ANN} LOGIN PASSWORD '{ANNS_PASSWORD}';
"""


@pytest.fixture
def server(postgres):
    """An awake server with a role for the gate."""
    (postgres.data / "pg_hba.conf").write_text(HBA)
    postgres.start()
    postgres.query(ROLES, GATES_DATABASE)
    return postgres


@pytest.fixture
def cache(directory):
    return directory / "verifiers"


@pytest.fixture
def make_asking(make_stack, directory, cache):
    """A stack whose gate queries the server, and has these roles in its userlist."""

    def start(roles: dict[str, str] | None = None, initial_cooldown: str = "60s", **query: object):
        password = directory / "password"
        password.write_text(AUTH_PASSWORD + "\n")
        cluster = {
            "auth": "scram",
            "auth_query": {"user": AUTH_USER, "password_file": str(password), **query},
        }
        if roles:
            userlist = directory / "userlist.txt"
            userlist.write_text("".join(f'"{role}" "{each}"\n' for role, each in roles.items()))
            cluster["userlist"] = str(userlist)
        return make_stack(
            cluster=cluster,
            proxy={"verifier_cache": str(cache)},
            # A server that runs already is not stopped before the gate has queried it.
            scaled_object={"initial_cooldown_period": initial_cooldown},
        )

    return start


def ask(stack, user: str = ANN, password: str = ANNS_PASSWORD, sql: str = ASK):
    """psql's output, or the error's text."""
    environment = {**os.environ, "PGPASSWORD": password}
    child = stack.tool("psql", "-XqAtc", sql, stack.dsn(user=user), env=environment)
    output, errors = child.communicate(timeout=120)
    return output.strip() if child.returncode == 0 else errors.strip().split("FATAL:  ")[-1]


def refused(user: str = ANN) -> str:
    return f'password authentication failed for user "{user}"'


def refreshes(stack) -> int:
    return len(stack.proxy.events("verifiers_refreshed", cluster="app"))


SESSIONS = f"pg_stat_activity WHERE usename = '{SCRAM_USER}'"


@contextmanager
def kept_awake(stack):
    """Keeps the cluster awake by a busy session."""
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    ask_for_long = ["-XqAtc", "SELECT pg_sleep(600)", stack.dsn(user=SCRAM_USER)]
    environment = {**os.environ, "PGPASSWORD": SCRAM_PASSWORD}
    child = stack.tool("psql", *ask_for_long, env=environment)
    stack.await_sessions("busy", 1)
    # A wake queries once more by itself: let that happen before the test changes roles.
    stack.proxy.await_event("verifiers_refreshed", 2, cluster="app")
    yield
    stack.postgres.query(f"SELECT pg_terminate_backend(pid) FROM {SESSIONS}")
    child.communicate(timeout=60)


def await_another_refresh(stack):
    # One refresh may be under way with an earlier state.
    stack.proxy.await_event("verifiers_refreshed", refreshes(stack) + 2, cluster="app")


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_roles_of_an_awake_server_wake_it_after_the_gate_was_started_anew(
    server, make_asking, cache
):
    stack = make_asking(initial_cooldown="3s")
    told = stack.proxy.await_event("verifiers_refreshed", cluster="app")
    assert (told["roles"], told["without_verifier"]) == (3, 1)  # keeper, gate_auth, ann; old
    assert mode_of(cache) == 0o600
    assert stack.proxy.metric(STORED_AT) > time.time() - 60
    assert stack.proxy.metric(REFRESHED_AT, cluster="app") > time.time() - 60
    stack.await_asleep()
    stack.proxy.restart()
    assert stack.proxy.metric("wakegate_proxy_verifiers", cluster="app") == 3
    assert stack.proxy.metric(REFRESHED_AT, cluster="app") == 0
    assert ask(stack, password="wrong") == refused()
    assert ask(stack, "nobody") == refused("nobody")
    assert ask(stack, MD5_USER) == refused(MD5_USER)
    assert stack.hooks.calls("start") == 0
    assert not stack.scaler.events("activation_pushed")
    assert ask(stack) == ANN
    assert stack.hooks.calls("start") == 1


def test_a_userlist_lets_the_first_client_in_and_a_wake_brings_the_others(
    server, make_asking, cache
):
    server.stop()
    stack = make_asking({SCRAM_USER: SCRAM_VERIFIER})
    assert ask(stack) == refused()
    assert stack.hooks.calls("start") == 0
    assert not cache.exists()
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == SCRAM_USER
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    stack.await_asleep()
    assert ask(stack) == ANN
    assert stack.hooks.calls("start") == 2


def test_a_lockout_is_told_and_ends_with_the_first_answer(server, make_asking):
    server.stop()
    stack = make_asking(refresh_interval="1s")
    warning = stack.proxy.await_event("no_roles_known", cluster="app")
    assert warning["level"] == "warning"
    assert "userlist" in warning["remedy"]
    for _ in range(14):  # from the eleventh on the delay doubles, up to four seconds here
        wait_until(lambda: ask(stack) == refused(), "a guess is judged")
    causes = {event["cause"] for event in stack.proxy.events("login_refused", role=ANN)}
    assert causes == {"no_roles_known"}
    assert stack.hooks.calls("start") == 0, "who can't prove who it is wakes nothing"
    server.start()
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    assert ask(stack) == ANN
    assert len(stack.proxy.events("no_roles_known")) == 1


def test_the_log_tells_why_a_role_of_the_servers_may_not_log_in(server, make_asking):
    server.query(f"ALTER ROLE {ANN} VALID UNTIL '2020-02-02'")
    stack = make_asking()
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    for role, cause in (
        (ANN, "expired"),
        (MD5_USER, "no_verifier"),
        ("nobody", "unknown_role"),
        (SCRAM_USER, "wrong_password"),
    ):
        assert ask(stack, role, "a guess") == refused(role)
        assert stack.proxy.await_event("login_refused", role=role)["cause"] == cause


def test_a_password_changed_while_awake_works_at_once(server, make_asking):
    stack = make_asking()
    with kept_awake(stack):
        for password in ("a new one", "a newer one"):
            assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == SCRAM_USER
            server.query(f"ALTER ROLE {ANN} PASSWORD '{password}'")
            assert ask(stack, password=password) == ANN
        assert ask(stack) == refused()


def test_a_verifier_made_anew_of_the_same_password_works_at_once(server, make_asking):
    stack = make_asking()
    with kept_awake(stack):
        server.query(f"ALTER ROLE {ANN} PASSWORD '{ANNS_PASSWORD}'")
        assert ask(stack) == ANN


def test_a_role_made_while_awake_works_at_once(server, make_asking):
    stack = make_asking()
    with kept_awake(stack):
        assert ask(stack, "ben", "secret") == refused("ben")
        server.query("DO $$BEGIN CREATE ROLE ben LOGIN PASSWORD 'secret'; END$$")
        assert ask(stack, "ben", "secret") == "ben"
        server.query("DROP ROLE ben")
        assert ask(stack, "ben", "secret") == refused("ben")


def test_a_role_made_through_the_gate_works_at_once(server, make_asking):
    server.query("CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'm'")
    stack = make_asking()
    with kept_awake(stack):
        for role in ("ben", "cid"):
            ask(stack, "maker", "m", f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
            assert ask(stack, role, "secret") == role
        ask(stack, "maker", "m", "ALTER USER ben PASSWORD 'another'")
        assert ask(stack, "ben", "another") == "ben"


def test_older_answers_are_good_enough_until_a_login_fails(server, make_asking):
    stack = make_asking(max_age="10m")
    with kept_awake(stack):
        before = refreshes(stack)
        assert ask(stack) == ANN
        server.query("CREATE ROLE ben LOGIN PASSWORD 'secret'")
        assert ask(stack, "ben", "secret") == refused("ben")
        assert refreshes(stack) == before
        assert ask(stack, "ben", "secret") == "ben"
        assert refreshes(stack) == before + 1


def test_a_password_changed_before_the_sleep_is_the_one_that_wakes(server, make_asking):
    stack = make_asking(refresh_interval="1s")
    with kept_awake(stack):
        server.query(f"ALTER ROLE {ANN} PASSWORD 'a new one'")
        await_another_refresh(stack)
    stops = stack.hooks.calls("stop")
    stack.await_asleep(stops + 1)
    starts = stack.hooks.calls("start")
    assert ask(stack) == refused()
    assert stack.hooks.calls("start") == starts
    assert ask(stack, password="a new one") == ANN
    assert stack.hooks.calls("start") == starts + 1


@pytest.mark.parametrize(
    "change",
    [
        f"DROP ROLE {ANN}",
        f"ALTER ROLE {ANN} NOLOGIN",
        f"ALTER ROLE {ANN} PASSWORD NULL",
        f"ALTER ROLE {ANN} VALID UNTIL '2020-02-02'",
        f"ALTER ROLE {ANN} VALID UNTIL '-infinity'",
    ],
)
def test_who_may_no_longer_log_in_wakes_nothing(server, make_asking, change):
    stack = make_asking()
    with kept_awake(stack):
        assert ask(stack) == ANN
        server.query(change)
        assert ask(stack) == refused()
        stops, starts = stack.hooks.calls("stop"), stack.hooks.calls("start")
    stack.await_asleep(stops + 1)
    assert ask(stack) == refused()
    stack.proxy.restart()
    assert ask(stack) == refused()
    assert stack.hooks.calls("start") == starts


@pytest.mark.parametrize("until", ["infinity", "2999-12-31", "20000-01-01"])
def test_who_may_log_in_for_long_may_do_so(server, make_asking, until):
    server.query(f"ALTER ROLE {ANN} VALID UNTIL '{until}'")
    stack = make_asking()
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    assert ask(stack) == ANN


def test_a_damaged_cache_is_no_cache_and_is_replaced(server, make_asking, cache):
    server.stop()
    cache.write_text("wakegate verifier cache 1\nend 7\n")
    cache.chmod(0o600)
    stack = make_asking({SCRAM_USER: SCRAM_VERIFIER})
    problem = stack.proxy.await_event("verifier_cache_unusable")
    assert problem["reason"] == f"{cache}: line 2: the number of roles is not the one announced"
    assert ask(stack) == refused()
    assert stack.hooks.calls("start") == 0
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == SCRAM_USER
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    assert cache.read_text().splitlines()[-1] == "end 3"


def test_a_cache_that_others_can_read_is_not_believed(server, make_asking, cache):
    server.stop()
    line = f"app\t{ANN}\t{verifier(ANNS_PASSWORD)}\t-\t0\n"
    cache.write_text(f"wakegate verifier cache 1\n{line}end 1\n")
    cache.chmod(0o644)
    stack = make_asking()
    problem = stack.proxy.await_event("verifier_cache_unusable")
    assert "others than its owner have access (mode 0644)" in problem["reason"]
    assert ask(stack) == refused()
    assert stack.hooks.calls("start") == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (f"REVOKE SELECT ON pg_catalog.pg_authid FROM {AUTH_USER}", "GRANT SELECT ON pg_catalog"),
        (f"ALTER ROLE {AUTH_USER} PASSWORD 'another'", "login refused with 28P01"),
    ],
)
def test_a_role_that_may_not_ask_is_named_in_the_log(server, make_asking, change, reason):
    server.query(change, GATES_DATABASE)
    stack = make_asking({SCRAM_USER: SCRAM_VERIFIER})
    problem = stack.proxy.await_event("verifiers_refresh_failed", cluster="app")
    assert reason in problem["reason"]
    assert ask(stack) == refused()
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == SCRAM_USER


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 1", "must give role, verifier"),
        ("SELECT rolname, rolpassword FROM pg_authid", "(42501): it may not do that; GRANT"),
        ("SELECT * FROM roles_of_the_gate()", "(42883): no such table or function"),
        ("SELECT rolname, 1/0 FROM pg_roles", "auth_query.query failed (22012)"),
        ("SELECT rolname, ''::text FROM pg_roles", "no role with a SCRAM-SHA-256 verifier"),
        ("SELECT i::text, '' FROM generate_series(1, 100001) i", "more than 100000 rows"),
        ("SELECT 'a', repeat('x', 17000000) FROM generate_series(1, 3)", "32 MiB"),
        ("SELECT 'a', pg_sleep(600)::text", "the time ran out during auth_query.query"),
        ("CREATE TABLE public.t ()", "auth_query.query failed (25006)"),
        ("SELECT 'a', 'b'; SELECT 'c', 'd'", "auth_query.query failed (42601)"),
    ],
)
def test_an_answer_that_is_no_use_changes_nothing(server, make_asking, query, reason):
    if "pg_authid" in query:
        server.query(f"REVOKE SELECT ON pg_catalog.pg_authid FROM {AUTH_USER}", GATES_DATABASE)
    timeout = "2s" if "pg_sleep" in query else "30s"
    stack = make_asking({SCRAM_USER: SCRAM_VERIFIER}, query=query, timeout=timeout)
    problem = stack.proxy.await_event("verifiers_refresh_failed", cluster="app")
    assert reason in problem["reason"]
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == SCRAM_USER


def test_a_query_of_ones_own_needs_no_right_to_pg_authid(server, make_asking):
    """The function and the query of docs/authentication.md's example."""
    page = (REPOSITORY / "docs/authentication.md").read_text()
    function = re.search(r"```sql\n(CREATE SCHEMA.*?)```", page, re.DOTALL)[1]
    query = re.search(r"^query: (SELECT .*)$", page, re.MULTILINE)[1]
    server.query(f"REVOKE SELECT ON pg_catalog.pg_authid FROM {AUTH_USER}", GATES_DATABASE)
    server.query(f"ALTER ROLE {SCRAM_USER} SUPERUSER", GATES_DATABASE)
    server.query(function.replace("TO gate;", f"TO {AUTH_USER};"), GATES_DATABASE)
    stack = make_asking(query=query)
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    assert ask(stack) == ANN
    assert ask(stack, SCRAM_USER, SCRAM_PASSWORD) == refused(SCRAM_USER)


def test_a_search_path_forges_no_verifiers(server, make_asking):
    server.query(
        f"""CREATE SCHEMA trap;
        CREATE TABLE trap.pg_authid AS SELECT '{ANN}'::name AS rolname,
        '{verifier("forged")}'::text AS rolpassword, NULL::timestamptz AS rolvaliduntil,
        true AS rolcanlogin;
        GRANT ALL ON SCHEMA trap TO public; GRANT ALL ON trap.pg_authid TO public;
        ALTER ROLE {AUTH_USER} SET search_path = trap, pg_catalog""",
        GATES_DATABASE,
    )
    stack = make_asking()
    assert stack.proxy.await_event("verifiers_refreshed", cluster="app")["roles"] == 3
    assert ask(stack, password="forged") == refused()
    assert ask(stack) == ANN


def test_no_secret_reaches_a_log(server, make_asking):
    stack = make_asking()
    stack.proxy.await_event("verifiers_refreshed", cluster="app")
    assert ask(stack) == ANN
    assert ask(stack, password="a wrong one") == refused()
    for program in stack.programs:
        text = program.log.read_text()
        for secret in (ANNS_PASSWORD, AUTH_PASSWORD, "a wrong one", "SCRAM-SHA-256"):
            assert secret not in text
