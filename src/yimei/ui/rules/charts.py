"""Geometry of the small charts: numbers in, SVG coordinates out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Scale:
    """Maps a value between low and high onto a length that grows upward or to the right."""

    low: float
    high: float
    length: float
    flip: bool = False

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        part = (value - self.low) / span if span else 0.5
        return round((1 - part if self.flip else part) * self.length, 1)


def runs(values: Sequence[float | None]) -> list[list[int]]:
    """Return the positions of values in unbroken runs, so that a gap stays a gap in the line."""
    found: list[list[int]] = []
    open_run = False
    for position, value in enumerate(values):
        if value is None:
            open_run = False
        elif open_run:
            found[-1].append(position)
        else:
            found.append([position])
            open_run = True
    return found


def points_text(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def sparkline(values: Sequence[float | None], *, width: float, height: float) -> list[str]:
    """Return one polyline for each unbroken run, drawn inside a margin of two units."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    across = Scale(0, max(1, len(values) - 1), width - 4)
    up = Scale(min(known), max(known), height - 4, flip=True)
    lines = []
    for run in runs(values):
        points = [(across(at) + 2, up(value) + 2) for at in run if (value := values[at]) is not None]
        lines.append(points_text(points if len(points) > 1 else [points[0], points[0]]))
    return lines


@dataclass(frozen=True)
class Mark:
    """One measured value on a trend and where it is drawn."""

    at: datetime
    value: float
    x: float
    y: float
    is_outside: bool


@dataclass(frozen=True)
class Trend:
    """A line over time with its normal band."""

    marks: Sequence[Mark]
    line: str
    band_top: float
    band_height: float
    width: float
    height: float
    ticks: Sequence[tuple[float, str]]


def trend(
    series: Sequence[tuple[datetime, float]],
    *,
    low: float | None,
    high: float | None,
    width: float,
    height: float,
) -> Trend:
    """Place a series so that both its values and its normal band are always in the picture."""
    values = [value for _, value in series]
    wanted = values + [limit for limit in (low, high) if limit is not None]
    bottom, top = (min(wanted), max(wanted)) if wanted else (0.0, 1.0)
    room = (top - bottom) * 0.12 or 1.0
    up = Scale(bottom - room, top + room, height, flip=True)
    first, last = (series[0][0], series[-1][0]) if series else (None, None)
    seconds = (last - first).total_seconds() if first and last else 0.0
    across = Scale(0, seconds, width - 16)
    marks = [
        Mark(
            at=at,
            value=value,
            x=round(across((at - first).total_seconds()) + 8, 1) if first else 0,
            y=up(value),
            is_outside=(low is not None and value < low) or (high is not None and value > high),
        )
        for at, value in series
    ]
    band_top = up(high) if high is not None else 0.0
    band_bottom = up(low) if low is not None else height
    has_band = low is not None or high is not None
    ticks = [(up(limit), f"{limit:g}") for limit in (high, low) if limit is not None]
    return Trend(
        marks=marks,
        line=points_text([(mark.x, mark.y) for mark in marks]),
        band_top=band_top,
        band_height=round(band_bottom - band_top, 1) if has_band else 0.0,
        width=width,
        height=height,
        ticks=ticks,
    )
