"""What stands round every page about a customer: who this is, what to beware of, what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core import names, phone
from yimei.core.clock import age_on, local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.care import GlassForm, MinorForm
from yimei.desk.views.customer.tabs import CLINICAL_TABS, TabItem, Way, page_url, step_of, tabs_of
from yimei.journey.enums import Side
from yimei.journey.queries import cases, flags
from yimei.journey.queries.reading import Reading
from yimei.people.access import alias, cares_for, has_alias, open_patient, subject_of, why_clinical
from yimei.people.actions.looks import purpose_for
from yimei.people.enums import AlertKind, Why
from yimei.people.queries.merges import merges_of
from yimei.people.roles import Permission
from yimei.people.rules.access import GROUNDS, NAMED_GROUNDS
from yimei.privacy.actions import exports
from yimei.privacy.queries import Chip
from yimei.privacy.queries.training import refusal
from yimei.ui.guard import StaffRequest

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from yimei.journey.models import Case
    from yimei.people.models import Merge, Patient, Staff
    from yimei.people.rules.access import Subject

ChipItem = tuple[str, str, str]
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
    home: str
    """Her page; blank for whom it is not."""
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
    tied: "Subject"
    """What ties the reader to her."""
    reading: Reading
    """What was read of her for the banner; the page below asks nothing of it again."""
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
    subject, reading = subject_of(patient, by=by, now=now), Reading(patient)
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
    way = Way(by, cares=subject.cares, sees_clinical=sees_clinical)
    request.holds = lambda _by, right: way.reaches(right, shown or patient)
    step_url, step_label = step_of(shown, way) if opened else ("", "")
    home, reveal = (page_url(name, patient.public_id) for name in ("patient", "patient-reveal"))
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
        home=home if way.leads(home, patient) else "",
        reveal_url=reveal if way.leads(reveal, patient) else "",
        chips=_chips(reading, opened, by, now, sees_alerts=sees_clinical or subject.cares),
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
        tabs=tabs_of(patient, shown, way, current=current),
        tied=subject,
        reading=reading,
        joined=merges_of(patient) if reading.families else (),
        may_merge=by.may(Permission.PATIENT_MERGE),
    )


def _chips(
    reading: Reading, opened: "Case | None", by: "Staff", now: datetime, *, sees_alerts: bool
) -> list[ChipItem]:
    patient = reading.patient
    found: list[ChipItem] = [
        (
            _alert_words(alert.kind, alert.text),
            "danger" if alert.is_severe else "warn",
            ALERT_ICONS.get(alert.kind, "alert-triangle"),
        )
        for alert in (reading.alerts if sees_alerts else ())
    ]
    found += [(flag.text, flag.tone, flag.icon) for flag in flags.flags(reading, by=by, now=now)]
    birth, today = patient.head.person.birth_date, local_date(now)
    if birth is None:
        found.append((_("年龄未登记"), "warn", "alert-circle"))
    elif reading.needs_guardian(today):
        found.append((_("%(age)d 岁 · 须监护人") % {"age": age_on(birth, today)}, "warn", "users"))
    if patient.head.is_vip:
        found.append((_("贵宾"), "info", "star"))
    if patient.is_restricted:
        found.append((_("已限制处理，只办在办事项"), "warn", "lock"))
    if opened is not None:
        found.append((_what(opened), "accent", ""))
    for chip in reading.answers.chips(now):
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
