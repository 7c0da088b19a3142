"""Her own stories on her phone: written, agreed to, and taken back by one click."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.growth.actions import stories as actions
from yimei.growth.actions import story_stands
from yimei.growth.enums.stories import StoryStatus
from yimei.growth.queries import stories as queries
from yimei.growth.queries import story_chart
from yimei.portal.views.door import own, tabs
from yimei.privacy.queries.centre.visits import Visit
from yimei.ui.forms.refusals import blaming
from yimei.ui.forms.stories import StoryAgreeForm, StoryChartForm, StoryForm, StoryPictureForm
from yimei.ui.views import toast

if TYPE_CHECKING:
    from django import forms

    from yimei.people.models import Patient


@own
@require_GET
def index(request: HttpRequest, session: Visit) -> HttpResponse:
    patient = _herself(session)
    values = {
        "rows": queries.own(patient),
        "may_begin": queries.may_decide(patient, local_date(timezone.now())),
        "promises": queries.promises(),
        "tabs": tabs("home"),
    }
    return render(request, "portal/centre/stories.html", values)


@own
@require_POST
def begin(request: HttpRequest, session: Visit) -> HttpResponse:
    story = actions.begin_own(_herself(session), now=timezone.now())
    return redirect("portal:story", story.public_id)


@own
@require_GET
def story(request: HttpRequest, session: Visit, story_id: UUID) -> HttpResponse:
    return _page(request, _herself(session), story_id)


@own
@require_POST
def write(request: HttpRequest, session: Visit, story_id: UUID) -> HttpResponse:
    patient, form = _herself(session), StoryForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.write(story_id, **form.cleaned_data, by=patient, now=timezone.now())
            return toast(request, redirect("portal:story", story_id), _("已保存。"))
    return _page(request, patient, story_id, words=form)


@own
@require_POST
def add_picture(request: HttpRequest, session: Visit, story_id: UUID) -> HttpResponse:
    patient, form = _herself(session), StoryPictureForm(request.POST, request.FILES)
    if form.is_valid():
        with blaming(form):
            actions.add_picture(story_id, **form.values, by=patient, now=timezone.now())
            return toast(request, redirect("portal:story", story_id), _("照片已加上。"))
    return _page(request, patient, story_id, picture=form)


@own
@require_POST
def add_from_chart(request: HttpRequest, session: Visit, story_id: UUID) -> HttpResponse:
    patient, form = _herself(session), StoryChartForm(request.POST, auto_id="chart_%s")
    if form.is_valid():
        with blaming(form):
            actions.add_from_chart(story_id, **form.values, by=patient, now=timezone.now())
            return toast(request, redirect("portal:story", story_id), _("照片已加上。"))
    return _page(request, patient, story_id, chart=form)


@own
@require_POST
def drop_picture(request: HttpRequest, session: Visit, story_id: UUID, picture_id: UUID) -> HttpResponse:
    actions.drop_picture(story_id, picture_id, by=_herself(session), now=timezone.now())
    return toast(request, redirect("portal:story", story_id), _("照片已移除。"))


@own
@require_POST
def agree(request: HttpRequest, session: Visit, story_id: UUID) -> HttpResponse:
    patient, form, now = _herself(session), StoryAgreeForm(request.POST), timezone.now()
    if form.is_valid():
        today = local_date(now)
        with blaming(form):
            values = form.values(today=today, most=queries.most_days(today))
            device = str(getattr(request, "device", ""))
            actions.agree(story_id, **values, by=patient, device=device, now=now)
            return toast(request, redirect("portal:story", story_id), _("已记录您的同意，随时可以撤回。"))
    return _page(request, patient, story_id, agree=form)


@own
@require_POST
def withdraw(request: HttpRequest, session: Visit, story_id: UUID) -> HttpResponse:
    device = str(getattr(request, "device", ""))
    story_stands.withdraw(story_id, by=_herself(session), device=device, now=timezone.now())
    return toast(request, redirect("portal:stories"), _("已撤回，系统内立即消失；其余各处限时撤下。"))


@own
@require_GET
def picture(request: HttpRequest, session: Visit, picture_id: UUID) -> HttpResponse:
    return _jpeg(actions.picture(picture_id, by=_herself(session), now=timezone.now()))


@own
@require_GET
def chart_photo(request: HttpRequest, session: Visit, photo_id: UUID) -> HttpResponse:
    """A small one of her own chart, to choose by."""
    return _jpeg(story_chart.thumb(photo_id, patient=_herself(session)))


def _jpeg(data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _page(request: HttpRequest, patient: "Patient", story_id: UUID, **bound: "forms.Form") -> HttpResponse:
    row = queries.open_own(story_id, patient=patient)
    is_draft = row.status == StoryStatus.DRAFT
    start = {name: getattr(row, name) for name in ("title", "words", "category")} if is_draft else {}
    values = {
        "story": row,
        "shots": queries.shots(row),
        "stands": queries.stands_of(row),
        "returned": queries.returned(row),
        "promises": queries.promises(),
        "words": StoryForm(initial=start),
        "picture": StoryPictureForm(),
        "chart": StoryChartForm(auto_id="chart_%s"),
        "chart_shots": story_chart.shots(patient) if is_draft else [],
        "agree": StoryAgreeForm(),
        "tabs": tabs("home"),
    } | bound
    return render(request, "portal/centre/story.html", values, status=422 if bound else 200)


def _herself(session: Visit) -> "Patient":
    if session.guardian:
        raise NotFound
    return session.patient
