"""Those who asked stand in the mart as customers or under a number of their own, and leave it when erased."""

from datetime import datetime
from typing import Any

import pytest

from tests.growth.house import House, days
from tests.insight.test_mart import contents
from tests.journey.clinic import EIGHT
from yimei.growth.actions import erasing, leads, visits
from yimei.growth.enums import EraseReason, LeadLoss, Outcome, TouchKind
from yimei.growth.models import Lead
from yimei.insight.actions import mart
from yimei.insight.enums import BuildKind
from yimei.insight.models import Pseudonym
from yimei.insight.queries import mart as served
from yimei.insight.queries.drill import drill
from yimei.insight.queries.figures import answer
from yimei.insight.rules.questions import parse
from yimei.privacy.actions import reference

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_mart")]
TWO = "SELECT customer, is_answered, is_valid, loss FROM lead ORDER BY customer"


def agree(now: datetime) -> None:
    assert mart.build(now=now).kind is BuildKind.INCREMENT
    grown = contents()
    assert mart.build(now=now, full=True).kind is BuildKind.FULL
    assert grown == contents()


def figure(code: str, by: Any, now: datetime) -> Any:
    return answer(parse({"m": code, "span": "30"}, today=now.date()), by=by).total


@pytest.mark.slow(reason="builds the mart seven times")
def test_a_lead_is_counted_before_and_after_it_is_a_customer() -> None:
    reference.load(at=EIGHT)
    house, now = House(), days(0.1)
    first = house.lead()
    other = house.lead(name="吴女士", phone="12900000002", source="website")
    mart.build(now=now)
    rows = served.ask(TWO).rows
    assert [row[1:] for row in rows] == [(False, True, None)] * 2
    assert all(code < 0 for code, *_rest in rows), "nobody's pseudonym"
    assert len({code for code, *_rest in rows}) == 2
    leads.touch(
        first.public_id,
        kind=TouchKind.CALL_OUT,
        outcome=Outcome.WANTS_VISIT,
        note="",
        next_due_at=days(2),
        by=house.online,
        now=now,
    )
    visits.become_customer(first.public_id, by=house.online, now=now)
    leads.lose(other.public_id, loss=LeadLoss.UNRELATED, by=house.online, now=now)
    agree(now)
    known = Pseudonym.objects.get(patient=Lead.objects.get(pk=first.pk).patient_id).code
    assert served.ask(TWO).rows[1] == (known, True, True, None)
    assert served.ask(TWO).rows[0][1:] == (False, False, "unrelated")
    assert served.ask("SELECT kind, outcome, is_reached FROM touch WHERE NOT is_from_person").rows == [
        ("call_out", "wants_visit", True)
    ]
    small = figure("leads", house.manager, now)
    assert (small.value, small.is_hidden) == (None, True), "two people are too few for a figure"
    found = drill(parse({"m": "leads", "span": "30"}, today=now.date()), by=house.manager)
    assert {line.lead for line in found.lines} == {first.public_id, other.public_id}
    erasing.erase(other.public_id, why=EraseReason.ASKED, by=house.manager, now=now)
    agree(now)
    assert [row[0] for row in served.ask(TWO).rows] == [known]
