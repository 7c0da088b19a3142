"""One's own account: password, second factor, the browsers that are signed in, the campus one works for."""

from typing import TYPE_CHECKING

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yimei.desk.forms.sessions import PasswordForm
from yimei.desk.views.devices import device_of
from yimei.people import queries
from yimei.people.actions import sessions
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import Staff


@allow()
def account(request: StaffRequest) -> HttpResponse:
    values = {
        "sessions": queries.open_sessions(request.user),
        "here": queries.session_behind(request.session.session_key or ""),
    }
    return render(request, "desk/account/account.html", values)


@allow(unready=True)
def change_password(request: StaffRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            staff = sessions.change_password(
                by=request.user,
                old=form.cleaned_data["old_password"],
                new=form.cleaned_data["password"],
                now=timezone.now(),
            )
            update_session_auth_hash(request, staff)
            _keep_this_browser(request, staff)
            return toast(request, redirect_to(request, "desk:account"), _("密码已修改，其他设备已退出登录。"))
    values = {"form": form, "is_owed": request.user.must_change_password}
    return render(request, "desk/account/password.html", values, status=422 if form.errors else 200)


def _keep_this_browser(request: StaffRequest, staff: "Staff") -> None:
    """A new password ends every sign-in and renews the key of the one at hand."""
    key = request.session.session_key
    assert key is not None
    device = device_of(request)
    sessions.start(
        staff, session_key=key, ip=request.META.get("REMOTE_ADDR"), device=device, now=timezone.now()
    )
