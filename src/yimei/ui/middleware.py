"""What happens round every request: who asks, from where, whether the session lives, and how no is said."""

import logging
import secrets
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from yimei.audit import context
from yimei.core.errors import Refusal
from yimei.people.access import stand_at
from yimei.people.actions import sessions
from yimei.people.models import Staff
from yimei.ui.guard import to_sign_in
from yimei.ui.views.errors import problem, refused, wants_json

GetResponse = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger("yimei.ui")

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CAMPUS_KEY = "campus"
"""Where the browser's session keeps the campus at which the reader works."""
UNATTENDED = "X-Unattended"
"""Header of what an open page asks by itself."""
DEVICE_COOKIE = "ym_device"
DEVICE_AGE = 400 * 24 * 3600
ACTED_COOKIE = "ym_acted"
"""Changes with all that the reader does, so that an open page knows which of its numbers are of before."""
SAFE = {"GET", "HEAD", "OPTIONS"}
PERMISSIONS_POLICY = ", ".join(
    ["camera=(self)", "microphone=()", "geolocation=()", "payment=()", "usb=()", "browsing-topics=()"]
)


def new_reference() -> str:
    """Make a number that a reader can say on the telephone."""
    letters = "".join(secrets.choice(ALPHABET) for _position in range(8))
    return f"{letters[:4]}-{letters[4:]}"


class RequestContextMiddleware:
    """Gives the request its reference number and tells the audit log where it comes from."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        known = request.COOKIES.get(DEVICE_COOKIE, "")
        device = known if len(known) == 32 and known.isalnum() else uuid4().hex
        request.reference = new_reference()  # type: ignore[attr-defined]
        request.device = device  # type: ignore[attr-defined]
        context.set_request(
            session=request.session.session_key, ip=request.META.get("REMOTE_ADDR"), device=device
        )
        try:
            response = self.get_response(request)
        finally:
            context.clear()
        response["X-Request-ID"] = request.reference  # type: ignore[attr-defined]
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        if request.user.is_authenticated:
            self._keep_private(response)
            if request.method not in SAFE and UNATTENDED not in request.headers:
                mark = secrets.token_hex(4)
                response.set_cookie(ACTED_COOKIE, mark, samesite="Lax", secure=request.is_secure())
            if known != device:
                response.set_cookie(
                    DEVICE_COOKIE,
                    device,
                    max_age=DEVICE_AGE,
                    httponly=True,
                    samesite="Lax",
                    secure=request.is_secure(),
                )
        return response

    @staticmethod
    def _keep_private(response: HttpResponseBase) -> None:
        """Keep what staff saw out of the browser's history after they leave."""
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)


class SessionLimitMiddleware:
    """Ends a session that idled or lasted too long, and sends its owner back to where he was."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        key = request.session.session_key
        if not request.user.is_authenticated:
            return self.get_response(request)
        if key and sessions.touch(key, timezone.now(), is_attended=UNATTENDED not in request.headers):
            self._stand(request)
            return self.get_response(request)
        logout(request)
        text = _("登录已过期，请重新登录。")
        if wants_json(request):
            return problem(request, status=401, title=text, code="session")
        messages.warning(request, text)
        return to_sign_in(request)

    @staticmethod
    def _stand(request: HttpRequest) -> None:
        """Stand at the campus chosen in this browser, as long as the reader may."""
        chosen = request.session.get(CAMPUS_KEY)
        if chosen and not stand_at(cast(Staff, request.user), UUID(chosen)):
            del request.session[CAMPUS_KEY]


class RefusalMiddleware:
    """Turns a refusal into an answer the reader can act on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return refused(request, exception)
        reference: Any = getattr(request, "reference", "")
        logger.error("Reference %s: %s", reference, type(exception).__name__)
        return None
