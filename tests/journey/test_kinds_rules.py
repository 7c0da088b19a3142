"""Which kind of visit a history suggests."""

import pytest

from yimei.journey.enums import BookingKind, VisitKind
from yimei.journey.rules.kinds import suggest


@pytest.mark.parametrize(
    ("kind", "been", "bought", "going_on", "suggested"),
    [
        (BookingKind.CONSULT, False, False, False, VisitKind.FIRST),
        (BookingKind.TREATMENT, False, True, False, VisitKind.FIRST),
        (BookingKind.CONSULT, True, False, False, VisitKind.RETURN),
        (BookingKind.CONSULT, True, True, True, VisitKind.RETURN),
        (BookingKind.CONSULT, True, True, False, VisitKind.AGAIN),
        (BookingKind.REVIEW, True, True, True, VisitKind.REVIEW),
        (BookingKind.REVIEW, False, False, False, VisitKind.REVIEW),
    ],
)
def test_the_history_suggests(
    kind: BookingKind, been: bool, bought: bool, going_on: bool, suggested: VisitKind
) -> None:
    found = suggest(kind, has_been_here=been, has_bought=bought, is_going_on=going_on)
    assert found == suggested
