"""On the eighteenth birthday rights pass to the person: tell beforehand, end what guardians held, ask."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.language import in_house
from yimei.people.access import open_patient
from yimei.people.actions import guardians
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.roles import Permission, RoleCode
from yimei.privacy import registry
from yimei.privacy.actions import packages
from yimei.privacy.enums import Requester, RequestStatus
from yimei.privacy.models import CentreCode, CentreSession, ComingOfAge, RequestMove, RightsRequest
from yimei.privacy.queries import majority as queries
from yimei.privacy.queries.register import limit
from yimei.privacy.rules.majority import (
    Ending,
    Phase,
    Standing,
    check_keeps_number,
    majority_day,
    phase_of,
)

SOON, SOON_OWN = "privacy.majority.soon", "privacy.majority.soon.own"
ENDED, OWN = "privacy.majority.ended", "privacy.majority.own"
PLACE = "desk:majority"


def run(*, now: datetime) -> Counter[str]:
    """What the night does: each person in a transaction of her own; a second run finds nothing to do."""
    on = local_date(now)
    people = list(queries.guarded())
    known = queries.phases(people, on=on)
    rows = {row.patient_id: row for row in ComingOfAge.objects.filter(patient__in=known)}
    done: Counter[str] = Counter()
    for patient in people:
        row, phase = rows.get(patient.pk), known[patient.pk]
        is_handed = row is not None and row.handed_at is not None
        if phase == Phase.SOON and row is None:
            done["reminded"] += remind(patient.pk, now=now)
        elif phase == Phase.OF_AGE and not is_handed:
            done["handed"] += hand_over(patient.pk, now=now)
        elif phase != Phase.OF_AGE and is_handed:
            done["returned"] += give_back(patient.pk, now=now)
    return done


@transaction.atomic
def remind(patient_pk: int, *, now: datetime) -> bool:
    """Tell guardian and person beforehand what will pass to her and when; once."""
    patient, who = _locked(patient_pk)
    row, _is_new = ComingOfAge.objects.get_or_create(patient=patient, defaults={"reminded_at": now})
    days = limit(queries.REMIND_DAYS, local_date(now))
    is_soon = phase_of(who, on=local_date(now), remind_days=days) == Phase.SOON
    if not _is_new or not is_soon or who.birth_date is None or patient.is_sealed:
        return False
    day = majority_day(who.birth_date)
    proved = _proved(patient)
    for guardian in proved:
        _say(SOON, patient, day, now=now, guardian=guardian)
    if not queries.has_number_of(patient, proved):
        _say(SOON_OWN, patient, day, now=now)
    _ring(
        patient,
        gettext_noop("有客户将年满 18 周岁：监护人的权限到时终止，请约本人确认同意。"),
        "soon",
        now=now,
    )
    log.record(
        "privacy.majority.reminded", at=now, target=row, subject=patient.person.vault_key, purpose="minor"
    )
    return True


@transaction.atomic
def hand_over(patient_pk: int, *, now: datetime) -> bool:
    """End everything that guardians held, and tell both sides; what was lawful before stays so (PIPL 15)."""
    patient, who = _locked(patient_pk)
    on = local_date(now)
    row = ComingOfAge.objects.filter(patient=patient).first()
    if phase_of(who, on=on, remind_days=0) != Phase.OF_AGE or (row is not None and row.handed_at is not None):
        return False
    row = row or ComingOfAge(patient=patient)
    proved = _proved(patient)
    requests = _end_requests(patient, now=now)
    ended = {
        Ending.VISITS: _end_visits(patient, now=now),
        Ending.CODES: _end_codes(patient, now=now),
        Ending.REQUESTS: len(requests),
        Ending.COPIES: packages.revoke_of_guardians(patient, now=now),
        Ending.WORDS: guardians.release(patient, at=now),
        Ending.CONSENTS: len(queries.unconfirmed(patient, now)),
    }
    for code, end in registry.majority_ends():
        ended[Ending(code)] = end(patient, now)
    row.ended = {code.value: count for code, count in ended.items() if count}
    row.handed_at = now
    row.save()
    if _is_fresh(who, on) and not patient.is_sealed:
        _tell(patient, who, proved, requests, now=now)
    log.record(
        "privacy.majority.handed",
        at=now,
        target=row,
        subject=patient.person.vault_key,
        purpose="minor",
        detail=row.ended,
    )
    return True


@transaction.atomic
def give_back(patient_pk: int, *, now: datetime) -> bool:
    """A birth date was set right, or she was found without capacity: her guardians answer for her again."""
    patient, who = _locked(patient_pk)
    row = ComingOfAge.objects.filter(patient=patient).exclude(handed_at=None).first()
    if row is None or phase_of(who, on=local_date(now), remind_days=0) == Phase.OF_AGE:
        return False
    log.record(
        "privacy.majority.returned", at=now, target=row, subject=patient.person.vault_key, purpose="minor"
    )
    row.delete()
    guardians.find_again(at=now)
    return True


@transaction.atomic
def keep_number(patient_id: UUID, *, by: Staff, now: datetime) -> ComingOfAge:
    """The person herself says that the number which her guardian gave is hers as well: messages go there."""
    patient = open_patient(patient_id, by=by, lock=True, under=Permission.PATIENT_WRITE).head
    _patient, who = _locked(patient.pk)
    on = local_date(now)
    guardians_of = queries.guardians_by_head([patient]).get(patient.pk, [])
    check_keeps_number(
        is_guardians=queries.has_number_of(patient, guardians_of),
        is_of_age=phase_of(who, on=on, remind_days=0) == Phase.OF_AGE,
    )
    row = ComingOfAge.objects.filter(patient=patient).first() or ComingOfAge(patient=patient, handed_at=None)
    if row.handed_at is None:
        hand_over(patient.pk, now=now)
        row = ComingOfAge.objects.get(patient=patient)
    row.number_kept_at, row.number_kept_by = now, by
    row.save(update_fields=["number_kept_at", "number_kept_by"])
    log.record(
        "privacy.majority.number",
        at=now,
        by=by,
        target=row,
        subject=patient.person.vault_key,
        purpose="minor",
    )
    return row


def _locked(patient_pk: int) -> tuple[Patient, Standing]:
    rows = Patient.objects.with_person()
    patient = only(rows, rows.values_list("public_id", flat=True).get(pk=patient_pk), lock=True)
    return patient, queries.standings([patient])[patient.pk]


def _proved(patient: Patient) -> list[Guardian]:
    """Those whose papers were seen and who can be told."""
    return [
        one
        for one in queries.guardians_by_head([patient]).get(patient.pk, [])
        if one.verified_at is not None and not one.person.vault_key.is_destroyed and one.person.phone
    ]


def _is_fresh(who: Standing, on: date) -> bool:
    """Whether it happened of late: nobody is told today what became of her years ago."""
    if who.birth_date is None:
        return False
    day = majority_day(who.birth_date)
    return day <= on <= day + timedelta(days=limit(queries.REMIND_DAYS, on))


def _end_requests(patient: Patient, *, now: datetime) -> list[RightsRequest]:
    """What a guardian asked and was not answered ends; the person may ask it herself (M-4)."""
    running = RightsRequest.objects.open().filter(
        patient__in=Patient.objects.files_of(patient), requester=Requester.GUARDIAN
    )
    ended = list(running.select_for_update(of=("self",)).order_by("pk"))
    for request in ended:
        RequestMove.objects.create(
            request=request, old=request.status, new=RequestStatus.OUTGROWN, by=None, at=now
        )
        request.status = RequestStatus.OUTGROWN
        request.save(update_fields=["status"])
        log.record(
            "privacy.request.outgrown",
            at=now,
            target=request,
            subject=patient.person.vault_key,
            purpose="request",
        )
    return ended


def _end_visits(patient: Patient, *, now: datetime) -> int:
    hers = CentreSession.objects.filter(patient__in=Patient.objects.files_of(patient), ended_at=None)
    return hers.exclude(guardian=None).update(ended_at=now)


def _end_codes(patient: Patient, *, now: datetime) -> int:
    hers = CentreCode.objects.filter(patient__in=Patient.objects.files_of(patient), used_at=None)
    return hers.exclude(guardian=None).filter(asked_at__lt=now, expires_at__gt=now).update(expires_at=now)


def _tell(
    patient: Patient,
    who: Standing,
    proved: Sequence[Guardian],
    requests: Sequence[RightsRequest],
    *,
    now: datetime,
) -> None:
    assert who.birth_date is not None
    day = majority_day(who.birth_date)
    for guardian in proved:
        _say(ENDED, patient, day, now=now, guardian=guardian, requests=requests)
    if not queries.has_number_of(patient, proved):
        _say(OWN, patient, day, now=now)
    _ring(
        patient, gettext_noop("有客户已年满 18 周岁：请由本人逐项确认此前监护人作出的同意。"), "now", now=now
    )


def _say(
    template: str,
    patient: Patient,
    day: date,
    *,
    now: datetime,
    guardian: Guardian | None = None,
    requests: Sequence[RightsRequest] = (),
) -> None:
    with in_house():
        params = {
            "hospital": patient.campus.name,
            "day": f"{day:%Y-%m-%d}",
            "phone": patient.campus.phone or patient.campus.name,
        }
        if template in {OWN, SOON_OWN}:
            params["link"] = settings.CENTRE_LINK
        if template == ENDED:
            numbers = "、".join(one.number for one in requests)
            params["requests"] = (
                _(
                    "您以监护人身份提出、尚未办结的请求 %(numbers)s 一并终止，可由其本人提出；"
                    "不服的，可以向履行个人信息保护职责的部门投诉、举报，也可以起诉。"
                )
                % {"numbers": numbers}
                if numbers
                else _("您此前代为作出的同意，由其本人重新确认。")
            )
        registry.messenger()(
            template,
            patient=patient,
            guardian=guardian,
            params=params,
            key=f"{template}:{patient.public_id}:{guardian.pk if guardian else 'own'}:{day:%Y%m%d}",
            now=now,
        )


def _ring(patient: Patient, text: str, what: str, *, now: datetime) -> None:
    """The officers, and whoever looks after her, who can ask her; the line names nobody."""
    ring = registry.bell()
    key = f"majority.{what}:{patient.public_id}"
    for officer in Staff.objects.active().in_role(RoleCode.PRIVACY):
        ring(officer, text, key=key, now=now, where=PLACE)
    owner = patient.consultant or patient.online
    if owner is not None and owner.is_active:
        ring(owner, text, key=key, now=now, where=f"desk:patient-consents:{patient.public_id}")
