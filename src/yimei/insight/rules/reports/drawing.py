"""Charts as SVG, for the screen, the printer and the PDF alike: numbers in, one picture out, no script."""

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from yimei.insight.rules import writing
from yimei.insight.rules.reports.document import Figure, Series

COLOURS = ("#1f6f63", "#c77f1a", "#3d5a99", "#a4502f", "#7a8b2f", "#7c5a94", "#5b6b6e")
INK, QUIET, LINE, WASH = "#1e2a2c", "#5b6b6e", "#e6e3dc", "#e8f1ee"
WIDTH = 640
BAR = 26
MOST_BARS = 14
LABEL = 130
FONT = "Yimei Sans SC, PingFang SC, HarmonyOS Sans SC, MiSans, Microsoft YaHei, Noto Sans SC, sans-serif"


def draw(figure: Figure) -> str:
    """Return the chart of a figure, or nothing where there is nothing to draw."""
    known = [value for series in figure.series for value in series.values if value is not None]
    if not known or figure.chart not in DRAWERS:
        return ""
    height, inside = DRAWERS[figure.chart](figure)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}"'
        f' height="{height:g}" class="report-chart" role="img"'
        f" aria-label={quoteattr(figure.alt or figure.metric)}"
        f' font-family="{FONT}" font-size="12">{inside}</svg>'
    )


