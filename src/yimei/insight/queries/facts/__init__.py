"""Reads the records of some patients as rows of the mart, column by column as ``rules.mart`` names them.

Each reader gives the patient's number in place of the pseudonym. What depends on today is not read here but
derived when the mart is published, so that a row stays true until its own records change.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from yimei.insight.queries.facts import (
    brought,
    contact,
    costs,
    customers,
    leads,
    maps,
    money,
    surgeries,
    visits,
)

Row = tuple[object, ...]
Reader = Callable[[Sequence[int]], Iterable[Row]]

READERS: Mapping[str, Reader] = {
    "customer": customers.customers,
    "identity": brought.identities,
    "booking": visits.bookings,
    "episode": visits.episodes,
    "step": visits.steps,
    "consultation": visits.consultations,
    "quote": money.quotes,
    "sale": money.sales,
    "payment": money.payments,
    "surgery": surgeries.surgeries,
    "review": surgeries.reviews,
    "aftercare": surgeries.tasks,
    "survey": contact.surveys,
    "message": contact.messages,
    "waiting": contact.waiting,
    "turn_away": contact.turn_aways,
    "stock_use": maps.uses,
}
LEAD_READERS: Mapping[str, Reader] = {"lead": leads.leads, "touch": leads.touches}
"""Rows of leads, which may have no customer: these readers take numbers of leads."""
HOUSE_READERS: Mapping[str, Callable[[], Iterable[Row]]] = {"cost": costs.costs}
"""Rows of the house's own books, read whole."""


def nobody() -> Iterator[tuple[str, Row]]:
    """Yield rows that belong to no customer: callers who left no name."""
    for row in contact.nameless_turn_aways():
        yield "turn_away", row
