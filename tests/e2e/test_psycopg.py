"""psycopg 3 and its libpq, which is newer than Debian's, through the gate."""

import pytest

psycopg = pytest.importorskip("psycopg", reason="PyPI was not reachable, see tests/e2e/prepare")

from rig.postgres import SCRAM_PASSWORD, SCRAM_USER  # noqa: E402
from rig.waiting import wait_until  # noqa: E402


def test_it_wakes_and_queries(stack):
    with psycopg.connect(stack.dsn()) as connection:
        assert connection.execute("SELECT %s::int + 1", (41,)).fetchone() == (42,)


def test_pipeline_mode(stack):
    with psycopg.connect(stack.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE item (id int)")
        with connection.pipeline():
            for number in range(1000):
                connection.execute("INSERT INTO item VALUES (%s)", (number,))
            total = connection.execute("SELECT count(*), sum(id) FROM item")
        assert total.fetchone() == (1000, 499500)


def test_an_error_inside_a_pipeline_ends_only_the_pipeline(stack):
    with psycopg.connect(stack.dsn(), autocommit=True) as connection:
        with pytest.raises(psycopg.errors.DivisionByZero), connection.pipeline():
            connection.execute("SELECT 1 / %s", (0,))
            connection.execute("SELECT 2")
        assert connection.execute("SELECT 3").fetchone() == (3,)


def test_prepared_statements_and_server_side_cursors(stack):
    with psycopg.connect(stack.dsn()) as connection:
        for number in range(10):
            row = connection.execute("SELECT %s::int * 2", (number,), prepare=True).fetchone()
            assert row == (number * 2,)
        with connection.cursor(name="far") as cursor:
            cursor.execute("SELECT n FROM generate_series(1, 5000) AS n")
            assert sum(row[0] for row in cursor) == 12502500


def test_copy_in_binary(stack):
    with psycopg.connect(stack.dsn()) as connection:
        cursor = connection.execute("CREATE TABLE item (id int4, word text)")
        with cursor.copy("COPY item FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "text"])
            for number in range(1000):
                copy.write_row((number, f"word {number}"))
        assert connection.execute("SELECT count(*) FROM item").fetchone() == (1000,)


def test_notifications_arrive(stack):
    with psycopg.connect(stack.dsn(), autocommit=True) as listener:
        listener.execute("LISTEN news")
        with psycopg.connect(stack.dsn(), autocommit=True) as speaker:
            speaker.execute("NOTIFY news, 'hello'")
        notification = next(listener.notifies(timeout=30, stop_after=1))
        assert (notification.channel, notification.payload) == ("news", "hello")


def test_cancel(stack):
    with psycopg.connect(stack.dsn(), autocommit=True) as connection:
        other = psycopg.connect(stack.dsn(), autocommit=True)
        connection.pgconn.send_query(b"SELECT pg_sleep(300)")
        runs = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(300)'"
        wait_until(lambda: stack.postgres.query(runs) == "1", "the query runs")
        connection.cancel_safe()
        result = connection.pgconn.get_result()
        assert result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) == b"57014"
        assert connection.pgconn.get_result() is None
        assert other.execute("SELECT 1").fetchone() == (1,)
        other.close()


def test_scram_with_channel_binding_preferred(stack):
    with psycopg.connect(stack.dsn(user=SCRAM_USER), password=SCRAM_PASSWORD) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (SCRAM_USER,)


@pytest.mark.skipif(psycopg.pq.version() < 180000, reason="needs libpq 18")
def test_protocol_3_2_asked_for_by_libpq_is_negotiated_down(stack):
    with psycopg.connect(stack.dsn(), max_protocol_version="3.2") as connection:
        assert connection.pgconn.parameter_status(b"server_version").startswith(b"15")
        assert connection.execute("SELECT 1").fetchone() == (1,)
