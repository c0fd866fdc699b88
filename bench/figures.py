"""Percentiles, tables, and the file that keeps all samples."""

import json
import math
from collections.abc import Sequence
from pathlib import Path


def percentile(samples: Sequence[float], percent: float) -> float:
    """By nearest rank: of 20 samples the 99th percentile is the worst one."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """In Markdown; the first column is text, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def goal(value: float, limit: float | None) -> str:
    if limit is None:
        return ""
    return f"≤ {limit:g}: " + ("met" if value <= limit else "missed")


def write(file: Path, report: dict) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
