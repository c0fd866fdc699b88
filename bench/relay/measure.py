"""A line of the table: samples for each way, and the goals for wakegate's."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from statistics import median

import figures
from relay.ways import TITLES

OURS = "wakegate"


@dataclass
class Goal:
    """At most `limit`, or `limit` times `beside` in the same round; with `least`, at least that."""

    limit: float
    beside: str | None = None
    least: bool = False

    def judge(self, samples: dict[str, list[float]]) -> str:
        if self.beside is not None and self.beside not in samples:
            return ""
        value = ratio(samples, self.beside) if self.beside else median(samples[OURS])
        met = value >= self.limit if self.least else value <= self.limit
        sign = "≥" if self.least else "≤"
        beside = f" × {TITLES[self.beside]}" if self.beside else ""
        return f"{sign} {self.limit:g}{beside}: " + ("met" if met else f"**missed** ({value:.3g})")


@dataclass
class Measure:
    name: str
    unit: str
    samples: dict[str, list[float]]
    goals: list[Goal] = field(default_factory=list)
    digits: int = 2

    def cell(self, way: str) -> str:
        values = self.samples.get(way)
        if not values:
            return ""
        low, middle, high = (f"{f(values):.{self.digits}f}" for f in (min, median, max))
        return middle if len(values) == 1 else f"{low}–**{middle}**–{high}"


def ratio(samples: dict[str, list[float]], beside: str) -> float:
    """Ours to theirs: the median of the ratios of each round."""
    pairs = zip(samples[OURS], samples[beside], strict=True)
    return median(ours / theirs if theirs else float("inf") for ours, theirs in pairs)


def below_all(*ways: str) -> list[Goal]:
    return [Goal(1, way) for way in ways]


def as_markdown(title: str, measures: list[Measure], note: str = "") -> str:
    ways = [way for way in TITLES if any(way in each.samples for each in measures)]
    others = [way for way in ways if way not in (OURS, "direct")]
    head = ["", "unit", *(TITLES[way] for way in ways), *(f"÷ {TITLES[way]}" for way in others)]
    rows = []
    for each in measures:
        ratios = [
            f"{ratio(each.samples, way):.2f}" if way in each.samples else "" for way in others
        ]
        goals = "; ".join(filter(None, (goal.judge(each.samples) for goal in each.goals)))
        rows.append([each.name, each.unit, *map(each.cell, ways), *ratios, goals])
    text = f"### {title}\n\n" + figures.table([*head, "goal"], rows) + "\n"
    return text + (f"\n{note}\n" if note else "")


def as_json(measures: Iterable[Measure]) -> list[dict]:
    def rounded(values: list[float]) -> list[float]:
        return [round(value, 4) for value in values]

    return [
        {**asdict(each), "samples": {way: rounded(v) for way, v in each.samples.items()}}
        for each in measures
    ]
