"""Seal a record in a dispute, keep it through an order or an inquiry, and end that with a reason (D-6)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.access import open_hold
from yimei.privacy.enums import HoldEnd, HoldKind
from yimei.privacy.models import LegalHold
from yimei.privacy.queries.holds import digest_of, manifest_of, sheet
from yimei.privacy.queries.register import limit
from yimei.privacy.rules import holds as rules


@transaction.atomic
def open_for(
    file_no: str, *, kind: HoldKind, ground: str, parties: str, by: Staff, now: datetime
) -> LegalHold:
    """Write down what is there now, with who was present; from here on nothing of this person goes."""
    need(by, Permission.PRIVACY_WRITE)
    reach = Patient.objects.with_person().reachable(by, Permission.PATIENT_VIEW)
    living = reach.filter(person__vault_key__destroyed_at=None)
    patient = living.filter(file_no=file_no.strip().upper()).first()
    if patient is None:
        raise RuleBroken(_("没有这个档案号的资料。"), code="file_no")
    if LegalHold.objects.open().filter(patient=patient, kind=kind).exists():
        text = _("这份资料已有进行中的「%(kind)s」。")
        raise RuleBroken(text % {"kind": kind.label}, code="kind")
    manifest = manifest_of(patient)
    hold = LegalHold.objects.create(
        patient=patient,
        kind=kind,
        ground=rules.check_words(ground, code="ground"),
        parties=rules.check_words(parties, code="parties"),
        manifest=manifest,
        manifest_sha256=digest_of(manifest),
        opened_at=now,
        opened_by=by,
    )
    _log("opened", hold, by=by, now=now)
    return hold


@transaction.atomic
def release(hold_id: UUID, *, reason: HoldEnd, note: str, by: Staff, now: datetime) -> LegalHold:
    """End a hold; a deletion that waited for it completes by itself the next night."""
    need(by, Permission.PRIVACY_WRITE)
    hold = open_hold(hold_id, by=by, lock=True)
    if hold.released_at is not None:
        raise RuleBroken(_("这次封存已经解除。"), code="release_reason")
    opened_on = local_date(hold.opened_at)
    months = limit("hold.seal_months", opened_on)
    rules.check_release(HoldKind(hold.kind), reason, opened_on=opened_on, months=months, on=local_date(now))
    hold.release_note = rules.check_words(note, code="release_note")
    hold.released_at, hold.released_by, hold.release_reason = now, by, reason
    hold.save(update_fields=["released_at", "released_by", "release_reason", "release_note"])
    _log("released", hold, by=by, now=now)
    return hold


@transaction.atomic
def print_sheet(hold_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """Print the list of what was sealed, for both sides to sign."""
    hold = open_hold(hold_id, by=by)
    page = sheet(hold)
    _log("sheet", hold, by=by, now=now)
    return page


def _log(word: str, hold: LegalHold, *, by: Staff, now: datetime) -> None:
    log.record(
        f"privacy.hold.{word}",
        at=now,
        by=by,
        target=hold,
        subject=hold.patient.person.vault_key,
        purpose="request",
        detail={"kind": hold.kind, "sha256": hold.manifest_sha256},
    )
