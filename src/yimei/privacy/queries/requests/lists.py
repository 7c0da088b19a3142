"""Which requests there are, where each stands, and what its person wrote."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.core import names
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.queries import proved_guardians
from yimei.privacy.enums import RecordKind, Requester, RequestKind, RequestStatus
from yimei.privacy.models import RightsRequest
from yimei.privacy.rules import requests as rules

STEPS = (RequestStatus.RECEIVED, RequestStatus.VERIFIED, RequestStatus.DECIDED, RequestStatus.ANSWERED)


def open_requests(by: Staff) -> QuerySet[RightsRequest]:
    """What waits, the most urgent first."""
    return RightsRequest.objects.visible_to(by).open().with_people().order_by("due_at", "id")


def closed_requests(by: Staff) -> QuerySet[RightsRequest]:
    done = [status for status in RequestStatus if status not in rules.OPEN]
    return RightsRequest.objects.visible_to(by).filter(status__in=done).with_people().order_by("-id")


def requests_of(patient: Patient) -> QuerySet[RightsRequest]:
    files = Patient.objects.files_of(patient)
    return RightsRequest.objects.filter(patient__in=files).with_people().order_by("-id")


def in_hand(patient: Patient, kind: RequestKind) -> RightsRequest | None:
    """Return the request that is being worked on and beside which none of this kind may be made."""
    files, kinds = Patient.objects.files_of(patient), rules.one_with(kind)
    return RightsRequest.objects.open().filter(patient__in=files, kind__in=kinds).first()


def steps(request: RightsRequest) -> list[tuple[str, str]]:
    """Where the request stands; one that ended early shows its end."""
    status = RequestStatus(request.status)
    if status not in STEPS:
        return [(_("已收到"), "done"), (str(status.label), "blocked")]
    words = (_("受理"), _("身份核验"), _("决定"), _("答复并执行"))
    at = STEPS.index(status) + 1
    return [
        (word, "done" if place < at else "current" if place == at else "todo")
        for place, word in enumerate(words)
    ]


def shown_name(request: RightsRequest) -> str:
    """The masked name for lists; a dash once nobody is known any more."""
    person = request.patient.person
    return "—" if person.vault_key.is_destroyed else names.mask(person.name)


def guardian_of(request: RightsRequest) -> Guardian | None:
    """Who asked for somebody and is to be answered: a proved guardian."""
    patient = request.patient
    if request.requester != Requester.GUARDIAN or patient.person.vault_key.is_destroyed:
        return None
    return next((one for one in proved_guardians(patient) if one.person.phone), None)


def wanted_of(request: RightsRequest) -> list[tuple[str, str, str]]:
    """What a correction changes: label, before, after; nothing once nobody is known any more."""
    person = request.patient.person
    if person.vault_key.is_destroyed or not request.wanted:
        return []
    labels = {"name": _("姓名"), "phone": _("手机"), "id_no": _("证件号"), "birth_date": _("出生日期")}
    return [
        (labels[name], str(getattr(person, name) or "—"), value)
        for name, value in request.wanted.items()
        if name in labels
    ]


def supplements_of(request: RightsRequest) -> list[str]:
    """Which records a correction wants added to; they are never rewritten (PIPL 46)."""
    words = request.scope if request.kind == RequestKind.CORRECT else ()
    return [str(RecordKind(word).label) for word in words if word in RecordKind]
