"""Filters that turn values into the words and figures a reader sees."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from yimei.core import money, names, phone
from yimei.ui.rules import times

register = template.Library()

DATE = re.compile(r"\b\d{4}-\d\d(?:-\d\d(?: \d\d:\d\d)?)?\b")


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


@register.filter
def yuan(value: Decimal | int | str | None) -> str:
    """Write an amount as ¥1,234.00; nothing stays nothing."""
    return "" if value is None or value == "" else money.format_yuan(Decimal(value))


@register.filter
def when(value: datetime | date | None) -> str:
    """Write a moment as near readers say it: clock today, weekday this week, else the date."""
    if not value:
        return ""
    now = timezone.localtime()
    if isinstance(value, datetime):
        return times.when_text(_local(value), now=now)
    return times.day_text(value, today=now.date())


@register.filter
def clock_time(value: datetime | None) -> str:
    return f"{_local(value):%H:%M}" if value else ""


@register.filter
def day(value: datetime | date | None) -> str:
    """Write the date with its weekday."""
    if not value:
        return ""
    local = _local(value).date() if isinstance(value, datetime) else value
    return f"{times.day_text(local, today=timezone.localdate())} {times.weekday(local)}"


@register.filter
def agreed(value: datetime | None) -> str:
    """Write an agreed time so that it can be read out: date, weekday and hour, however far away."""
    return f"{day(value)} {clock_time(value)}" if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """Write a moment in full, for records and evidence."""
    return f"{_local(value):%Y-%m-%d %H:%M}" if value else ""


@register.filter
def iso(value: datetime | date | None) -> str:
    return value.isoformat() if value else ""


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep each date, with its time, within a sentence on one line; hyphen and blank would let it break."""
    return SafeString(DATE.sub(r'<span class="nowrap">\g<0></span>', conditional_escape(text)))


@register.filter
def minutes(value: int | timedelta | None) -> str:
    """Write a length of time; whole minutes or a timedelta."""
    if value is None:
        return ""
    return times.minutes_text(
        int(value.total_seconds() // 60) if isinstance(value, timedelta) else int(value)
    )


@register.filter
def percent(value: float | Decimal | None) -> str:
    """Write a share of one as 46.2 %, with a real minus sign."""
    return "" if value is None else f"{value * 100:.1f}\u202f%".replace("-", "−")


@register.filter
def number(value: int | float | Decimal | None) -> str:
    """Write a number with thousands separated and a real minus sign."""
    return "" if value is None else f"{value:,}".replace("-", "−")


@register.filter
def mask_name(value: str | None) -> str:
    return names.mask(value) if value else ""


@register.filter
def mask_phone(value: str | None) -> str:
    return phone.mask(value) if value else ""


@register.filter
def unlocal(value: float) -> str:
    """Write a coordinate the way SVG reads it, whatever the reader's language."""
    return f"{value:g}"


@register.filter
def slot(hour: int) -> int:
    """Return the five-minute slot at which an hour begins."""
    return hour * 12


@register.filter
def lead(text: str) -> str:
    """Take the leading zero from an hour."""
    return str(int(text))
