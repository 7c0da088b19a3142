"""What a view may add to its answer: a toast with a way back, a redirect that htmx follows."""

from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

R = TypeVar("R", bound=HttpResponse)
LEAVING = ("HX-Redirect", "HX-Refresh", "HX-Location")
LEVELS = {"good": messages.SUCCESS, "danger": messages.ERROR}


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form reads: what was posted, even when that is nothing; on a look, nothing is asked of it."""
    return request.POST if request.method == "POST" else None


def toast(request: HttpRequest, response: R, text: str, *, undo: str = "", tone: str = "good") -> R:
    """Say what was done on the page that shows next; `undo` is an address that takes it back by POST."""
    stays = request.headers.get("HX-Request") == "true" and not any(
        response.has_header(name) for name in LEAVING
    )
    if stays:
        return trigger_client_event(response, "ym:toast", {"text": text, "undo": undo, "tone": tone})
    messages.add_message(request, LEVELS[tone], text, extra_tags=f"undo:{undo}" if undo else "")
    return response


FILE_TYPES = {"json": "application/json", "fhir": "application/fhir+json", "pdf": "application/pdf"}


def as_file(data: bytes, shape: str, name: str) -> HttpResponse:
    """Hand bytes over: a PDF opens in the browser, everything else is saved under its name."""
    ending = {"json": "json", "fhir": "fhir.json", "pdf": "pdf"}[shape]
    way = "inline" if shape == "pdf" else "attachment"
    headers = {"Content-Disposition": f'{way}; filename="{name}.{ending}"'}
    return HttpResponse(data, content_type=FILE_TYPES[shape], headers=headers)


def redirect_to(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the reader to another page, whether he came by htmx or not."""
    address = resolve_url(to, *args, **kwargs)
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(address)
    return HttpResponseRedirect(address)


def is_phone(request: HttpRequest) -> bool:
    """Whether the page is open on a telephone, as far as the browser says."""
    hint, agent = request.headers.get("Sec-CH-UA-Mobile", ""), request.headers.get("User-Agent", "")
    return hint == "?1" or "Mobi" in agent or "MicroMessenger" in agent
