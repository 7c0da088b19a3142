"""Draft what affected persons are told, and hand it to the one gate for messages."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.access import need
from yimei.people.models import Guardian, Staff
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.access import open_incident
from yimei.privacy.enums.incidents import IncidentStatus, LetterState
from yimei.privacy.models import Incident, Letter
from yimei.privacy.queries.incidents import papers
from yimei.privacy.queries.majority import guardians_by_head
from yimei.privacy.rules import incidents as rules

TEMPLATE, TO_GUARDIAN = "privacy.incident", "privacy.incident.guardian"
BATCH, CHUNK = 50, 500
TOLD = ("harm", "measures", "advice")


@transaction.atomic
def draft(incident_id: UUID, *, by: Staff, now: datetime) -> int:
    """Write a letter for everybody affected, and one for each guardian of a minor; twice changes nothing."""
    incident = _open(incident_id, by)
    with in_house():
        words = papers.told(incident)
        rules.check_neutral({name: words[name] for name in TOLD})
        own, guarded = (text % words for text in _bodies())
    known = set(incident.letters.values_list("patient", "guardian"))
    people = list(incident.affected.select_related("patient__person__vault_key").order_by("id"))
    made = 0
    for start in range(0, len(people), CHUNK):
        some = people[start : start + CHUNK]
        minors = [one.patient for one in some if one.is_minor]
        guardians = guardians_by_head(minors) if minors else {}
        fresh = [
            Letter(
                incident=incident,
                patient=one.patient,
                guardian=guardian,
                body=guarded if guardian else own,
                drafted_at=now,
            )
            for one in some
            if not one.patient.person.vault_key.is_destroyed
            for guardian in (None, *(guardians.get(one.patient.head_id, ()) if one.is_minor else ()))
            if (one.patient_id, guardian.pk if guardian else None) not in known
        ]
        made += len(Letter.objects.bulk_create(fresh))
    log.record("privacy.incident.drafted", at=now, by=by, target=incident, rows=made)
    return made


@transaction.atomic
def send(incident_id: UUID, *, by: Staff, now: datetime) -> Incident:
    """Ask for the letters to be handed over in the background; a drill sends nothing outside."""
    incident = _open(incident_id, by)
    waiting = incident.letters.filter(state=LetterState.DRAFTED)
    if not waiting.exists():
        raise RuleBroken(_("没有等待发送的告知，请先起草。"), code="letters")
    if incident.is_drill:
        held = waiting.update(state=LetterState.HELD, handed_at=now, handed_by=by)
        log.record("privacy.incident.held", at=now, by=by, target=incident, rows=held)
        return incident
    key = f"privacy.letters:{incident.public_id}:{now.isoformat()}"
    jobs.enqueue("privacy.letters", {"incident": str(incident.public_id), "by": str(by.public_id)}, key=key)
    log.record("privacy.incident.sending", at=now, by=by, target=incident, rows=waiting.count())
    return incident


def hand_over(incident_id: UUID, *, by_id: UUID, now: datetime) -> int:
    """Give the drafted letters to the outbox, a few in each transaction: a killed worker loses none."""
    by = Staff.objects.filter(public_id=by_id).first()
    done = 0
    while True:
        with transaction.atomic():
            waiting = (
                Letter.objects.filter(
                    incident__public_id=incident_id,
                    incident__is_drill=False,
                    state=LetterState.DRAFTED,
                    problem="",
                )
                .select_related(
                    "incident__reported_by__vault_key",
                    "patient__person__vault_key",
                    "guardian__person__vault_key",
                )
                .order_by("id")[:BATCH]
            )
            letters = list(waiting)
            if not letters:
                return done
            with in_house():
                words = papers.told(letters[0].incident)
            for letter in letters:
                _hand(letter, words, by=by, now=now)
            done += len(letters)


@transaction.atomic
def mark_printed(incident_id: UUID, *, guardians: bool, by: Staff, now: datetime) -> int:
    """Say that those whom no message reaches were written to or told in person; the others are sent to."""
    incident = _open(incident_id, by)
    if incident.is_drill:
        raise RuleBroken(_("演练不对外告知。"), code="letters")
    waiting = incident.letters.filter(state=LetterState.DRAFTED, guardian__isnull=not guardians)
    done = waiting.exclude(problem="").update(state=LetterState.PRINTED, handed_at=now, handed_by=by)
    log.record("privacy.incident.told", at=now, by=by, target=incident, rows=done)
    return done


@transaction.atomic
def printed(incident_id: UUID, *, by: Staff, now: datetime) -> bytes:
    """The letter on paper; it names nobody, so that one print serves all."""
    need(by, Permission.PRIVACY_VIEW)
    incident = open_incident(incident_id, by=by)
    with in_house():
        page = render_pdf(
            "letter.typ", papers.person_letter(incident, now=now), title=_("个人信息安全事件告知书")
        )
    log.record("privacy.incident.print", at=now, by=by, target=incident, detail={"page": "letter"})
    return page


def _hand(letter: Letter, words: Mapping[str, str], *, by: Staff | None, now: datetime) -> None:
    """By message; to a guardian only at the number of one whose papers were seen, otherwise on paper."""
    guardian = letter.guardian
    if guardian is not None and not needs_guardian(letter.patient, local_date(now)):
        log.record("privacy.incident.outgrown", at=now, by=by, target=letter)
        letter.delete()  # she answers for herself since the draft, and has a letter of her own
        return
    if guardian is not None and (problem := _unfit(guardian)):
        letter.problem = problem
        letter.save(update_fields=["problem"])
        return
    sent = registry.messenger()(
        TEMPLATE if guardian is None else TO_GUARDIAN,
        patient=letter.patient,
        guardian=guardian,
        params=words,
        key=f"incident-letter:{letter.public_id}",
        now=now,
        by=by,
    )
    letter.message = sent.public_id
    if sent.status == "refused":
        letter.problem = sent.reason[:200] or "refused"
    else:
        letter.state, letter.handed_at, letter.handed_by = LetterState.HANDED, now, by
    letter.save(update_fields=["message", "problem", "state", "handed_at", "handed_by"])


def _unfit(guardian: Guardian) -> str:
    """Why no message may go to this guardian; empty when one may."""
    if guardian.person.vault_key.is_destroyed:
        return _("监护人的资料已删除。")
    if guardian.verified_at is None:
        return _("监护关系未核对，请核对后书面或当面告知。")
    return ""


def _bodies() -> tuple[str, str]:
    """What the person and what a guardian is told."""
    return (
        _(
            "您的个人信息可能受到一次安全事件影响，涉及%(what)s。可能的影响：%(harm)s。我们已采取：%(measures)s。您可以：%(advice)s。"
        ),
        _(
            "您监护的未成年人的个人信息可能受到一次安全事件影响，涉及%(what)s。可能的影响：%(harm)s。我们已采取：%(measures)s。您可以：%(advice)s。"
        ),
    )


def _open(incident_id: UUID, by: Staff) -> Incident:
    need(by, Permission.PRIVACY_WRITE)
    incident = open_incident(incident_id, by=by, lock=True)
    if incident.status != IncidentStatus.OPEN:
        raise RuleBroken(_("只有处置中的事件可以告知。"), code="letters")
    return incident
