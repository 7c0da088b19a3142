"""A friend who came by a code becomes a customer: whether she is somebody new."""

from datetime import datetime

from django.db import transaction

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.growth.enums.referrals import ReferralFlag, ReferralStatus, ReferralStepKind
from yimei.growth.models import Referral, ReferralStep
from yimei.growth.queries import referrals as queries
from yimei.people.models import Patient

S, K = ReferralStatus, ReferralStepKind


@transaction.atomic
def meet(pk: int, *, now: datetime) -> int:
    """Look at the friend once she is a customer: one document or one file with the referrer ends it."""
    referral = _locked(pk)
    found = referral.lead.patient
    if referral.friend is not None or found is None or S(referral.status) not in {S.OPEN, S.REVIEW}:
        return 0
    friend = found.head
    lock(f"growth.referral.of:{friend.pk}")
    hard = None
    if queries.shared_document(referral.referrer, friend):
        hard = ReferralFlag.SELF
    elif Referral.objects.filter(referrer=friend).exists():
        hard = ReferralFlag.CIRCLE
    elif Referral.objects.filter(friend=friend).exists():
        hard = ReferralFlag.KNOWN
    if hard is not None:
        _refuse(referral, hard, now=now)
        return 1
    referral.friend = friend
    soft = [
        flag
        for flag, is_so in (
            (ReferralFlag.SAME_PHONE, queries.shared_phone(referral.referrer, friend)),
            (ReferralFlag.STAFF, friend.employee_id is not None),
        )
        if is_so and flag.value not in referral.flags
    ]
    if soft:
        referral.flags = [*referral.flags, *(one.value for one in soft)]
        referral.status = S.REVIEW
    referral.save(update_fields=["friend", "flags", "status"])
    ReferralStep.objects.create(referral=referral, kind=K.FRIEND, at=now)
    _record("growth.referral.friend", referral, now=now)
    return 1


def meet_own(patient: Patient, *, now: datetime) -> None:
    """Settle by whom somebody came before she brings others herself, so that the levels stay true."""
    rows = Referral.objects.filter(friend=None, status__in=[S.OPEN, S.REVIEW])
    mine = rows.filter(lead__patient__in=Patient.objects.files_of(patient))
    for pk in list(mine.values_list("pk", flat=True)):
        meet(pk, now=now)


def _refuse(referral: Referral, flag: ReferralFlag, *, now: datetime) -> None:
    referral.flags = [*referral.flags, flag.value]
    referral.status, referral.place = S.REFUSED, None
    referral.save(update_fields=["flags", "status", "place"])
    ReferralStep.objects.create(referral=referral, kind=K.REFUSED, at=now)
    _record("growth.referral.refuse", referral, now=now)


def _locked(pk: int) -> Referral:
    lock(f"growth.referral:{pk}")
    return Referral.objects.with_people().select_related("lead__patient").get(pk=pk)


def _record(action: str, referral: Referral, *, now: datetime) -> None:
    log.record(action, target=referral, subject=referral.lead.vault_key, at=now)
