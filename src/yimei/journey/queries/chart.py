"""What the chart adds to the customer's timeline; clinical words only for those who may see the chart."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, pairwise

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.hospital.enums import Anaesthesia
from yimei.journey import registry
from yimei.journey.enums import Asa, ClavienDindo, PlanStatus, Side, SurgeryStatus, TaskStatus
from yimei.journey.models import (
    AftercareTask,
    Assessment,
    ConsentForm,
    Discharge,
    Plan,
    Review,
    Surgery,
    Survey,
    TestOrder,
)
from yimei.journey.queries.plans import content
from yimei.journey.registry import Look, TimelineItem
from yimei.journey.rules import assessments as assessment_rules
from yimei.journey.rules import plans as plan_rules
from yimei.journey.rules.tests import SPECIAL
from yimei.people.roles import Permission

LONGEST = 120
"""Characters of free text on the timeline; the page itself shows the whole."""


def _when(at: datetime) -> str:
    local = at.astimezone(SHANGHAI)
    return _("%(month)d 月 %(day)d 日 %(time)s") % {
        "month": local.month,
        "day": local.day,
        "time": f"{local:%H:%M}",
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@registry.timeline_source(Assessment)
def assessments(look: Look) -> Iterator[TimelineItem]:
    if not look.sees_clinical:
        return
    for row in look.hand(Assessment.objects.select_related("by")):
        bmi = assessment_rules.bmi(row.height_cm, row.weight_kg)
        words = [str(Asa(row.asa).label), f"BMI {bmi}", _short(row.opinion)]
        has_concern = row.body_image_concern and look.sees_special
        if has_concern:
            words.insert(0, _("体像障碍筛查阳性"))
        yield TimelineItem(
            at=row.at,
            kind="assessment",
            title=_("术前评估：适合手术") if row.is_fit else _("术前评估：不适合手术"),
            text=" · ".join(words),
            by_name=row.by.name,
            where=f"desk:case-assessment:{row.case.public_id}",
            tone="good" if row.is_fit and not has_concern else "warn",
        )


@registry.timeline_source(TestOrder)
def tests(look: Look) -> Iterator[TimelineItem]:
    """One line when the tests of a case are ordered, one when the last result is in."""
    if not look.sees_clinical:
        return
    rows = (
        TestOrder.objects.filter(cancelled_at=None)
        .select_related("ordered_by")
        .prefetch_related("results")
        .order_by("case_id", "ordered_at")
    )
    if not look.sees_special:
        rows = rows.exclude(test__code__in=SPECIAL)
    for case, group in groupby(look.hand(rows), key=lambda order: order.case):
        orders = list(group)
        where = f"desk:case-tests:{case.public_id}"
        yield TimelineItem(
            at=orders[0].ordered_at,
            kind="test",
            title=_("开具术前检查 %(count)d 项") % {"count": len(orders)},
            by_name=orders[0].ordered_by.name,
            where=where,
        )
        newest = [next(iter(order.results.all()), None) for order in orders]
        results = [result for result in newest if result is not None]
        if len(results) < len(orders):
            continue
        abnormal = sum(result.is_abnormal for result in results)
        accepted = sum(result.accepts_id is not None for result in results)
        yield TimelineItem(
            at=max(result.recorded_at for result in results),
            kind="test",
            title=_("检查结果已齐"),
            text=_("异常 %(abnormal)d 项，其中 %(accepted)d 项已由医师接受")
            % {"abnormal": abnormal, "accepted": accepted}
            if abnormal
            else _("全部在参考范围内"),
            where=where,
            tone="warn" if abnormal > accepted else "good",
        )


@registry.timeline_source(Plan)
def plans(look: Look) -> Iterator[TimelineItem]:
    if not look.sees_clinical:
        return
    rows = (
        Plan.objects.exclude(finalised_at=None)
        .select_related("procedure", "surgeon")
        .prefetch_related("items__procedure")
        .order_by("case_id", "option", "version")
    )
    for _option, group in groupby(look.hand(rows), key=lambda plan: (plan.case_id, plan.option)):
        versions = list(group)
        changes: dict[int, list[tuple[str, str | None, str | None]]] = {
            newer.pk: [
                (each.label, each.old, each.new)
                for each in plan_rules.differences(content(older), content(newer))
            ]
            for older, newer in pairwise(versions)
        }
        for plan in versions:
            yield from _plan_items(plan, changes.get(plan.pk, []))


def _plan_items(plan: Plan, changes: list[tuple[str, str | None, str | None]]) -> Iterator[TimelineItem]:
    where = f"desk:case-plan:{plan.case.public_id}"
    words = [plan.procedure.name, str(Anaesthesia(plan.anaesthesia).label)]
    if plan.side != Side.NONE:
        words.insert(0, str(Side(plan.side).label))
    version = {"version": plan.version}
    if plan.finalised_at:
        yield TimelineItem(
            at=plan.finalised_at,
            kind="plan",
            title=_("方案 v%(version)d 定稿") % version
            if plan.version == 1
            else _("方案更新为 v%(version)d") % version,
            text=" · ".join(words),
            by_name=plan.surgeon.name,
            where=where,
            tone="accent",
            changes=changes,
        )
    if plan.chosen_at:
        yield TimelineItem(
            at=plan.chosen_at,
            kind="plan",
            title=_("客户选定方案 v%(version)d") % version,
            where=where,
            tone="good" if plan.status == PlanStatus.CHOSEN else "",
        )


@registry.timeline_source(ConsentForm)
def signed_forms(look: Look) -> Iterator[TimelineItem]:
    if not look.sees_clinical:
        return
    for form in look.hand(ConsentForm.objects.select_related("template", "plan", "talked_by")):
        where = f"desk:case-consents:{form.case.public_id}"
        title = form.template.title
        yield TimelineItem(
            at=form.signed_at,
            kind="consent",
            title=_("签署：%(title)s（方案 v%(version)d）") % {"title": title, "version": form.plan.version},
            by_name=form.talked_by.name,
            where=where,
            tone="" if form.voided_at else "good",
        )
        if form.voided_at:
            yield TimelineItem(
                at=form.voided_at,
                kind="consent",
                title=_("作废：%(title)s") % {"title": title},
                text=form.void_reason,
                where=where,
                tone="warn",
            )


@registry.timeline_source(Surgery)
def operations(look: Look) -> Iterator[TimelineItem]:
    rows = look.hand(Surgery.objects.select_related("room", "created_by"))
    begun = [row for row in rows if row.status not in {SurgeryStatus.SCHEDULED, SurgeryStatus.CANCELLED}]
    if begun and look.sees_clinical:
        yield from _discharges(begun)
    for surgery in rows:
        if look.by.may(Permission.SCHEDULE_VIEW):
            yield TimelineItem(
                at=surgery.created_at,
                kind="surgery",
                title=_("手术上台：%(when)s · %(room)s")
                % {"when": _when(surgery.starts_at), "room": surgery.room.name},
                text=surgery.cancel_reason and _("后取消：%(why)s") % {"why": surgery.cancel_reason},
                by_name=surgery.created_by.name,
                where=f"desk:case-schedule:{surgery.case.public_id}",
                tone="warn" if surgery.cancel_reason else "",
            )
        if not look.sees_clinical:
            continue
        where = f"desk:case-surgery:{surgery.case.public_id}"
        moments = (
            (surgery.anaesthesia_at, _("麻醉开始"), ""),
            (surgery.incision_at, _("切皮"), ""),
            (surgery.closure_at, _("缝合结束"), _bled(surgery)),
        )
        for at, title, text in moments:
            if at:
                yield TimelineItem(at=at, kind="surgery", title=title, text=text, where=where)


def _bled(surgery: Surgery) -> str:
    if surgery.blood_loss_ml is None:
        return ""
    return _("出血约 %(ml)d ml") % {"ml": surgery.blood_loss_ml}


def _discharges(begun: Sequence[Surgery]) -> Iterator[TimelineItem]:
    of = {surgery.pk: surgery for surgery in begun}
    for row in Discharge.objects.filter(surgery__in=begun).select_related("by", "second"):
        row.surgery = of[row.surgery_id]
        names = [row.by.name] + ([row.second.name] if row.second else [])
        yield TimelineItem(
            at=row.at,
            kind="recovery",
            title=_("越过离院标准离院") if row.second else _("达到标准，离院"),
            text=_short(row.override_reason),
            by_name="、".join(names),
            where=f"desk:case-recovery:{row.surgery.case.public_id}",
            tone="danger" if row.second else "good",
        )


@registry.timeline_source(AftercareTask)
def aftercare(look: Look) -> Iterator[TimelineItem]:
    if not look.by.may(Permission.AFTERCARE_VIEW):
        return
    for task in look.hand(AftercareTask.objects.filter(status=TaskStatus.DONE).select_related("done_by")):
        if task.done_at:
            yield TimelineItem(
                at=task.done_at,
                kind="aftercare",
                title=task.title,
                text=_short(task.outcome),
                by_name=task.done_by.name if task.done_by else "",
                where=f"desk:case-review:{task.case.public_id}",
                tone="danger" if task.has_red_flag else "",
            )


@registry.timeline_source(Review)
def reviews(look: Look) -> Iterator[TimelineItem]:
    if not look.sees_clinical:
        return
    for row in look.hand(Review.objects.select_related("by")):
        grade = ClavienDindo(row.complication)
        words = [_short(row.findings), _("期望达成 %(goal)d / 10") % {"goal": row.goal_reached}]
        if grade != ClavienDindo.NONE:
            words.insert(0, _("并发症 %(grade)s") % {"grade": grade.label})
        yield TimelineItem(
            at=row.at,
            kind="review",
            title=_("术后复查"),
            text=" · ".join(words),
            by_name=row.by.name,
            where=f"desk:case-review:{row.case.public_id}",
            tone="danger" if grade != ClavienDindo.NONE else "good",
        )


@registry.timeline_source(Survey)
def surveys(look: Look) -> Iterator[TimelineItem]:
    if not look.by.may(Permission.AFTERCARE_VIEW):
        return
    for survey in look.hand(Survey.objects.all()):
        where = f"desk:case-review:{survey.case.public_id}"
        yield TimelineItem(at=survey.created_at, kind="survey", title=_("发出满意度问卷"), where=where)
        if survey.answered_at and survey.score is not None:
            yield TimelineItem(
                at=survey.answered_at,
                kind="survey",
                title=_("满意度 %(score)d / 10") % {"score": survey.score},
                text=_short(survey.comment),
                where=where,
                tone="good" if survey.score >= 9 else "" if survey.score >= 7 else "warn",
            )
