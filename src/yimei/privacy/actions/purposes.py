"""Register what data are handled for, change it, let it go live behind its assessment, stop it (PIPL 13)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.enums import PurposeWord
from yimei.privacy.models import Purpose, PurposeEvent
from yimei.privacy.queries import assessments as queries
from yimei.privacy.queries.purposes import said
from yimei.privacy.queries.register import facts_of, retention_on
from yimei.privacy.rules import assessments as assessment_rules
from yimei.privacy.rules import consents as consent_rules
from yimei.privacy.rules import purposes as rules

FIELDS = tuple(rules.LABELS)


@transaction.atomic
def register(code: str, *, by: Staff, now: datetime, **values: Any) -> Purpose:
    """Write a purpose down; nothing is done for it before it was assessed and switched on."""
    need(by, Permission.PRIVACY_WRITE)
    word = rules.check_code(code)
    lock("privacy.purposes")
    if Purpose.objects.filter(code=word).exists():
        raise RuleBroken(_("编码 %(code)s 已经登记过。") % {"code": word}, code="code")
    purpose = Purpose(code=word, is_active=False, is_own=True, is_necessary=False, **_checked(values, now))
    consent_rules.check_purpose(facts_of(purpose))
    purpose.save(force_insert=True)
    _write(purpose, PurposeWord.REGISTERED, by=by, now=now)
    return purpose


@transaction.atomic
def change(purpose_id: UUID, *, only_words: bool = False, by: Staff, now: datetime, **values: Any) -> Purpose:
    """Change a purpose. At heart: old consents and assessments no longer reach it, and what care does not
    need stops until it was assessed and told anew. Only the words: nothing of that."""
    need(by, Permission.PRIVACY_WRITE)
    purpose = only(Purpose.objects.select_related("retention"), purpose_id, lock=True)
    checked = _checked(values, now)
    if checked["retention"].code == purpose.retention.code:
        checked["retention"] = purpose.retention
    changed = [name for name in FIELDS if getattr(purpose, name) != checked[name]]
    if not changed:
        return purpose
    with in_house():
        before = {name: said(purpose, name) for name in changed}
    for name in changed:
        setattr(purpose, name, checked[name])
    consent_rules.check_purpose(facts_of(purpose))
    is_material = rules.is_material(changed, only_words=only_words)
    if is_material:
        purpose.changed_at = now
        purpose.is_active = purpose.is_active and not assessment_rules.may_stop(
            is_necessary=purpose.is_necessary, basis=purpose.basis
        )
    purpose.save()
    word = PurposeWord.CHANGED if is_material else PurposeWord.REWORDED
    with in_house():
        rows = [[str(rules.LABELS[name]), before[name], said(purpose, name)] for name in changed]
    _write(purpose, word, changes=rows, by=by, now=now)
    return purpose


@transaction.atomic
def switch(purpose_id: UUID, *, is_active: bool, by: Staff, now: datetime) -> Purpose:
    """Let a purpose go live, or stop it; before it goes live it needs its assessment (PIPL 55)."""
    need(by, Permission.PRIVACY_WRITE)
    purpose = only(Purpose.objects.all(), purpose_id, lock=True)
    if is_active:
        if missing := queries.missing_of(purpose, on=local_date(now)):
            raise RuleBroken(_("这个目的还不能启用。"), missing=missing, code="assessment")
    else:
        assessment_rules.check_stop(purpose.name, is_necessary=purpose.is_necessary, basis=purpose.basis)
    if purpose.is_active != is_active:
        purpose.is_active = is_active
        purpose.save(update_fields=["is_active"])
        _write(purpose, PurposeWord.ON if is_active else PurposeWord.OFF, by=by, now=now)
    return purpose


def _checked(values: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The values as they are kept; the period by its code."""
    if set(values) != set(FIELDS):
        raise TypeError(f"a purpose has {sorted(FIELDS)}")
    found = {**values, "triggers": sorted(values["triggers"])}
    found |= {name: found[name].strip() for name in ("name", "description", "article")}
    rules.check(found)
    period = retention_on(local_date(now)).get(found["retention"])
    if period is None:
        raise RuleBroken(_("没有登记这种保存期限。"), code="retention")
    return found | {"retention": period}


def _write(
    purpose: Purpose, word: PurposeWord, *, by: Staff, now: datetime, changes: list[list[str]] | None = None
) -> None:
    PurposeEvent.objects.create(purpose=purpose, word=word, changes=changes or [], by=by, at=now)
    log.record(f"privacy.purpose.{word}", at=now, by=by, target=purpose, detail={"code": purpose.code})
