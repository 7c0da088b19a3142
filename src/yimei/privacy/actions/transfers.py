"""Register what may leave the country, release it when lawful, count whom it concerned (PIPL 38, 39)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import Missing, RuleBroken
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.access import open_party, open_transfer
from yimei.privacy.enums.parties import Route, TransferState
from yimei.privacy.models import Transfer, TransferPerson
from yimei.privacy.queries import limit
from yimei.privacy.queries import transfers as queries
from yimei.privacy.rules import parties as party_rules
from yimei.privacy.rules import transfers as rules
from yimei.privacy.rules.erasure import add_months

FIELDS = (
    "title", "ground", "consent_purpose", "holdings", "is_sensitive", "is_important", "rights", "route",
    "evidence", "effective_on", "valid_to",
)  # fmt: skip


@transaction.atomic
def register(code: str, party_id: UUID, *, by: Staff, now: datetime, **values: Any) -> Transfer:
    """Write a transfer down; it starts as not released, and nothing leaves (X-8)."""
    need(by, Permission.PRIVACY_WRITE)
    word = party_rules.check_code(code)
    lock("privacy.transfers")
    if Transfer.objects.filter(code=word).exists():
        raise RuleBroken(_("编码 %(code)s 已经登记过。") % {"code": word}, code="code")
    party = open_party(party_id, by=by)
    transfer = Transfer(code=word, party=party, created_by=by, created_at=now, **_checked(values))
    transfer.save(force_insert=True)
    _log("registered", transfer, by=by, now=now)
    return transfer


@transaction.atomic
def change(transfer_id: UUID, *, by: Staff, now: datetime, **values: Any) -> Transfer:
    """Edit what is known; a released transfer is stopped until it is released anew."""
    need(by, Permission.PRIVACY_WRITE)
    transfer = open_transfer(transfer_id, by=by, lock=True)
    for name, value in _checked(values).items():
        setattr(transfer, name, value)
    transfer.state, transfer.released_by, transfer.released_at = TransferState.DRAFT, None, None
    transfer.save()
    _log("changed", transfer, by=by, now=now)
    return transfer


@transaction.atomic
def release(transfer_id: UUID, *, by: Staff, now: datetime) -> Transfer:
    """Let data leave by this route: everything of X-1 is there, and another person says yes."""
    need(by, Permission.PRIVACY_VIEW)
    lock("privacy.transfers")
    transfer, on = open_transfer(transfer_id, by=by, lock=True), local_date(now)
    if transfer.created_by_id == by.pk:
        raise RuleBroken(_("登记人不能放行自己登记的出境活动，请由另一人放行。"), code="state")
    missing = queries.standing(transfer, now).missing
    if missing:
        raise RuleBroken(_("还不能放行：默认不出境。"), missing=missing, code="state")
    transfer.state, transfer.released_by, transfer.released_at = TransferState.ACTIVE, by, now
    if transfer.route == Route.ASSESSMENT and transfer.valid_to is None and transfer.effective_on:
        transfer.valid_to = add_months(transfer.effective_on, limit("abroad.assess_months", on))
    if transfer.route == Route.CONTRACT and transfer.filing_due_on is None and transfer.effective_on:
        transfer.filing_due_on, transfer.is_provisional = queries.filing_due(transfer.effective_on, on)
    transfer.save()
    _log("released", transfer, by=by, now=now)
    return transfer


@transaction.atomic
def stop(transfer_id: UUID, *, by: Staff, now: datetime) -> Transfer:
    need(by, Permission.PRIVACY_WRITE)
    transfer = open_transfer(transfer_id, by=by, lock=True)
    transfer.state = TransferState.STOPPED
    transfer.save(update_fields=["state"])
    _log("stopped", transfer, by=by, now=now)
    return transfer


@transaction.atomic
def file(transfer_id: UUID, *, number: str, on: date, by: Staff, now: datetime) -> Transfer:
    """The standard contract was filed with the provincial authority (X-7)."""
    need(by, Permission.PRIVACY_WRITE)
    transfer = open_transfer(transfer_id, by=by, lock=True)
    if transfer.filing_due_on is None or transfer.filed_on is not None:
        raise RuleBroken(_("没有等待备案的标准合同。"), code="number")
    if not number.strip() or on > local_date(now):
        raise RuleBroken(_("请填写备案编号与不晚于今天的备案日期。"), code="number")
    transfer.filed_on, transfer.filing_no = on, number.strip()[:60]
    transfer.save(update_fields=["filed_on", "filing_no"])
    _log("filed", transfer, by=by, now=now)
    return transfer


@transaction.atomic
def allow(
    code: str, patients: Iterable[Patient], *, by: Staff | None, now: datetime, is_sensitive: bool = True
) -> Transfer:
    """The gate for everything that leaves the country: refuse, or count the persons and let them go.

    An unregistered transfer, a threshold that these persons would cross, a missing consent: each says no.
    """
    lock("privacy.transfers")
    transfer, keys = check(code, patients, now=now, is_sensitive=is_sensitive)
    TransferPerson.objects.bulk_create(
        (
            TransferPerson(
                transfer=transfer,
                subject_key=key,
                year=local_date(now).year,
                is_sensitive=is_sensitive,
                at=now,
                by=by,
            )
            for key in sorted(keys)
        ),
        ignore_conflicts=True,
    )
    log.record(
        "privacy.transfer.share", at=now, by=by, target=transfer, rows=len(keys), purpose="transfer",
        detail={"code": code, "sensitive": is_sensitive},
    )  # fmt: skip
    return transfer


def check(
    code: str, patients: Iterable[Patient], *, now: datetime, is_sensitive: bool = True
) -> tuple[Transfer, set[UUID]]:
    """Say whether these persons' data may leave, and count nobody yet; ``allow`` is what lets them go."""
    people, on = list(patients), local_date(now)
    transfer = queries.listed().filter(code=code, state=TransferState.ACTIVE).first()
    if transfer is None or (is_sensitive and not transfer.is_sensitive):
        what = _("出境活动「%(code)s」未登记、未放行，或未申报敏感信息") % {"code": code}
        missing = [Missing(what, rules.CONDITIONS, "desk:transfers")]
        raise RuleBroken(_("这些信息不得出境。"), missing=missing, code="abroad")
    keys = {patient.head.person.vault_key.public_id for patient in people}
    fresh = queries.fresh_keys(keys, year=on.year, is_sensitive=is_sensitive)
    counted = queries.with_more(queries.counts(on.year), len(fresh), is_sensitive=is_sensitive)
    missing = list(queries.standing(transfer, now, counted=counted).missing)
    absent = queries.without_consent(transfer, people, now)
    if absent:
        missing.append(rules.without_consent(absent))
    if missing:
        raise RuleBroken(_("这些信息不得出境。"), missing=missing, code="abroad")
    return transfer, keys


@transaction.atomic
def settle_provisional(*, now: datetime) -> int:
    """Count working days again where a year had no table yet and has one now (T-2)."""
    changed = 0
    for transfer in Transfer.objects.filter(is_provisional=True, filed_on=None):
        assert transfer.effective_on is not None
        due, is_provisional = queries.filing_due(transfer.effective_on, local_date(now))
        if (due, is_provisional) != (transfer.filing_due_on, True):
            transfer.filing_due_on, transfer.is_provisional = due, is_provisional
            transfer.save(update_fields=["filing_due_on", "is_provisional"])
            log.record("privacy.transfer.due", at=now, target=transfer, detail={"due": due})
            changed += 1
    return changed


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"a transfer has no {sorted(unknown)}")
    if any(registry.find(code) is None for code in values.get("holdings", ())):
        raise RuleBroken(_("数据地图里没有这项信息。"), code="holdings")
    return values


def _log(word: str, transfer: Transfer, *, by: Staff, now: datetime) -> None:
    log.record(f"privacy.transfer.{word}", at=now, by=by, target=transfer, detail={"code": transfer.code})
