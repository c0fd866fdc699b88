"""While nobody reads the log, its lines are lost and nothing else is affected."""

import signal
from collections.abc import Iterator

import pytest

from rig.pipe import LogPipe, fill, lines_dropped
from rig.waiting import wait_until

KINDS = ["proxy", "scaler", "actuator"]


@pytest.fixture
def pipe() -> Iterator[LogPipe]:
    pipe = LogPipe()
    yield pipe
    pipe.close()


def program_of(stack, kind: str):
    return next(program for program in stack.programs if program.kind == kind)


def test_clusters_wake_and_fall_asleep_meanwhile(pipe, make_stack):
    stack = make_stack()
    for program in stack.programs:
        pipe.restart(program)
        fill(program)
    starts = stack.hooks.calls("start")
    assert stack.psql("SELECT 6 * 7") == "42"
    assert stack.hooks.calls("start") == starts + 1
    for program in stack.programs:
        assert program.page("/healthz")[0] == 200
        assert program.page("/readyz")[0] == 200
    stack.await_asleep()
    for program in reversed(stack.programs):
        program.signal(signal.SIGTERM)
        assert program.wait() == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_dropped_is_told_as_soon_as_somebody_reads(pipe, make_stack, kind):
    program = program_of(make_stack(), kind)
    pipe.restart(program)
    fill(program)
    pipe.read_from_now_on()
    wait_until(
        lambda: (
            sum(event["count"] for event in pipe.events("log_lines_dropped"))
            == lines_dropped(program)
        ),
        "all dropped lines are told",
    )
    assert {event["level"] for event in pipe.events("log_lines_dropped")} == {"warning"}
    program.stop()
    assert pipe.events(f"{kind}_stopped"), "the last line is written when somebody reads"


@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_that_goes_away_ends_nothing(pipe, make_stack, kind):
    stack = make_stack()
    lost = LogPipe()
    program = program_of(stack, kind)
    lost.restart(program)
    lost.close()  # our ends of it; the program's has no reader any more
    program.signal(signal.SIGHUP)
    wait_until(lambda: lines_dropped(program) > 0, "a line could not be written")
    assert program.page("/healthz")[0] == 200
