"""The pieces of a screen, each a tag over one small template; `{% load ui %}` brings all of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django import template
from django.template import TemplateSyntaxError
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.people.access import may as staff_may
from yimei.people.roles import Permission
from yimei.ui.rules import times
from yimei.ui.rules.boards import Board
from yimei.ui.templatetags import charts, fields, formats, lists, shell

register = template.Library()
for part in (formats, fields, lists, charts, shell):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)

SPRITE = "ui/vendor/icons/icons.svg"
SIZES = {12, 16, 20, 24, 32}
"""A chip in a list: its text, then a tone, then an icon; the last two may be left out."""
ChipItem = tuple[str, ...] | str


def _piece(name: str, values: Mapping[str, Any]) -> SafeString:
    return render_to_string(f"ui/pieces/{name}.html", dict(values))


@cache
def icon_names() -> frozenset[str]:
    """Return what the sprite holds, read once."""
    sprite = Path(__file__).resolve().parents[1] / "static" / SPRITE
    return frozenset(symbol.get("id", "") for symbol in ElementTree.parse(sprite).getroot())


@register.simple_tag
def icon(name: str, *, label: str = "", size: int = 20) -> SafeString:
    """Draw an outline icon; without a label it is only an ornament."""
    if name not in icon_names():
        raise TemplateSyntaxError(f"No icon {name!r} in {SPRITE}")
    if size not in SIZES:
        raise TemplateSyntaxError(f"Icon size {size} is not one of {sorted(SIZES)}")
    spoken = (
        format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon icon-{}" {} focusable="false"><use href="{}#{}"/></svg>', size, spoken, static(SPRITE), name
    )


def _attributes(extra: Mapping[str, Any]) -> SafeString:
    """Write hx_post="…" as hx-post="…"; None and False leave an attribute out, True writes its name."""
    pairs = [
        (name.replace("_", "-"), value) for name, value in extra.items() if value is not None and value is not False
    ]
    return format_html_join(
        "", "{}", ((format_html(" {}", n) if v is True else format_html(' {}="{}"', n, v),) for n, v in pairs)
    )


@register.simple_tag
def button(
    text: str,
    *,
    tone: str = "secondary",
    icon: str = "",
    href: str | None = "",
    type: str = "button",
    small: bool = False,
    wide: bool = False,
    disabled: bool = False,
    **extra: Any,
) -> SafeString:
    """Draw a button, or a link that looks like one when it has an address."""
    values = {
        "text": text,
        "classes": f"btn btn-{tone}" + (" btn-small" if small else "") + (" btn-wide" if wide else ""),
        "icon": icon,
        "href": href or "",
        "type": type,
        "disabled": disabled,
        "extra": _attributes(extra),
    }
    return _piece("button", values)


@register.simple_tag
def icon_button(icon: str, label: str, *, href: str | None = "", tone: str = "ghost", **extra: Any) -> SafeString:
    """Draw a square button whose words are only heard or hovered."""
    values = {"icon": icon, "label": label, "href": href or "", "tone": tone, "extra": _attributes(extra)}
    return _piece("icon_button", values)


@register.simple_tag(takes_context=True)
def post_button(
    context: Context, text: str, url: str, *, tone: str = "secondary", icon: str = "", name: str = "", value: str = "",
    confirm: str = "", small: bool = False,
) -> SafeString:  # fmt: skip
    """Draw a form of one button, for an act that needs no script."""
    values = {
        "text": text, "url": url, "tone": tone, "icon": icon, "name": name, "value": value, "confirm": confirm,
        "small": small, "csrf_token": context.get("csrf_token", ""),
    }  # fmt: skip
    return _piece("post_button", values)


@register.simple_tag
def chip(text: str, *, tone: str | None = "", icon: str | None = "", href: str | None = "") -> SafeString:
    return _piece("chip", {"text": text, "tone": tone or "plain", "icon": icon or "", "href": href or ""})


@register.simple_tag
def chips(items: Iterable[Any] | None) -> SafeString:
    """Draw chips from (text, tone, icon) tuples or from objects with those attributes."""
    return format_html_join("", "{}", ((_chip_of(item),) for item in items or ()))


def _chip_of(item: Any) -> SafeString:
    if isinstance(item, str):
        return chip(item)
    if isinstance(item, tuple | list):
        text, tone, mark = (*item, "", "")[:3]
        return chip(text, tone=tone, icon=mark)
    return chip(item.text, tone=getattr(item, "tone", ""), icon=getattr(item, "icon", ""))


@register.simple_block_tag
def card(
    content: str, *, title: str = "", meta: str = "", icon: str = "", href: str | None = "", id: str = "",
    flush: bool = False,
) -> SafeString:  # fmt: skip
    """Lay a surface under its slot; `flush` lets rows touch its edges."""
    values = {
        "content": content, "title": title, "meta": meta, "icon": icon, "href": href or "", "id": id, "flush": flush,
    }  # fmt: skip
    return _piece("card", values)


@register.simple_tag
def stat(label: str, value: Any, *, note: str = "", tone: str = "", href: str | None = "") -> SafeString:
    """Draw one figure with its name."""
    return _piece("stat", {"label": label, "value": value, "note": note, "tone": tone, "href": href or ""})


@register.simple_block_tag
def task(
    content: str, *, who: str, what: str = "", clock: str = "", since: datetime | None = None,
    until: datetime | None = None, tone: str | None = "", file_no: str | None = "", phone: str | None = "",
    chips: Iterable[Any] | None = None, href: str | None = "", id: str = "", amber: int = 10, red: int = 20,
) -> SafeString:  # fmt: skip
    """Draw one thing to do: its clock, whom it concerns, what it is; the slot holds the act."""
    moving = running_clock(since=since, until=until, amber=amber, red=red) if since or until else ""
    values = {
        "content": content, "who": who, "what": what, "clock": moving or clock, "tone": tone or "plain",
        "details": [text for text in (file_no, phone) if text], "chips": list(chips or ()), "href": href or "",
        "id": id,
    }  # fmt: skip
    return _piece("task", values)


@register.simple_block_tag
def patient_banner(
    content: str, *, name: str, file_no: str, sex: str = "", age: int | None = None, phone: str = "",
    reveal_url: str | None = "", chips: Iterable[Any] | None = None, href: str | None = "", aside: str = "",
    note: str = "",
) -> SafeString:  # fmt: skip
    """Keep a person's identity and warnings in sight; the slot holds the next step."""
    values = {
        "content": SafeString(content.strip()), "name": name, "file_no": file_no, "sex": sex, "age": age, "phone": phone,
        "reveal_url": reveal_url or "", "chips": list(chips or ()), "href": href or "", "aside": aside, "note": note,
    }  # fmt: skip
    return _piece("patient_banner", values)


