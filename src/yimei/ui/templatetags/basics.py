"""Basic pieces: icons, buttons, chips, cards, states and layers, each a tag over one small template."""

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django import template
from django.template import TemplateSyntaxError
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from yimei.people.access import may as staff_may
from yimei.people.roles import Permission

register = template.Library()

SPRITE = "ui/vendor/icons/icons.svg"
SIZES = {12, 16, 20, 24, 32}


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
    return _drawn(name, str(label), size)


@lru_cache(maxsize=2048)
def _drawn(name: str, label: str, size: int) -> SafeString:
    """A page shows the same few icons dozens of times."""
    if name not in icon_names():
        raise TemplateSyntaxError(f"No icon {name!r} in {SPRITE}")
    if size not in SIZES:
        raise TemplateSyntaxError(f"Icon size {size} is not one of {sorted(SIZES)}")
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon icon-{}" {} focusable="false"><use href="{}#{}"/></svg>',
        size,
        spoken,
        static(SPRITE),
        name,
    )


def _attributes(extra: Mapping[str, Any]) -> SafeString:
    """Write hx_post="…" as hx-post="…"; None and False leave an attribute out, True writes its name."""
    pairs = [
        (name.replace("_", "-"), value)
        for name, value in extra.items()
        if value is not None and value is not False
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
def icon_button(
    icon: str,
    label: str,
    *,
    href: str | None = "",
    tone: str = "ghost",
    worded: bool = False,
    **extra: Any,
) -> SafeString:
    """Draw a square button whose words are heard or hovered; ``worded`` says them where there is room."""
    if worded:
        return button(label, icon=icon, href=href, small=True, **extra)
    values = {"icon": icon, "label": label, "href": href or "", "tone": tone, "extra": _attributes(extra)}
    return _piece("icon_button", values)


@register.simple_tag(takes_context=True)
def post_button(
    context: Context,
    text: str,
    url: str,
    *,
    tone: str = "secondary",
    icon: str = "",
    name: str = "",
    value: str = "",
    confirm: str = "",
    small: bool = False,
    wide: bool = False,
) -> SafeString:
    """Draw a form of one button, for an act that needs no script."""
    values = {
        "text": text,
        "url": url,
        "tone": tone,
        "icon": icon,
        "name": name,
        "value": value,
        "confirm": confirm,
        "small": small,
        "wide": wide,
        "csrf_token": context.get("csrf_token", ""),
    }
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
    content: str,
    *,
    title: str = "",
    meta: str = "",
    icon: str = "",
    href: str | None = "",
    id: str = "",
    flush: bool = False,
) -> SafeString:
    """Lay a surface under its slot; `flush` lets rows touch its edges."""
    values = {
        "content": content,
        "title": title,
        "meta": meta,
        "icon": icon,
        "href": href or "",
        "id": id,
        "flush": flush,
    }
    return _piece("card", values)


@register.simple_tag
def stat(label: str, value: Any, *, note: str = "", tone: str = "", href: str | None = "") -> SafeString:
    """Draw one figure with its name."""
    return _piece("stat", {"label": label, "value": value, "note": note, "tone": tone, "href": href or ""})


@register.simple_tag
def avatar(name: str, *, size: str = "") -> SafeString:
    """Draw the first character of a name."""
    return format_html(
        '<span class="avatar {}" aria-hidden="true">{}</span>', size and f"avatar-{size}", name[:1]
    )


@register.simple_tag
def empty(
    text: str, *, icon: str = "list", action: str = "", href: str | None = "", note: str = ""
) -> SafeString:
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
    values = {
        "text": text,
        "tone": tone,
        "title": title,
        "icon": icon or NOTICE_ICONS.get(tone, "info-circle"),
    }
    return _piece("notice", values)


@register.simple_tag
def why(text: str) -> SafeString:
    """Keep a whole reason behind one word, where there is no room for it."""
    return _piece("why", {"text": text})


@register.simple_tag
def copy_button(text: str, *, label: str = "") -> SafeString:
    return _piece("copy_button", {"text": text, "label": label or _("复制")})


@register.simple_tag
def kbd(*keys: str) -> SafeString:
    return format_html(
        '<span class="keys">{}</span>', format_html_join("", "<kbd>{}</kbd>", ((key,) for key in keys))
    )


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
