"""Register, approve, review, suspend and end the relation with those who receive data (PIPL 20, 21, 23)."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound, RuleBroken
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.access import open_party
from yimei.privacy.enums.parties import DutySide, PartyKind, PartyState, TransferState
from yimei.privacy.models import Party, PartyEvent
from yimei.privacy.queries import assessments, limit
from yimei.privacy.queries import parties as queries
from yimei.privacy.rules import assessments as assessment_rules
from yimei.privacy.rules import parties as rules
from yimei.privacy.rules.erasure import add_months
from yimei.vault import files

FIELDS = (
    "name", "kind", "service", "country", "method", "holdings", "consent_purpose", "contact",
    "incident_contact", "diligence", "terms", "duties", "contract_no", "valid_from", "valid_to",
)  # fmt: skip
PAPERS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
"""What a proof may be called; whatever else was handed in is kept, and named as nothing."""
MATERIAL = frozenset({"kind", "service", "country", "method", "holdings"})
"""A change of these is another processing: it needs approval anew."""


@transaction.atomic
def register(code: str, *, by: Staff, now: datetime, **values: Any) -> Party:
    """Write a party down; nothing is sent to it before somebody else approves."""
    need(by, Permission.PRIVACY_WRITE)
    word = rules.check_code(code)
    lock("privacy.parties")
    if Party.objects.filter(code=word).exists():
        raise RuleBroken(_("编码 %(code)s 已经登记过。") % {"code": word}, code="code")
    party = Party(code=word, created_by=by, created_at=now, **_checked(values))
    party.save(force_insert=True)
    _write(party, "registered", by=by, now=now)
    return party


@transaction.atomic
def change(party_id: UUID, *, by: Staff, now: datetime, **values: Any) -> Party:
    """Edit what is known; a material change of an approved party takes it back to be approved."""
    need(by, Permission.PRIVACY_WRITE)
    party = open_party(party_id, by=by, lock=True)
    if party.state == PartyState.ENDED:
        raise RuleBroken(_("合作已经终止，不能再改。"), code="state")
    checked = _checked(values)
    changed = [name for name in checked if getattr(party, name) != checked[name]]
    for name in changed:
        setattr(party, name, checked[name])
    if MATERIAL & set(changed) and party.state == PartyState.ACTIVE:
        party.state, party.approved_by, party.approved_at = PartyState.DRAFT, None, None
    party.save()
    if changed:
        _write(party, "changed", text="、".join(_label(name) for name in changed), by=by, now=now)
    return party


@transaction.atomic
def approve(party_id: UUID, *, by: Staff, now: datetime) -> Party:
    """Let interfaces send to it: contract, due diligence, assessment, and another person's yes."""
    need(by, Permission.PRIVACY_VIEW)
    party, on = open_party(party_id, by=by, lock=True), local_date(now)
    rules.check_move(PartyState(party.state), PartyState.ACTIVE)
    if party.created_by_id == by.pk:
        raise RuleBroken(_("登记人不能批准自己登记的合作方，请由另一人批准。"), code="state")
    missing = rules.missing_to_start(
        queries.facts_of(party, on),
        terms=party.terms,
        diligence=[code for code, answer in party.diligence.items() if answer],
        holdings=party.holdings,
        consent_purpose=party.consent_purpose,
        on=on,
        duties=[code for code, side in party.duties.items() if side],
    )
    missing += assessments.missing(
        f"party:{party.code}", {assessment_rules.BY_PARTY[PartyKind(party.kind)]}, on=on, name=party.name
    )
    if missing:
        raise RuleBroken(_("还不能批准。"), missing=missing, code="state")
    party.state, party.approved_by, party.approved_at = PartyState.ACTIVE, by, now
    party.next_review_on = add_months(on, limit("party.review_months", on))
    party.save()
    _write(party, "approved", by=by, now=now)
    return party


