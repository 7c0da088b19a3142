"""Two files of one person are joined and parted again (并档). Nothing is moved: a link is made or taken away.

Merges are rare and meet each other, so one lock holds them all; then both files are locked, oldest first.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows, only
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.people import registry
from yimei.people.access import need
from yimei.people.actions import care, pairs, tokens
from yimei.people.enums import Doubt, PairDecision
from yimei.people.models import CareRelation, DuplicatePair, Merge, Patient, Staff
from yimei.people.queries.merges import files_for, other_files
from yimei.people.roles import Permission
from yimei.people.rules import likeness, merging

ONE_AT_A_TIME = "people.merge"


@transaction.atomic
def ask(pair_id: UUID, *, kept_id: UUID, reason: str, by: Staff, now: datetime) -> Merge:
    """Say that both files of a pair are one person's; joined at once, unless a second person must agree."""
    need(by, Permission.PATIENT_MERGE)
    lock(ONE_AT_A_TIME)
    words = merging.check_reason(reason)
    pair = pairs.open_pair(pair_id, by=by, lock=True)
    kept, absorbed = _in_order(pair, kept_id)
    found, doubts = _check(kept, absorbed, by=by, now=now)
    merge = Merge.objects.create(
        kept=kept,
        absorbed=absorbed,
        pair=pair,
        reason=words,
        doubts=[doubt.value for doubt in doubts],
        evidence=likeness.packed(found),
        needs_second=bool(doubts),
        asked_at=now,
        asked_by=by,
    )
    if doubts:
        log.record(
            "people.merge.ask",
            at=now,
            by=by,
            target=merge,
            subject=kept.person.vault_key,
            detail={"doubts": merge.doubts},
        )
        return merge
    return _make(merge, by=by, now=now)


@transaction.atomic
def approve(merge_id: UUID, *, by: Staff, now: datetime) -> Merge:
    """Agree as the second person; every rule is asked again, for the files may have changed since."""
    merge = _open_awaiting(merge_id, by=by)
    if merge.asked_by_id == by.pk:
        raise RuleBroken(_("不能核准自己提出的并档，须由另一位有权限的同事核准。"), code="second")
    kept, absorbed = _locked(merge.kept, merge.absorbed)
    merge.kept, merge.absorbed = kept, absorbed
    _check(kept, absorbed, by=by, now=now, besides=merge)
    merge.approved_at, merge.approved_by = now, by
    return _make(merge, by=by, now=now)


@transaction.atomic
def refuse(merge_id: UUID, *, is_different: bool, by: Staff, now: datetime) -> Merge:
    """Send a merge back, or take one's own back; the pair waits again, or is two people's from now on."""
    merge = _open_awaiting(merge_id, by=by)
    merge.refused_at, merge.refused_by = now, by
    merge.save(update_fields=["refused_at", "refused_by"])
    _settle(
        merge, PairDecision.DIFFERENT if is_different else PairDecision.WAITING, reason="", by=by, now=now
    )
    _log("refuse", merge, by=by, now=now)
    return merge


@transaction.atomic
def undo(merge_id: UUID, *, reason: str, is_different: bool, by: Staff, now: datetime) -> Merge:
    """Part two files again: all is as it was, and what came since stays in the file it was written in."""
    need(by, Permission.PATIENT_MERGE)
    lock(ONE_AT_A_TIME)
    words = merging.check_reason(reason)
    merge = open_merge(merge_id, by=by, lock=True)
    if merge.made_at is None or merge.undone_at is not None:
        raise Conflict(_("这次并档已经撤销或没有生效。"), code="undone")
    kept, absorbed = _locked(merge.kept, merge.absorbed)
    if kept.is_restricted or absorbed.is_restricted:
        raise RuleBroken(_("资料已封存或限制处理，不能撤销并档。"), code="sealed")
    if absorbed.person.id_no and absorbed.person.id_no == kept.person.id_no:
        text = _("两份档案登记了同一个证件号，撤销后会成为两人同号。请先在保留的档案上更正证件号。")
        raise RuleBroken(text, code="id_no")
    absorbed.merged_into, absorbed.merged_at = None, None
    absorbed.save(update_fields=["merged_into", "merged_at"])
    merge.kept, merge.absorbed = kept, absorbed
    merge.undone_at, merge.undone_by, merge.undo_reason = now, by, words
    merge.save(update_fields=["undone_at", "undone_by", "undo_reason"])
    care.part(merge, at=now)
    tokens.write(kept)
    tokens.write(absorbed)
    registry.follow(kept, absorbed, are_one=False, now=now)
    decision = PairDecision.DIFFERENT if is_different else PairDecision.WAITING
    _settle(merge, decision, reason=words, by=by, now=now)
    _log("undo", merge, by=by, now=now)
    return merge


