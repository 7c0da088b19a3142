"""Leads go to whoever is on shift and knows the subject; else to the manager, and never nowhere."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories.hospital import CampusFactory
from tests.factories.people import DutyFactory, StaffFactory
from tests.growth.house import House
from tests.journey.clinic import EIGHT
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import leads, skills
from yimei.growth.enums import AssignRule, LeadLoss
from yimei.growth.models import Draw, Lead, LeadSkill
from yimei.growth.queries import assigning, board, lists
from yimei.growth.rules import draw
from yimei.growth.rules.draw import Candidate
from yimei.hospital.enums import Category
from yimei.outbox.models import Notification
from yimei.people.models import Staff

SKILL = AssignRule.SKILL


@pytest.mark.parametrize(
    ("candidates", "wins"),
    [
        ([Candidate("a", load=3), Candidate("b", load=1)], "b"),
        ([Candidate("a", load=3), Candidate("b", load=1, on_shift=False)], "a"),
        ([Candidate("a", load=3), Candidate("b", load=1, skilled=False)], "a"),
        ([Candidate("a", load=3), Candidate("b", load=1, full=True)], "a"),
        ([Candidate("a", on_shift=False), Candidate("b", skilled=False)], ""),
        ([], ""),
    ],
)
def test_only_who_is_here_and_knows_is_drawn(candidates: list[Candidate], wins: str) -> None:
    assert draw.repeat("skill", [one.plain() for one in candidates], "seed") == wins


class Desk(House):
    def __init__(self) -> None:
        super().__init__()
        self.here(self.online)
        self.here(self.second)

    def here(self, staff: Staff) -> None:
        DutyFactory(staff=staff, starts_at=EIGHT - timedelta(hours=1), ends_at=EIGHT + timedelta(hours=9))

    def knows(self, staff: Staff, *subjects: Category) -> None:
        skills.set_skills(staff.public_id, categories=subjects, by=self.manager, now=EIGHT)

    def ask(self, n: int, interest: str = "nose", **values: Any) -> Lead:
        return self.lead(
            phone=f"1290000020{n}", interest=interest, **{"rule": SKILL, "by": self.manager} | values
        )


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def test_a_lead_finds_who_knows_its_subject(desk: Desk) -> None:
    desk.knows(desk.second, Category.NOSE)
    desk.knows(desk.online, Category.EYE)
    assert [desk.ask(n).owner for n in range(3)] == [desk.second] * 3
    assert desk.ask(4, "eye").owner == desk.online
    assert desk.ask(5, "").owner == desk.online
    for told in assigning.draws(by=desk.manager):
        assert told.is_same


def test_who_is_not_on_shift_gets_nothing(desk: Desk) -> None:
    desk.knows(desk.second, Category.NOSE)
    late = {"now": EIGHT + timedelta(hours=20)}
    lead = desk.ask(1, **late)
    assert lead.owner == desk.manager
    assert lead.next_due_at is not None
    first, second = Draw.objects.order_by("pk")
    assert (first.rule, first.chosen) == ("skill", None)
    assert (second.rule, second.chosen) == ("manager", desk.manager)
    assert {why for told in assigning.draws(by=desk.manager) for _n, why, _c in told.people} >= {
        "不在班",
        "不在班、不熟悉这个部位",
    }


def test_without_a_manager_the_pool_keeps_it(desk: Desk) -> None:
    desk.manager.is_active = False
    desk.manager.save(update_fields=["is_active"])
    lead = desk.ask(1, by=None, campus=desk.campus)
    assert (lead.owner, lead.status) == (None, "open")
    assert Lead.objects.pool().get() == lead


def test_the_campus_rule_counts_for_whatever_comes_by_itself(desk: Desk) -> None:
    desk.knows(desk.second, Category.NOSE)
    skills.set_rule(SKILL, by=desk.manager, now=EIGHT)
    found = [desk.ask(n, rule=None, by=None, campus=desk.campus).owner for n in range(3)]
    assert found == [desk.second] * 3
    assert Notification.objects.filter(staff=desk.second).count() == 3
    with pytest.raises(RuleBroken):
        skills.set_rule(AssignRule.CLAIM, by=desk.manager, now=EIGHT)


def test_only_whoever_hands_leads_out_writes_what_people_know(desk: Desk) -> None:
    stranger = StaffFactory(role="marketing", name="宁波运营", campus=CampusFactory())
    for by in (desk.online, stranger):
        with pytest.raises(NotFound):
            skills.set_skills(desk.second.public_id, categories=[Category.EYE], by=by, now=EIGHT)
    desk.knows(desk.second, Category.EYE, Category.NOSE)
    desk.knows(desk.second, Category.NOSE)
    assert list(LeadSkill.objects.values_list("category", flat=True)) == ["nose"]


def test_the_board_shows_who_has_what_at_one_campus(desk: Desk) -> None:
    desk.lead()
    desk.lead(phone="12900000002", by=desk.second)
    found = {one.name: one.count for one in board.columns(by=desk.manager, now=EIGHT)}
    assert found == {"": 0, "网电小吴": 1, "网电小陈": 1}
    stranger = StaffFactory(role="marketing", name="宁波运营", campus=CampusFactory())
    assert sum(one.count for one in board.columns(by=stranger, now=EIGHT)) == 0


def test_the_funnel_says_why_people_went_no_further(desk: Desk) -> None:
    for n, loss in enumerate((LeadLoss.PRICE, LeadLoss.PRICE, LeadLoss.INVALID)):
        lost = desk.lead(phone=f"1290000030{n}")
        leads.lose(lost.public_id, loss=loss, by=desk.online, now=EIGHT)
    reasons = dict(board.drop_reasons(by=desk.manager, now=EIGHT))
    assert reasons == {"booked": [("价格高", 2)], "arrived": [], "won": []}
    assert [one[1] for one in lists.funnel(by=desk.manager, now=EIGHT).steps()] == [2, 0, 0, 0, 0]
