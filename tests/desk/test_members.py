"""Members at the desk and on her phone: joined, paid in points, seen by whom they may be seen."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.desk.front import Front, at_time, queries_of
from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory, QuoteLineFactory
from tests.journey.clinic import EIGHT, TEN
from yimei.billing.models import Quote
from yimei.growth.actions import members, points
from yimei.growth.actions import reference as growth
from yimei.growth.models import BenefitEntry, Member, MemberPolicy
from yimei.growth.queries import members as queries
from yimei.people.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def front() -> Front:
    front = Front()
    growth.load(at=EIGHT)
    return front


def member(front: Front, paid: str = "20000") -> Member:
    patient = front.patient()
    found = members.join(patient.public_id, by=front.reception, now=EIGHT)
    order = OrderFactory(patient=patient, campus=front.campus, amount=Decimal(paid), deposit=0)
    PaymentFactory(order=order, amount=Decimal(paid), kind="balance", at=EIGHT)
    points.follow(now=EIGHT)
    found.refresh_from_db()
    return found


def quote(front: Front, patient: Patient) -> Quote:
    offered = QuoteFactory(patient=patient, campus=front.campus, at=EIGHT, by=front.reception)
    QuoteLineFactory(quote=offered, procedure=front.procedure)
    return offered


def test_joining_shows_the_card_and_refuses_in_words(front: Front) -> None:
    patient, desk = front.patient(), front.client(front.reception, TEN)
    page = reverse("desk:patient-member", args=[patient.public_id])
    with at_time(TEN):
        assert "办理入会" in desk.get(page).content.decode()
        assert desk.post(reverse("desk:member-join", args=[patient.public_id])).status_code == 302
        shown = desk.get(page).content.decode()
    assert "普通会员" in shown
    assert Member.objects.get().number in shown
    stranger = front.client(front.surgeons[0], TEN)
    with at_time(TEN):
        assert stranger.get(page).status_code == 404
        assert stranger.post(reverse("desk:member-join", args=[patient.public_id])).status_code == 404


def test_a_benefit_is_used_once_however_often_the_button_is_pressed(front: Front) -> None:
    grant, key = member(front).benefits.get(), uuid4()
    desk, url = front.client(front.reception, TEN), reverse("desk:benefit-use", args=[grant.public_id])
    with at_time(TEN):
        for _click in range(2):
            assert desk.post(url, {"key": key}).status_code == 302
        assert desk.post(url, {"key": "x"}).status_code == 422
        used = BenefitEntry.objects.get(kind="used")
        desk.post(reverse("desk:benefit-undo", args=[used.public_id]))
        page = desk.get(reverse("desk:patient-member", args=[grant.member.patient.public_id]))
    assert "剩 2 / 2 次" in page.content.decode()


def test_points_come_off_the_quote_and_too_many_are_refused_beside_the_field(front: Front) -> None:
    found = member(front)
    offered = quote(front, found.patient)
    desk, url = front.client(front.cashier, TEN), reverse("desk:quote-points", args=[offered.public_id])
    with at_time(TEN):
        layer = desk.get(reverse("desk:quote-cuts", args=[offered.public_id])).content.decode()
        refused = desk.post(url, {"points": "20001"})
        taken = desk.post(url, {"points": "5000"})
    assert "最多用 20,000 分" in layer
    assert (refused.status_code, taken.status_code) == (422, 302)
    assert "积分不足" in refused.content.decode()
    offered.refresh_from_db()
    assert offered.total == Decimal("7750.00")


def test_the_list_asks_no_more_for_more_members_and_filters(front: Front) -> None:
    member(front, "100")
    desk, url = front.client(front.reception, TEN), reverse("desk:members")
    with at_time(TEN):
        few = queries_of(desk, url)
        for _n in range(2):
            member(front)
        many = queries_of(desk, url)
        silver = desk.get(url, {"tier": "silver"}).content.decode()
        found = desk.get(url, {"q": Member.objects.first().number}).content.decode()  # type: ignore[union-attr]
    assert many <= few
    assert silver.count("<tr data-ym-row>") == 2
    assert found.count("<tr data-ym-row>") == 1


def test_a_new_version_counts_from_a_day_to_come_and_a_wrong_one_keeps_what_was_typed(front: Front) -> None:
    desk, url = front.client(front.staff("marketing", "运营"), TEN), reverse("desk:member-rules-new")
    typed = {
        "effective_from": (TEN + timedelta(days=1)).date().isoformat(),
        "window_months": "12", "points_per_yuan": "1", "points_to_yuan": "100", "most_percent": "5",
        "valid_months": "12",
        "tier0_name": "会员", "tier0_from": "0", "tier0_rate": "100", "tier0_benefits": "皮肤检测 × 2 次",
    }  # fmt: skip
    with at_time(TEN):
        wrong = desk.post(url, {**typed, "tier0_from": "5", "effective_from": "2026-06-16"})
        right = desk.post(url, typed)
        assert "待生效" in desk.get(reverse("desk:member-rules")).content.decode()
    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "门槛应为 0" in wrong.content.decode()
    assert "皮肤检测 × 2 次" in wrong.content.decode()
    assert queries.policy_on(TEN.date()).most_percent == 10
    assert queries.policy_on(TEN.date() + timedelta(days=1)).most_percent == 5
    assert MemberPolicy.objects.count() == 2
