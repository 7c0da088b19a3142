"""Credit over real rows: facts gathered, months that add up, replay, appeals and rulings."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory
from tests.factories.hospital import CampusFactory
from tests.factories.people import StaffFactory
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.audit.models import Entry
from yimei.billing.enums import PaymentKind
from yimei.billing.models import Order
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.actions import credit
from yimei.growth.actions.credit import erase_words
from yimei.growth.enums import CreditParty, CreditVerdict
from yimei.growth.models import CreditAppeal, CreditPolicy, CreditRuling
from yimei.growth.queries import credit as queries
from yimei.growth.rules import credit_rules
from yimei.outbox.models import Notification
from yimei.people.enums import CareReason
from yimei.people.models import Patient, Staff

pytestmark = pytest.mark.django_db
JUNE = date(2026, 6, 1)
ONLINE, ONSITE = CreditParty.ONLINE, CreditParty.ONSITE


class Court(House):
    def __init__(self) -> None:
        super().__init__()
        self.head = self.staff("director", "郭院长")
        self.zhou, self.wu = self.consultants

    def deal(
        self, *, amount: str = "7800.00", closer: Staff | None = None, patient: Patient | None = None
    ) -> Order:
        """A customer whom 小陈 held online and both consultants met; the closer quoted."""
        patient = patient or self.patient()
        for staff, reason in (
            (self.online, CareReason.ONLINE),
            (self.zhou, CareReason.CONSULTANT),
            (self.wu, CareReason.CONSULTANT),
        ):
            if not patient.care_relations.filter(staff=staff).exists():
                self.cares(staff, patient, reason)
        by = closer or self.zhou
        quote = QuoteFactory(patient=patient, campus=self.campus, accepted=True, by=by, at=EIGHT)
        order = OrderFactory(patient=patient, campus=self.campus, quote=quote, at=days(1), by=by)
        self.pay(order, amount)
        return order

    def pay(self, order: Order, amount: str, **values: Any) -> Any:
        return PaymentFactory(order=order, amount=Decimal(amount), at=days(2), by=self.reception, **values)

    def appeal(self, order: Order, by: Staff | None = None, **values: Any) -> CreditAppeal:
        asked: dict[str, Any] = {"party": ONSITE, "words": "方案是我谈的", "now": days(3)} | values
        return credit.appeal(order.public_id, by=by or self.wu, **asked)

    def rule(self, appeal: CreditAppeal, **values: Any) -> CreditRuling:
        asked: dict[str, Any] = {
            "shares": [
                (ONLINE, self.online.public_id, Decimal(40)),
                (ONSITE, self.wu.public_id, Decimal(60)),
            ],
            "why": "面诊记录是小吴写的",
            "by": self.manager,
            "now": days(4),
        } | values
        return credit.rule(appeal.public_id, **asked)


@pytest.fixture
def court() -> Court:
    return Court()


def got(month: queries.Month) -> dict[str, Decimal]:
    return {one.who: one.total for one in month.totals}


def test_a_month_adds_up_to_what_was_received(court: Court) -> None:
    order = court.deal()
    paid = order.payments.get()
    court.pay(order, "-1800.00", kind=PaymentKind.REFUND, refund_of=paid)
    court.deal(closer=court.wu, amount="100.01")
    month = queries.month(JUNE, by=court.manager)
    assert month.net == month.shared == Decimal("6100.01")
    assert got(month) == {
        "网电小陈": Decimal("2440.00"),
        "周蕾": Decimal("3600.00"),
        "吴敏": Decimal("60.01"),
    }
    assert queries.month(date(2026, 7, 15), by=court.manager).rows == []


def test_a_consultant_sees_the_deals_she_worked_for_and_her_own_sum(court: Court) -> None:
    court.deal()
    stranger = court.staff("consultant", "新来的")
    mine = queries.month(JUNE, by=court.wu)
    assert [one.mine for one in mine.rows] == [Decimal(0)]
    assert got(queries.month(JUNE, by=court.zhou)) == {"周蕾": Decimal("4680.00")}
    assert queries.month(JUNE, by=stranger).rows == []
    elsewhere = StaffFactory(role="marketing", name="宁波运营", campus=CampusFactory())
    assert queries.month(JUNE, by=elsewhere).rows == []
    assert queries.month(JUNE, by=court.reception).rows == []
    assert len(queries.month(JUNE, by=court.head).rows) == 1


def test_nobody_opens_a_deal_that_is_not_hers(court: Court) -> None:
    order = court.deal()
    others = [court.staff("consultant", "新来的"), court.reception]
    others.append(StaffFactory(role="marketing", name="宁波运营", campus=CampusFactory()))
    for one in others:
        with pytest.raises(NotFound):
            queries.one(order.public_id, by=one)
        with pytest.raises(NotFound):
            court.appeal(order, by=one)
    order.patient.restricted_at = order.patient.sealed_at = days(2)
    order.patient.save(update_fields=["restricted_at", "sealed_at"])
    [row] = queries.month(JUNE, by=court.manager).rows
    assert (row.who, row.file_no, row.is_open) == ("资料已封存", "", False)
    with pytest.raises(NotFound):
        queries.one(order.public_id, by=court.manager)


def test_the_number_of_queries_does_not_grow_with_the_deals(court: Court) -> None:
    court.deal()
    queries.month(JUNE, by=court.manager)
    counts = []
    for _n in range(2):
        with CaptureQueriesContext(connection) as captured:
            queries.month(JUNE, by=court.manager)
        counts.append(len(captured))
        for _m in range(4):
            court.deal()
    assert counts[0] == counts[1]


def test_an_appeal_is_heard_by_somebody_else_and_changes_the_shares(court: Court) -> None:
    order = court.deal()
    appeal = court.appeal(order)
    assert set(Notification.objects.values_list("staff", flat=True)) == {court.manager.pk, court.head.pk}
    ruling = court.rule(appeal)
    assert (ruling.verdict, ruling.appellant) == (CreditVerdict.CHANGED, court.wu)
    assert got(queries.month(JUNE, by=court.manager)) == {
        "网电小陈": Decimal("3120.00"),
        "吴敏": Decimal("4680.00"),
    }
    [row] = queries.month(JUNE, by=court.zhou).rows
    assert row.mine == 0
    assert "运营主管裁定" in row.parts[0].reason
    [told] = queries.trail(row)
    assert (told.words, told.ruling.why) == ("方案是我谈的", "面诊记录是小吴写的")
    assert Entry.objects.filter(action="growth.credit.rule").count() == 1


def test_of_two_rulings_one_wins_and_a_second_appeal_can_turn_it(court: Court) -> None:
    order = court.deal()
    appeal = court.appeal(order)
    court.rule(appeal, shares=[])
    with pytest.raises(Conflict, match="已经裁定"):
        court.rule(appeal, by=court.head)
    with pytest.raises(RuleBroken, match="不能重复申诉"):
        court.appeal(order)
    assert got(queries.month(JUNE, by=court.manager))["周蕾"] == Decimal("4680.00")
    court.rule(court.appeal(order, by=court.online, party=ONLINE, words="请核对"), by=court.head)
    assert got(queries.month(JUNE, by=court.manager))["吴敏"] == Decimal("4680.00")
    assert CreditRuling.objects.count() == 2


def test_nobody_rules_for_herself(court: Court) -> None:
    order = court.deal(closer=court.manager)
    court.cares(court.manager, order.patient, CareReason.CONSULTANT)
    mine = court.appeal(order, by=court.manager, party=ONLINE)
    with pytest.raises(RuleBroken, match="自己的申诉"):
        court.rule(mine)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditRuling.objects.create(
            appeal=mine,
            order=order,
            appellant=court.manager,
            verdict="kept",
            shares=[],
            by=court.manager,
            at=days(4),
        )
    theirs = court.appeal(order)
    with pytest.raises(RuleBroken, match="与您本人有关"):
        court.rule(theirs)
    with pytest.raises(RuleBroken, match="判给自己"):
        court.rule(theirs, shares=[(ONSITE, court.manager.public_id, Decimal(100))])
    with pytest.raises(NotFound):
        court.rule(theirs, by=court.zhou)
    court.rule(theirs, by=court.head)
    assert CreditRuling.objects.count() == 1


@pytest.mark.parametrize(
    ("shares", "says"),
    [
        ([("online", "online", "40"), ("onsite", "wu", "50")], "100%"),
        ([("online", "online", "-20"), ("onsite", "wu", "120")], "大于 0"),
        ([("onsite", "", "100")], "须写明是谁"),
        ([("house", "wu", "100")], "须写明是谁"),
        ([("onsite", "manager", "100")], "只能判给"),
        ([("onsite", "wu", "50"), ("onsite", "wu", "50")], "只写一行"),
    ],
)
def test_a_ruling_that_cannot_be_is_refused(
    court: Court, shares: list[tuple[str, str, str]], says: str
) -> None:
    appeal = court.appeal(court.deal())
    plain = [
        (CreditParty(party), getattr(court, who).public_id if who else None, Decimal(part))
        for party, who, part in shares
    ]
    with pytest.raises(RuleBroken, match=says):
        court.rule(appeal, shares=plain)
    assert not CreditRuling.objects.exists()


def test_new_rules_are_tried_on_the_past_and_count_from_a_day_to_come(court: Court) -> None:
    order = court.deal()
    wanted = {**CreditPolicy.objects.get().content, "unclaimed": "others"}
    wanted["first"] = wanted["first"] | {"online": {"online": 50, "onsite": 50}}
    found = queries.replay(credit_rules.read(wanted), since=JUNE, by=court.head)
    assert (found.deals, found.changed, found.net) == (1, 1, Decimal(7800))
    assert {one.who: one.delta for one in found.changes} == {"网电小陈": Decimal(780), "周蕾": Decimal(-780)}
    asked: dict[str, Any] = {"effective_from": date(2026, 6, 17), "reason": "网电提成上调", "now": EIGHT}
    with pytest.raises(NotFound):
        credit.publish(wanted, by=court.manager, **asked)
    with pytest.raises(RuleBroken, match="明天"):
        credit.publish(wanted, by=court.head, **asked | {"effective_from": EIGHT.date()})
    credit.publish(wanted, by=court.head, **asked | {"effective_from": date(2026, 6, 20)})
    assert got(queries.month(JUNE, by=court.manager))["网电小陈"] == Decimal(3120)
    later = court.deal()
    Order.objects.filter(pk=later.pk).update(at=days(6))
    assert queries.one(later.public_id, by=court.manager).policy.version == 2
    assert queries.one(order.public_id, by=court.manager).policy.version == 1


def test_a_second_deal_of_the_same_person_is_another_occasion(court: Court) -> None:
    first = court.deal()
    second = court.deal(patient=first.patient)
    Order.objects.filter(pk=second.pk).update(at=days(10))
    row = queries.one(second.public_id, by=court.manager)
    assert not row.deal.is_first
    assert {one.who: one.percent for one in row.parts} == {"网电小陈": 10, "周蕾": 90}


def test_words_go_when_the_customer_is_forgotten(court: Court) -> None:
    appeal = court.appeal(court.deal())
    court.rule(appeal)
    assert erase_words(appeal.order.patient, days(9)) == 2
    assert CreditAppeal.objects.get().words is None
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditAppeal.objects.update(party="online")