def open_merge(merge_id: UUID, *, by: Staff, lock: bool = False) -> Merge:
    return only(Merge.objects.visible_to(by).with_people(), merge_id, lock=lock)


def _open_awaiting(merge_id: UUID, *, by: Staff) -> Merge:
    need(by, Permission.PATIENT_MERGE)
    lock(ONE_AT_A_TIME)
    merge = open_merge(merge_id, by=by, lock=True)
    if merge.made_at is not None or merge.refused_at is not None:
        raise Conflict(_("这次并档已经办结。"), code="decided")
    return merge


def _in_order(pair: DuplicatePair, kept_id: UUID) -> tuple[Patient, Patient]:
    """Return (kept, absorbed), both locked; whoever is no side of the pair does not exist here."""
    if kept_id not in {pair.one.public_id, pair.two.public_id}:
        raise NotFound
    one, two = _locked(pair.one, pair.two)
    return (one, two) if one.public_id == kept_id else (two, one)


def _locked(one: Patient, two: Patient) -> tuple[Patient, Patient]:
    rows = Patient.objects.filter(pk__in=(one.pk, two.pk))
    lock_rows(rows)
    fresh = rows.with_person().in_bulk()
    return fresh[one.pk], fresh[two.pk]


def _check(
    kept: Patient, absorbed: Patient, *, by: Staff, now: datetime, besides: Merge | None = None
) -> tuple[tuple[likeness.Evidence, ...], tuple[Doubt, ...]]:
    if kept.is_merged or absorbed.is_merged:
        raise Conflict(_("其中一份档案刚刚并入了另一份，请重新核对。"), code="merged")
    both = (kept.pk, absorbed.pk)
    others = Merge.objects.awaiting().exclude(pk=besides.pk if besides else 0)
    if others.filter(kept__in=both).exists() or others.filter(absorbed__in=both).exists():
        raise Conflict(_("其中一份档案已有一次并档在等待核准，请先办结。"), code="awaiting")
    first, second = files_for((kept, absorbed), now=now)
    merging.check_merge(first, second, writer_id=by.pk)
    if missing := registry.obstacles(kept, absorbed, now):
        raise RuleBroken(_("还有未办结的事项，办结后才能并档。"), missing=missing, code="pending")
    evidence = likeness.compare(first.identity, second.identity)
    return evidence, merging.doubts(first, second)


def _make(merge: Merge, *, by: Staff, now: datetime) -> Merge:
    kept, absorbed = merge.kept, merge.absorbed
    merge.made_at = now
    merge.save(update_fields=["made_at", "approved_at", "approved_by"])
    absorbed.merged_into, absorbed.merged_at = kept, now
    absorbed.save(update_fields=["merged_into", "merged_at"])
    _share_care(kept, absorbed, now=now)
    tokens.write(kept)
    registry.follow(kept, absorbed, are_one=True, now=now)
    _settle(merge, PairDecision.SAME, reason="", by=by, now=now)
    _log("make", merge, by=by, now=now)
    return merge


def _share_care(kept: Patient, absorbed: Patient, *, now: datetime) -> None:
    """Whoever cares for one of them cares for the person, as long as they are one."""
    open_ones = CareRelation.objects.filter(until=None).select_related("staff", "merge")
    care.mirror(open_ones.filter(patient=absorbed), other_files(absorbed), at=now)
    care.mirror(open_ones.filter(patient=kept), [absorbed], at=now)


def _settle(merge: Merge, decision: PairDecision, *, reason: str, by: Staff, now: datetime) -> None:
    if merge.pair is not None:
        pair = only(DuplicatePair.objects.with_people(), merge.pair.public_id, lock=True)
        pairs.settle(pair, decision, reason=reason, by=by, now=now)


def _log(word: str, merge: Merge, *, by: Staff, now: datetime) -> None:
    """A line about each of the two: whatever follows the log reads both anew."""
    for patient in (merge.absorbed, merge.kept):
        log.record(
            f"people.merge.{word}",
            at=now,
            by=by,
            target=merge,
            subject=patient.person.vault_key,
            detail={"doubts": merge.doubts},
        )
