"""The chart in bench/results: processor time by clients, and the added latency's distribution."""

import math
import re
from collections.abc import Sequence
from html import escape
from statistics import median

from relay.measure import Measure
from relay.ways import TITLES

COLORS = {"floor": "#7a7a7a", "wakegate": "#c2410c", "haproxy": "#2563eb", "pgbouncer": "#0f766e"}
DASHES = {"floor": "5 3"}
WIDTH, HEIGHT = 420, 300
LEFT, TOP, RIGHT, BOTTOM = 52, 46, 84, 44

Point = tuple[float, float]

STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #333; }
.title { font-weight: 600; font-size: 13px; }
.grid { stroke: #ddd; }
.line { fill: none; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #ccc; } .grid { stroke: #444; } }
"""


class Panel:
    """Lines over evenly spaced marks; the vertical axis begins at 0."""

    def __init__(self, title: str, marks: Sequence[str], lines: dict[str, list[float]]) -> None:
        self._title = title
        self._marks = marks
        self._lines = lines
        highest = max((max(values) for values in lines.values()), default=1)
        self._step = nice_step(highest / 5)
        self._top = math.ceil(highest / self._step) * self._step

    def svg(self, offset: int) -> str:
        parts = [f'<text class="title" x="{LEFT}" y="22">{escape(self._title)}</text>']
        parts += self._axes()
        ends = self._spread({name: self._y(values[-1]) for name, values in self._lines.items()})
        for name, values in self._lines.items():
            points = [(self._x(i), self._y(value)) for i, value in enumerate(values)]
            parts.append(line(points, COLORS[name], DASHES.get(name, "")))
            x = WIDTH - RIGHT + 8
            color = f'style="fill:{COLORS[name]}"'
            parts.append(f'<text x="{x}" y="{ends[name] + 4:.0f}" {color}>{TITLES[name]}</text>')
        return f'<g transform="translate({offset} 0)">' + "\n".join(parts) + "</g>"

    def _axes(self) -> list[str]:
        parts = []
        for number in range(round(self._top / self._step) + 1):
            value = number * self._step
            y = self._y(value)
            parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
            place = f'x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end"'
            parts.append(f"<text {place}>{value:g}</text>")
        for i, mark in enumerate(self._marks):
            if mark:
                place = f'x="{self._x(i):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle"'
                parts.append(f"<text {place}>{escape(mark)}</text>")
        return parts

    def _x(self, index: int) -> float:
        steps = max(1, len(self._marks) - 1)
        return LEFT + (WIDTH - LEFT - RIGHT) * index / steps

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self._top

    @staticmethod
    def _spread(wanted: dict[str, float]) -> dict[str, float]:
        """Moves down labels that would overlap."""
        places: dict[str, float] = {}
        lowest = -math.inf
        for name, y in sorted(wanted.items(), key=lambda each: each[1]):
            lowest = places[name] = max(y, lowest + 14)
        return places


def nice_step(least: float) -> float:
    power = 10 ** math.floor(math.log10(least)) if least > 0 else 1
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)


def line(points: list[Point], color: str, dash: str) -> str:
    path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path class="line" stroke="{color}"{dashed} d="{path}"/>'


def lines_of(measures: list[Measure]) -> dict[str, list[float]]:
    return {
        name: [max(0.0, median(each.samples[name])) for each in measures]
        for name in COLORS
        if all(name in each.samples for each in measures)
    }


def draw(found: dict[str, list[Measure]]) -> str | None:
    """None when neither of the two was measured."""
    panels = []
    if "prepared" in found:
        measures = found["prepared"]
        marks = [each.name for each in measures]
        title = "Proxy CPU per transaction, µs (pgbench -S, prepared)"
        panels.append(Panel(title, marks, lines_of(measures)))
    if "latency" in found:
        measures = [each for each in found["latency"] if not each.name.endswith("p99.9")]
        labelled = {"p1", "p20", "p50", "p80", "p95", "p99"}
        names = [re.sub("^added, ", "", each.name) for each in measures]
        marks = [name if name in labelled else "" for name in names]
        title = "Latency added to one client's query, µs, by percentile"
        panels.append(Panel(title, marks, lines_of(measures)))
    if not panels:
        return None
    width = WIDTH * len(panels)
    body = "\n".join(panel.svg(WIDTH * i) for i, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img">\n'
        f"<style>{STYLE}</style>\n{body}\n</svg>\n"
    )
