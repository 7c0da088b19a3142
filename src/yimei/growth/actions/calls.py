"""Logs of a telephone exchange: each call once, matched by blind index, bad lines kept with their reason."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows, only
from yimei.core.errors import RuleBroken
from yimei.growth.actions import leads
from yimei.growth.enums import CallWay, TouchKind
from yimei.growth.gateways import sheets
from yimei.growth.models import CallFile, CallRecord, Lead
from yimei.growth.queries import calls as queries
from yimei.growth.queries.owners import managers_at
from yimei.growth.rules import calls as rules
from yimei.hospital.models import Campus
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.enums import SourceKind
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.actions import erasure
from yimei.vault import keys
from yimei.vault.keys import new_key


@transaction.atomic
def bring_in(content: bytes, *, by: Staff, now: datetime) -> CallFile:
    """Read one log; a file that was read is refused, a call that is here is counted and not written again."""
    need(by, Permission.LEAD_ASSIGN)
    digest = sha256(content).hexdigest()
    lock(f"growth.calls:{by.campus_id}")
    if CallFile.objects.filter(campus=by.campus, sha256=digest).exists():
        raise RuleBroken(_("这份话单已经导入过，没有再导入。"), code="file")
    lines = sheets.read(
        content, columns=rules.COLUMNS, needed=rules.NEEDED, names=rules.names(), most=rules.MOST
    )
    found, refused = _read(lines, now=now)
    here = CallRecord.objects.filter(campus=by.campus, ref__in=[one.ref for one in found])
    known = set(here.values_list("ref", flat=True))
    wanted: dict[str, rules.Call] = {}
    for one in found:
        if one.ref not in known:
            wanted.setdefault(one.ref, one)
    match = queries.match(by.campus, {one.number for one in wanted.values()})
    others = queries.elsewhere(
        by.campus, {one.number for one in wanted.values() if match.of(one.number) is None}
    )
    theirs = {ref: one for ref, one in wanted.items() if any(hit.of(one.number) for _c, hit in others)}
    wanted = {ref: one for ref, one in wanted.items() if ref not in theirs}
    file = CallFile.objects.create(
        campus=by.campus,
        sha256=digest,
        rows=len(lines),
        matched=sum(match.of(one.number) is not None for one in wanted.values()),
        unmatched=sum(match.of(one.number) is None for one in wanted.values()),
        known=len(found) - len(wanted) - len(theirs),
        elsewhere=len(theirs),
        refused=refused,
        by=by,
        at=now,
    )
    _write(file, wanted.values(), match, now=now)
    for campus, hit in others:
        mine = {ref: one for ref, one in theirs.items() if hit.of(one.number)}
        _hand_over(file, campus, mine, hit, now=now)
    log.record("growth.call.import", at=now, by=by, target=file, rows=len(wanted))
    return file


@transaction.atomic
def become_lead(call_id: UUID, *, name: str, by: Staff, now: datetime) -> Lead:
    """Write down whoever called from a number that nobody knows; she is drawn an owner like any other."""
    need(by, Permission.LEAD_ASSIGN)
    rows = CallRecord.objects.living().filter(campus=by.campus, lead=None, patient=None)
    call = only(rows.select_related("vault_key"), call_id, lock=True)
    if call.way != CallWay.IN:
        raise RuleBroken(_("只有打进来的电话可以登记为线索：没有留过号码的人，不能由我们打过去。"))
    lead = leads.write_down(
        name=name,
        phone=call.number,
        source=SourceKind.PHONE,
        kind=TouchKind.CALL_IN,
        by=None,
        now=now,
        campus=by.campus,
    )
    call.lead = lead
    call.save(update_fields=["lead"])
    log.record("growth.call.lead", at=now, by=by, target=call, subject=call.vault_key)
    return lead


def forget_lead(lead: Lead, *, token: bytes | None, now: datetime) -> int:
    """Forget the calls of a lead that is erased, and whatever else came from its number."""
    mine = Q(lead=lead) | (Q(phone_token=token, patient=None) if token else Q(pk=None))
    return _forget(CallRecord.objects.filter(mine), now=now)


def forget_number(token: bytes, *, now: datetime) -> int:
    """Forget calls of a number that belong to no customer."""
    return _forget(CallRecord.objects.filter(phone_token=token, patient=None), now=now)


@transaction.atomic
def forget_again(key: UUID, now: datetime) -> bool:
    """After a restore: forget the calls under this key once more."""
    rows = CallRecord.objects.filter(vault_key__public_id=key, vault_key__destroyed_at=None, patient=None)
    return _forget(rows, now=now) > 0


def erase_calls(patient: Patient, now: datetime) -> int:
    """Take away what ties the calls of a customer to her number; the number goes with her key."""
    return CallRecord.objects.filter(patient=patient).exclude(phone_token=None).update(phone_token=None)


@transaction.atomic
def forget_old(*, before: datetime, now: datetime) -> int:
    """Forget calls that matched nobody, once their time is over."""
    rows = CallRecord.objects.filter(patient=None, lead=None, started_at__lt=before)
    return _forget(rows.filter(vault_key__destroyed_at=None), now=now)


def _forget(rows: QuerySet[CallRecord], *, now: datetime) -> int:
    """Destroy the keys of calls that are no customer's, and note each in the ledger of what is gone."""
    lock_rows(rows)
    found = list(rows.select_related("vault_key"))
    for one in found:
        if one.patient_id is None and not one.vault_key.is_destroyed:
            keys.destroy(one.vault_key, at=now)
            erasure.note(one.vault_key.public_id, now=now)
    CallRecord.objects.filter(pk__in=[one.pk for one in found]).update(phone_token=None)
    return len(found)


