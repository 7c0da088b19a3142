"""Who may open a screen: every view says so itself, and a house test reads what it said."""

import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import Resolver404, get_script_prefix, get_urlconf, resolve
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from yimei.core.errors import NotFound
from yimei.people.access import may
from yimei.people.models import Staff
from yimei.people.roles import Permission

P = ParamSpec("P")
Holds = Callable[[Staff, Permission], bool]
ROW = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""What names a row in an address; which rights open a page does not hang on it."""
NO_ROW = "00000000-0000-0000-0000-000000000000"


class StaffRequest(HttpRequest):
    """A request that has passed `allow`: somebody of the staff is behind it."""

    user: Staff
    htmx: HtmxDetails
    reference: str
    device: str
    rail: str
    """The place of the rail to light, where the address does not say it: a URL name."""

    holds: Holds
    """Which rights reach the row of this page, where it knows: what its links to rows are shown by."""


class GuardedView(Protocol):
    """A view that names the rights of which one opens it; none means everybody who is signed in."""

    permission: tuple[Permission, ...]

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
OpenView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def allow(*permissions: Permission, unready: bool = False) -> Callable[[StaffView[P]], OpenView[P]]:
    """Open a view to staff who hold one of these rights; to others it does not exist.

    Whoever still owes a second factor or a new password sees only the pages marked ``unready``.
    """

    def guard(view: StaffView[P]) -> OpenView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not unready and (step := _owed(request.user)):
                return _redirect(request, resolve_url(step))
            if permissions and not any(may(request.user, permission) for permission in permissions):
                raise NotFound
            return view(cast(StaffRequest, request), *args, **kwargs)

        guarded.permission = permissions  # type: ignore[attr-defined]
        return cast(OpenView[P], guarded)

    return guard


def opens(user: Staff | AnonymousUser, url: str, *, holds: Holds = may) -> bool:
    """Ask the guard of the page behind an address whether it lets somebody in; a link is shown no sooner.

    What is not of this program, and what no guard stands before, is open. Who knows the row in the address
    says in ``holds`` whether a right reaches as far as that.
    """
    path, rows = ROW.subn(NO_ROW, urlsplit(url).path)
    rights = _rights_of(path, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    if rights is None:
        return True
    asked = holds if rows else may
    return isinstance(user, Staff) and (not rights or any(asked(user, right) for right in rights))


@lru_cache(maxsize=1024)
def _rights_of(path: str, urlconf: str, prefix: str) -> tuple[Permission, ...] | None:
    """Each page asks about dozens of addresses; to find the view of one takes a quarter of a millisecond."""
    try:
        view = resolve("/" + path.removeprefix(prefix), urlconf).func
    except Resolver404:
        return None
    rights: tuple[Permission, ...] | None = getattr(view, "permission", None)
    return rights


def public(reason: str) -> Callable[[OpenView[P]], OpenView[P]]:
    """Open a view to everybody, and say why."""

    def mark(view: OpenView[P]) -> OpenView[P]:
        view.public = reason  # type: ignore[attr-defined]
        return view

    return mark


def page_behind(request: HttpRequest) -> str:
    """Return the local page on which the reader is: this one, or for htmx and posts the one that holds it."""
    if request.method in {"GET", "HEAD"} and not _is_htmx(request):
        return request.get_full_path()
    behind = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(behind, {request.get_host()}):
        return ""
    parts = urlsplit(behind)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the reader to the door, with the way back in hand."""
    back = page_behind(request)
    address = resolve_url(settings.LOGIN_URL) + (f"?{urlencode({'next': back})}" if back else "")
    return _redirect(request, address)


def _owed(staff: Staff) -> str:
    """The page on which somebody must first finish signing in."""
    if staff.must_enrol_totp:
        return "desk:sign-in-totp"
    return "desk:password-change" if staff.must_change_password else ""


def _redirect(request: HttpRequest, address: str) -> HttpResponse:
    if _is_htmx(request):
        return HttpResponseClientRedirect(address)
    return HttpResponse(status=302, headers={"Location": address})


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