@register.simple_tag
def avatar(name: str, *, size: str = "") -> SafeString:
    """Draw the first character of a name."""
    return format_html('<span class="avatar {}" aria-hidden="true">{}</span>', size and f"avatar-{size}", name[:1])


@register.simple_tag
def empty(text: str, *, icon: str = "list", action: str = "", href: str | None = "", note: str = "") -> SafeString:
    """Say what belongs here, and offer the button that starts it."""
    return _piece("empty", {"text": text, "icon": icon, "action": action, "href": href or "", "note": note})


@register.simple_tag
def skeleton(kind: str = "rows", count: int = 3) -> SafeString:
    """Draw the shape of what is loading."""
    return _piece("skeleton", {"kind": kind, "numbers": range(count)})


NOTICE_ICONS = {"danger": "alert-circle", "warn": "alert-triangle", "good": "check", "info": "info-circle"}


@register.simple_tag
def notice(text: str, *, tone: str = "info", title: str = "", icon: str = "") -> SafeString:
    """Say something that stays on the page."""
    values = {"text": text, "tone": tone, "title": title, "icon": icon or NOTICE_ICONS.get(tone, "info-circle")}
    return _piece("notice", values)


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


@register.simple_tag
def where_url(where: str | None) -> str:
    return resolve_where(where) if where else ""


