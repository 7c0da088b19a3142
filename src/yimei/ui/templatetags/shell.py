"""What the frame round every screen asks for: rail, campuses, commands, toasts waiting."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import template
from django.contrib import messages
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yimei.hospital.queries import campuses
from yimei.ui import registry

register = template.Library()
TABS = 4
TONES = {messages.SUCCESS: "good", messages.WARNING: "warn", messages.ERROR: "danger"}


@register.simple_tag(takes_context=True)
def whose_page(context: Context) -> str:
    """Name the hospital whose page a customer reads: her own, where the view knows her, or the only one."""
    request = context.get("request")
    if known := getattr(request, "place", ""):
        return str(known)
    found = list(campuses()[:2])
    return found[0].name if len(found) == 1 else _("颐美")


@dataclass(frozen=True)
class RailLink:
    """One place of the rail as this reader sees it now."""

    label: str
    icon: str
    url: str
    has_badge: bool
    is_current: bool
    is_tab: bool


@dataclass
class Frame:
    """Everything the shell draws round a page."""

    name: str
    role: str
    sections: dict[str, list[RailLink]] = field(default_factory=dict)
    campuses: Sequence[registry.Campus] = ()
    unread: int = 0
    commands: list[dict[str, str]] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def tabs(self) -> list[RailLink]:
        return [link for links in self.sections.values() for link in links if link.is_tab][:TABS]

    @property
    def campus(self) -> registry.Campus | None:
        return next((campus for campus in self.campuses if campus.is_current), None)


SHELL_URLS = {
    "today": "desk:today",
    "search": "desk:search",
    "notifications": "desk:notifications",
    "badges": "desk:badges",
    "campus": "desk:campus",
    "account": "desk:account",
    "sign_out": "desk:sign-out",
    "sign_out_everywhere": "desk:sign-out-everywhere",
    "language": "set_language",
}


def _current_url(path: str, urls: Sequence[str]) -> str:
    """Return the longest address that leads to this path."""
    return max(
        (url for url in urls if path == url or path.startswith(url.rstrip("/") + "/")), key=len, default=""
    )


@register.simple_tag(takes_context=True)
def frame(context: Context) -> Frame:
    """Collect the shell of the signed-in reader."""
    request: HttpRequest = context["request"]
    staff: Any = request.user
    items = [(item, registry.url_or_blank(item.url_name)) for item in registry.rail_for(staff)]
    named = context.get("rail") or getattr(request, "rail", "")
    current = registry.url_or_blank(named) if named else _current_url(request.path, [url for _, url in items])
    sections: dict[str, list[RailLink]] = {}
    for item, url in items:
        has_badge = item.badge is not None
        link = RailLink(str(item.label), item.icon, url, has_badge, url == current, item.is_tab)
        sections.setdefault(str(item.section), []).append(link)
    commands = [
        {"label": str(item.label), "url": registry.url_or_blank(item.url_name), "keywords": item.keywords}
        for item in registry.commands_for(staff)
    ]
    return Frame(
        name=str(getattr(staff, "name", "") or staff),
        role=str(getattr(staff, "role", "") or ""),
        sections=sections,
        campuses=registry.campuses_for(staff),
        unread=registry.unread_for(staff),
        commands=commands,
        urls={key: registry.url_or_blank(name) for key, name in SHELL_URLS.items()},
    )


@register.simple_tag(takes_context=True)
def waiting_toasts(context: Context) -> list[dict[str, str]]:
    """Return what the last page left to say, with its way back when there is one."""
    request = context.get("request")
    if request is None:
        return []
    found = []
    for message in messages.get_messages(request):
        undo = next((tag[5:] for tag in message.extra_tags.split() if tag.startswith("undo:")), "")
        found.append({"text": str(message.message), "undo": undo, "tone": TONES.get(message.level, "info")})
    return found


@register.simple_tag
def phone_tabs(items: Sequence[Sequence[Any]], *, label: str = "") -> SafeString:
    """Draw the bottom tabs of a patient's phone: (label, url, is_current, icon, count)."""
    names = ("label", "url", "is_current", "icon", "count")
    rows = [dict(zip(names, (*item, None, None)[:5], strict=True)) for item in items]
    return render_to_string("ui/pieces/phone_tabs.html", {"rows": rows, "label": label})
