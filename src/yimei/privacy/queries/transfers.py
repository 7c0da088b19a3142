"""What leaves the country: the register, this year's persons, the routes that are open."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.core.language import in_house
from yimei.hospital.queries import calendar_table
from yimei.hospital.rules.calendar import add_workdays
from yimei.people.models import Patient
from yimei.privacy import registry
from yimei.privacy.enums import Trigger
from yimei.privacy.enums.parties import Route, TransferGround, TransferState
from yimei.privacy.models import Transfer, TransferPerson
from yimei.privacy.queries import assessments, packs, parties, purposes
from yimei.privacy.queries.consents import told_of
from yimei.privacy.rules import parties as party_rules
from yimei.privacy.rules import transfers as rules


@dataclass(frozen=True)
class Standing:
    """Where one transfer stands today."""

    routes: frozenset[Route]
    missing: tuple[Missing, ...]


def listed() -> QuerySet[Transfer]:
    return Transfer.objects.select_related("party", "released_by")


def released(purpose_codes: Iterable[str]) -> list[Transfer]:
    """What may leave the country now of the data that serve these purposes."""
    wanted = set(purpose_codes)
    return [
        one
        for one in listed().filter(state=TransferState.ACTIVE).order_by("code")
        if any((held := registry.find(code)) and wanted & set(held.purpose_codes) for code in one.holdings)
    ]


def receivers(consent_purposes: Collection[str]) -> Mapping[str, list[str]]:
    """Who abroad receives data under each of these purposes, with what PIPL 39 asks to tell: one query."""
    rows = listed().filter(state=TransferState.ACTIVE, consent_purpose__in=consent_purposes)
    found: dict[str, list[str]] = {code: [] for code in consent_purposes}
    for one in rows.exclude(consent_purpose="").order_by("code"):
        found[one.consent_purpose].append(words_of(one))
    return found


def words_of(one: Transfer) -> str:
    """How a notice names a receiver abroad; who agrees must have read these words."""
    words = _("%(name)s（%(country)s，%(contact)s），%(title)s，%(method)s，%(what)s，行使权利：%(rights)s")
    return words % {
        "name": one.party.name,
        "country": one.party.country,
        "contact": one.party.contact,
        "title": one.title,
        "method": one.party.method,
        "what": "、".join(parties.titles(one.holdings)),
        "rights": one.rights,
    }


def counts(year: int) -> rules.Counts:
    """Distinct persons since 1 January, all transfers together; sensitive and not."""
    rows = TransferPerson.objects.filter(year=year).order_by()
    return rules.Counts(
        plain=rows.filter(is_sensitive=False).values("subject_key").distinct().count(),
        sensitive=rows.filter(is_sensitive=True).values("subject_key").distinct().count(),
    )


def with_more(found: rules.Counts, fresh: int, *, is_sensitive: bool) -> rules.Counts:
    name = "sensitive" if is_sensitive else "plain"
    return replace(found, **{name: getattr(found, name) + fresh})


def fresh_keys(keys: set[UUID], *, year: int, is_sensitive: bool) -> set[UUID]:
    """Those of these persons who were not counted this year."""
    known: set[UUID] = set()
    listed_keys = sorted(keys)
    for start in range(0, len(listed_keys), 500):
        rows = TransferPerson.objects.filter(
            year=year, is_sensitive=is_sensitive, subject_key__in=listed_keys[start : start + 500]
        )
        known |= set(rows.values_list("subject_key", flat=True))
    return keys - known


def numbers(on: date) -> dict[str, int]:
    return {code: row.value for code, row in packs.limits_on(rules.NUMBERS, on).items()}


def facts_of(transfer: Transfer) -> rules.Facts:
    return rules.Facts(
        ground=TransferGround(transfer.ground),
        is_sensitive=transfer.is_sensitive,
        is_important=transfer.is_important,
        operator=packs.choice("operator.kind"),
        route=Route(transfer.route) if transfer.route else None,
        evidence=transfer.evidence,
        rights=transfer.rights,
        holdings=transfer.holdings,
        consent_purpose=transfer.consent_purpose,
        is_consent_for_abroad=transfer.consent_purpose in purposes.for_abroad(),
        effective_on=transfer.effective_on,
        valid_to=transfer.valid_to,
    )


def standing(transfer: Transfer, now: datetime, *, counted: rules.Counts | None = None) -> Standing:
    """What is missing before anything may leave; the party must be approved, save that it lies abroad."""
    on = local_date(now)
    found = counted or counts(on.year)
    facts, limits = facts_of(transfer), numbers(on)
    where = f"desk:transfer:{transfer.public_id}"
    missing = rules.missing_to_release(facts, found, limits, on=on, where=where)
    party = party_rules.reason_not_to_send(
        replace(parties.facts_of(transfer.party, on), has_transfer=True), code=transfer.party.code, on=on
    )
    if party is not None:
        missing.append(party)
    missing += assessments.missing(f"transfer:{transfer.code}", {Trigger.ABROAD}, on=on, name=transfer.title)
    return Standing(rules.routes(found, facts, limits), tuple(missing))


def routes_now(on: date) -> tuple[frozenset[Route], frozenset[Route]]:
    """Which gates are open this year for sensitive data and for other data that leave by consent (X-5)."""
    found, limits = counts(on.year), numbers(on)
    facts = rules.Facts(
        ground=TransferGround.CONSENT, is_sensitive=True, is_important=False,
        operator=packs.choice("operator.kind"), route=None, evidence="", rights="", holdings=(),
        consent_purpose="", is_consent_for_abroad=False, effective_on=None, valid_to=None,
    )  # fmt: skip
    plain = replace(facts, is_sensitive=False)
    return rules.routes(found, facts, limits), rules.routes(found, plain, limits)


def without_consent(transfer: Transfer, patients: Iterable[Patient], now: datetime) -> int:
    """How many of these persons have not agreed to this receiver, where consent is the ground."""
    people = list(patients)
    if transfer.ground != TransferGround.CONSENT:
        return 0
    with in_house():
        words = words_of(transfer)
    return len(people) - len(told_of(people, transfer.consent_purpose, words, now))


def filing_due(effective_on: date, on: date) -> tuple[date, bool]:
    """The last day to file a standard contract: working days after it takes effect (X-7, T-2)."""
    days = packs.limits_on(["abroad.file_workdays"], on)["abroad.file_workdays"].value
    table = calendar_table([effective_on.year, effective_on.year + 1])
    return add_workdays(effective_on, days, table)


def to_file() -> QuerySet[Transfer]:
    """Released transfers whose filing is still open."""
    return listed().filter(state=TransferState.ACTIVE, filing_due_on__isnull=False, filed_on=None)
