"""What keeps a database awake, and what does not."""

from pathlib import Path

import pytest

from rig.stack import TIME_TO_SLEEP
from rig.waiting import wait_until
from rig.wire import query_message


def test_a_query_every_second_keeps_it_awake_and_idle_pooled_sessions_do_not(stack, directory):
    pool = [stack.session() for _ in range(20)]
    answers = Path(directory) / "answers"
    with answers.open("w") as output:
        watch = stack.tool("psql", "-XqAt", stack.dsn(), stdin=-1, stdout=output)
        watch.stdin.write("SELECT pg_sleep(0.005), 'tick'\n\\watch 1\n")
        watch.stdin.close()
    ticks = TIME_TO_SLEEP
    wait_until(lambda: answers.read_text().count("tick") >= ticks, f"{ticks} queries, one a second")
    assert stack.hooks.calls("stop") == 0
    assert stack.sessions("idle") >= len(pool)

    watch.kill()
    stack.await_asleep()
    assert stack.hooks.calls("start") == 1
    for session in pool:
        assert session.refusal()["C"] == "57P01", "Postgres itself has ended the session"


def test_a_transaction_longer_than_the_cooldown_is_never_cut(stack):
    session = stack.session()
    session.query("BEGIN")
    session.query("CREATE TABLE witness (word text)")
    session.query("INSERT INTO witness VALUES ('whole')")
    stack.await_sessions("busy", 1)
    stack.await_polls(TIME_TO_SLEEP)
    assert stack.hooks.calls("stop") == 0
    session.query("COMMIT")
    assert session.query("SELECT word FROM witness") == ["whole"]
    stack.await_sessions("busy", 0)
    stack.await_asleep()


def test_a_query_longer_than_the_cooldown_is_never_cut(stack):
    assert stack.psql(f"SELECT pg_sleep({TIME_TO_SLEEP}), 'whole'") == "|whole"
    assert stack.hooks.calls("stop") == 0


def test_a_silent_copy_is_busy(stack):
    session = stack.session()
    session.query("CREATE TABLE words (word text)")
    session.send(query_message("COPY words FROM STDIN"))
    session.messages_until("G")
    stack.await_polls(TIME_TO_SLEEP)
    session.send(b"d\0\0\0\x09word\n" + b"c\0\0\0\4")  # CopyData, CopyDone
    session.messages_until("Z")
    assert session.query("SELECT word FROM words") == ["word"]
    assert stack.hooks.calls("stop") == 0


@pytest.mark.parametrize(
    "policy, statement",
    [({"idle_sessions": "count"}, "SELECT 1"), ({"listening_sessions": "count"}, "LISTEN news")],
)
def test_quiet_sessions_keep_it_awake_where_the_policy_counts_them(make_stack, policy, statement):
    stack = make_stack(cluster=policy)
    session = stack.session()
    session.query(statement)
    stack.await_polls(TIME_TO_SLEEP)
    assert stack.hooks.calls("stop") == 0
    session.leave()
    stack.await_asleep()


def test_a_listening_session_lets_it_sleep_by_default(stack):
    stack.session().query("LISTEN news")
    stack.await_asleep()
