"""The plan: written by the responsible physician, option by option, version by version."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.core.numbers import whole
from yimei.desk.forms.plans import GROUPS, PlanForm
from yimei.desk.views.customer.frames import Frame, frame
from yimei.desk.views.options import is_chosen_again
from yimei.journey.access import open_case
from yimei.journey.actions import plans as actions
from yimei.journey.enums import PlanStatus
from yimei.journey.queries import expectations
from yimei.journey.queries import plans as queries
from yimei.journey.rules import merge
from yimei.journey.rules import plans as rules
from yimei.journey.rules.plans import Difference
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import Case, Plan

DiffRow = tuple[str, str | None, str | None]
LONGEST_KEPT = 8000
"""As many signs as the longest field of a plan takes; a draft is kept whole or not at all."""


@allow(Permission.CLINICAL_VIEW)
def plan(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _write(request, case_id)
    return _page(request, case_id)


def _write(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Save a draft or the next version; when somebody was faster, show both texts and keep every word."""
    case = open_case(case_id, by=request.user)
    now = timezone.now()
    values = _taken(case, request.POST.dict())
    form = _form(case, values)
    option = values.get("option", "") or "A"
    if values.get("act") == "draft":
        against = values.get("written_against", "")
        actions.save_draft(
            case_id,
            option=option,
            values=_kept(values),
            written_against=whole(against) or 0,
            by=request.user,
            now=now,
        )
        return toast(request, _back(request, case_id, option), _("草稿已保存，只有您看得到。"))
    if not form.is_valid():
        return _page(request, case_id, form=form, option=option)
    seen = form.cleaned_data["written_against"]
    try:
        saved = actions.finalise(case_id, draft=form.draft, written_against=seen, by=request.user, now=now)
    except RuleBroken as refusal:
        if refusal.code != "stale":
            raise
        return _merge(request, case, values, seen=seen, option=option, stale=refusal.message)
    said = _("方案 v%(version)d 已定稿，等客户选择。") % {"version": saved.version}
    return toast(request, _back(request, case_id, option), said)


def _merge(
    request: StaffRequest, case: "Case", values: Mapping[str, str], *, seen: int, option: str, stale: str
) -> HttpResponse:
    """Lay three texts beside each other; what only the other changed is taken over, all else stays mine."""
    newest = queries.of_option(case, option)
    assert newest is not None
    base, theirs = _base(case, seen), queries.raw(newest)
    groups = {name: fields for name, fields in GROUPS.items() if name != "side" or case.procedure.has_side}
    rows = merge.three_way(groups, base=base, theirs=theirs, mine=values)
    only_theirs = [row.group for row in rows if row.change == merge.Change.THEIRS]
    going_on = merge.take(GROUPS, only_theirs, theirs=theirs, mine=values)
    going_on |= {"written_against": str(newest.version), "merge_base": str(seen)}
    form = _form(case, going_on)
    labels = rules.labels()
    shown = [
        (
            row,
            labels[row.group],
            form.words(row.group, row.base),
            form.words(row.group, row.theirs),
            form.words(row.group, row.mine),
        )
        for row in rows
    ]
    return _page(
        request,
        case.public_id,
        form=form,
        option=option,
        stale=stale,
        merge_rows=shown,
        theirs=newest,
        seen=seen,
    )


def _taken(case: "Case", values: Mapping[str, str]) -> dict[str, str]:
    """Put the other's words where the writer chose them, once both texts were before him."""
    theirs = None
    against = whole(values.get("written_against"))
    if values.get("merge_base") and against is not None:
        theirs = queries.version_of(case, against)
    if theirs is None:
        return dict(values)
    chosen = [group for group in GROUPS if values.get(f"take_{group}") == merge.Change.THEIRS]
    return merge.take(GROUPS, chosen, theirs=queries.raw(theirs), mine=values)


def _base(case: "Case", seen: int) -> dict[str, str]:
    before = queries.version_of(case, seen) if seen else None
    return queries.raw(before) if before else {}


def _form(case: "Case", values: Mapping[str, str]) -> PlanForm:
    now = timezone.now()
    return PlanForm(
        values,
        has_side=case.procedure.has_side,
        surgeons=queries.surgeons_for(case, now=now, named=values.get("surgeon", "")),
        offers=queries.offers_of(case, now),
    )


