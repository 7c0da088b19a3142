"""Pieces of a record: what to do, whom it concerns, what happened, what is missing, what is measured."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.people.access import may
from yimei.ui.guard import opens
from yimei.ui.rules import times
from yimei.ui.rules.boards import Board
from yimei.ui.templatetags import formats

register = template.Library()


def _piece(name: str, values: Mapping[str, Any]) -> SafeString:
    return render_to_string(f"ui/pieces/{name}.html", dict(values))


@register.simple_block_tag
def task(
    content: str,
    *,
    who: str,
    what: str = "",
    clock: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    tone: str | None = "",
    file_no: str | None = "",
    phone: str | None = "",
    chips: Iterable[Any] | None = None,
    href: str | None = "",
    id: str = "",
    amber: int = 10,
    red: int = 20,
) -> SafeString:
    """Draw one thing to do: its clock, whom it concerns, what it is; the slot holds the act."""
    moving = running_clock(since=since, until=until, amber=amber, red=red) if since or until else ""
    values = {
        "content": content,
        "who": who,
        "what": what,
        "clock": moving or clock,
        "tone": tone or "plain",
        "details": [text for text in (file_no, phone) if text],
        "chips": list(chips or ()),
        "href": href or "",
        "id": id,
    }
    return _piece("task", values)


@register.simple_block_tag
def patient_banner(
    content: str,
    *,
    name: str,
    file_no: str,
    sex: str = "",
    age: int | None = None,
    phone: str = "",
    reveal_url: str | None = "",
    chips: Iterable[Any] | None = None,
    href: str | None = "",
    aside: str = "",
    note: str = "",
) -> SafeString:
    """Keep a person's identity and warnings in sight; the slot holds the next step."""
    values = {
        "content": SafeString(content.strip()),
        "name": name,
        "file_no": file_no,
        "sex": sex,
        "age": age,
        "phone": phone,
        "reveal_url": reveal_url or "",
        "chips": list(chips or ()),
        "href": href or "",
        "aside": aside,
        "note": note,
    }
    return _piece("patient_banner", values)


def resolve_where(where: str) -> str:
    """Turn "desk:case:UUID" or "desk:today" into an address; blank when no screen answers to it."""
    if where.startswith("/"):
        return where
    for cut in range(2, where.count(":") + 2):
        parts = where.split(":")
        try:
            return reverse(":".join(parts[:cut]), args=parts[cut:])
        except NoReverseMatch:
            continue
    return ""


@register.simple_tag(takes_context=True)
def where_url(context: Context, where: str | None, *args: Any) -> str:
    """Return the address of a place that the reader may open; blank for whom it does not exist.

    Takes what a row keeps ("desk:case:UUID"), or the name of an address and what stands in it.
    """
    url = resolve_where(":".join(map(str, (where, *args)))) if where else ""
    request = getattr(context, "request", None) or context.get("request")
    if request is None or opens(request.user, url, holds=getattr(request, "holds", may)):
        return url
    return ""


@register.simple_tag(takes_context=True)
def gate_list(context: Context, missing: Sequence[Missing], *, title: str = "") -> SafeString:
    """List what a gate asks for: the thing, the article, and the way there for whom there is one."""
    rows = [{"what": item.what, "why": item.why, "url": where_url(context, item.where)} for item in missing]
    return _piece("gate_list", {"rows": rows, "title": title})


@register.simple_block_tag
def timeline(content: str, *, label: str = "") -> SafeString:
    return format_html(
        '<ol class="timeline" aria-label="{}">{}</ol>', label or _("时间线"), SafeString(content)
    )


@register.simple_block_tag
def event(
    content: str,
    *,
    at: datetime | str,
    title: str,
    text: str = "",
    tone: str | None = "",
    chips: Iterable[Any] | None = None,
    current: bool = False,
    href: str | None = "",
) -> SafeString:
    """Draw one happening on the timeline; the slot holds what belongs to it."""
    values = {
        "content": SafeString(content.strip()),
        "at": at if isinstance(at, str) else formats.when(at),
        "iso": "" if isinstance(at, str) else at.isoformat(),
        "title": title,
        "text": text,
        "tone": tone or "plain",
        "chips": list(chips or ()),
        "current": current,
        "href": href or "",
    }
    return _piece("event", values)


@register.simple_tag
def diff(title: str, rows: Iterable[tuple[str, Any, Any]]) -> SafeString:
    """Show what changed: (label, before, after), None for nothing."""
    return _piece("diff", {"title": title, "rows": list(rows)})


@register.simple_block_tag
def checklist(content: str, *, label: str = "") -> SafeString:
    spoken = format_html(' aria-label="{}"', label) if label else ""
    return format_html('<ul class="checklist"{}>{}</ul>', spoken, SafeString(content))


@register.simple_block_tag
def check(content: str, *, done: bool | None, label: str, note: str = "") -> SafeString:
    """Draw one line of a checklist: done, missing, or not asked for (None)."""
    return _piece(
        "check", {"content": SafeString(content.strip()), "done": done, "label": label, "note": note}
    )


@register.simple_tag
def steps(items: Iterable[Sequence[Any]], *, label: str = "") -> SafeString:
    """Draw the way through: (label, done|current|todo|blocked, note, url)."""
    rows = [dict(zip(("label", "state", "note", "url"), (*item, "", "")[:4], strict=True)) for item in items]
    return _piece("steps", {"rows": rows, "label": label or _("进度")})


@register.simple_tag
def day_bar(done: int, total: int, *, label: str) -> SafeString:
    return _piece("day_bar", {"parts": [number < done for number in range(total)], "label": label})


@register.simple_tag
def running_clock(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    amber: int | None = None,
    red: int | None = None,
) -> SafeString:
    """Draw a clock that runs in the browser; limits are minutes waited (since) or left (until)."""
    at = since or until
    if at is None:
        return SafeString("")
    passed = (timezone.now() - at).total_seconds()
    seconds = int(passed if since else -passed)

    def is_beyond(limit: int | None) -> bool:
        return limit is not None and (seconds >= limit * 60 if since else seconds <= limit * 60)

    values = {
        "iso": at.isoformat(),
        "direction": "up" if since else "down",
        "text": times.clock_text(seconds),
        "tone": "red" if is_beyond(red) else "amber" if is_beyond(amber) else "calm",
        "amber": amber,
        "red": red,
    }
    return _piece("running_clock", values)


@register.simple_tag
def board(board: Board, *, label: str = "") -> SafeString:
    """Draw the day of several resources as bars, and as a list for phones and for listening."""
    return _piece("board", {"board": board, "label": label or _("资源时间轴")})


@register.simple_tag
def score_picker(
    name: str,
    label: str,
    low: int = 0,
    high: int = 10,
    *,
    value: int | None = None,
    low_text: str = "",
    high_text: str = "",
    required: bool = False,
) -> SafeString:
    """Ask for a score with big buttons."""
    values = {
        "name": name,
        "label": label,
        "numbers": range(low, high + 1),
        "value": value,
        "low_text": low_text,
        "high_text": high_text,
        "required": required,
    }
    return _piece("score_picker", values)


@register.simple_tag
def signature_pad(name: str, label: str, *, error: str = "", optional: bool = False) -> SafeString:
    """Ask for a drawn signature; the field posts a PNG data URL.

    An ``optional`` one is sent empty as well: the server says what else is missing at the same time.
    """
    values = {"name": name, "label": label, "error": error, "optional": optional}
    return _piece("signature_pad", values)
