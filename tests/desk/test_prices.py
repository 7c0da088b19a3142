"""List price, quote and bill side by side, the reasons of losses, and who may take off how much."""

from decimal import Decimal

import pytest
from django.urls import reverse

from tests.desk.front import Front, at_time, queries_of
from tests.factories.people import StaffFactory
from tests.journey.clinic import TEN
from yimei.billing import queries
from yimei.billing.actions import orders, quotes
from yimei.billing.enums import QuoteStatus
from yimei.billing.models import DiscountLimit, Order, Quote
from yimei.core.clock import local_date
from yimei.journey.actions import bookings, cases
from yimei.journey.enums import LossReason

pytestmark = pytest.mark.django_db
VARIANCE = "desk:money-variance"


@pytest.fixture
def front() -> Front:
    return Front()


def order(front: Front, price: str | None = None) -> Order:
    case = front.arrived(front.patient(), room=None, staff=None).case if price is None else None
    case = case or front.arrived(front.patient()).case
    line = (front.procedure.public_id, price and Decimal(price), 1, "老带新" if price else "")
    front.cares(front.consultants[0], case.patient)
    offered = quotes.offer(
        case.patient.public_id,
        episode=case.public_id,
        campus=front.campus,
        lines=[line],
        by=front.consultants[0],
        now=TEN,
    )
    quotes.accept(offered.public_id, by=front.consultants[0], now=TEN)
    return orders.open_from_quote(offered.public_id, by=front.consultants[0], now=TEN)


def test_discounts_add_up_and_a_bill_that_differs_is_marked(front: Front) -> None:
    cheap = order(front, "7400")
    today = local_date(TEN)
    month = {"start": today.replace(day=1), "end": today.replace(month=today.month + 1, day=1)}
    sums = queries.variances(queries.variance_orders(by=front.cashier, **month))
    assert (sums.count, sums.listed, sums.off, sums.gap) == (1, Decimal(7800), Decimal(400), Decimal(0))
    Order.objects.filter(pk=cheap.pk).update(amount=Decimal(7500))
    with at_time(TEN):
        page = front.client(front.cashier, TEN).get(reverse(VARIANCE)).content.decode()
    assert "与报价不符" in page
    assert "老带新" in page
    assert "¥100.00" in page


def test_the_page_asks_no_more_for_more_orders_and_knows_its_months(front: Front) -> None:
    desk = front.client(front.cashier, TEN)
    order(front, "7400")
    with at_time(TEN):
        few = queries_of(desk, reverse(VARIANCE))
        assert "这个月还没有订单" in desk.get(reverse(VARIANCE) + "?m=2026-05").content.decode()
        for text in ("2026-13", "x", "20261", "2026-05-01"):
            assert "2026-06" in desk.get(reverse(VARIANCE) + f"?m={text}").content.decode()
        assert few <= 30


def test_what_was_lost_says_why_and_its_quotes_lapse(front: Front) -> None:
    booking = front.arrived(front.patient())
    bookings.serve(booking.public_id, by=front.consultants[0], now=TEN)
    case = booking.case
    front.cares(front.consultants[0], case.patient)
    quotes.offer(
        case.patient.public_id,
        episode=case.public_id,
        campus=front.campus,
        lines=[(front.procedure.public_id, None, 1, "")],
        by=front.consultants[0],
        now=TEN,
    )
    cases.lose(case.public_id, reason=LossReason.FAMILY, by=front.consultants[0], now=TEN)
    assert Quote.objects.get().status == QuoteStatus.DECLINED
    with at_time(TEN):
        page = front.client(front.cashier, TEN).get(reverse(VARIANCE)).content.decode()
    assert "和家人商量" in page


def test_only_the_catalogue_says_who_may_take_off_how_much(front: Front) -> None:
    address = reverse("desk:discount-limits")
    admin = StaffFactory(role="admin")
    with at_time(TEN):
        assert front.client(front.cashier, TEN).get(address).status_code == 200
        refused = front.client(front.cashier, TEN).post(address, {"role": "consultant", "percent": "90"})
        assert refused.status_code == 404
        desk = front.client(admin, TEN)
        for text in ("101", "-1", "１０", "x", ""):
            assert desk.post(address, {"role": "consultant", "percent": text}).status_code == 422
        assert desk.post(address, {"role": "nobody", "percent": "5"}).status_code == 404
        assert desk.post(address, {"role": "consultant", "percent": "15"}).status_code == 302
    assert DiscountLimit.objects.get().percent == 15
