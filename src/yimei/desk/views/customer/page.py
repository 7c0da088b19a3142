"""The page of one case: what happened, what must be there before an operation, and where else to go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yimei.billing.queries import money_of
from yimei.desk.views.customer.frames import Frame, frame
from yimei.desk.views.customer.tabs import page_url
from yimei.journey.enums import CaseStage
from yimei.journey.queries import cases, facts, flags, photos
from yimei.journey.registry import Look
from yimei.journey.rules import gates
from yimei.journey.rules.gates.facts import CLINICAL, Check
from yimei.journey.rules.photos import CLINICAL_PURPOSE
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow, opens

if TYPE_CHECKING:
    from django.db.models import Model

    from yimei.journey.registry import TimelineItem
    from yimei.journey.rules.photos import Reader
    from yimei.people.models import Patient, Staff

LinkItem = tuple[str, str, str, str]
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


@allow(Permission.PATIENT_VIEW)
def case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case")
    filled = cases.filled([customer.case.pk]) if customer.case else frozenset()
    lines = _checklist(customer, filled)
    episodes = cases.of_patient(customer.patient, by=request.user)
    values = {
        "customer": customer,
        "links": links(customer.patient, by=request.user),
        "others": [one for one in episodes if one.public_id != case_id],
        "timeline": timeline(customer, by=request.user, filled=filled),
        "checklist": lines,
        "met": f"{sum(line.is_met for line in lines)} / {len(lines)}",
        "money": money_of(customer.patient) if request.user.may(Permission.MONEY_VIEW) else None,
        "photos": flags.photo_count(customer.case, reader=photo_reader(customer, by=request.user))
        if customer.case
        else None,
    }
    return render(request, "desk/customer/case.html", values)


def timeline(
    customer: Frame, *, by: "Staff", filled: "frozenset[type[Model]]" = frozenset()
) -> "Sequence[tuple[TimelineItem, str]]":
    """Each happening with who did it and what was said, in one line."""
    items = cases.timeline_of(
        Look(
            customer.patient,
            by,
            customer.now,
            customer.case,
            sees_clinical=customer.sees_clinical,
            sees_special=customer.sees_special,
            filled=filled,
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
    urls = [page_url(name, patient.public_id) for _icon, _label, name, _note in pages]
    return [
        (icon, label, url, note)
        for (icon, label, _name, note), url in zip(pages, urls, strict=True)
        if url and opens(by, url)
    ]


def photo_reader(customer: Frame, *, by: "Staff") -> "Reader":
    """What stands between this reader and the photos, from what the banner has read."""
    return photos.reader(
        customer.patient,
        by=by,
        now=customer.now,
        tied=customer.tied,
        sees_chart=customer.sees_clinical,
        has_image_consent=customer.reading.consent(CLINICAL_PURPOSE, customer.now) is not None,
    )


@dataclass(frozen=True)
class Line:
    """One line of the checklist: what it is, why it is asked for, and where to mend it."""

    title: str
    is_met: bool
    note: str
    where: str


def _checklist(customer: Frame, filled: "frozenset[type[Model]]") -> Sequence[Line]:
    """What must be there before the operation; what it says of health only to those who see the chart."""
    case = customer.case
    if case is None or CaseStage(case.stage) not in BEFORE_SURGERY:
        return ()
    surgery = facts.open_surgery_of(case, filled)
    known = facts.gather(
        case,
        on=surgery.starts_at if surgery else customer.now,
        before=CaseStage.IN_SURGERY,
        reading=customer.reading,
        surgery=surgery,
        filled=filled,
    )
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
