"""The customer page: who this is, what comes next, what happened, what must be there before an operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.billing.queries import money_of
from yimei.core import names, phone
from yimei.core.clock import age_on, local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.care import GlassForm, MinorForm
from yimei.journey.enums import CaseStage, Side
from yimei.journey.queries import cases, facts, flags
from yimei.journey.registry import Look
from yimei.journey.rules import gates
from yimei.journey.rules.gates.facts import CLINICAL, Check
from yimei.people.access import (
    alias,
    cares_for,
    has_alias,
    open_patient,
    subject_of,
    why_clinical,
)
from yimei.people.actions.looks import purpose_for
from yimei.people.enums import AlertKind, Why
from yimei.people.queries import alerts_of, needs_guardian
from yimei.people.queries.merges import merges_of
from yimei.people.roles import Permission
from yimei.people.rules.access import GROUNDS, NAMED_GROUNDS
from yimei.privacy.actions import exports
from yimei.privacy.queries import Chip, consent_chips
from yimei.privacy.queries.training import refusal
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.registry import url_or_blank

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from yimei.journey.models import Case
    from yimei.journey.registry import TimelineItem
    from yimei.people.models import Merge, Patient, Staff
    from yimei.people.rules.access import Subject

ChipItem = tuple[str, str, str]
TabItem = tuple[str, str, bool]
LinkItem = tuple[str, str, str, str]

ALL_ZERO = UUID(int=0)
"""Stands in an address while only its view is asked for."""

TABS: Sequence[tuple[str, "_StrOrPromise"]] = (
    ("case", gettext_lazy("旅程")),
    ("case-consultation", gettext_lazy("咨询")),
    ("case-questionnaires", gettext_lazy("问卷")),
    ("case-expectations", gettext_lazy("期望")),
    ("case-assessment", gettext_lazy("评估")),
    ("case-tests", gettext_lazy("检查")),
    ("case-photos", gettext_lazy("照片")),
    ("case-maps", gettext_lazy("标记图")),
    ("case-plan", gettext_lazy("方案")),
    ("case-consents", gettext_lazy("同意")),
    ("case-schedule", gettext_lazy("排台")),
    ("case-surgery", gettext_lazy("手术")),
    ("case-recovery", gettext_lazy("恢复")),
    ("case-review", gettext_lazy("术后")),
    ("case-money", gettext_lazy("费用")),
    ("patient-member", gettext_lazy("会员")),
    ("patient-log", gettext_lazy("谁看过")),
)
CLINICAL_TABS = frozenset(
    {
        "case-assessment",
        "case-maps",
        "case-tests",
        "case-plan",
        "case-consents",
        "case-surgery",
        "case-recovery",
    }
)
"""Pages of clinical content: open by care, by campus or by an emergency look, never by a right alone."""

STEPS: Mapping[CaseStage, tuple[str, "_StrOrPromise", Permission]] = {
    CaseStage.BOOKED: ("reception", gettext_lazy("去接待"), Permission.RECEPTION_WRITE),
    CaseStage.ARRIVED: ("case-consultation", gettext_lazy("记录咨询"), Permission.CONSULT_WRITE),
    CaseStage.CONSULTED: ("case-assessment", gettext_lazy("术前评估"), Permission.CLINICAL_WRITE),
    CaseStage.ASSESSED: ("case-plan", gettext_lazy("制定方案"), Permission.PLAN_WRITE),
    CaseStage.PLANNED: ("case-schedule", gettext_lazy("安排手术"), Permission.SCHEDULE_WRITE),
    CaseStage.SCHEDULED: ("case-consents", gettext_lazy("术前谈话"), Permission.CONSENT_WRITE),
    CaseStage.IN_SURGERY: ("case-surgery", gettext_lazy("手术核查"), Permission.SURGERY_WRITE),
    CaseStage.RECOVERING: ("case-recovery", gettext_lazy("记录恢复"), Permission.RECOVERY_WRITE),
    CaseStage.DISCHARGED: ("case-review", gettext_lazy("记录复查"), Permission.AFTERCARE_WRITE),
    CaseStage.REVIEWED: ("case-review", gettext_lazy("去结案"), Permission.AFTERCARE_WRITE),
}
"""Where the next step of each stage is done, in which words, and by whose right."""

BEFORE_SURGERY = frozenset(
    {
        CaseStage.BOOKED,
        CaseStage.ARRIVED,
        CaseStage.CONSULTED,
        CaseStage.ASSESSED,
        CaseStage.PLANNED,
        CaseStage.SCHEDULED,
    }
)
ALERT_ICONS: Mapping[str, str] = {AlertKind.MEDICATION: "pill", AlertKind.PREGNANCY: "heartbeat"}

SHOWN_CONSENTS: Mapping[str, "_StrOrPromise"] = {
    "care.health": gettext_lazy("诊疗同意"),
    "image.clinical": gettext_lazy("影像留存"),
    "marketing": gettext_lazy("营销"),
}
"""The purposes that everybody at the bedside must know; the rest is one click away."""


@dataclass(frozen=True)
class Frame:
    """Everything round a customer's page; templates get it under the name ``customer``."""

    patient: "Patient"
    case: "Case | None"
    current: str
    now: datetime
    name: str
    file_no: str
    sex: str
    age: int | None
    phone: str
    reveal_url: str
    chips: Sequence[ChipItem]
    aside: str
    note: str
    sees_clinical: bool
    sees_special: bool
    needs_glass: bool
    """The reader may see charts but has no ground for this one: the page asks for the reason instead."""
    glass_form: GlassForm
    minor_form: MinorForm | None
    """Asked first when the reader's role would reach this chart but its patient is a minor."""
    untrained: RuleBroken | None
    """Which required courses the reader owes before charts open again (P-8)."""
    step_url: str
    step_label: str
    tabs: Sequence[TabItem]
    joined: "Sequence[Merge]" = ()
    """By what the files of this person were joined: the page says so."""
    may_merge: bool = False