def _kept(values: Mapping[str, str]) -> dict[str, str]:
    names = {name for group in GROUPS.values() for name in group} | {"quote_id"}
    kept = {name: value for name, value in values.items() if name in names}
    for group, fields in GROUPS.items():
        if max(len(kept.get(name, "")) for name in fields) > LONGEST_KEPT:
            text = _("「%(label)s」超过 %(most)d 字，草稿没有保存；填过的内容都在，请删减后再存。")
            raise RuleBroken(text % {"label": rules.labels()[group], "most": LONGEST_KEPT})
    return kept


def _back(request: StaffRequest, case_id: UUID, option: str) -> HttpResponse:
    if option == "A":
        return redirect_to(request, "desk:case-plan", case_id)
    return redirect_to(request, f"{reverse('desk:case-plan', args=[case_id])}?option={option}")


def _page(
    request: StaffRequest,
    case_id: UUID,
    *,
    form: PlanForm | None = None,
    option: str = "",
    stale: str = "",
    merge_rows: Sequence[object] = (),
    theirs: "Plan | None" = None,
    seen: int = 0,
) -> HttpResponse:
    customer = frame(request, case_id, current="case-plan")
    values: dict[str, object] = {
        "customer": customer,
        "stale": stale,
        "merge_rows": merge_rows,
        "theirs": theirs,
        "merge_base": seen,
    }
    if customer.case is not None and not customer.needs_glass:
        values |= _values(request, customer, form=form, option=option or request.GET.get("option", ""))
        agreed = expectations.newest(customer.case)
        values["agreed"] = expectations.standing(agreed) if agreed else None
    status = 200 if form is None else 409 if stale else 422
    piece = "#form" if form and request.htmx else ""
    return render(request, f"desk/plans/plan.html{piece}", values, status=status)


def _values(
    request: StaffRequest, customer: Frame, *, form: PlanForm | None, option: str
) -> dict[str, object]:
    case = customer.case
    assert case is not None
    by, now = request.user, customer.now
    versions = queries.versions(case)
    standing = [version.plan for version in versions if version.plan.superseded_at is None]
    current = _current(case, standing, option)
    newest = next((each for each in standing if each.option == current), None)
    is_writer = by.may(Permission.PLAN_WRITE) and case.stage in actions.PLANNABLE
    missing = queries.missing_to_plan(case, by=by, now=now) if is_writer else ()
    draft = queries.draft_of(case, current, by=by) if is_writer else None
    if form is None and is_writer and not missing:
        start = queries.opening(case, current, now) | {"option": current}
        start.setdefault("surgeon", str(by.public_id))
        if draft is not None:
            start |= {name: str(value) for name, value in (draft.values or {}).items()}
            start["written_against"] = str(draft.written_against)
        form = _blank(case, start)
    letters = [*dict.fromkeys(sorted({each.option for each in standing} | {current}))]
    page = reverse("desk:case-plan", args=[case.public_id])
    budget = queries.budget_of(case)
    return {
        "form": form,
        "draft": draft,
        "missing": missing,
        "option": current,
        "options": [
            (_("选项 %(letter)s") % {"letter": letter}, f"{page}?option={letter}", letter == current)
            for letter in letters
        ]
        if len(letters) > 1
        else [],
        "next_option": queries.next_option(case) if is_writer and standing and not missing else "",
        "may_compare": len(standing) > 1,
        "legs": queries.legs(case, surgeon=by, procedures=[case.procedure], now=now) if is_writer else (),
        "versions": [(version, rows(version.differences)) for version in versions],
        "newest": newest,
        "budget": budget,
        "choosable": {
            each.pk for each in standing if each.status == PlanStatus.FINAL or is_chosen_again(each, now)
        }
        if by.may(Permission.PLAN_WRITE) or by.may(Permission.CONSULT_WRITE)
        else set(),
        "choices": queries.choices_of(case),
        "is_open": newest is None or draft is not None or (form is not None and form.is_bound),
    }


def _current(case: "Case", standing: Sequence["Plan"], option: str) -> str:
    """The option that the page is about: the one asked for, if it exists or may be opened."""
    known = {each.option for each in standing}
    if option in known or (option and option == queries.next_option(case)):
        return option
    chosen = next((each.option for each in standing if each.status == PlanStatus.CHOSEN), None)
    return chosen or (standing[0].option if standing else "A")


def _blank(case: "Case", start: Mapping[str, str]) -> PlanForm:
    at = timezone.now()
    return PlanForm(
        initial=start,
        has_side=case.procedure.has_side,
        surgeons=queries.surgeons_for(case, now=at),
        offers=queries.offers_of(case, at),
    )


def rows(differences: Sequence[Difference]) -> list[DiffRow]:
    return [(each.label, each.old, each.new) for each in differences]
