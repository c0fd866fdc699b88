"""Waiting for conditions. The only place in the suite that sleeps, and only between two checks."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 30.0  # seconds; an upper bound for loaded machines and sanitizers

Answer = TypeVar("Answer")


def wait_until(condition: Callable[[], Answer], what: str, deadline: float = PATIENCE) -> Answer:
    """Returns the condition's first truthy answer; fails naming `what` at the deadline."""
    end = time.monotonic() + deadline
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:g} s: {what}")
        time.sleep(0.01)