def frame(
    request: StaffRequest, case_id: UUID, *, current: str, permission: Permission = Permission.PATIENT_VIEW
) -> Frame:
    """Open a case within the reader's reach, record the look, and build what stands round the page.

    ``current`` is the URL name of the page without its namespace, as in ``TABS``.
    """
    case = cases.open_chart(case_id, by=request.user, now=timezone.now(), permission=permission)
    return _frame(request, case.patient, case, current=current)


def patient_frame(
    request: StaffRequest,
    patient_id: UUID,
    *,
    current: str,
    permission: Permission = Permission.PATIENT_VIEW,
) -> Frame:
    """The same round a page about the person; the tabs belong to the newest episode."""
    if permission == Permission.PATIENT_VIEW:
        patient = cases.open_to_read(patient_id, by=request.user, now=timezone.now())
    else:
        patient = open_patient(patient_id, by=request.user, under=permission)
    return _frame(request, patient, None, current=current)


@allow(Permission.PATIENT_VIEW)
def case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case")
    lines, episodes = _checklist(customer), cases.of_patient(customer.patient, by=request.user)
    values = {
        "customer": customer,
        "links": links(customer.patient, by=request.user),
        "others": [one for one in episodes if one.public_id != case_id],
        "timeline": timeline(customer, by=request.user),
        "checklist": lines,
        "met": f"{sum(line.is_met for line in lines)} / {len(lines)}",
        "money": money_of(customer.patient) if request.user.may(Permission.MONEY_VIEW) else None,
        "photos": flags.photo_count(customer.case, by=request.user, now=customer.now)
        if customer.case
        else None,
    }
    return render(request, "desk/customer/case.html", values)


def timeline(customer: Frame, *, by: "Staff") -> "Sequence[tuple[TimelineItem, str]]":
    """Each happening with who did it and what was said, in one line."""
    items = cases.timeline_of(
        Look(
            customer.patient,
            by,
            customer.now,
            customer.case,
            sees_clinical=customer.sees_clinical,
            sees_special=customer.sees_special,
        )
    )
    return [(item, " · ".join(part for part in (item.by_name, item.text) if part)) for item in items]


def links(patient: "Patient", *, by: "Staff") -> Sequence[LinkItem]:
    """The pages about the person herself that this reader may open: icon, words, address, note."""
    registered = ("file-text", _("身份资料"), "patient-edit", patient.file_no or "")
    pages = [
        registered if patient.is_registered else ("file-text", _("建档"), "patient-register", _("未建档")),
        ("alert-triangle", _("安全提醒"), "patient-alerts", ""),
        ("users", _("监护人"), "patient-guardians", ""),
        ("list", _("客户标签"), "patient-tags", ""),
        ("shield-check", _("告知与同意"), "patient-consents", ""),
        ("article", _("客户故事"), "patient-stories", ""),
        ("shield-lock", _("发起个人信息请求"), "request-new", ""),
    ]
    return [
        (icon, label, page_url(name, patient.public_id), note)
        for icon, label, name, note in pages
        if page_url(name, patient.public_id) and _opens(name, by)
    ]


