"""Every staff and patient address names who may open it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

GUARDED = ("desk", "portal", "site")


def addresses(patterns: list[Any], prefix: str = "", namespace: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield namespace, path and view of every address below."""
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern):
            yield namespace, here, pattern.callback


def unguarded(patterns: list[Any]) -> list[str]:
    return [
        f"/{address}"
        for namespace, address, view in addresses(patterns)
        if namespace.split(":")[0] in GUARDED
        and getattr(view, "permission", None) is None
        and not getattr(view, "public", "")
    ]


def test_every_staff_and_patient_address_names_its_permission() -> None:
    assert unguarded(get_resolver().url_patterns) == []


def test_every_part_of_screens_is_reachable() -> None:
    namespaces = {namespace for namespace, _address, _view in addresses(get_resolver().url_patterns)}
    assert {"api", *GUARDED} <= namespaces


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _marked(**marks: object) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    vars(view).update(marks)
    return view


@pytest.mark.parametrize(
    ("view", "found"),
    [(_view, ["/desk/x"]), (_marked(permission="patient.view"), []), (_marked(public="the door"), [])],
)
def test_an_unguarded_address_is_found(view: Callable[[HttpRequest], HttpResponse], found: list[str]) -> None:
    from django.urls import include

    patterns = [path("desk/", include(([path("x", view)], "desk"), namespace="desk"))]
    assert unguarded(patterns) == found