@register.simple_tag
def gate_list(missing: Sequence[Missing], *, title: str = "") -> SafeString:
    """List what a gate asks for: the thing, the article, and the way there."""
    rows = [{"what": item.what, "why": item.why, "url": where_url(item.where)} for item in missing]
    return _piece("gate_list", {"rows": rows, "title": title})


@register.simple_block_tag
def timeline(content: str, *, label: str = "") -> SafeString:
    return format_html('<ol class="timeline" aria-label="{}">{}</ol>', label or _("时间线"), SafeString(content))


@register.simple_block_tag
def event(
    content: str, *, at: datetime | str, title: str, text: str = "", tone: str | None = "",
    chips: Iterable[Any] | None = None, current: bool = False, href: str | None = "",
) -> SafeString:  # fmt: skip
    """Draw one happening on the timeline; the slot holds what belongs to it."""
    values = {
        "content": SafeString(content.strip()), "at": at if isinstance(at, str) else formats.when(at),
        "iso": "" if isinstance(at, str) else at.isoformat(), "title": title, "text": text,
        "tone": tone or "plain", "chips": list(chips or ()), "current": current, "href": href or "",
    }  # fmt: skip
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
    return _piece("check", {"content": SafeString(content.strip()), "done": done, "label": label, "note": note})


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
    *, since: datetime | None = None, until: datetime | None = None, amber: int | None = None, red: int | None = None
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
        "iso": at.isoformat(), "direction": "up" if since else "down", "text": times.clock_text(seconds),
        "tone": "red" if is_beyond(red) else "amber" if is_beyond(amber) else "calm", "amber": amber, "red": red,
    }  # fmt: skip
    return _piece("running_clock", values)


@register.simple_tag
def board(board: Board, *, label: str = "") -> SafeString:
    """Draw the day of several resources as bars, and as a list for phones and for listening."""
    return _piece("board", {"board": board, "label": label or _("资源时间轴")})


@register.simple_tag
def score_picker(
    name: str, label: str, low: int = 0, high: int = 10, *, value: int | None = None, low_text: str = "",
    high_text: str = "", required: bool = False,
) -> SafeString:  # fmt: skip
    """Ask for a score with big buttons."""
    values = {
        "name": name, "label": label, "numbers": range(low, high + 1), "value": value, "low_text": low_text,
        "high_text": high_text, "required": required,
    }  # fmt: skip
    return _piece("score_picker", values)


@register.simple_tag
def signature_pad(name: str, label: str, *, error: str = "") -> SafeString:
    """Ask for a drawn signature; the field posts a PNG data URL."""
    return _piece("signature_pad", {"name": name, "label": label, "error": error})


@register.simple_tag
def copy_button(text: str, *, label: str = "") -> SafeString:
    return _piece("copy_button", {"text": text, "label": label or _("复制")})


@register.simple_tag
def kbd(*keys: str) -> SafeString:
    return format_html('<span class="keys">{}</span>', format_html_join("", "<kbd>{}</kbd>", ((key,) for key in keys)))


@register.simple_block_tag
def dialog(content: str, id: str, title: str, *, open: bool = False) -> SafeString:
    return _piece("layer", {"content": content, "id": id, "title": title, "kind": "dialog", "open": open})


@register.simple_block_tag
def drawer(content: str, id: str, title: str, *, open: bool = False) -> SafeString:
    return _piece("layer", {"content": content, "id": id, "title": title, "kind": "drawer", "open": open})


@register.simple_tag
def layer_head(title: str, *, id: str = "layer-title") -> SafeString:
    """Open the fragment that a server puts into the shared dialog or drawer."""
    return _piece("layer_head", {"title": title, "id": id})


@register.simple_tag(takes_context=True)
def may(context: Context, permission: str) -> bool:
    """Ask whether the reader holds a right; only to hide what @allow would refuse anyway."""
    user = context["request"].user
    return bool(user.is_authenticated and staff_may(user, Permission(permission)))


@register.filter
def json_text(value: Any) -> str:
    """Write a value for a data-* attribute."""
    return conditional_escape(json.dumps(value, ensure_ascii=False))