def shown_name(
    patient: "Patient", by: "Staff", *, sees_clinical: bool, subject: "Subject | None" = None
) -> str:
    """The full name for those who care for her or wrote her down; else a mask, for a VIP an alias.

    For a VIP the width of a role is not enough, nor a chart open to the campus: care or an emergency is.
    """
    if has_alias(patient):
        tied = subject or subject_of(patient, by=by, now=timezone.now())
        return patient.person.name if tied.cares or tied.glass_until else alias(patient)
    if sees_clinical or by.may(Permission.PATIENT_WRITE):
        return patient.person.name
    if subject.cares if subject else cares_for(by, patient):
        return patient.person.name
    return names.mask(patient.person.name)


def _frame(request: StaffRequest, patient: "Patient", opened: "Case | None", *, current: str) -> Frame:
    request.rail = "desk:patients"
    by, now = request.user, timezone.now()
    subject = subject_of(patient, by=by, now=now)
    why = why_clinical(by, patient, now, subject=subject)
    sees_clinical = why in GROUNDS and not patient.is_sealed
    needs_glass = current in CLINICAL_TABS and not sees_clinical
    if needs_glass and not by.may(Permission.CLINICAL_VIEW):
        raise NotFound
    purpose = purpose_for(by, is_emergency=by.is_clinical and subject.glass_until is not None)
    exports.look(patient, page=current, purpose=purpose, by=by, now=now)
    shown = opened or next(iter(cases.of_patient(patient, by=by)), None)
    head = patient.head
    birth = head.person.birth_date
    step_url, step_label = _step(shown, by, sees_clinical=sees_clinical) if opened else ("", "")
    return Frame(
        patient=patient,
        case=opened,
        current=current,
        now=now,
        name=shown_name(head, by, sees_clinical=sees_clinical, subject=subject if head is patient else None),
        file_no=head.file_no or _("未建档"),
        sex=str(head.person.get_sex_display()),
        age=age_on(birth, local_date(now)) if birth else None,
        phone=phone.mask(head.person.phone or patient.person.phone),
        reveal_url=reverse("desk:patient-reveal", args=[patient.public_id])
        if by.may(Permission.PATIENT_REVEAL)
        else "",
        chips=_chips(patient, opened, by, now, sees_alerts=sees_clinical or subject.cares),
        aside=_people(patient, opened),
        note=_("您因「%(purpose)s」查看，已记录") % {"purpose": purpose.label},
        sees_clinical=sees_clinical,
        sees_special=sees_clinical and why in NAMED_GROUNDS,
        needs_glass=needs_glass,
        glass_form=GlassForm(),
        minor_form=MinorForm() if why == Why.MINOR else None,
        untrained=refusal(by, now) if why == Why.UNTRAINED else None,
        step_url=step_url,
        step_label=step_label,
        tabs=_tabs(patient, shown, by, current=current, sees_clinical=sees_clinical),
        joined=merges_of(patient),
        may_merge=by.may(Permission.PATIENT_MERGE),
    )


def _chips(
    patient: "Patient", opened: "Case | None", by: "Staff", now: datetime, *, sees_alerts: bool
) -> list[ChipItem]:
    found: list[ChipItem] = [
        (
            _alert_words(alert.kind, alert.text),
            "danger" if alert.is_severe else "warn",
            ALERT_ICONS.get(alert.kind, "alert-triangle"),
        )
        for alert in (alerts_of(patient) if sees_alerts else ())
    ]
    found += [(flag.text, flag.tone, flag.icon) for flag in flags.flags(patient, by=by, now=now)]
    birth, today = patient.head.person.birth_date, local_date(now)
    if birth is None:
        found.append((_("年龄未登记"), "warn", "alert-circle"))
    elif needs_guardian(patient, today):
        found.append((_("%(age)d 岁 · 须监护人") % {"age": age_on(birth, today)}, "warn", "users"))
    if patient.head.is_vip:
        found.append((_("贵宾"), "info", "star"))
    if patient.is_restricted:
        found.append((_("已限制处理，只办在办事项"), "warn", "lock"))
    if opened is not None:
        found.append((_what(opened), "accent", ""))
    for chip in consent_chips(patient, now):
        if chip.code in SHOWN_CONSENTS:
            found.append(_consent_chip(str(SHOWN_CONSENTS[chip.code]), chip))
    return found


