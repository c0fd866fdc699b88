"""Fixtures: every test gets its own Postgres and programs, which end with it."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rig.postgres import SCRAM_USER, SCRAM_VERIFIER, Postgres, make_template, server_objection
from rig.program import BIN
from rig.stack import Stack


def make_directory() -> Path:
    """A folder that the user postgres can access, too; pytest's own are closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="wakegate-e2e-"))
    directory.chmod(0o711)
    return directory


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    directory = make_directory()
    yield make_template(directory)
    shutil.rmtree(directory)


@pytest.fixture
def directory() -> Iterator[Path]:
    directory = make_directory()
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def postgres(template: Path, directory: Path) -> Iterator[Postgres]:
    postgres = Postgres(template, directory)
    yield postgres
    postgres.close()


@pytest.fixture
def make_stack(
    postgres: Postgres, directory: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Stack]]:
    """Starts a stack with the given changes, and ends it with the test."""
    stacks: list[Stack] = []

    def start(**changes) -> Stack:
        stacks.append(Stack(postgres, directory, **changes))
        request.node.stash[PROGRAMS] = stacks[0].programs
        stacks[0].start()
        return stacks[0]

    yield start
    for stack in stacks:
        try:
            stack.close()
        finally:
            stack.abandon()


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack()


@pytest.fixture
def scram(directory) -> dict:
    """Settings of a cluster whose clients authenticate at the gate by SCRAM."""
    userlist = directory / "userlist.txt"
    userlist.write_text(f'"{SCRAM_USER}" "{SCRAM_VERIFIER}"\n')
    return {"auth": "scram", "userlist": str(userlist)}


def pytest_configure() -> None:
    """Makes SIGTERM end the run as Ctrl-C does, with every fixture's clean-up."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if objection := server_objection():
        pytest.exit(f"SKIPPED: {objection}", returncode=pytest.ExitCode.NO_TESTS_COLLECTED)


PROGRAMS = pytest.StashKey[list]()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Adds the programs' logs to a failure."""
    report = (yield).get_result()
    if report.failed:
        for program in item.stash.get(PROGRAMS, []):
            report.sections.append((f"log of {program.name}", program.tail()))


def pytest_report_header() -> str:
    return f"wakegate programs: {BIN}"
