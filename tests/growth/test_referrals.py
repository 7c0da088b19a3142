"""Referrals: tied by a code, both sides thanked once, taken back exactly, never two levels up."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import shipped
from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import PersonFactory
from tests.growth.house import House, days
from tests.growth.test_members import refund
from tests.journey.clinic import EIGHT, TEN
from yimei.billing.models import Payment
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import asking, members, points, referrals, thanks
from yimei.growth.enums.referrals import ReferralStatus, ThanksSide, ThanksState
from yimei.growth.models import Lead, Member, PointEntry, Referral, ReferralCode, Thanks
from yimei.growth.queries import members as member_queries
from yimei.growth.queries import referrals as queries
from yimei.people.enums import SourceKind
from yimei.people.models import Patient
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice

pytestmark = pytest.mark.django_db
S, T = ReferralStatus, ThanksState


class Circle(House):
    """The house with a member who has a code, and friends who come by it."""

    def __init__(self) -> None:
        super().__init__()
        shipped.register(EIGHT.replace(month=1))
        self.service = self.staff("aftercare", "客服小林")
        self.member = self.join(self.patient(person=PersonFactory(name="周老客")))
        self.code = referrals.issue(self.member.public_id, by=self.service, now=EIGHT)
        self.n = 0

    def join(self, patient: Patient) -> Member:
        return members.join(patient.public_id, by=self.reception, now=EIGHT)

    def ask(self, code: str | None = None, **values: Any) -> Lead:
        self.n += 1
        notice = current_notice(asking.NOTICE, Audience.ADULT)
        assert notice is not None
        asked = {
            "name": f"新朋友{self.n}", "phone": f"1291{self.n:07d}", "interest": "", "note": "",
            "campus": str(self.campus.public_id), "notice_id": notice.public_id, "now": EIGHT,
            "code": self.code.code if code is None else code, "ip": f"203.0.113.{self.n}",
        } | values  # fmt: skip
        lead = asking.ask(**asked)
        assert lead is not None
        return lead

    def friend(self, lead: Lead, **person: Any) -> Patient:
        """The lead's person at the desk: registered, of age, and a member."""
        values = {"name": lead.name, "phone": f"+86{lead.phone.removeprefix('+86')}"} | person
        patient = self.patient(person=PersonFactory(**values), source=lead.source)
        Lead.objects.filter(pk=lead.pk).update(patient=patient)
        return patient

    def pays(self, friend: Patient, amount: str = "500", *, at: float = 1) -> Payment:
        case = CaseFactory(patient=friend, campus=self.campus, procedure=self.procedure)
        if not friend.bookings.exists():
            BookingFactory(
                case=case,
                arrived=True,
                staff=self.consultants[0],
                room=self.rooms[0],
                starts_at=TEN + timedelta(days=self.n),
            )
        order = OrderFactory(patient=friend, campus=self.campus, amount=Decimal(amount), deposit=0)
        return PaymentFactory(order=order, amount=Decimal(amount), kind="balance", at=days(at))

    def thanked(self) -> tuple[Referral, Patient, Payment]:
        lead = self.ask()
        friend = self.friend(lead)
        self.join(friend)
        paid = self.pays(friend)
        thanks.follow(now=days(9))
        return Referral.objects.get(lead=lead), friend, paid


@pytest.fixture
def circle() -> Circle:
    return Circle()


def gifts(member: Member) -> int:
    rows = PointEntry.objects.filter(member=member, kind="gift")
    return sum(rows.values_list("change", flat=True))


def test_a_code_is_random_one_at_a_time_and_only_for_adult_members(circle: Circle) -> None:
    assert len(circle.code.code) == 12
    assert referrals.issue(circle.member.public_id, by=circle.service, now=days(1)) == circle.code
    raw = ReferralCode.objects.filter(pk=circle.code.pk).values_list("token", flat=True).get()
    assert circle.code.code.encode() not in bytes(raw)
    other = circle.join(circle.patient(person=PersonFactory(name="另一位")))
    assert referrals.issue_own(other, now=EIGHT).code != circle.code.code
    clerk = circle.patient(person=PersonFactory(name="员工本人"), employee=circle.reception)
    with pytest.raises(RuleBroken, match="员工不参加"):
        referrals.issue(circle.join(clerk).public_id, by=circle.service, now=EIGHT)
    with pytest.raises(NotFound):
        referrals.issue(circle.member.public_id, by=circle.online, now=EIGHT)
    young = circle.join(circle.patient(person=PersonFactory(name="出生日期后来更正")))
    person = young.patient.person
    for birth in (EIGHT.date().replace(year=2010), None):
        person.birth_date = birth
        person.save(update_fields=["birth_date"])
        with pytest.raises(RuleBroken, match="未满 18 周岁或年龄未登记"):
            referrals.issue(young.public_id, by=circle.service, now=EIGHT)