@transaction.atomic
def review(party_id: UUID, *, text: str, by: Staff, now: datetime) -> Party:
    """Supervise: what was looked at and found; the next review is counted from today (PIPL 21)."""
    need(by, Permission.PRIVACY_WRITE)
    party, on = open_party(party_id, by=by, lock=True), local_date(now)
    if party.state != PartyState.ACTIVE:
        raise RuleBroken(_("只复核合作中的合作方。"), code="text")
    if len(text.strip()) < 4:
        raise RuleBroken(_("请写明检查了什么、结论是什么。"), code="text")
    party.next_review_on = add_months(on, limit("party.review_months", on))
    party.save(update_fields=["next_review_on"])
    _write(party, "reviewed", text=text, by=by, now=now)
    return party


@transaction.atomic
def suspend(party_id: UUID, *, text: str, by: Staff, now: datetime) -> Party:
    """Stop sending at once; the relation may be taken up again or ended with proof."""
    need(by, Permission.PRIVACY_WRITE)
    party = open_party(party_id, by=by, lock=True)
    rules.check_move(PartyState(party.state), PartyState.SUSPENDED)
    party.state = PartyState.SUSPENDED
    party.save(update_fields=["state"])
    _write(party, "suspended", text=text, by=by, now=now)
    return party


@transaction.atomic
def end(
    party_id: UUID, *, proof: str, by: Staff, now: datetime, paper: bytes | None = None, name_hint: str = ""
) -> Party:
    """Offboard: the party gave back or deleted everything, and this proves it (D-13)."""
    need(by, Permission.PRIVACY_WRITE)
    party = open_party(party_id, by=by, lock=True)
    rules.check_move(PartyState(party.state), PartyState.ENDED)
    if len(proof.strip()) < 4:
        raise RuleBroken(
            _("请写明返还或删除的证明：文号、日期、方式（个人信息保护法第二十一条）。"), code="proof"
        )
    digest = ""
    if paper:
        party.proof_file = files.store(paper, key=by.vault_key, name_hint=name_hint)
        digest = hashlib.sha256(paper).hexdigest()
    party.state, party.proof, party.ended_at, party.ended_by = PartyState.ENDED, proof.strip()[:200], now, by
    party.save()
    party.transfers.exclude(state=TransferState.STOPPED).update(state=TransferState.STOPPED)
    _write(party, "ended", text=proof, by=by, now=now, detail={"sha256": digest})
    return party


@transaction.atomic
def proof_paper(party_id: UUID, *, by: Staff, now: datetime) -> tuple[bytes, str]:
    """The paper that proves return or deletion as it was handed in, with its ending; openings are logged."""
    need(by, Permission.PRIVACY_VIEW)
    party = open_party(party_id, by=by)
    if party.proof_file is None:
        raise NotFound
    log.record("privacy.party.print", at=now, by=by, target=party, detail={"code": party.code})
    ending = PAPERS.get(party.proof_file.content_type, "bin")
    return party.proof_file.read(), f"{party.code}-proof.{ending}"


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what a party may be told to be; unknown words are an error of the caller."""
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"a party has no {sorted(unknown)}")
    found = dict(values)
    if "country" in found:
        found["country"] = rules.check_country(found["country"])
    if "terms" in found:
        found["terms"] = [code for code in rules.TERMS if code in found["terms"]]
    if "diligence" in found:
        found["diligence"] = {
            code: str(found["diligence"].get(code, "")).strip()[:200] for code in rules.DILIGENCE
        }
    if "duties" in found:
        agreed = found["duties"]
        found["duties"] = {code: agreed[code] for code in rules.DUTIES if agreed.get(code) in DutySide}
    if "holdings" in found and any(registry.find(code) is None for code in found["holdings"]):
        raise RuleBroken(_("数据地图里没有这项信息。"), code="holdings")
    since, until = found.get("valid_from"), found.get("valid_to")
    if isinstance(since, date) and isinstance(until, date) and until < since:
        raise RuleBroken(_("合同到期日早于生效日。"), code="valid_to")
    return found


def _write(
    party: Party,
    word: str,
    *,
    by: Staff,
    now: datetime,
    text: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    PartyEvent.objects.create(party=party, word=word, text=text.strip()[:500], by=by, at=now)
    log.record(
        f"privacy.party.{word}", at=now, by=by, target=party, detail={"code": party.code} | (detail or {})
    )


def _label(name: str) -> str:
    return str(Party._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