def _read(
    lines: Sequence[tuple[int, dict[str, str]]], *, now: datetime
) -> tuple[list[rules.Call], list[list[Any]]]:
    found: list[rules.Call] = []
    refused: list[list[Any]] = []
    for number, line in lines:
        try:
            found.append(rules.read(line, now=now))
        except RuleBroken as refusal:
            refused.append([number, refusal.message])
    return found, refused


def _write(file: CallFile, calls: Iterable[rules.Call], match: queries.Match, *, now: datetime) -> None:
    """Keep each call under the key of whomever its number belongs to, else under one of its own."""
    team = {one.name: one for one in Staff.objects.filter(campus=file.campus, is_active=True)}
    rows: list[CallRecord] = []
    first: dict[Lead, datetime] = {}
    last: dict[Lead, datetime] = {}
    for one in calls:
        owner = match.of(one.number)
        lead = owner if isinstance(owner, Lead) else None
        patient = owner if isinstance(owner, Patient) else None
        key = lead.vault_key if lead else patient.person.vault_key if patient else new_key()
        rows.append(
            CallRecord(
                file=file,
                campus=file.campus,
                ref=one.ref,
                vault_key=key,
                number=one.number,
                phone_token=match.tokens[one.number],
                lead=lead,
                patient=patient,
                staff=team.get(one.agent),
                way=one.way,
                is_answered=one.is_answered,
                started_at=one.started_at,
                seconds=one.seconds,
                at=now,
            )
        )
        if lead is not None and one.started_at >= lead.created_at:
            last[lead] = max(last.get(lead, one.started_at), one.started_at)
            if one.is_answered:
                first[lead] = min(first.get(lead, one.started_at), one.started_at)
    CallRecord.objects.bulk_create(rows)
    _answer(first, last)


def _hand_over(
    origin: CallFile, campus: Campus, calls: dict[str, rules.Call], match: queries.Match, *, now: datetime
) -> None:
    """Calls of another campus's people become a file of that campus; here only their number stays."""
    here = CallRecord.objects.filter(campus=campus, ref__in=calls)
    known = set(here.values_list("ref", flat=True))
    fresh = [one for ref, one in calls.items() if ref not in known]
    digest = sha256(f"{origin.sha256}:{campus.public_id}".encode()).hexdigest()
    file = CallFile.objects.create(
        campus=campus,
        sha256=digest,
        rows=len(calls),
        matched=len(fresh),
        unmatched=0,
        known=len(known),
        from_campus=origin.campus,
        by=origin.by,
        at=now,
    )
    _write(file, fresh, match, now=now)
    missed = sum(one.way == CallWay.IN and not one.is_answered for one in fresh)
    text = _("%(campus)s的话单里有 %(n)d 通属于本院区，其中未接来电 %(missed)d 通，请安排回电。")
    words = {"campus": origin.campus.name, "n": len(fresh), "missed": missed}
    for staff in managers_at(campus) if fresh else ():
        key = f"growth.calls:{file.public_id}"
        notifications.notify(staff, text % words, key=key, now=now, where="desk:leads-calls")
    log.record("growth.call.handed", at=now, by=origin.by, target=file, rows=len(fresh))


def _answer(first: dict[Lead, datetime], last: dict[Lead, datetime]) -> None:
    """A call that was answered stops the clock of the first answer, even when nobody wrote it down."""
    for lead, at in last.items():
        row = Lead.objects.filter(pk=lead.pk)
        lock_rows(row)
        now = row.get()
        answered = first.get(lead)
        now.last_touch_at = max(now.last_touch_at, at)
        if answered is not None and (now.first_response_at is None or answered < now.first_response_at):
            now.first_response_at = answered
        now.save(update_fields=["last_touch_at", "first_response_at"])
