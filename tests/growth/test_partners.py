"""Partners: approved by another, codes that lapse, statements to the fen, links without names."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import shipped
from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.hospital import CampusFactory
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import PersonFactory, StaffFactory
from tests.growth.house import House, days
from tests.growth.test_members import refund
from tests.journey.clinic import EIGHT, TEN
from yimei.billing.models import Payment
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.actions import asking, leads, partners, settling
from yimei.growth.actions import settings as numbers
from yimei.growth.enums import LeadLoss
from yimei.growth.enums.partners import ConsentWay, PaperKind, PartnerKind
from yimei.growth.models import (
    Lead,
    Partner,
    PartnerAgreement,
    PartnerLead,
    PartnerLink,
    Statement,
    StatementLine,
)
from yimei.growth.queries import partners as queries
from yimei.people.models import Staff
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = EIGHT.date()
"""16 June 2026."""
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


class Street(House):
    """The house with a beauty parlour next door, its papers in order."""

    def __init__(self, *, basis: str = "fixed", fee: str = "3000") -> None:
        super().__init__()
        shipped.register(EIGHT.replace(month=1))
        self.director, self.cashier = self.staff("director", "郭院长"), self.staff("cashier", "唐会计")
        if basis != "fixed":
            numbers.set_number(
                "partner.unit_fees", value=1, reason="法务确认", by=self.director, now=days(-1)
            )
        self.partner = self.firm()
        self.agreement = self.agree(basis=basis, fee=D(fee))
        partners.approve(self.agreement.public_id, by=self.director, now=EIGHT)
        self.code = partners.issue_code(self.partner.public_id, place="前台立牌", by=self.manager, now=EIGHT)
        self.n = 0

    def firm(self, **values: Any) -> Partner:
        asked = {
            "name": "丽人美容院", "kind": PartnerKind.BEAUTY, "phone": "0571-0000", "note": "查过执照与处罚",
            "passes_data": False, "party_id": None, "by": self.manager, "now": EIGHT,
        } | values  # fmt: skip
        made = partners.register(**asked)
        for kind in PaperKind:
            partners.add_paper(
                made.public_id,
                kind=kind,
                number="甲1",
                valid_to=date(2027, 6, 30),
                by=self.manager,
                now=EIGHT,
            )
        return made

    def agree(self, partner: Partner | None = None, **values: Any) -> PartnerAgreement:
        asked = {
            "contract_no": "Q-1", "basis": "fixed", "fee": D(3000), "service": "摆放立牌",
            "valid_from": TODAY, "valid_to": date(2027, 6, 14), "by": self.manager, "now": EIGHT,
        } | values  # fmt: skip
        return partners.agree((partner or self.partner).public_id, **asked)

    def ask(self, **values: Any) -> Lead:
        self.n += 1
        notice = current_notice(asking.NOTICE, Audience.ADULT)
        assert notice is not None
        asked = {
            "name": f"街坊{self.n}", "phone": f"1292{self.n:07d}", "interest": "", "note": "", "now": EIGHT,
            "campus": str(self.campus.public_id), "notice_id": notice.public_id, "code": self.code.code,
        } | values  # fmt: skip
        lead = asking.ask(**asked)
        assert lead is not None
        return lead

    def pays(self, lead: Lead, amount: str = "500", *, at: float = 1) -> Payment:
        self.n += 1
        patient = lead.patient or self.patient(person=PersonFactory(name=lead.name), source=lead.source)
        Lead.objects.filter(pk=lead.pk).update(patient=patient)
        case = CaseFactory(patient=patient, campus=self.campus, procedure=self.procedure)
        when = TEN + timedelta(days=self.n)
        BookingFactory(case=case, arrived=True, staff=self.consultants[0], room=self.rooms[0], starts_at=when)
        order = OrderFactory(patient=patient, campus=self.campus, amount=D(amount), deposit=0)
        return PaymentFactory(order=order, amount=D(amount), kind="balance", at=days(at))

    def settle(self, month: date, *, day: float) -> Statement:
        made = settling.propose(self.partner.public_id, month=month, by=self.manager, now=days(day))
        return settling.approve(made.public_id, by=self.cashier, now=days(day))


@pytest.fixture
def street() -> Street:
    return Street()


@pytest.fixture
def by_visit() -> Street:
    return Street(basis="visit", fee="88.88")


def test_a_customer_who_scans_is_tied_and_counted(street: Street) -> None:
    lead = street.ask()
    row = PartnerLead.objects.get()
    assert (lead.source, row.lead, row.not_counted, row.way) == ("partner", lead, "", "scan")
    again = street.ask(phone=lead.phone, name=lead.name)
    assert PartnerLead.objects.count() == 1
    assert again.duplicate_of == lead


def test_one_number_by_two_partners_counts_for_the_first(street: Street) -> None:
    other = street.firm(name="动力健身", kind=PartnerKind.FITNESS)
    partners.approve(street.agree(other).public_id, by=street.director, now=EIGHT)
    code = partners.issue_code(other.public_id, place="更衣室", by=street.manager, now=EIGHT)
    street.ask(phone="12920009999", name="小新")
    street.ask(phone="12920009999", name="小新", code=code.code)
    assert PartnerLead.objects.get().partner == street.partner


def test_known_customers_are_served_and_not_paid_for(street: Street) -> None:
    known = street.patient(person=PersonFactory(name="老客户"))
    street.ask(name="老客户", phone=known.person.phone)
    assert PartnerLead.objects.get().not_counted == "known"
    clerk = street.patient(person=PersonFactory(name="员工本人"), employee=street.reception)
    street.ask(name="员工本人", phone=clerk.person.phone)
    assert PartnerLead.objects.latest("pk").not_counted == "staff"


def test_an_expired_paper_or_contract_stops_the_counting_and_both_sides_read_why(street: Street) -> None:
    later = days(400)  # contract over, papers over
    assert street.ask(now=later).source == "partner"
    assert PartnerLead.objects.get().not_counted == "lapsed"
    words = "".join(one.what for one in queries.missing(street.partner, now=later))
    assert "合同" in words
    assert "到期" in words
    with pytest.raises(RuleBroken) as refused:
        partners.issue_code(street.partner.public_id, place="门口", by=street.manager, now=later)
    assert refused.value.missing
    partners.end_agreement(street.agreement.public_id, by=street.manager, now=EIGHT)
    street.ask(now=EIGHT)
    street.ask(now=days(1))
    assert Counter(PartnerLead.objects.values_list("not_counted", flat=True)) == {"lapsed": 2, "": 1}


def test_a_stopped_code_is_no_code(street: Street) -> None:
    partners.revoke_code(
        street.partner.public_id, code_id=street.code.public_id, by=street.manager, now=EIGHT
    )
    assert street.ask().source == "website"
    with pytest.raises(NotFound):
        partners.revoke_code(
            street.partner.public_id, code_id=street.code.public_id, by=street.manager, now=EIGHT
        )


def test_agreements_need_two_people_and_never_overlap(street: Street) -> None:
    second = street.agree(contract_no="Q-2")
    street.manager.role.grants.create(permission="partner.settle", scope="campus")
    both = Staff.objects.get(pk=street.manager.pk)
    with pytest.raises(RuleBroken, match="另一人批准"):
        partners.approve(second.public_id, by=both, now=EIGHT)
    with pytest.raises(RuleBroken, match="重叠"):
        partners.approve(second.public_id, by=street.cashier, now=EIGHT)
    with pytest.raises(NotFound):
        partners.approve(second.public_id, by=street.manager, now=EIGHT)
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerAgreement.objects.filter(pk=street.agreement.pk).update(
            approved_by=street.agreement.written_by
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerAgreement.objects.filter(pk=street.agreement.pk).update(fee=D(9))


def test_shares_of_spending_do_not_exist_and_heads_are_not_paid_by_default(street: Street) -> None:
    for basis in ("percent", "surgery", ""):
        with pytest.raises(RuleBroken, match="没有这种付费方式"):
            street.agree(basis=basis)
    with pytest.raises(RuleBroken, match="不允许按人数"):
        street.agree(basis="visit")
    with pytest.raises(IntegrityError), transaction.atomic():
        PartnerAgreement.objects.create(
            partner=street.partner, version=9, contract_no="x", basis="percent", fee=5, service="x",
            valid_from=TODAY, valid_to=TODAY, status="draft", written_at=EIGHT, written_by=street.manager,
        )  # fmt: skip


def test_when_the_house_takes_back_fees_by_the_head_nobody_new_is_counted(by_visit: Street) -> None:
    known = by_visit.ask()
    numbers.set_number("partner.unit_fees", value=0, reason="法务撤回意见", by=by_visit.director, now=EIGHT)
    late = by_visit.ask(now=days(1))
    said = PartnerLead.objects.order_by("pk").values_list("lead", "not_counted")
    assert list(said) == [(known.pk, ""), (late.pk, "basis")]
    for lead in (known, late):
        by_visit.pays(lead, at=2)
    with pytest.raises(RuleBroken, match="还不能发码") as refused:
        partners.issue_code(by_visit.partner.public_id, place="收银台", by=by_visit.manager, now=days(1))
    assert "不允许按人数付费" in refused.value.missing[0].what
    assert by_visit.settle(date(2026, 6, 1), day=20).payable == D("88.88")


def test_no_fee_by_the_head_is_approved_once_the_house_took_it_back(by_visit: Street) -> None:
    waiting = by_visit.agree(
        contract_no="Q-2", basis="visit", fee=D(80), valid_from=date(2027, 6, 15), valid_to=date(2028, 6, 14)
    )
    numbers.set_number("partner.unit_fees", value=0, reason="法务撤回意见", by=by_visit.director, now=EIGHT)
    with pytest.raises(RuleBroken, match="不允许按人数"):
        partners.approve(waiting.public_id, by=by_visit.director, now=days(1))


def test_the_house_sets_how_much_a_head_may_cost_at_most(by_visit: Street) -> None:
    later = {"valid_from": date(2027, 6, 15), "valid_to": date(2028, 6, 14)}
    with pytest.raises(RuleBroken, match="每位最多"):
        by_visit.agree(basis="visit", fee=D("200.01"), **later)
    waiting = by_visit.agree(contract_no="Q-2", basis="visit", fee=D(200), **later)
    numbers.set_number("partner.unit_fee_most", value=60, reason="法务意见", by=by_visit.director, now=EIGHT)
    with pytest.raises(RuleBroken, match="每位最多 ¥60"):
        partners.approve(waiting.public_id, by=by_visit.director, now=days(1))
    assert by_visit.agree(contract_no="Q-3", basis="visit", fee=D(60), now=days(1), **later).version == 3


def test_whoever_reckoned_a_statement_neither_approves_nor_refuses_it(street: Street) -> None:
    made = settling.propose(street.partner.public_id, month=date(2026, 6, 1), by=street.manager, now=days(20))
    street.manager.role.grants.create(permission="partner.settle", scope="campus")
    both = Staff.objects.get(pk=street.manager.pk)
    with pytest.raises(RuleBroken, match="编制人不能批准"):
        settling.approve(made.public_id, by=both, now=days(20))
    with pytest.raises(RuleBroken, match="编制人不能退回"):
        settling.refuse(made.public_id, reason="再核对", by=both, now=days(20))


def test_a_statement_of_nothing_is_not_paid(by_visit: Street) -> None:
    made = by_visit.settle(date(2026, 6, 1), day=20)
    with pytest.raises(RuleBroken, match="不用付款"):
        settling.pay(made.public_id, reference="20260705-001", by=by_visit.cashier, now=days(21))


def test_names_are_passed_on_only_by_whom_the_register_knows_and_with_consent(street: Street) -> None:
    with pytest.raises(RuleBroken, match="个人信息保护负责人"):
        street.firm(name="转客坊", passes_data=True)
    asked: dict[str, Any] = {
        "name": "被转客", "phone": "12920008888", "interest": "", "consent": ConsentWay.WRITTEN,
        "consented_on": TODAY, "by": street.manager, "now": EIGHT,
    }  # fmt: skip
    with pytest.raises(RuleBroken, match="客户自己扫码"):
        partners.pass_on(street.partner.public_id, **asked)
    with pytest.raises(IntegrityError), transaction.atomic():
        Partner.objects.filter(pk=street.partner.pk).update(passes_data=True)


def test_a_month_is_proposed_approved_by_another_and_paid(street: Street) -> None:
    june = date(2026, 6, 1)
    with pytest.raises(RuleBroken, match="过完"):
        settling.propose(street.partner.public_id, month=june, by=street.manager, now=EIGHT)
    with pytest.raises(RuleBroken, match="2026-06"):
        settling.propose(street.partner.public_id, month=JULY, by=street.manager, now=days(60))
    made = settling.propose(street.partner.public_id, month=june, by=street.manager, now=days(20))
    assert (made.total, made.payable) == (D("1500.00"), D("1500.00"))  # 15 of 30 days
    with pytest.raises(Conflict):
        settling.propose(street.partner.public_id, month=JULY, by=street.manager, now=days(60))
    with pytest.raises(NotFound):
        settling.approve(made.public_id, by=street.manager, now=days(20))
    settling.refuse(made.public_id, reason="天数再核对", by=street.cashier, now=days(20))
    made = settling.propose(street.partner.public_id, month=june, by=street.manager, now=days(20))
    settling.approve(made.public_id, by=street.cashier, now=days(20))
    with pytest.raises(RuleBroken, match="不能变为"):
        settling.approve(made.public_id, by=street.cashier, now=days(20))
    with pytest.raises(RuleBroken, match="流水号"):
        settling.pay(made.public_id, reference=" ", by=street.cashier, now=days(21))
    paid = settling.pay(made.public_id, reference="20260705-001", by=street.cashier, now=days(21))
    assert paid.status == "paid"
    for values in ({"payable": 1}, {"total": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Statement.objects.filter(pk=made.pk).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        StatementLine.objects.update(amount=1)


def test_a_visit_is_paid_for_once_and_a_refund_takes_it_back_to_the_fen(by_visit: Street) -> None:
    lead = by_visit.ask()
    paid = by_visit.pays(lead)
    by_visit.ask()  # asked and never came
    assert by_visit.settle(date(2026, 6, 1), day=20).payable == D("88.88")
    refund(paid, "500", at=days(30))
    july = by_visit.settle(JULY, day=50)
    assert (july.total, july.payable, july.carried_out) == (D("-88.88"), D(0), D("-88.88"))
    third = by_visit.ask(now=days(51))
    by_visit.pays(third, at=52)
    by_visit.pays(by_visit.ask(now=days(52)), at=53)
    august = by_visit.settle(AUGUST, day=80)
    assert (august.carried_in, august.total, august.payable) == (D("-88.88"), D("177.76"), D("88.88"))
    by_visit.pays(lead, at=81)  # she comes back later: not sold twice
    assert by_visit.settle(date(2026, 9, 1), day=110).total == 0
    assert sum(StatementLine.objects.values_list("amount", flat=True)) == D("177.76")


def test_what_changed_since_it_was_reckoned_is_not_approved(by_visit: Street) -> None:
    paid = by_visit.pays(by_visit.ask())
    made = settling.propose(
        by_visit.partner.public_id, month=date(2026, 6, 1), by=by_visit.manager, now=days(20)
    )
    refund(paid, "500", at=days(3))
    with pytest.raises(Conflict, match="重新编制"):
        settling.approve(made.public_id, by=by_visit.cashier, now=days(20))
    assert not StatementLine.objects.exists()


def test_an_invalid_number_is_not_paid_for() -> None:
    street = Street(basis="lead", fee="50")
    good, bad = street.ask(), street.ask()
    assert good.owner is not None
    assert bad.owner is not None
    leads.lose(bad.public_id, loss=LeadLoss.INVALID, by=bad.owner, now=EIGHT)
    assert street.settle(date(2026, 6, 1), day=20).payable == D(50)
    leads.lose(good.public_id, loss=LeadLoss.UNRELATED, by=good.owner, now=days(21))
    assert street.settle(JULY, day=50).carried_out == D(-50)


@pytest.mark.slow(reason="several months settled for each example")
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=3))
def test_over_the_months_nothing_is_lost_and_nothing_paid_twice(
    by_visit: Street, plan: list[tuple[bool, bool]]
) -> None:
    with transaction.atomic():
        standing = 0
        for month, (pays, is_refunded) in enumerate(plan):
            at = 30.0 * month
            lead = by_visit.ask(now=days(at))
            if pays:
                paid = by_visit.pays(lead, at=at + 1)
                if is_refunded:
                    refund(paid, "500", at=days(at + 31))
                standing += not is_refunded
        last = None
        for n in range(len(plan) + 2):
            month = (date(2026, 6, 1) + timedelta(days=31 * n)).replace(day=1)
            last = by_visit.settle(month, day=31 * (n + 1) + 20)
        assert last is not None
        settled = sum(Statement.objects.values_list("payable", flat=True), D(0)) + last.carried_out
        assert settled == sum(StatementLine.objects.values_list("amount", flat=True), D(0))
        assert settled == standing * D("88.88")
        transaction.set_rollback(True)


def test_a_link_shows_months_without_names_and_ends_at_once(street: Street) -> None:
    for _n in range(6):
        street.ask()
    token = partners.issue_link(street.partner.public_id, by=street.manager, now=EIGHT)
    link = partners.look(token, now=EIGHT)
    assert link.partner == street.partner
    assert token not in PartnerLink.objects.get().key_hash
    shown = queries.months(street.partner, today=TODAY)
    assert [one.came for one in shown] == [6, 0, 0, 0, 0, 0]
    street.ask(now=days(30))
    street.ask(now=days(60))
    assert {one.came for one in queries.months(street.partner, today=local_date(days(60)))} == {6, None, 0}
    for bad in ("", "x" * 43, token[:-1], token.swapcase()):
        with pytest.raises(NotFound):
            partners.look(bad, now=EIGHT)
    with pytest.raises(NotFound):
        partners.look(token, now=days(91))
    fresh = partners.issue_link(street.partner.public_id, by=street.manager, now=days(1))
    assert PartnerLink.objects.get(revoked_at=None).expires_at == days(91)
    with pytest.raises(NotFound):
        partners.look(token, now=days(1))
    partners.end(street.partner.public_id, by=street.manager, now=days(2))
    with pytest.raises(NotFound):
        partners.look(fresh, now=days(2))
    assert street.ask(now=days(2)).source == "website"


def test_the_hospital_says_how_long_a_link_lives(street: Street) -> None:
    director = street.staff("director", "院长")
    numbers.set_number("partner.link_days", value=30, reason="缩短", by=director, now=EIGHT)
    partners.issue_link(street.partner.public_id, by=street.manager, now=days(1))
    assert PartnerLink.objects.get().expires_at == days(31)
    with pytest.raises(RuleBroken):
        numbers.set_number("partner.link_days", value=400, reason="太长", by=director, now=EIGHT)


def test_other_campuses_and_roles_find_nothing(street: Street) -> None:
    for by in (street.online, street.reception, street.surgeons[0]):
        with pytest.raises(NotFound):
            partners.issue_link(street.partner.public_id, by=by, now=EIGHT)
    far = StaffFactory(role="marketing", campus=CampusFactory())
    with pytest.raises(NotFound):
        partners.issue_link(street.partner.public_id, by=far, now=EIGHT)
    assert not queries.listed(by=far).exists()