def _alert_words(kind: str, text: str) -> str:
    if kind == AlertKind.ALLERGY and "过敏" not in text:
        return _("%(what)s过敏") % {"what": text}
    if kind == AlertKind.MEDICATION and "药" not in text:
        return _("用药：%(what)s") % {"what": text}
    return text


def _consent_chip(label: str, chip: Chip) -> ChipItem:
    return (label, "good", "check") if chip.is_given else (f"{label}：{chip.label}", "", "")


def _what(case: "Case") -> str:
    if case.side == Side.NONE:
        return case.procedure.name
    return f"{case.get_side_display()} · {case.procedure.name}"


def _people(patient: "Patient", opened: "Case | None") -> str:
    surgeon = (opened.surgeon if opened else None) or patient.surgeon
    consultant = (opened.consultant if opened else None) or patient.consultant
    words = [_("主诊 %(name)s") % {"name": surgeon.name}] if surgeon else []
    words += [_("咨询 %(name)s") % {"name": consultant.name}] if consultant else []
    return " · ".join(words)


def _step(shown: "Case | None", by: "Staff", *, sees_clinical: bool) -> tuple[str, str]:
    """Where this reader does the next step; blank when it is somebody else's."""
    if shown is None or shown.stage not in STEPS:
        return "", ""
    name, label, right = STEPS[CaseStage(shown.stage)]
    if not by.may(right) or (name in CLINICAL_TABS and not sees_clinical):
        return "", ""
    return page_url(name, shown.public_id) or url_or_blank(f"desk:{name}"), str(label)


def _tabs(
    patient: "Patient", shown: "Case | None", by: "Staff", *, current: str, sees_clinical: bool
) -> list[TabItem]:
    """The pages that exist and that this reader may open."""
    found = []
    for name, label in TABS:
        of = shown if name.startswith("case") else patient
        if of is None or (name in CLINICAL_TABS and not sees_clinical and name != current):
            continue
        url = page_url(name, of.public_id)
        if url and _opens(name, by):
            found.append((str(label), url, name == current))
    return found


def page_url(name: str, public_id: UUID) -> str:
    """Return the address of a page of the desk about one row; blank while no screen has that name."""
    try:
        return reverse(f"desk:{name}", args=[public_id])
    except NoReverseMatch:
        return ""


def _opens(name: str, by: "Staff") -> bool:
    """Ask the page itself which rights open it."""
    rights = _rights_of(name)
    return not rights or any(by.may(right) for right in rights)


@cache
def _rights_of(name: str) -> tuple[Permission, ...]:
    try:
        view = resolve(page_url(name, ALL_ZERO)).func
    except Resolver404:
        return ()
    return tuple(getattr(view, "permission", ()))


@dataclass(frozen=True)
class Line:
    """One line of the checklist: what it is, why it is asked for, and where to mend it."""

    title: str
    is_met: bool
    note: str
    where: str


def _checklist(customer: Frame) -> Sequence[Line]:
    """What must be there before the operation; what it says of health only to those who see the chart."""
    case = customer.case
    if case is None or CaseStage(case.stage) not in BEFORE_SURGERY:
        return ()
    surgery = facts.open_surgery_of(case)
    known = facts.gather(case, on=surgery.starts_at if surgery else customer.now)
    return [
        _line(check.seen_by(sees_special=customer.sees_special), sees_clinical=customer.sees_clinical)
        for check in gates.checks(gates.BEFORE_OPERATION, known)
    ]


def _line(check: Check, *, sees_clinical: bool) -> Line:
    is_private = check.code in CLINICAL and not sees_clinical
    detail = "" if is_private else check.detail
    why = "" if check.is_met else check.why
    note = " · ".join(text for text in (detail, why) if text)
    return Line(check.title, check.is_met, note, "" if check.is_met or is_private else check.where)
