"""Reads about plans and the documents signed for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from yimei.billing.enums import QuoteStatus
from yimei.billing.models import Quote
from yimei.billing.queries import quotes_of
from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.hospital.enums import Anaesthesia, Field, FormKind, Grade
from yimei.hospital.queries import forms_for, price_on
from yimei.journey.enums import Side
from yimei.journey.models import Case, Plan
from yimei.journey.rules import plans as rules
from yimei.people.models import Staff
from yimei.people.queries import missing_to_operate


def content(plan: Plan) -> rules.Content:
    """Return the words of one version, as the customer reads and signs them."""
    return rules.Content(
        procedure=plan.procedure.name,
        side=str(Side(plan.side).label),
        anaesthesia=str(Anaesthesia(plan.anaesthesia).label),
        surgeon=plan.surgeon.name,
        surgeon_id=plan.surgeon.public_id,
        sites=plan.sites,
        implants=plan.implants,
        alternatives=plan.alternatives,
        risks=plan.risks,
        price=plan.price,
    )


@dataclass(frozen=True)
class Version:
    """One plan with what it changed against the version before."""

    plan: Plan
    differences: Sequence[rules.Difference] = ()


def versions(case: Case) -> Sequence[Version]:
    """Newest first; the first version has no differences."""
    rows = list(
        case.plans.select_related("procedure", "surgeon", "case__patient__person__vault_key").order_by(
            "-version"
        )
    )
    changes = [rules.differences(content(older), content(newer)) for newer, older in pairwise(rows)]
    return [Version(plan, change) for plan, change in zip(rows, [*changes, ()], strict=False)]


def in_force(case: Case) -> Plan | None:
    """The newest plan that is not superseded; its case is the one given."""
    rows = case.plans.filter(superseded_at=None).select_related("procedure", "surgeon").order_by()
    return max(rows, key=lambda plan: plan.version, default=None)


@dataclass(frozen=True)
class Opening:
    """What the editor begins with: the newest version, or what catalogue, documents and quote say."""

    version: int
    side: str
    anaesthesia: str
    sites: str
    implants: str
    alternatives: str
    risks: str
    price: Decimal | None
    quote_id: UUID | None


def opening(case: Case, now: datetime) -> Opening:
    newest = in_force(case)
    quote = _quote(case)
    price = _price(case, quote, now)
    quote_id = quote.public_id if quote else None
    if newest is not None:
        return Opening(
            version=newest.version,
            side=newest.side,
            anaesthesia=newest.anaesthesia,
            sites=newest.sites,
            implants=newest.implants,
            alternatives=newest.alternatives,
            risks=newest.risks,
            price=newest.price,
            quote_id=newest.quote_id,
        )
    told = [
        section
        for form in forms_for(case.procedure, now)
        if form.kind == FormKind.SURGERY
        for section in form.sections
    ]
    return Opening(
        version=0,
        side=case.side,
        anaesthesia=case.procedure.anaesthesia,
        sites="",
        implants="",
        alternatives=rules.prefill(told, ("替代",)),
        risks=rules.prefill(told, ("专项风险",)) or rules.prefill(told, ("风险",)),
        price=price,
        quote_id=quote_id,
    )


def changes_since(case: Case, seen: int) -> Sequence[rules.Difference]:
    """Return how the newest version differs from the one that a writer had before him."""
    newest = in_force(case)
    before = (
        case.plans.filter(version=seen)
        .select_related("procedure", "surgeon", "case__patient__person__vault_key")
        .first()
    )
    if newest is None or before is None:
        return rules.whole(content(newest)) if newest else ()
    return rules.differences(content(before), content(newest))


def missing_to_plan(case: Case, *, by: Staff, now: datetime) -> Sequence[Missing]:
    """Return what keeps this physician from planning this procedure."""
    procedure = case.procedure
    return missing_to_operate(
        by, field=Field(procedure.field), grade=Grade(procedure.grade), on=local_date(now)
    )


def _quote(case: Case) -> Quote | None:
    """The quote that the customer took, else the newest one offered."""
    quotes = quotes_of(case.public_id)
    for status in (QuoteStatus.ACCEPTED, QuoteStatus.OFFERED):
        found = next((quote for quote in quotes if quote.status == status), None)
        if found is not None:
            return found
    return None


def _price(case: Case, quote: Quote | None, now: datetime) -> Decimal | None:
    if quote is not None:
        lines = [line for line in quote.lines.all() if line.procedure_id == case.procedure_id]
        if lines:
            return sum((line.price * line.quantity for line in lines), Decimal(0))
    return price_on(case.procedure, case.campus, local_date(now))