def _text(x: float, y: float, words: str, *, end: str = "start", fill: str = QUIET, size: int = 12) -> str:
    name = {INK: "c-ink", QUIET: "c-quiet"}.get(fill, "c-on")
    return (
        f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{end}" fill="{fill}"'
        f' font-size="{size}">{escape(words)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, width: float = 1) -> str:
    name = "ink" if stroke == INK else "line"
    return (
        f'<line class="c-{name}-stroke" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        f' stroke="{stroke}" stroke-width="{width:g}"/>'
    )


def _rect(
    x: float, y: float, width: float, height: float, fill: str, *, at: int = -1, opacity: float = 1
) -> str:
    name = f' class="c-fill-{at}"' if at >= 0 else ""
    shade = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
    return (
        f'<rect{name} x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}"'
        f' rx="2" fill="{fill}"{shade}/>'
    )


def _say(figure: Figure, value: float | None) -> str:
    return writing.figure(value, figure.unit, figure.decimals)


def _short(figure: Figure, value: float) -> str:
    """A value on an axis: no more places than it needs."""
    if figure.unit == "%":
        return f"{value * 100:.0f}%"
    if abs(value) >= 10_000:
        return f"{value / 10_000:g} 万".replace("-", "−")
    return f"{value:g}".replace("-", "−")


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values that enclose low and high: 1, 2, 2.5 or 5 of some power of ten apart."""
    span = (high - low) or abs(high) or 1.0
    power = 10 ** math.floor(math.log10(span / most))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor * most >= span * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * n, 10) for n in range(first, max(last, first + 1) + 1)]


def _ends(figure: Figure, *, from_zero: bool) -> list[float]:
    values = [v for s in figure.series for v in (*s.values, *s.lows, *s.highs) if v is not None]
    low, high = min(values), max(values)
    if figure.unit == "%":
        low, high = max(low, -1.0), min(high, 1.0) if high <= 1 else high
    if from_zero or (low >= 0 and low < (high - low) * 1.5):
        low, high = min(low, 0.0), max(high, 0.0)
    return ticks(low, high)


def clip(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _bars(figure: Figure) -> tuple[float, str]:
    """One series without an order: bars across, the largest on top, with whiskers."""
    if len(figure.series) > 1 or figure.is_ordered:
        return _columns(figure)
    series = figure.series[0]
    names = list(figure.names)[:MOST_BARS]
    marks = _ends(figure, from_zero=True)
    left, right = LABEL + 8, WIDTH - 84
    scale = (right - left) / (marks[-1] - marks[0])

    def x(value: float) -> float:
        return left + (value - marks[0]) * scale

    height = len(names) * BAR + 28
    parts = [_line(x(mark), 4, x(mark), height - 22) for mark in marks]
    parts += [_text(x(mark), height - 6, _short(figure, mark), end="middle", size=11) for mark in marks]
    for place, name in enumerate(names):
        y = 6 + place * BAR
        value = series.values[place]
        parts.append(_text(LABEL, y + 14, clip(name, 10), end="end", fill=INK))
        if value is None:
            parts.append(_text(x(0) + 6, y + 14, writing.NOTHING, size=11))
            continue
        start = min(x(0), x(value))
        parts.append(_rect(start, y + 2, abs(x(value) - x(0)), BAR - 10, COLOURS[0], at=0))
        parts += _whisker(series, place, x, y + 2 + (BAR - 10) / 2)
        parts.append(_text(WIDTH - 4, y + 14, _say(figure, value), end="end", fill=INK))
    return height, "".join(parts)


def _whisker(series: Series, place: int, x: "object", y: float) -> list[str]:
    low = series.lows[place] if place < len(series.lows) else None
    high = series.highs[place] if place < len(series.highs) else None
    if low is None or high is None or not callable(x):
        return []
    a, b = x(low), x(high)
    return [
        _line(a, y, b, y, stroke=INK),
        *(_line(end, y - 3, end, y + 3, stroke=INK) for end in (a, b)),
    ]


def _frame(figure: Figure, *, from_zero: bool, top: float) -> tuple[list[str], list[float], float, float]:
    """The lines and words of an upright chart; returns parts, marks, bottom and the left edge."""
    marks = _ends(figure, from_zero=from_zero)
    bottom, left = 236.0, 12.0 + 7.5 * max(len(_short(figure, mark)) for mark in marks)
    parts = []
    for mark in marks:
        y = _up(mark, marks, top, bottom)
        parts += [
            _line(left, y, WIDTH - 8, y),
            _text(left - 6, y + 4, _short(figure, mark), end="end", size=11),
        ]
    return parts, marks, bottom, left


def _up(value: float, marks: Sequence[float], top: float, bottom: float) -> float:
    return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)


def _names(figure: Figure, left: float, step: float, bottom: float, *, inside: bool) -> list[str]:
    """Names under the axis, as many as fit."""
    longest = max(len(name) for name in figure.names) if figure.names else 1
    room = min(longest, 10) * 7.5 + 14
    every = max(1, math.ceil(room / step))
    return [
        _text(
            left + (place + (0.5 if inside else 0)) * step, bottom + 18, clip(name, 10), end="middle", size=11
        )
        for place, name in enumerate(figure.names)
        if (len(figure.names) - 1 - place) % every == 0
    ]


def _legend(figure: Figure) -> tuple[list[str], float]:
    """Names of several series on top; returns the parts and where the chart begins."""
    if len(figure.series) < 2:
        return [], 12.0
    parts, x, y = [], 12.0, 14.0
    for place, series in enumerate(figure.series):
        wide = 26 + len(clip(series.name, 10)) * 12
        if x + wide > WIDTH:
            x, y = 12.0, y + 18
        at = place % len(COLOURS)
        parts += [
            _rect(x, y - 9, 10, 10, COLOURS[at], at=at),
            _text(x + 15, y, clip(series.name, 10), size=11),
        ]
        x += wide
    return parts, y + 14


def _columns(figure: Figure) -> tuple[float, str]:
    parts, top = _legend(figure)
    frame, marks, bottom, left = _frame(figure, from_zero=True, top=top)
    parts += frame
    step = (WIDTH - 8 - left) / max(1, len(figure.names))
    wide = min(28.0, step * 0.76 / len(figure.series))
    zero = _up(0.0, marks, top, bottom)
    for at, series in enumerate(figure.series):
        for place, value in enumerate(series.values):
            if value is None:
                continue
            x = left + (place + 0.5) * step + (at - len(figure.series) / 2) * wide
            y = _up(value, marks, top, bottom)
            colour = at % len(COLOURS)
            parts.append(_rect(x, min(y, zero), wide - 1.5, abs(zero - y), COLOURS[colour], at=colour))
    parts += _names(figure, left, step, bottom, inside=True)
    return bottom + 28, "".join(parts)


def _lines(figure: Figure) -> tuple[float, str]:
    parts, top = _legend(figure)
    frame, marks, bottom, left = _frame(figure, from_zero=figure.unit == "", top=top)
    parts += frame
    left, right = left + 12, WIDTH - 24.0
    step = (right - left) / max(1, len(figure.names) - 1)

    def at(place: int, value: float) -> tuple[float, float]:
        return left + place * step, _up(value, marks, top, bottom)

    for number, series in enumerate(figure.series):
        colour = number % len(COLOURS)
        if len(figure.series) == 1:
            parts += _band(series, at)
        for run in _runs(series.values):
            points = [at(place, value) for place in run if (value := series.values[place]) is not None]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            parts.append(
                f'<polyline class="c-line-{colour}" points="{path}" fill="none" stroke="{COLOURS[colour]}"'
                f' stroke-width="2"/>'
            )
            parts += [
                f'<circle class="c-fill-{colour}" cx="{x:.1f}" cy="{y:.1f}" r="2.6"'
                f' fill="{COLOURS[colour]}"/>'
                for x, y in points
            ]
    if len(figure.series) == 1:
        parts += _last_value(figure, at)
    parts += _names(figure, left, step, bottom, inside=False)
    return bottom + 28, "".join(parts)


def _last_value(figure: Figure, at: "object") -> list[str]:
    values = figure.series[0].values
    last = next((place for place in range(len(values) - 1, -1, -1) if values[place] is not None), None)
    if last is None or not callable(at):
        return []
    x, y = at(last, values[last])
    return [_text(x, y - 8, _say(figure, values[last]), end="end", fill=INK)]


def _band(series: Series, at: "object") -> list[str]:
    if not series.lows or not callable(at):
        return []
    found = []
    for run in _runs(series.lows):
        if len(run) < 2:
            continue
        above = [at(place, series.highs[place]) for place in run]
        below = [at(place, series.lows[place]) for place in reversed(run)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (*above, *below))
        found.append(f'<polygon class="c-band" points="{path}" fill="{WASH}"/>')
    return found


def _runs(values: Sequence[float | None]) -> list[list[int]]:
    """Places of values in unbroken runs: a gap stays a gap."""
    found: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _heat(figure: Figure) -> tuple[float, str]:
    values = [v for s in figure.series for v in s.values if v is not None]
    most = max(values) or 1.0
    left, right = 12.0 + 12 * min(8, max(len(clip(s.name, 8)) for s in figure.series)), WIDTH - 8.0
    step = (right - left) / max(1, len(figure.names))
    parts = []
    for row, series in enumerate(figure.series):
        y = 6 + row * 22
        parts.append(_text(left - 8, y + 15, clip(series.name, 8), end="end", size=11))
        for place, value in enumerate(series.values):
            x = left + place * step
            if value is None:
                parts.append(_rect(x + 1, y + 1, step - 2, 20, LINE, opacity=0.5))
            else:
                parts.append(
                    _rect(x + 1, y + 1, step - 2, 20, COLOURS[0], at=0, opacity=0.1 + 0.9 * value / most)
                )
                if step > 44:
                    fill = INK if value / most < 0.55 else "#ffffff"
                    words = _short(figure, value)
                    parts.append(_text(x + step / 2, y + 15, words, end="middle", fill=fill, size=11))
    bottom = 6 + len(figure.series) * 22
    parts += _names(figure, left, step, bottom, inside=True)
    return bottom + 28, "".join(parts)


DRAWERS = {"bar": _bars, "line": _lines, "heat": _heat}
"""A pie says less than bars do: parts of a whole are drawn as bars."""