def test_a_friend_is_tied_and_both_are_thanked_once(circle: Circle) -> None:
    lead = circle.ask()
    assert (lead.source, Referral.objects.get().status) == (SourceKind.REFERRAL, S.OPEN)
    friend = circle.friend(lead)
    circle.pays(friend)
    assert thanks.follow(now=days(7)) == 1  # she is known now; the days to think still run
    assert thanks.follow(now=days(8)) == 2  # earned, and the referrer's points given
    referral = Referral.objects.get()
    assert (referral.status, referral.friend) == (S.THANKED, friend)
    assert gifts(circle.member) == 200
    assert Thanks.objects.get(side=ThanksSide.FRIEND).state == T.OWED  # she is no member yet
    hers = circle.join(friend)
    thanks.follow(now=days(9))
    assert gifts(hers) == 200
    for later in (9, 10, 11):
        assert thanks.follow(now=days(later)) == 0
    assert Thanks.objects.filter(state=T.GIVEN).count() == 2


def test_a_referrer_found_to_be_a_minor_is_not_thanked_and_her_friend_is(circle: Circle) -> None:
    lead = circle.ask()
    circle.pays(circle.friend(lead))
    person = circle.member.patient.person
    person.birth_date = EIGHT.date().replace(year=2010)
    person.save(update_fields=["birth_date"])
    for day in (7, 8):
        thanks.follow(now=days(day))
    assert list(Thanks.objects.values_list("side", flat=True)) == [ThanksSide.FRIEND]
    assert gifts(circle.member) == 0


def test_a_refund_takes_both_back_exactly_and_for_good(circle: Circle) -> None:
    referral, friend, paid = circle.thanked()
    hers = member_queries.member_of(friend)
    assert hers is not None
    assert (gifts(circle.member), gifts(hers)) == (200, 200)
    refund(paid, "300", at=days(10))  # 200 yuan stay: still above the least
    assert thanks.follow(now=days(10)) == 0
    refund(paid, "150", at=days(11))
    assert thanks.follow(now=days(11)) == 1
    referral.refresh_from_db()
    assert referral.status == S.REVERSED
    assert (member_queries.balance(circle.member), member_queries.balance(hers)) == (0, 0)
    assert set(Thanks.objects.values_list("state", flat=True)) == {T.TAKEN}
    circle.pays(friend, at=12)
    assert thanks.follow(now=days(40)) == 0


def test_points_already_spent_are_owed_and_withheld(circle: Circle) -> None:
    _referral, _friend, paid = circle.thanked()
    lot = PointEntry.objects.get(member=circle.member, kind="gift")
    points._write(circle.member, "spend", -150, lot=lot.pk, now=days(9))
    refund(paid, "500", at=days(10))
    thanks.follow(now=days(10))
    assert (member_queries.balance(circle.member), member_queries.owed(circle.member)) == (0, 150)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(1, 300), st.booleans()), max_size=6))
def test_given_less_taken_is_what_stands_whatever_is_spent_between(
    circle: Circle, steps: list[tuple[int, bool]]
) -> None:
    with transaction.atomic():
        member = circle.member
        ref, back = member.public_id, circle.code.public_id
        points.gift(member, 200, ref=ref, expires_on=date(2027, 6, 1), by=None, now=EIGHT)
        for amount, is_spent in steps:
            if not is_spent:
                end = date(2027, 6, 1)
                key = Thanks(side="friend").public_id
                points.gift(member, amount, ref=key, expires_on=end, by=None, now=EIGHT)
                continue
            for lot in member_queries.lots(member)[:1]:
                points._write(member, "spend", -min(amount, lot.rest), lot=lot.id, now=EIGHT)
        before = member_queries.balance(member)
        taken = points.take_gift_back(member, ref=ref, back=back, now=EIGHT)
        assert taken + member_queries.owed(member) == 200
        assert member_queries.balance(member) == before - taken
        assert points.take_gift_back(member, ref=ref, back=back, now=EIGHT) == 0
        assert member_queries.balance(member) == before - taken
        transaction.set_rollback(True)


