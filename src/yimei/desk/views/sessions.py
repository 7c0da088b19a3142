"""The door: password, second factor, the way out."""

import json
from base64 import b64encode
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yimei.core.errors import RuleBroken
from yimei.desk.forms.sessions import CodeForm, SignInForm
from yimei.desk.views.devices import device_of
from yimei.people.actions import sessions
from yimei.ui.forms.refusals import blame, blaming
from yimei.ui.guard import StaffRequest, allow, public
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import Staff

PROVED = "desk.password_proved"
"""In the browser's session between the two steps: who proved the password, and until when it counts."""
PROVED_LASTS = timedelta(minutes=5)


@public("the door")
def sign_in(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, AnonymousUser):
        return redirect(_next(request))
    form = SignInForm(request.POST or None, initial={"username": request.GET.get("as", "")[:60]})
    now = timezone.now()
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["username"]
        try:
            staff = sessions.sign_in(
                name, form.cleaned_data["password"], ip=_ip(request), device=device_of(request), now=now
            )
            return _let_in(request, staff, now=now)
        except RuleBroken as refusal:
            if refusal.code == "totp_needed":
                request.session[PROVED] = {"name": name, "until": (now + PROVED_LASTS).isoformat()}
                return redirect(_with_next(request, "desk:sign-in-totp"))
            blame(form, refusal)
    values = {"form": form, "next": _next(request), "accounts": _demo_accounts()}
    return render(request, "desk/sessions/sign_in.html", values, status=422 if form.errors else 200)


@public("the second step of the door; opens nothing without the first")
def totp(request: HttpRequest) -> HttpResponse:
    """The code of one's phone; or, for a role that needs one and has none, its enrolment."""
    if not isinstance(request.user, AnonymousUser):
        return _enrol(request, request.user)
    now, name = timezone.now(), _proved(request)
    if not name:
        return redirect(_with_next(request, "desk:sign-in"))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            staff = sessions.second_step(name, form.cleaned_data["totp"], ip=_ip(request), now=now)
            return _let_in(request, staff, now=now)
    values = {"form": form, "next": _next(request)}
    return render(request, "desk/sessions/totp.html", values, status=422 if form.errors else 200)


@require_POST
@allow(unready=True)
def sign_out(request: StaffRequest) -> HttpResponse:
    sessions.sign_out(request.session.session_key or "", now=timezone.now())
    logout(request)
    return toast(request, redirect("desk:sign-in"), _("已退出登录。"))


@require_POST
@allow(unready=True)
def sign_out_everywhere(request: StaffRequest) -> HttpResponse:
    sessions.sign_out_everywhere(by=request.user, now=timezone.now())
    logout(request)
    return toast(request, redirect("desk:sign-in"), _("已退出所有设备。"))


def _let_in(request: HttpRequest, staff: "Staff", *, now: datetime) -> HttpResponse:
    """Bind the browser to its user under a fresh session key."""
    destination = _next(request)
    request.session.pop(PROVED, None)
    login(request, staff)
    key = request.session.session_key
    assert key is not None
    sessions.start(staff, session_key=key, ip=_ip(request), device=device_of(request), now=now)
    return redirect(destination)


def _enrol(request: HttpRequest, staff: "Staff") -> HttpResponse:
    """Show the key once, and let it count from its first right code on."""
    if staff.totp_confirmed_at is not None:
        return redirect(_next(request))
    form, now = CodeForm(request.POST or None), timezone.now()
    values: dict[str, Any] = {"form": form, "enrolment": None, "is_owed": staff.must_enrol_totp}
    if request.method == "POST" and "begin" in request.POST:
        enrolment = sessions.begin_totp(by=staff, now=now)
        values |= {"enrolment": enrolment, "picture": _picture(enrolment.qr_svg), "form": CodeForm()}
        return render(request, "desk/sessions/enrol.html", values)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            sessions.confirm_totp(form.cleaned_data["totp"], by=staff, now=now)
            return toast(request, redirect_to(request, _next(request)), _("动态口令已启用。"))
    return render(request, "desk/sessions/enrol.html", values, status=422 if form.errors else 200)


def _picture(svg: str) -> str:
    """The drawing as an address that stands in the page itself; on white, whatever the theme."""
    drawing = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    drawing = drawing.replace(">", '><rect width="100%" height="100%" fill="#fff"/>', 1)
    return "data:image/svg+xml;base64," + b64encode(drawing.encode()).decode()


def _proved(request: HttpRequest) -> str:
    """Who proved the password a moment ago in this browser; blank when nobody did."""
    known = request.session.get(PROVED)
    if not known or timezone.now() >= datetime.fromisoformat(known["until"]):
        return ""
    return str(known["name"])


def _next(request: HttpRequest) -> str:
    """Where the reader was going, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else resolve_url("desk:today")


def _with_next(request: HttpRequest, page: str) -> str:
    destination = _next(request)
    if destination == resolve_url("desk:today"):
        return resolve_url(page)
    return f"{resolve_url(page)}?{urlencode({'next': destination})}"


def _ip(request: HttpRequest) -> str | None:
    address: str | None = request.META.get("REMOTE_ADDR")
    return address


def _demo_accounts() -> list[dict[str, str]]:
    """The public accounts of a rehearsed hospital; none in a real one."""
    file = settings.VAR_DIR / "demo.json"
    if not settings.DEVELOPMENT or not file.is_file():
        return []
    accounts: list[dict[str, str]] = json.loads(file.read_text("utf-8"))["accounts"]
    return accounts
