"""A calendar as text (RFC 5545): what, when and where, never who."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LINE = 75
"""Octets of a line, its end not counted."""


@dataclass(frozen=True)
class Event:
    """One entry; a date instead of an instant is a whole day of the hospital's calendar."""

    uid: str
    title: str
    start: datetime | date
    end: datetime | date
    place: str = ""
    is_tentative: bool = False


def calendar(events: Iterable[Event], *, name: str, now: datetime) -> str:
    """Return the whole file; instants are in UTC, so that every reader shows the right hour."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Yimei//Calendar 1//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        "X-WR-TIMEZONE:Asia/Shanghai",
        "REFRESH-INTERVAL;VALUE=DURATION:PT15M",
    ]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}@yimei",
            f"DTSTAMP:{_instant(now)}",
            _when("DTSTART", event.start),
            _when("DTEND", event.end),
            f"SUMMARY:{escaped(event.title)}",
            *([f"LOCATION:{escaped(event.place)}"] if event.place else []),
            f"STATUS:{'TENTATIVE' if event.is_tentative else 'CONFIRMED'}",
            f"TRANSP:{'OPAQUE' if isinstance(event.start, datetime) else 'TRANSPARENT'}",
            "CLASS:PRIVATE",
            "END:VEVENT",
        ]
    return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])


def whole_day(uid: str, title: str, day: date) -> Event:
    return Event(uid, title, day, day + timedelta(days=1))


def escaped(text: str) -> str:
    for char in "\\;,":
        text = text.replace(char, f"\\{char}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n")


def folded(line: str) -> str:
    """Break a long line between characters: no part has more than 75 octets."""
    parts, part = [], ""
    for char in line:
        if len((part + char).encode()) > LINE:
            parts.append(part)
            part = " "
        part += char
    return "\r\n".join([*parts, part])


def _when(name: str, at: datetime | date) -> str:
    if isinstance(at, datetime):
        return f"{name}:{_instant(at)}"
    return f"{name};VALUE=DATE:{at:%Y%m%d}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
