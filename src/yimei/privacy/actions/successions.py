"""Tell everybody who receives their data when the hospital merges, splits, or ends (PIPL 22)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.access import open_succession
from yimei.privacy.enums.incidents import LetterState
from yimei.privacy.enums.parties import SuccessionKind, SuccessionState
from yimei.privacy.models import Succession, SuccessionWord
from yimei.privacy.queries import successions as queries
from yimei.privacy.rules import successions as rules

TEMPLATE = "privacy.succession"
BATCH = 50


@transaction.atomic
def register(
    *,
    kind: SuccessionKind,
    recipient: str,
    contact: str,
    what: str,
    effective_on: date,
    by: Staff,
    now: datetime,
) -> Succession:
    """Write down who takes over; nobody is told before somebody else approves."""
    need(by, Permission.PRIVACY_WRITE)
    rules.check_words(recipient=recipient, contact=contact, what=what)
    if effective_on < local_date(now):
        raise RuleBroken(_("转移日期已经过去；告知须在转移之前。"), code="effective_on")
    made = Succession.objects.create(
        kind=SuccessionKind(kind),
        recipient=recipient.strip()[:80],
        contact=contact.strip()[:120],
        what=what.strip()[:200],
        effective_on=effective_on,
        created_by=by,
        created_at=now,
    )
    log.record("privacy.succession.registered", at=now, by=by, target=made)
    return made


@transaction.atomic
def approve(succession_id: UUID, *, by: Staff, now: datetime) -> Succession:
    """Announce it and begin to tell everybody, in the background."""
    need(by, Permission.PRIVACY_VIEW)
    found = open_succession(succession_id, by=by, lock=True)
    rules.check_move(SuccessionState(found.state), SuccessionState.TELLING)
    rules.check_other(is_same=found.created_by_id == by.pk)
    found.state, found.approved_by, found.approved_at = SuccessionState.TELLING, by, now
    found.save(update_fields=["state", "approved_by", "approved_at"])
    _tell_soon(found, now=now)
    log.record("privacy.succession.approved", at=now, by=by, target=found, rows=queries.waiting(found))
    return found


@transaction.atomic
def drop(succession_id: UUID, *, by: Staff, now: datetime) -> Succession:
    """It does not come to it; only before anybody was told."""
    need(by, Permission.PRIVACY_WRITE)
    found = open_succession(succession_id, by=by, lock=True)
    rules.check_move(SuccessionState(found.state), SuccessionState.DROPPED)
    return _end(found, SuccessionState.DROPPED, by=by, now=now)


@transaction.atomic
def close(succession_id: UUID, *, by: Staff, now: datetime) -> Succession:
    """End it once everybody was told; who came in between is told first."""
    need(by, Permission.PRIVACY_WRITE)
    found = open_succession(succession_id, by=by, lock=True)
    rules.check_move(SuccessionState(found.state), SuccessionState.CLOSED)
    rules.check_close(waiting=queries.waiting(found))
    return _end(found, SuccessionState.CLOSED, by=by, now=now)


@transaction.atomic
def tell_again(succession_id: UUID, *, by: Staff, now: datetime) -> Succession:
    """Tell those who came since the telling began."""
    need(by, Permission.PRIVACY_WRITE)
    found = open_succession(succession_id, by=by, lock=True)
    if found.state != SuccessionState.TELLING:
        raise RuleBroken(_("只有正在告知的转移可以继续告知。"), code="state")
    _tell_soon(found, now=now)
    log.record("privacy.succession.again", at=now, by=by, target=found, rows=queries.waiting(found))
    return found


def tell(succession_id: UUID, *, now: datetime) -> int:
    """Hand the words to the one gate for messages, a few in each transaction: a killed worker loses none."""
    done = 0
    while True:
        with transaction.atomic():
            found = Succession.objects.select_for_update(of=("self",)).get(public_id=succession_id)
            if found.state != SuccessionState.TELLING:
                return done
            patients = list(queries.to_tell(found)[:BATCH])
            if not patients:
                return done
            SuccessionWord.objects.bulk_create(_word(found, patient, now=now) for patient in patients)
            done += len(patients)


def _word(found: Succession, patient: Patient, *, now: datetime) -> SuccessionWord:
    on = local_date(now)
    guardian = queries.guardian_for(patient, on)
    with in_house():
        sent = registry.messenger()(
            TEMPLATE,
            patient=patient,
            guardian=guardian,
            params={
                "hospital": patient.campus.name,
                "kind": str(found.get_kind_display()),
                "day": found.effective_on.isoformat(),
                "what": found.what,
                "recipient": found.recipient,
                "contact": found.contact,
                "phone": patient.campus.phone or patient.campus.name,
            },
            key=f"succession:{found.public_id}:{patient.public_id}",
            now=now,
        )
    is_refused = sent.status == "refused"
    return SuccessionWord(
        succession=found,
        patient=patient,
        guardian=guardian,
        state=LetterState.DRAFTED if is_refused else LetterState.HANDED,
        message=sent.public_id,
        problem=(sent.reason[:200] or "refused") if is_refused else "",
        at=now,
    )


def _tell_soon(found: Succession, *, now: datetime) -> None:
    key = f"privacy.succession:{found.public_id}:{now.isoformat()}"
    jobs.enqueue("privacy.succession", {"succession": str(found.public_id)}, key=key)


def _end(found: Succession, state: SuccessionState, *, by: Staff, now: datetime) -> Succession:
    found.state, found.closed_at = state, now
    found.save(update_fields=["state", "closed_at"])
    log.record(f"privacy.succession.{state.value}", at=now, by=by, target=found)
    return found
