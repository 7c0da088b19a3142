"""Load a pack of rules, look at what it changes, accept or refuse it; declare what the hospital is."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.models import Choice, Limit, Rule, RulePack
from yimei.privacy.queries import packs as queries
from yimei.privacy.rules import choices
from yimei.privacy.rules import packs as rules


@transaction.atomic
def load(data: bytes, *, by: Staff, now: datetime) -> RulePack:
    """Take a file in as a proposal; nothing of it holds before somebody accepts it."""
    need(by, Permission.PRIVACY_WRITE)
    return _store(rules.read_pack(data), by=by, now=now)


@transaction.atomic
def accept(pack_id: UUID, *, by: Staff, now: datetime) -> RulePack:
    """Put a pack in force with the list of what it changes; clocks that run keep their ends (T-1)."""
    need(by, Permission.PRIVACY_WRITE)
    lock("privacy.packs")
    return _accept(_undecided(pack_id), by=by, now=now)


@transaction.atomic
def refuse(pack_id: UUID, *, by: Staff, now: datetime) -> RulePack:
    """Put a proposal aside; the rules in force stay."""
    need(by, Permission.PRIVACY_WRITE)
    pack = _undecided(pack_id)
    pack.decided_at, pack.decided_by, pack.is_accepted = now, by, False
    pack.save(update_fields=["decided_at", "decided_by", "is_accepted"])
    log.record("privacy.pack.refused", at=now, by=by, target=pack)
    return pack


@transaction.atomic
def load_shipped(*, now: datetime, by: Staff | None = None) -> int:
    """Load what comes with the program: the first version holds at once, a later one waits for a person."""
    if by is not None:
        need(by, Permission.PRIVACY_WRITE)
    loaded = 0
    for facts in queries.needs_load():
        is_first = not RulePack.objects.filter(code=facts.code).exists()
        pack = _store(facts, by=by, now=now)
        if is_first:
            _accept(pack, by=by, now=now)
        loaded += 1
    return loaded


@transaction.atomic
def declare(code: str, value: str, *, by: Staff, now: datetime) -> Choice:
    """Say once what the hospital is; the same answer again changes nothing."""
    need(by, Permission.PRIVACY_WRITE)
    choices.check(code, value)
    lock("privacy.choices")
    newest = Choice.objects.filter(code=code).order_by("-id").first()
    if newest is not None and newest.value == value:
        return newest
    made = Choice.objects.create(code=code, value=value, by=by, at=now)
    log.record("privacy.choice.declared", at=now, by=by, target=made, detail={"code": code, "value": value})
    return made


def _undecided(pack_id: UUID) -> RulePack:
    pack = only(RulePack.objects.all(), pack_id, lock=True)
    if pack.decided_at is not None:
        raise RuleBroken(_("这个规则包已经有决定，不能再改。"), code="pack")
    return pack


def _store(facts: rules.PackFacts, *, by: Staff | None, now: datetime) -> RulePack:
    lock("privacy.packs")
    if RulePack.objects.filter(code=facts.code, version=facts.version).exists():
        text = _("规则包 %(code)s %(version)s 已经载入过；内容有变请更换版本号。")
        raise RuleBroken(text % {"code": facts.code, "version": facts.version}, code="file")
    known = RulePack.objects.filter(code=facts.code).first()
    if known is not None and known.profile != facts.profile:
        raise RuleBroken(_("规则包的法域与已有版本不同。"), code="file")
    pack = RulePack.objects.create(
        code=facts.code,
        version=facts.version,
        title=facts.title,
        profile=facts.profile,
        sha256=facts.sha256,
        loaded_at=now,
        loaded_by=by,
    )
    Rule.objects.bulk_create(
        Rule(
            pack=pack,
            code=rule.code,
            law=rule.law,
            article=rule.article,
            title=rule.title,
            what=rule.what,
            source=rule.source,
            mark=rule.mark,
            effective_from=rule.effective_from,
            effective_to=rule.effective_to,
            **rules.dumped(rule),
        )
        for rule in facts.rules
    )
    log.record("privacy.pack.loaded", at=now, by=by, target=pack, detail={"sha256": facts.sha256})
    return pack


def _accept(pack: RulePack, *, by: Staff | None, now: datetime) -> RulePack:
    on, before = local_date(now), queries.previous(pack)
    found = queries.impact(pack, now) if before else []
    old = queries.facts_of(before, on) if before else []
    _set_numbers(
        queries.facts_of(pack, on), kept=set(queries.own_numbers(old, on)), on=on, is_first=not before
    )
    pack.decided_at, pack.decided_by, pack.is_accepted = now, by, True
    pack.impact = queries.as_json(found)
    pack.save(update_fields=["decided_at", "decided_by", "is_accepted", "impact"])
    log.record("privacy.pack.accepted", at=now, by=by, target=pack, rows=len(found))
    return pack


def _set_numbers(facts: Iterable[rules.RuleFacts], *, kept: set[str], on: date, is_first: bool) -> None:
    """Write each number where the program reads it; the old row ends the day before the new one begins."""
    facts = list(facts)
    held = queries.limits_on({number.code for rule in facts for number in rule.numbers}, on)
    fresh: list[Limit] = []
    for rule in facts:
        for number in rule.numbers:
            now_held = held.get(number.code)
            if number.code in kept or (now_held is not None and now_held.value == number.value):
                continue
            since = rule.effective_from if now_held is None and is_first else max(rule.effective_from, on)
            if now_held is not None and now_held.effective_from < since:
                now_held.effective_to = since - timedelta(days=1)
                now_held.save(update_fields=["effective_to"])
            words = {
                "name": number.name,
                "value": number.value,
                "unit": number.unit,
                "source": rules.cited(rule)[:160],
                "mark": number.mark,
                "effective_to": None,
            }
            if now_held is None:
                fresh.append(Limit(code=number.code, effective_from=since, **words))
            else:
                Limit.objects.update_or_create(code=number.code, effective_from=since, defaults=words)
    Limit.objects.bulk_create(fresh, ignore_conflicts=True)
