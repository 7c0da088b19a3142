"""Quotes: what was offered side by side, what waits for a discount, how low a price may go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from yimei.billing.enums import QuoteStatus
from yimei.billing.models import DiscountLimit, PriceFloor, Quote
from yimei.billing.rules import quotes as quote_rules
from yimei.billing.rules.cuts import Priced
from yimei.billing.rules.quotes import SEED_LIMITS
from yimei.core.money import yuan
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.vault.fields import key_path


@dataclass(frozen=True)
class Option:
    """One quote against the list price and against the first option beside it."""

    quote: Quote
    total: Decimal
    listed: Decimal
    difference: Decimal | None

    @property
    def off(self) -> Decimal:
        return self.listed - self.total

    @property
    def share_off(self) -> Decimal:
        return self.off / self.listed if self.listed else Decimal(0)


def discount_limits() -> Mapping[str, int]:
    """Role code → percent it may take off; the hospital's rows over the seeded ones."""
    return {**SEED_LIMITS, **dict(DiscountLimit.objects.values_list("role_code", "percent"))}


def quotes_of(episode: UUID) -> list[Quote]:
    return list(
        Quote.objects.filter(episode=episode)
        .select_related("by")
        .prefetch_related("lines__procedure", "cuts")
    )


def options_of(episode: UUID) -> list[Option]:
    """Return the quotes of an episode side by side, the first offered first; three queries."""
    found: list[Option] = []
    for quote in reversed(quotes_of(episode)):
        lines = list(quote.lines.all())
        total = quote.total
        listed = yuan(sum((line.list_price * line.quantity for line in lines), Decimal(0)))
        first = found[0].total if found else None
        found.append(Option(quote, total, listed, None if first is None else total - first))
    return found


def drafts(*, by: Staff) -> list[Quote]:
    """Return the quotes that wait for somebody to approve their discount, the oldest first."""
    quotes = Quote.objects.visible_to(by).filter(status=QuoteStatus.DRAFT)
    people = quotes.select_related(f"patient__{key_path(Patient)}", "by").order_by("at", "id")
    return list(people.prefetch_related("lines__procedure", "cuts"))


def is_within(quote: Quote, percent: int) -> bool:
    """Whether somebody who may take so much off may give every line of a quote."""
    return all(
        quote_rules.is_within(
            quote_rules.Line(line.procedure.name, line.list_price, line.price, line.quantity), percent
        )
        for line in quote.lines.all()
    )


def approvable(options: Sequence[Option], *, by: Staff) -> frozenset[int]:
    """Return which options wait for a discount that this reader may give."""
    limit = discount_limits().get(by.role_code, 0)
    drafts = (option.quote for option in options if option.quote.status == QuoteStatus.DRAFT)
    return frozenset(quote.pk for quote in drafts if limit and is_within(quote, limit))


def priced(quote: Quote) -> list[Priced]:
    """The lines of a quote as the rules of cuts read them."""
    rows = quote.lines.select_related("procedure")
    return [Priced(row.procedure.name, row.price, row.quantity, key=row.procedure_id) for row in rows]


def floors_of(quote: Quote) -> dict[int, Decimal]:
    return floors(quote.lines.order_by().values_list("procedure", flat=True), quote.campus)


def floors(procedures: Iterable[int], campus: Campus) -> dict[int, Decimal]:
    """Procedure → the lowest unit price at a campus, where one was set."""
    rows = PriceFloor.objects.filter(procedure__in=list(procedures), campus=campus)
    return dict(rows.values_list("procedure", "amount"))
