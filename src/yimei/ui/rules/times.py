"""How a moment, a day and a length of time are said to a reader."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _


def weekday(day: date) -> str:
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")][day.weekday()]


def day_text(day: date, *, today: date) -> str:
    """Say the date, with the year only when it is another one."""
    values = {"year": day.year, "month": day.month, "day": day.day}
    if day.year == today.year:
        return _("%(month)s月%(day)s日") % values
    return _("%(year)s年%(month)s月%(day)s日") % values


def when_text(moment: datetime, *, now: datetime) -> str:
    """Say clock time today, the weekday within this week, else the date; both in the reader's zone."""
    day, today = moment.date(), now.date()
    clock = f"{moment:%H:%M}"
    near = {0: clock, 1: _("明天 %s") % clock, -1: _("昨天 %s") % clock}
    away = (day - today).days
    if away in near:
        return near[away]
    monday = today - timedelta(days=today.weekday())
    if monday <= day < monday + timedelta(days=7):
        return f"{weekday(day)} {clock}"
    return day_text(day, today=today)


def minutes_text(minutes: int) -> str:
    """Say a length of time in hours and minutes, in days from two days on."""
    if minutes < 0:
        return "−" + minutes_text(-minutes)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return _("%s天") % (hours // 24)
    if hours and rest:
        return _("%(hours)s小时%(minutes)s分") % {"hours": hours, "minutes": rest}
    return _("%s小时") % hours if hours else _("%s分钟") % rest


def clock_text(seconds: int) -> str:
    """Say a running clock as mm:ss below one hour, h:mm:ss above, with a real minus sign."""
    sign, seconds = ("−" if seconds < 0 else ""), abs(seconds)
    hours, rest = divmod(seconds, 3600)
    if hours >= 48:
        return sign + _("%s天") % (hours // 24)
    tail = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{sign}{hours}:{tail}" if hours else f"{sign}{tail}"