def test_a_code_that_does_not_stand_changes_nothing_and_says_nothing(circle: Circle) -> None:
    referrals.revoke(circle.member.public_id, by=circle.service, now=EIGHT)
    for bad in (circle.code.code, "ZZZZZZZZZZZZ", "", "𠮷" * 40, "' OR 1=1 --"):
        assert circle.ask(bad).source == SourceKind.WEBSITE
    fresh = referrals.issue_own(circle.member, now=EIGHT)
    assert circle.ask(fresh.code, now=days(366)).source == SourceKind.WEBSITE
    members.leave(circle.member.public_id, by=circle.reception, now=days(1))
    assert circle.ask(fresh.code, now=days(1)).source == SourceKind.WEBSITE
    assert not Referral.objects.exists()


def test_the_same_phone_by_two_codes_counts_for_the_first(circle: Circle) -> None:
    other = referrals.issue_own(circle.join(circle.patient(person=PersonFactory(name="王芳"))), now=EIGHT)
    circle.ask(phone="12910009999", name="小新")
    second = circle.ask(other.code, phone="+86 129 1000 9999", name="小新")
    assert second.source == SourceKind.WEBSITE
    [only] = Referral.objects.all()
    assert only.code == circle.code
    assert list(only.steps.values_list("kind", flat=True)) == ["tied", "again"]


def test_nobody_brings_herself_a_customer_or_the_one_who_brought_her(circle: Circle) -> None:
    own = circle.member.patient.person
    cases = {
        "self": {"name": own.name, "phone": own.phone},
        "known": {
            "name": "林老客",
            "phone": circle.patient(person=PersonFactory(name="林老客")).person.phone,
        },
        "same_phone": {"name": "周家妹妹", "phone": own.phone},
    }
    for flag, values in cases.items():
        lead = circle.ask(**values)
        referral = Referral.objects.filter(lead=lead).first()
        if flag == "same_phone":  # her own enquiry of the same number came first: a known lead
            assert referral is None
            continue
        assert referral is not None
        assert (referral.status, flag in referral.flags) == (S.REFUSED, True)
        assert lead.source == SourceKind.WEBSITE
    thanks.follow(now=days(9))
    assert not Thanks.objects.exists()


def test_the_night_ends_what_waits_in_vain_and_nothing_else(circle: Circle) -> None:
    vain, paid = circle.ask(), circle.ask()
    friend = circle.friend(paid)
    circle.pays(friend)
    thanks.follow(now=days(9))
    last = 180 + 7
    assert thanks.close_over(now=days(last)) == 0
    assert thanks.close_over(now=days(last + 1)) == 1
    assert thanks.close_over(now=days(last + 2)) == 0
    states = dict(Referral.objects.values_list("lead", "status"))
    assert states == {vain.pk: S.ENDED, paid.pk: S.THANKED}
    assert [one.kind for one in Referral.objects.get(lead=vain).steps.order_by("pk")][-2:] == [
        "over",
        "ended",
    ]


def test_one_document_in_another_file_ends_it_even_after_joining(circle: Circle) -> None:
    twin = circle.patient(person=PersonFactory(name="周老客旧名", id_no="11010119950308772X"))
    Patient.objects.filter(pk=twin.pk).update(merged_into=circle.member.patient, merged_at=EIGHT)
    lead = circle.ask(name="周小号")
    friend = circle.friend(lead)
    friend.person.tokens.create(
        campus=circle.campus, kind="phone", token=twin.person.tokens.filter(kind="phone").first().token
    )
    thanks.follow(now=days(1))
    assert Referral.objects.get().flags == ["same_phone"]
    assert Referral.objects.get().status == S.REVIEW
    merged = circle.friend(circle.ask(name="周另一"), name="周另一")
    Patient.objects.filter(pk=merged.pk).update(merged_into=circle.member.patient, merged_at=EIGHT)
    thanks.follow(now=days(1))
    assert Referral.objects.order_by("-pk").first().flags == ["self"]


