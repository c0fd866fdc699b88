"""The lists of errors, metrics and log events in docs/ match the programs."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PROGRAMS = ("common", "proxy", "scaler")

METRIC = re.compile(r'"(wakegate_(?:proxy|scaler|actuator)_[a-z_]+)"')
GOLDEN_METRIC = re.compile(r"^# TYPE (\w+)", re.MULTILINE)

# A log call with its arguments, or one of two functions that log their arguments.
LOG_CALL = re.compile(r"\blog::(?:debug|info|warning|error|event)(?:\s+\w+)?\(")
LOGGED = re.compile(r'(?:\blevel::\w+,\s*|\blog_\w+\(\s*|\.record_failure\(\s*)"([a-z_]+)"')
WORD = re.compile(r'"([a-z_]+)"')

# The gate logs the event `cluster_` + its new state.
PREFIX, STATES = "cluster_", ("asleep", "ready", "unknown", "waking")

CODE = re.compile(r"`([^`\n]+)`")


def sources(root: Path) -> Iterator[str]:
    """The programs' code without its comments."""
    for part in PROGRAMS:
        for path in sorted((root / part).rglob("*.?pp")):
            yield re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)


def arguments(text: str, start: int) -> str:
    """The text in the parentheses that open right before `start`."""
    depth = 1
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return text[start:index]
    return text[start:]


def logged_events(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        for call in LOG_CALL.finditer(text):
            found.update(WORD.findall(arguments(text, call.end())))
        found.update(LOGGED.findall(text))
    if PREFIX in found:
        found.remove(PREFIX)
        found.update(PREFIX + state for state in STATES)
    return found


def first_cells(section: str) -> set[str]:
    """The names in code in the first cells of a section's tables."""
    rows = (line.split("|")[1] for line in section.splitlines() if line.startswith("| "))
    return {name for row in rows for name in CODE.findall(row)}


def differences(kind: str, listed: set[str], existing: set[str]) -> Iterator[str]:
    yield from (f"{kind} {name} is not listed" for name in sorted(existing - listed))
    yield from (f"no program has a {kind} {name}" for name in sorted(listed - existing))


def listed_events(page: str) -> set[str]:
    """The names in the tables of events; not in the table of one event's causes."""
    events: set[str] = set()
    in_events = False
    for line in page.partition("\n## Log events\n")[2].splitlines():
        if not line.startswith("|"):
            in_events = False
        elif line.startswith("| event "):
            in_events = True
        elif in_events:
            events.update(CODE.findall(line.split("|")[1]))
    return events


def listed_metrics(page: str) -> set[str]:
    cells = first_cells(page.partition("\n## Log events\n")[0])
    return {name for name in cells if name.startswith("wakegate_")}


def missing_errors(page: str, golden: str) -> Iterator[str]:
    """SQLSTATEs, messages and hints of the golden table that the page does not quote."""
    quoted = set(CODE.findall(page))
    for sqlstate, message in re.findall(r"^  ([0-9A-Z]{5}) (.*)$", golden, re.MULTILINE):
        if sqlstate not in page:
            yield f"no SQLSTATE {sqlstate}"
        if message not in quoted:
            yield f"no error `{message}` ({sqlstate})"
    for hint in re.findall(r"^  hint: (.*)$", golden, re.MULTILINE):
        if hint not in quoted:
            yield f"no hint `{hint}`"


def reference_objections(root: Path) -> Iterator[str]:
    errors, metrics = root / "docs/errors.md", root / "docs/metrics.md"
    golden = (root / "tests/golden/proxy_refusals.txt").read_text()
    for reason in missing_errors(errors.read_text(), golden):
        yield f"{errors.relative_to(root)}: {reason}"
    texts, page = list(sources(root)), metrics.read_text()
    existing = {name for text in texts for name in METRIC.findall(text)}
    existing.update(GOLDEN_METRIC.findall((root / "tests/golden/proxy_metrics.txt").read_text()))
    for reason in (
        *differences("metric", listed_metrics(page), existing),
        *differences("log event", listed_events(page), logged_events(texts)),
    ):
        yield f"{metrics.relative_to(root)}: {reason}"
