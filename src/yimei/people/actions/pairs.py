"""Files that may be one person's: put down once, judged once, never asked about again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.rows import only
from yimei.core.errors import Conflict, RuleBroken
from yimei.people.access import need
from yimei.people.enums import PairDecision, PairSource
from yimei.people.models import DuplicatePair, Merge, Patient, Staff
from yimei.people.queries.merges import identity_of, known_pairs, likely_same
from yimei.people.roles import Permission
from yimei.people.rules import likeness

REASON_LIMIT = 200
BATCH = 500


@dataclass(frozen=True)
class Found:
    """Two files that a comparison takes for one person's, with what speaks for it."""

    one: int
    two: int
    probability: float
    evidence: list[list[str | float]]

    @property
    def numbers(self) -> tuple[int, int]:
        return min(self.one, self.two), max(self.one, self.two)


def note(patient: Patient, *, at: datetime) -> int:
    """Put down whom a new file may repeat. Part of a larger action, which writes the log."""
    found = [
        Found(other.pk, patient.pk, chance, likeness.packed(evidence))
        for other, evidence, chance in likely_same(patient)
    ]
    return len(_add(found, source=PairSource.ENTRY, at=at))


@transaction.atomic
def offer(found: Iterable[Found], *, at: datetime) -> int:
    """Put down what a comparison over all files found, and say how much is new; what is known stays."""
    rows = _add(list(found), source=PairSource.NIGHTLY, at=at)
    if rows:
        log.record("people.pair.offer", at=at, rows=len(rows))
    return len(rows)


@transaction.atomic
def propose(one_id: UUID, two_id: UUID, *, by: Staff, now: datetime) -> DuplicatePair:
    """Put two files beside each other because somebody says so; the same pair comes back however often."""
    need(by, Permission.PATIENT_MERGE)
    rows = Patient.objects.within_reach(by, Permission.PATIENT_MERGE).with_person()
    one, two = sorted((only(rows, each) for each in (one_id, two_id)), key=lambda patient: patient.pk)
    if one.pk == two.pk:
        raise RuleBroken(_("请另选一份档案。"), code="same")
    evidence = likeness.compare(identity_of(one.person), identity_of(two.person))
    pair, is_new = DuplicatePair.objects.get_or_create(
        one=one,
        two=two,
        defaults={
            "source": PairSource.HAND,
            "probability": likeness.probability(evidence),
            "evidence": likeness.packed(evidence),
            "found_at": now,
        },
    )
    if is_new:
        log.record("people.pair.propose", at=now, by=by, target=pair, subject=two.person.vault_key)
    return pair


@transaction.atomic
def decide(pair_id: UUID, *, decision: str, reason: str, by: Staff, now: datetime) -> DuplicatePair:
    """Say that two files are two people's, or that it is not clear yet; joining them is ``merges.ask``."""
    need(by, Permission.PATIENT_MERGE)
    pair = open_pair(pair_id, by=by, lock=True)
    if decision not in {PairDecision.DIFFERENT, PairDecision.LATER}:
        raise RuleBroken(_("请选择「不是同一人」或「暂缓」。"), code="decision")
    words = " ".join(reason.replace("\0", "").split())
    if len(words) > REASON_LIMIT:
        raise RuleBroken(_("说明不超过 %(limit)d 个字。") % {"limit": REASON_LIMIT}, code="reason")
    if pair.decision == PairDecision.SAME or Merge.objects.awaiting().filter(pair=pair).exists():
        raise Conflict(_("这一对已经提出并档，请在并档记录里办理。"), code="decided")
    settle(pair, PairDecision(decision), reason=words, by=by, now=now)
    log.record(f"people.pair.{decision}", at=now, by=by, target=pair, subject=pair.two.person.vault_key)
    return pair


def settle(pair: DuplicatePair, decision: PairDecision, *, reason: str, by: Staff, now: datetime) -> None:
    """Write a decision down. Part of a larger action, which writes the log."""
    is_open = decision == PairDecision.WAITING
    pair.decision, pair.reason = decision, reason
    pair.decided_at, pair.decided_by = (None, None) if is_open else (now, by)
    pair.save(update_fields=["decision", "reason", "decided_at", "decided_by"])


def open_pair(pair_id: UUID, *, by: Staff, lock: bool = False) -> DuplicatePair:
    return only(DuplicatePair.objects.visible_to(by).with_people(), pair_id, lock=lock)


def _add(found: list[Found], *, source: PairSource, at: datetime) -> list[DuplicatePair]:
    fresh: dict[tuple[int, int], Found] = {}
    for start in range(0, len(found), BATCH):
        part = {each.numbers: each for each in found[start : start + BATCH]}
        known = known_pairs(part.keys())
        fresh |= {numbers: each for numbers, each in part.items() if numbers not in known}
    rows = [
        DuplicatePair(
            one_id=one,
            two_id=two,
            source=source,
            probability=each.probability,
            evidence=each.evidence,
            found_at=at,
        )
        for (one, two), each in fresh.items()
    ]
    for row, one in zip(rows, _with_keys(rows), strict=True):
        row.one = one
    return DuplicatePair.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


def _with_keys(rows: list[DuplicatePair]) -> list[Patient]:
    """The first files of these pairs with their keys: an empty reason is sealed under one too."""
    known = Patient.objects.with_person().in_bulk([row.one_id for row in rows])
    return [known[row.one_id] for row in rows]
