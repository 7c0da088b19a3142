"""Segments: the list, the editor with its live count, why one person is in or out, tags."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms import segments as drafts
from yimei.desk.forms.segments import PersonForm, SegmentForm, TagForm
from yimei.growth.access import open_segment
from yimei.growth.actions import segments as actions
from yimei.growth.actions import tags as tagging
from yimei.growth.enums import SegmentUse
from yimei.growth.queries import segments as queries
from yimei.growth.rules import segments as rules
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blame, blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.growth.models import Segment


@require_GET
@allow(Permission.GROWTH_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/segments/index.html", {"rows": queries.listed(by=request.user)})


@allow(Permission.GROWTH_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    if request.method != "POST":
        return _editor(request, SegmentForm(), drafts.Draft("all"), None)
    return _posted(request, None)


@allow(Permission.GROWTH_VIEW)
def detail(request: StaffRequest, segment_id: UUID) -> HttpResponse:
    segment = open_segment(segment_id, by=request.user)
    if request.method != "POST":
        form = SegmentForm(initial={"name": segment.name, "use": segment.use})
        return _editor(request, form, drafts.from_tree(segment.rules), segment)
    if not request.user.may(Permission.GROWTH_WRITE):
        raise NotFound
    return _posted(request, segment)


@require_GET
@allow(Permission.GROWTH_VIEW)
def count(request: StaffRequest, segment_id: UUID) -> HttpResponse:
    """The live count of one line of the list: each line asks for itself, none waits for the others."""
    segment = open_segment(segment_id, by=request.user)
    inside = queries.members(segment, on=local_date(timezone.now()), by=request.user).count()
    return render(request, "desk/segments/index.html#count", {"count": inside})


@require_POST
@allow(Permission.GROWTH_WRITE)
def archive(request: StaffRequest, segment_id: UUID) -> HttpResponse:
    actions.archive(segment_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:segments"), _("已停用这个分群。"))


@require_POST
@allow(Permission.GROWTH_VIEW)
def explain(request: StaffRequest, segment_id: UUID) -> HttpResponse:
    """Say why one person is in or out; the look is in the log."""
    form, answer, said = PersonForm(request.POST), None, ""
    if form.is_valid():
        try:
            answer = actions.explain(segment_id, **form.cleaned_data, by=request.user, now=timezone.now())
        except NotFound as refusal:
            said = refusal.message
    values = {"person_form": form, "answer": answer, "said": said, "segment_id": segment_id}
    return render(request, "desk/segments/segment.html#why", values, status=200 if answer else 422)


@allow(Permission.GROWTH_VIEW)
def tags(request: StaffRequest) -> HttpResponse:
    form = TagForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with blaming(form):
            tagging.create(**form.cleaned_data, by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:tags"), _("已新建标签。"))
    values = {"form": form, "rows": queries.tags()}
    return render(request, "desk/segments/tags.html", values, status=422 if form.is_bound else 200)


# ---- what the pages share -------------------------------------------------------------------------


def _posted(request: StaffRequest, segment: "Segment | None") -> HttpResponse:
    """A click on the tree draws it again; saving checks the whole."""
    form, draft = SegmentForm(request.POST), drafts.read(request.POST)
    what = request.POST.get("do", "")
    if what != "save":
        return _editor(request, form, drafts.act(draft, what), segment, is_piece=_is_piece(request))
    if not form.is_valid():
        return _editor(request, form, draft, segment, is_checked=True)
    asked: dict[str, Any] = {**form.cleaned_data, "tree": drafts.tree_of(draft)}
    asked |= {"by": request.user, "now": timezone.now()}
    try:
        saved = actions.change(segment.public_id, **asked) if segment else actions.create(**asked)
    except RuleBroken as refusal:
        blame(form, refusal)
        return _editor(request, form, draft, segment, is_checked=True)
    done = redirect_to(request, "desk:segment", saved.public_id)
    return toast(request, done, _("已保存，现有 %(n)s 人。") % {"n": f"{saved.counted:,}"})


def _is_piece(request: StaffRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _editor(
    request: StaffRequest,
    form: SegmentForm,
    draft: drafts.Draft,
    segment: "Segment | None",
    *,
    is_piece: bool = False,
    is_checked: bool = False,
) -> HttpResponse:
    here = reverse("desk:segment", args=[segment.public_id]) if segment else reverse("desk:segment-new")
    may_write = request.user.may(Permission.GROWTH_WRITE) and (segment is None or segment.archived_at is None)
    values = {
        "form": form,
        "tree": drafts.rows(draft, queries.tag_labels(), is_checked=is_checked),
        "kinds": [(code, str(label)) for code, label in drafts.KINDS.items()],
        "groups": list(drafts.groups()),
        "segment": segment,
        "here": here,
        "may_write": may_write,
        "versions": list(segment.versions.select_related("by")[:8]) if segment else [],
        "person_form": PersonForm(),
        "answer": None,
        "said": "",
        "segment_id": segment.public_id if segment else None,
        **_counted(request, form, draft, segment),
    }
    if is_piece:
        return render(request, "desk/segments/segment.html#editor", values)
    return render(request, "desk/segments/segment.html", values, status=422 if form.errors else 200)


def _counted(
    request: StaffRequest, form: SegmentForm, draft: drafts.Draft, segment: "Segment | None"
) -> dict[str, Any]:
    """The live count, or why there is none yet."""
    use = str(form["use"].value() or "")
    try:
        node = rules.parse(drafts.tree_of(draft))
        purpose = SegmentUse(use if use in SegmentUse.values else SegmentUse.CARE)
        rules.check_use(node, purpose)
    except RuleBroken as refusal:
        return {"count": None, "why_not": refusal.message, "use": use}
    campus = segment.campus_id if segment else request.user.campus_id
    on = local_date(timezone.now())
    return {
        "count": queries.count(node, purpose, on=on, by=request.user, campus=campus),
        "why_not": "",
        "use": use,
    }