def test_a_burst_and_one_network_wait_for_a_person_who_had_no_hand_in_it(circle: Circle) -> None:
    for _n in range(2):
        circle.ask(ip="198.51.100.7")
    third = Referral.objects.get(lead=circle.ask(ip="198.51.100.7"))
    assert (third.status, third.flags) == (S.REVIEW, ["place"])
    with pytest.raises(RuleBroken, match="由您经手"):
        referrals.decide(third.public_id, is_genuine=True, reason="打过电话了", by=circle.service, now=EIGHT)
    with pytest.raises(NotFound):
        referrals.decide(
            third.public_id, is_genuine=True, reason="打过电话了", by=circle.consultants[0], now=EIGHT
        )
    with pytest.raises(RuleBroken, match="写明"):
        referrals.decide(third.public_id, is_genuine=True, reason=" ", by=circle.reception, now=EIGHT)
    done = referrals.decide(
        third.public_id, is_genuine=True, reason="三位是同事，分别去电核对", by=circle.reception, now=EIGHT
    )
    assert (done.status, done.place) == (S.OPEN, None)
    for _n in range(2):
        circle.ask()
    assert Referral.objects.get(lead=circle.ask()).flags == ["burst"]


def test_the_third_level_does_not_exist_and_thanks_never_go_two_up(circle: Circle) -> None:
    _first, friend, _paid = circle.thanked()
    hers = member_queries.member_of(friend)
    assert hers is not None
    second = Referral.objects.get(lead=circle.ask(referrals.issue_own(hers, now=days(9)).code, now=days(9)))
    assert (second.depth, second.status) == (2, S.OPEN)
    third_person = circle.friend(second.lead)
    third = circle.join(third_person)
    with pytest.raises(RuleBroken, match="禁止传销条例"):
        referrals.issue_own(third, now=days(9))
    circle.pays(third_person, at=10)
    thanks.follow(now=days(20))
    assert gifts(circle.member) == 200  # nothing for the friend's friend
    with pytest.raises(IntegrityError), transaction.atomic():
        Thanks.objects.filter(referral=second).update(side="x")
    for values in (
        {"patient": circle.member.patient, "side": "referrer"},
        {"patient": friend, "side": "friend"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Thanks.objects.create(
                referral=_unthanked(circle, hers), kind="points", value="200", state="owed",
                due_at=EIGHT, until=EIGHT.date(), **values,
            )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.create(
            code=circle.code, referrer=third_person, lead=circle.ask("", now=days(9)), policy=second.policy,
            depth=1, status="open", tied_at=EIGHT,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.create(
            code=circle.code, referrer=third_person, lead=circle.ask("", now=days(9)), policy=second.policy,
            depth=3, status="open", tied_at=EIGHT,
        )  # fmt: skip


def _unthanked(circle: Circle, member: Member) -> Referral:
    code = queries.open_code(member, today=days(9).date())
    assert code is not None
    return Referral.objects.get(lead=circle.ask(code.code, now=days(9)))


def test_a_ring_is_refused_by_the_database_too(circle: Circle) -> None:
    referral, friend, _paid = circle.thanked()
    hers = member_queries.member_of(friend)
    assert hers is not None
    code = referrals.issue_own(hers, now=days(9))
    back = Referral.objects.get(lead=circle.ask(code.code, now=days(9)))
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=back.pk).update(friend=circle.member.patient)
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.filter(pk=referral.pk).update(friend=referral.referrer)


def test_minors_are_never_part_of_it(circle: Circle) -> None:
    lead = circle.ask()
    friend = circle.friend(lead, birth_date=date(2010, 1, 1))
    circle.pays(friend)
    thanks.follow(now=days(9))
    assert (Referral.objects.get().status, Thanks.objects.count()) == (S.ENDED, 0)


def test_a_year_has_a_most_and_the_friend_is_thanked_all_the_same(circle: Circle) -> None:
    content = {
        "referrer": {"kind": "points", "value": "10"}, "friend": {"kind": "points", "value": "10"},
        "cooling_days": 1, "min_paid": "0", "window_days": 90, "owed_days": 30, "per_year": 1,
        "code_days": 365,
    }  # fmt: skip
    director = circle.staff("director", "郭院长")
    with pytest.raises(NotFound):
        referrals.publish(content, effective_from=days(1).date(), by=circle.manager, now=EIGHT)
    referrals.publish(content, effective_from=days(1).date(), by=director, now=EIGHT)
    for _n in range(2):
        circle.pays(circle.friend(circle.ask(now=days(2))), at=3)
    thanks.follow(now=days(5))
    assert Thanks.objects.filter(side="referrer").count() == 1
    assert Thanks.objects.filter(side="friend").count() == 2


def test_the_referrer_reads_counts_and_only_a_willing_friends_masked_name(circle: Circle) -> None:
    _referral, friend, _paid = circle.thanked()
    page = queries.own_page(circle.member, now=days(9))
    assert (page.asked, page.given, page.told) == ("少于 3 人", 1, [])
    referrals.let_tell(friend, may_tell=True, now=days(9))
    [name] = queries.own_page(circle.member, now=days(9)).told
    assert name.startswith("新")
    assert "朋友" not in name
    referrals.let_tell(friend, may_tell=False, now=days(9))
    assert queries.own_page(circle.member, now=days(9)).told == []
    with pytest.raises(NotFound):
        referrals.let_tell(circle.member.patient, may_tell=True, now=days(9))


def test_either_side_can_go(circle: Circle) -> None:
    referral, friend, _paid = circle.thanked()
    referrals.break_off(friend, now=days(9))
    referral.refresh_from_db()
    assert (referral.status, referral.flags) == (S.ENDED, [])
    second = circle.ask(now=days(9))
    circle.friend(second)
    referrals.erase_referrals(circle.member.patient, days(10))
    code = ReferralCode.objects.get(pk=circle.code.pk)
    assert (code.token, code.code, code.revoked_at is not None) == (None, "", True)
    assert circle.ask(circle.code.code, now=days(10)).source == SourceKind.WEBSITE


def test_erasing_the_lead_and_the_customer_goes_through(circle: Circle) -> None:
    _referral, friend, _paid = circle.thanked()
    leads_left = Lead.objects.filter(patient=friend)
    assert leads_left.exists()
    referrals.erase_referrals(friend, days(10))
    assert Referral.objects.get().status == S.ENDED
    assert queries.brought(friend) is None


def test_staff_tie_what_is_said_on_the_telephone_and_late_ones_wait(circle: Circle) -> None:
    lead = circle.lead(phone="12919990001", name="电话客", source="phone")
    tied = referrals.attach(lead.public_id, text=circle.code.code.lower(), by=circle.online, now=EIGHT)
    assert tied.status == S.OPEN
    with pytest.raises(RuleBroken, match="以第一次为准"):
        referrals.attach(lead.public_id, text=circle.code.code, by=circle.online, now=EIGHT)
    late = circle.lead(phone="12919990002", name="迟到客", source="phone")
    tied = referrals.attach(late.public_id, text=circle.code.code, by=circle.online, now=days(2))
    assert (tied.status, tied.flags) == (S.REVIEW, ["staff"])
    third = circle.lead(phone="12919990003", name="第三", source="phone")
    with pytest.raises(RuleBroken, match="无效"):
        referrals.attach(third.public_id, text="不是码", by=circle.online, now=EIGHT)
    with pytest.raises(NotFound):
        referrals.attach(third.public_id, text=circle.code.code, by=circle.second, now=EIGHT)


def test_the_report_means_what_the_metric_means(circle: Circle) -> None:
    circle.thanked()
    Patient.objects.update(created_at=EIGHT)
    found = queries.report(by=circle.staff("director", "院长"), start=EIGHT.date(), end=EIGHT.date())
    assert found.referred == 1
    assert found.rate == Decimal(1) / found.new
    assert found.thanked == 1


def test_what_waits_is_counted_since_whenever_and_what_was_thanked_in_the_period(circle: Circle) -> None:
    circle.ask()
    later = EIGHT.date() + timedelta(days=200)
    found = queries.report(by=circle.staff("director", "院长"), start=later, end=later)
    assert (found.open, found.review, found.thanked) == (1, 0, 0)


def test_a_locked_year_of_thanks_is_a_fixed_number_of_queries(
    circle: Circle, django_assert_max_num_queries: Any
) -> None:
    for _n in range(4):
        circle.friend(circle.ask(ip=""))
    thanks.follow(now=days(1))
    with django_assert_max_num_queries(4):
        rows = list(queries.listed(by=circle.service)[:30])
        assert [one.referrer.person.name for one in rows]
