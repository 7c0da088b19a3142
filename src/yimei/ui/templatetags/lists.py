"""Pieces of a list: search, filter chips, sortable heads, pages and tabs."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import HttpRequest, QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


def _piece(name: str, values: dict[str, Any]) -> SafeString:
    return render_to_string(f"ui/pieces/{name}.html", values)


def _with(request: HttpRequest, **changes: Any) -> str:
    """Return the present query with some names set; None takes a name out."""
    query: QueryDict = request.GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


def _links(items: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    rows = []
    for item in items:
        label, url, *rest = item
        rows.append(
            {
                "label": label,
                "url": url,
                "is_current": bool(rest[0]) if rest else False,
                "count": rest[1] if len(rest) > 1 else None,
            }
        )
    return rows


@register.simple_tag
def tabs(items: Iterable[Sequence[Any]], *, label: str = "") -> SafeString:
    """Draw links between the faces of one thing: (label, url, is_current, count)."""
    return _piece("tabs", {"items": _links(items), "label": label})


@register.simple_tag
def segments(items: Iterable[Sequence[Any]], *, label: str = "") -> SafeString:
    """Draw a few choices as one control."""
    return _piece("segments", {"items": _links(items), "label": label})


@register.simple_tag
def filter_chips(items: Iterable[Sequence[Any]], *, label: str = "") -> SafeString:
    """Draw filters that are on or off: (label, url, is_on, count)."""
    return _piece("filter_chips", {"items": _links(items), "label": label})


@register.simple_tag
def search_field(name: str, *, label: str, value: str | None = "", placeholder: str = "") -> SafeString:
    return _piece(
        "search_field", {"name": name, "label": label, "value": value or "", "placeholder": placeholder}
    )


@register.simple_block_tag
def table(
    content: str, *, label: str, cards: bool = False, compact: bool = False, wide: bool = False
) -> SafeString:
    """Lay a table in a region that scrolls sideways by itself; `cards` folds its rows on a phone.

    One with many or long columns is `wide`: its rows become cards wherever it has too little room, too.
    """
    classes = "table" + (" table-cards" if cards or wide else "") + (" table-compact" if compact else "")
    return _piece("table", {"content": content, "label": label, "classes": classes, "wide": wide})


@register.simple_tag(takes_context=True)
def sort_th(context: Context, key: str, label: str, *, numeric: bool = False) -> SafeString:
    """Draw a column head that sorts, first upward, then downward."""
    request = context["request"]
    now = request.GET.get("sort", "")
    order = {key: "ascending", f"-{key}": "descending"}.get(now, "none")
    url = _with(request, sort=f"-{key}" if order == "ascending" else key, page=None)
    return _piece("sort_th", {"label": label, "url": url, "order": order, "numeric": numeric})


@register.simple_tag(takes_context=True)
def pager(context: Context, page: Page[Any], *, name: str = "page") -> SafeString:
    """Draw the way to the other pages, keeping every filter."""
    request = context["request"]
    around = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    pages = [
        {"number": number, "url": _with(request, **{name: number}) if isinstance(number, int) else ""}
        for number in around
    ]
    values = {
        "page": page,
        "pages": pages,
        "previous": _with(request, **{name: page.previous_page_number()}) if page.has_previous() else "",
        "next": _with(request, **{name: page.next_page_number()}) if page.has_next() else "",
    }
    return _piece("pager", values)
