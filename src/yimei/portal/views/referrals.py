"""One's own code to give to friends, and what a friend decides about who brought her."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.growth.actions import referrals as actions
from yimei.growth.queries import members
from yimei.growth.queries import referrals as queries
from yimei.portal.views.door import own, tabs
from yimei.privacy.queries.centre.visits import Visit
from yimei.ui.rules.pictures import qr
from yimei.ui.views import toast


@own
@require_GET
def mine(request: HttpRequest, session: Visit) -> HttpResponse:
    """Counts and thanks, never who came; a guardian has no code and a minor none at all."""
    _herself(session)
    now = timezone.now()
    found = queries.own_page(members.member_of(session.patient), now=now)
    version = queries.version_on(local_date(now))
    code = found.code.code if found.code else ""
    link = request.build_absolute_uri(f"{reverse('site:ask')}?code={code}") if code else ""
    values = {
        "mine": found,
        "link": link,
        "picture": qr(link) if link else "",
        "brought": queries.brought(session.patient),
        "policy": version.rules if version else None,
        "promises": queries.promises(version.rules, today=local_date(now)) if version else {},
        "tabs": tabs("home"),
    }
    return render(request, "portal/centre/referral.html", values)


@own
@require_POST
def take(request: HttpRequest, session: Visit) -> HttpResponse:
    _herself(session)
    actions.issue_own(queries.own_member(session.patient), now=timezone.now())
    return toast(request, redirect("portal:referral"), _("推荐码已领取。"))


@own
@require_POST
def stop(request: HttpRequest, session: Visit) -> HttpResponse:
    _herself(session)
    actions.revoke_own(queries.own_member(session.patient), now=timezone.now())
    return toast(request, redirect("portal:referral"), _("推荐码已停用，可以随时再领一个新的。"))


@own
@require_POST
def tell(request: HttpRequest, session: Visit) -> HttpResponse:
    _herself(session)
    may_tell = request.POST.get("may") == "yes"
    actions.let_tell(session.patient, may_tell=may_tell, now=timezone.now())
    said = (
        _("推荐您的朋友会看到您的姓，随时可以撤回。") if may_tell else _("已撤回，推荐您的朋友看不到您是谁。")
    )
    return toast(request, redirect("portal:referral"), said)


@own
@require_POST
def leave(request: HttpRequest, session: Visit) -> HttpResponse:
    _herself(session)
    actions.break_off(session.patient, now=timezone.now())
    return toast(request, redirect("portal:referral"), _("已解除推荐关系；不影响您的诊疗和已得的感谢。"))


def _herself(session: Visit) -> None:
    if session.guardian:
        raise NotFound
