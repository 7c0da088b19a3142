"""Enquiries that come by outside programs: each once, however often it is brought."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.names import normalise
from yimei.growth.access import open_gate
from yimei.growth.actions import leads
from yimei.growth.enums import TouchKind
from yimei.growth.models import Gate, Intake, Lead
from yimei.growth.queries.intake import secret_of
from yimei.growth.rules.leads import NOTE_LENGTH
from yimei.hospital.enums import Category
from yimei.people.access import need
from yimei.people.enums import SourceKind
from yimei.people.models import Staff
from yimei.people.roles import Permission

NAME_LENGTH, REF_LENGTH = 40, 64


@transaction.atomic
def open_(*, name: str, source: str, by: Staff, now: datetime) -> Gate:
    """Let one more program bring enquiries to this campus."""
    need(by, Permission.GROWTH_WRITE)
    words = normalise(name.replace("\0", ""))
    if not words or len(words) > NAME_LENGTH:
        raise RuleBroken(_("请填写名称，不超过 %(n)d 字。") % {"n": NAME_LENGTH}, code="name")
    lock(f"growth.gates:{by.campus_id}")
    if Gate.objects.filter(campus=by.campus, name=words, stopped_at=None).exists():
        raise RuleBroken(_("已有这个名称的入口。"), code="name")
    gate = Gate.objects.create(
        name=words, campus=by.campus, source=SourceKind(source), created_at=now, created_by=by
    )
    log.record("growth.gate.open", at=now, by=by, target=gate)
    return gate


@transaction.atomic
def renew(gate_id: UUID, *, by: Staff, now: datetime) -> Gate:
    """Give a gate a new secret; the old one opens nothing from this moment on."""
    gate = open_gate(gate_id, by=by, lock=True)
    gate.generation += 1
    gate.save(update_fields=["generation"])
    log.record("growth.gate.renew", at=now, by=by, target=gate)
    return gate


@transaction.atomic
def stop(gate_id: UUID, *, by: Staff, now: datetime) -> Gate:
    """Close a gate for good; what came by it stays."""
    gate = open_gate(gate_id, by=by, lock=True)
    if gate.stopped_at is None:
        gate.stopped_at = now
        gate.save(update_fields=["stopped_at"])
        log.record("growth.gate.stop", at=now, by=by, target=gate)
    return gate


def show_secret(gate_id: UUID, *, by: Staff, now: datetime) -> str:
    """The secret of a gate for whoever sets the other program up; each look is in the log."""
    gate = open_gate(gate_id, by=by)
    log.record("growth.gate.reveal", at=now, by=by, target=gate)
    return secret_of(gate)


def gate_of(token: str) -> Gate:
    """The gate whose secret this is: `gate.secret`, compared in constant time."""
    name, _dot, secret = token.partition(".")
    gate = standing(name)
    if not hmac.compare_digest(secret.encode(), secret_of(gate).encode()):
        raise NotFound
    return gate


def standing(gate_id: str | UUID) -> Gate:
    """A gate that is open; anything else is nothing."""
    try:
        rows = Gate.objects.filter(public_id=UUID(str(gate_id)), stopped_at=None)
    except ValueError:
        raise NotFound from None
    gate = rows.select_related("campus").first()
    if gate is None:
        raise NotFound
    return gate


@transaction.atomic
def receive(gate: Gate, data: Mapping[str, Any], *, now: datetime) -> tuple[Lead, bool]:
    """Take one enquiry; the same number again returns the first lead. Says whether it is new."""
    ref = str(data.get("id") or "").replace("\0", "").strip()
    if not ref or len(ref) > REF_LENGTH:
        raise RuleBroken(_("缺少编号 id，或超过 %(n)d 字。") % {"n": REF_LENGTH}, code="id")
    lock(f"growth.intake:{gate.pk}:{ref}")
    known = Intake.objects.filter(gate=gate, ref=ref).select_related("lead__duplicate_of").first()
    if known is not None:
        return known.lead, False
    lead = leads.write_down(
        name=_text(data, "name"),
        phone=_text(data, "phone"),
        wechat=_text(data, "wechat"),
        interest=interest(_text(data, "interest")),
        note=_text(data, "note")[:NOTE_LENGTH],
        source=gate.source,
        kind=TouchKind.FORM,
        by=None,
        now=now,
        campus=gate.campus,
    )
    Intake.objects.create(gate=gate, ref=ref, lead=lead, at=now)
    return lead, True


def note_refusal(gate: Gate) -> None:
    """Count what was not taken, so that whoever runs the gate sees that something is wrong there."""
    Gate.objects.filter(pk=gate.pk).update(refused=F("refused") + 1)


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise RuleBroken(_("%(name)s 应为文字。") % {"name": name}, code=name)
    return str(value)


def interest(words: str) -> str:
    """A category by its code or its Chinese name; other words are no category."""
    plain = words.strip()
    return next((code for code, label in Category.choices if plain in {code, str(label)}), "")
