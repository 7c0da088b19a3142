"""Customers' stories: written with her, checked by two, put where she allowed, taken down."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.stories import DownForm, ReviewForm, StandForm
from yimei.desk.views.customer.frames import patient_frame
from yimei.growth.actions import stories as actions
from yimei.growth.actions import story_stands as stands
from yimei.growth.enums.stories import Checker, StoryPlace, StoryStatus
from yimei.growth.queries import stories as queries
from yimei.hospital.enums import Category
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.forms.stories import StoryAgreeForm, StoryForm, StoryPictureForm
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from django import forms

    from yimei.growth.models import Story

PAGE = 30
READERS = queries.READING
LABELS = {
    "wait": gettext_lazy("待审核"),
    "use": gettext_lazy("可以使用"),
    "draft": gettext_lazy("草稿"),
    "down": gettext_lazy("待撤下"),
    "over": gettext_lazy("已停止"),
}


@require_GET
@allow(*READERS)
def index(request: StaffRequest) -> HttpResponse:
    by = request.user
    counted = queries.counts(by=by)
    view = request.GET.get("view", "")
    view = view if view in LABELS else ("down" if counted["down"] else "wait")
    page = Paginator(queries.listed(view, by=by), PAGE).get_page(request.GET.get("page"))
    values = {
        "page": page,
        "view": view,
        "views": [
            (label, f"?view={name}", name == view, counted.get(name)) for name, label in LABELS.items()
        ],
        "may_show": by.may(Permission.STORY_SHOW),
    }
    return render(request, "desk/stories/index.html", values)


@require_GET
@allow(Permission.STORY_WRITE)
def of_patient(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    """Her stories, and the button that begins one with her."""
    customer = patient_frame(request, patient_id, current="patient-stories")
    values = {
        "customer": customer,
        "rows": queries.of_patient(customer.patient, by=request.user),
        "may_begin": queries.may_decide(customer.patient, local_date(customer.now)),
    }
    return render(request, "desk/stories/of_patient.html", values)


@require_POST
@allow(Permission.STORY_WRITE)
def begin(request: StaffRequest, patient_id: UUID) -> HttpResponse:
    story = actions.begin(patient_id, by=request.user, now=timezone.now())
    return redirect_to(request, "desk:story", story.public_id)


@require_GET
@allow(*READERS)
def detail(request: StaffRequest, story_id: UUID) -> HttpResponse:
    response = _page(request, story_id)
    actions.look(story_id, by=request.user, now=timezone.now())
    return response


@require_POST
@allow(Permission.STORY_WRITE)
def write(request: StaffRequest, story_id: UUID) -> HttpResponse:
    form = StoryForm(request.POST)
    if form.is_valid():
        with blaming(form):
            actions.write(story_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, story_id, _("已保存。"))
    return _page(request, story_id, words=form)


@require_POST
@allow(Permission.STORY_WRITE)
def add_picture(request: StaffRequest, story_id: UUID) -> HttpResponse:
    form = StoryPictureForm(request.POST, request.FILES)
    if form.is_valid():
        with blaming(form):
            actions.add_picture(story_id, **form.values, by=request.user, now=timezone.now())
            return _done(request, story_id, _("照片已加上。"))
    return _page(request, story_id, picture=form)


@require_POST
@allow(Permission.STORY_WRITE)
def drop_picture(request: StaffRequest, story_id: UUID, picture_id: UUID) -> HttpResponse:
    actions.drop_picture(story_id, picture_id, by=request.user, now=timezone.now())
    return _done(request, story_id, _("照片已移除。"))


@require_POST
@allow(Permission.STORY_WRITE)
def agree(request: StaffRequest, story_id: UUID) -> HttpResponse:
    """She signs at the desk, on the tablet, for exactly what stands on the page."""
    form, now = StoryAgreeForm(request.POST), timezone.now()
    if form.is_valid():
        today = local_date(now)
        with blaming(form):
            values = form.values(today=today, most=queries.most_days(today))
            actions.agree(story_id, **values, by=request.user, device=request.device, now=now)
            return _done(request, story_id, _("已记录本人的同意，等待审核。"))
    return _page(request, story_id, agree=form)


@require_POST
@allow(Permission.STORY_MEDICAL, Permission.STORY_LAW)
def review(request: StaffRequest, story_id: UUID, checker: str) -> HttpResponse:
    if checker not in Checker.values or not request.user.may(queries.CHECKING[Checker(checker)]):
        raise NotFound
    form = ReviewForm(request.POST, checker=Checker(checker))
    if form.is_valid():
        with blaming(form):
            actions.review(
                story_id,
                checker=Checker(checker),
                yes=form.cleaned_data["yes"],
                passes=form.cleaned_data["verdict"],
                note=form.cleaned_data["note"] or "",
                by=request.user,
                now=timezone.now(),
            )
            return _done(request, story_id, _("已登记审核结论。"))
    return _page(request, story_id, **{checker: form})


@require_POST
@allow(Permission.STORY_WRITE)
def put_up(request: StaffRequest, story_id: UUID) -> HttpResponse:
    form = StandForm(request.POST)
    if form.is_valid():
        with blaming(form):
            stands.put_up(story_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, story_id, _("已登记。"))
    return _page(request, story_id, stand=form)


@require_POST
@allow(Permission.STORY_WRITE)
def take_down(request: StaffRequest, stand_id: UUID) -> HttpResponse:
    form, row = DownForm(request.POST), queries.open_stand_to_read(stand_id, by=request.user)
    story_id = row.version.story.public_id
    if form.is_valid():
        with blaming(form):
            stands.take_down(stand_id, **form.cleaned_data, by=request.user, now=timezone.now())
            return _done(request, story_id, _("已登记撤下。"))
    return _page(request, story_id, down=form)


@require_POST
@allow(Permission.STORY_WRITE, Permission.STORY_LAW)
def withdraw(request: StaffRequest, story_id: UUID) -> HttpResponse:
    """She said so at the desk or on the telephone."""
    stands.withdraw(story_id, by=request.user, device=request.device, now=timezone.now())
    return _done(request, story_id, _("已撤回，系统内立即消失；其余各处限时撤下。"))


@require_POST
@allow(Permission.STORY_WRITE)
def stop(request: StaffRequest, story_id: UUID) -> HttpResponse:
    stands.stop(story_id, by=request.user, now=timezone.now())
    return _done(request, story_id, _("已停用；其余各处限时撤下。"))


@require_GET
@allow(Permission.STORY_SHOW)
def album(request: StaffRequest, place: str) -> HttpResponse:
    """What may be shown to a customer in a talk, or used in training, this moment."""
    category = request.GET.get("category", "")
    category = category if category in Category.values else ""
    found = queries.shown(StoryPlace(place), by=request.user, category=category, now=timezone.now())
    values = {
        "rows": found,
        "place": place,
        "categories": [
            (str(label), f"?category={value}" if value else "?", value == category)
            for value, label in [("", _("全部")), *Category.choices]
        ],
    }
    return render(request, "desk/stories/album.html", values)


@require_GET
@allow(Permission.STORY_SHOW)
def show(request: StaffRequest, story_id: UUID, place: str) -> HttpResponse:
    story = stands.show(story_id, place=StoryPlace(place), by=request.user, now=timezone.now())
    values = {"story": story, "version": story.current, "shots": queries.shots(story), "place": place}
    return render(request, "desk/stories/show.html", values)


@require_GET
@allow(*READERS, Permission.STORY_SHOW)
def picture(request: StaffRequest, picture_id: UUID) -> HttpResponse:
    """One picture with its reader's name across it; once the story is over it is nowhere."""
    data = actions.picture(picture_id, by=request.user, now=timezone.now())
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _page(request: StaffRequest, story_id: UUID, **bound: "forms.Form") -> HttpResponse:
    by = request.user
    row = queries.open_any(story_id, by=by)
    is_draft = row.status == StoryStatus.DRAFT
    start = {name: getattr(row, name) for name in ("title", "words", "category")} if row.is_readable else {}
    writes = queries.may_write(row, by=by)
    values = {
        "story": row,
        "who": queries.who(row, by=by),
        "version": row.current,
        "shots": queries.shots(row),
        "stands": queries.stands_of(row),
        "reviews": queries.reviews_of(row),
        "returned": queries.returned(row),
        "steps": row.steps.select_related("by"),
        "promises": queries.promises(),
        "closed": [one for one in queries.chances(row) if one.refusal],
        "now": timezone.now(),
        "may_write": writes,
        "is_draft": is_draft,
        "may_withdraw": (writes or by.may(Permission.STORY_LAW)) and StoryStatus.ENDED in row.open_moves,
        "words": StoryForm(initial=start),
        "picture": StoryPictureForm(),
        "agree": StoryAgreeForm(),
        "medical": _review_form(row, Checker.MEDICAL, request),
        "law": _review_form(row, Checker.LAW, request),
        "stand": StandForm(),
        "down": DownForm(),
    } | bound
    return render(request, "desk/stories/story.html", values, status=422 if bound else 200)


def _review_form(row: "Story", checker: Checker, request: StaffRequest) -> ReviewForm | None:
    """Only for whoever may still give this check."""
    return ReviewForm(checker=checker) if queries.may_review(row, checker, by=request.user) else None


def _done(request: StaffRequest, story_id: UUID, text: str) -> HttpResponse:
    return toast(request, redirect_to(request, "desk:story", story_id), text)
