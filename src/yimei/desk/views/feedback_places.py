"""Where feedback comes from: the codes at points of care, and files of platform reviews."""

from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.desk.forms.feedback import PlaceForm, ReviewFileForm
from yimei.growth.actions import hearing as actions
from yimei.growth.queries import feedback as queries
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast


@allow(Permission.FEEDBACK_ASSIGN)
def places(request: StaffRequest) -> HttpResponse:
    form = PlaceForm(posted(request))
    if form.is_bound and form.is_valid():
        with blaming(form):
            actions.open_place(**form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:feedback-places"), _("已生成意见码。"))
    values = {"form": form, "places": queries.places(by=request.user)}
    return render(request, "desk/feedback/places.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.FEEDBACK_ASSIGN)
def stop(request: StaffRequest, place_id: UUID) -> HttpResponse:
    actions.stop_place(place_id, by=request.user, now=timezone.now())
    text = _("已停用，贴着的码不能再提交；已有的意见不变。")
    return toast(request, redirect_to(request, "desk:feedback-places"), text)


@require_GET
@allow(Permission.FEEDBACK_ASSIGN)
def poster(request: StaffRequest, place_id: UUID) -> HttpResponse:
    """The sheet that is printed and put up."""
    place = queries.open_place(place_id, by=request.user)
    address = settings.PUBLIC_URL + reverse("site:say", args=[place.code])
    picture = str(segno.make(address, error="q", micro=False).svg_data_uri(scale=8, border=2))
    values = {"place": place, "address": address, "picture": picture}
    return render(request, "desk/feedback/poster.html", values)


@allow(Permission.FEEDBACK_ASSIGN)
def reviews(request: StaffRequest) -> HttpResponse:
    """Read a file of platform reviews, and say line by line what was not taken."""
    form = ReviewFileForm(posted(request), request.FILES or None)
    if form.is_bound and form.is_valid():
        with blaming(form):
            file = actions.bring_in(
                form.content, platform=form.cleaned_data["platform"], by=request.user, now=timezone.now()
            )
            text = _("已导入：新评价 %(new)d 条，已有 %(known)d 条，未收下 %(refused)d 行。")
            words = {"new": file.created, "known": file.known, "refused": len(file.refused)}
            return toast(request, redirect_to(request, "desk:feedback-reviews"), text % words)
    values = {"form": form, "files": queries.files(by=request.user)}
    return render(request, "desk/feedback/reviews.html", values, status=422 if form.is_bound else 200)
