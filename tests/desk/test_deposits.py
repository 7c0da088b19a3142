"""A booking deposit from the refusal to the bill, through its action and through its screens."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.test import Client

from tests.desk.front import HTMX, Front, at_time, url
from tests.factories.billing import QuoteFactory, QuoteLineFactory
from tests.journey.clinic import TEN
from yimei.audit.models import Entry
from yimei.billing import queries as billing
from yimei.billing.actions import orders, payments
from yimei.billing.enums import OrderStatus, PaymentKind, PaymentMethod
from yimei.billing.models import Order, Payment
from yimei.core.errors import Conflict, NotFound, Refusal, RuleBroken
from yimei.insight.queries.facts import money as mart
from yimei.journey.actions import bookings, deposits, online
from yimei.journey.enums import BookingStatus, CancelSide, DepositFate
from yimei.journey.models import Booking
from yimei.journey.queries import deposits as queries
from yimei.outbox.models import Notification
from yimei.privacy import registry as privacy

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOW = TEN + 4 * HOUR
VISIT = TEN + 5 * HOUR


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def booking(front: Front) -> Booking:
    """Somebody who stayed away twice asks again, for three o'clock."""
    return asked(front)


def asked(front: Front) -> Booking:
    patient = front.patient(person__name="林晓雨")
    for half in (1, 2):
        known = front.confirmed(patient, starts_at=TEN + half * HOUR / 2)
        bookings.mark_no_show(known.public_id, by=front.reception, now=TEN + 3 * HOUR)
    return front.request(patient, starts_at=VISIT)


def take(front: Front, booking: Booking, now: datetime = NOW, **values: Any) -> Payment:
    given = {"method": PaymentMethod.WECHAT, "is_told": True, "key": uuid4(), "by": front.cashier} | values
    return deposits.take(booking.case.public_id, **given, now=now)


def billed(front: Front, booking: Booking, price: str = "7800") -> Order:
    quote = QuoteFactory(
        campus=front.campus,
        patient=booking.patient,
        episode=booking.case.public_id,
        by=front.consultants[0],
        accepted=True,
    )
    line = {"list_price": Decimal("7800"), "price": Decimal(price), "discount_reason": "老客"}
    QuoteLineFactory(quote=quote, procedure=front.procedure, **line)
    return orders.open_from_quote(quote.public_id, deposit=Decimal(0), by=front.cashier, now=NOW + HOUR)


def held(booking: Booking, now: datetime = NOW) -> queries.Held | None:
    return queries.held_of(booking.case.public_id, now=now)


def paying(**values: str) -> dict[str, str]:
    return {"method": "wechat", "reference": "", "is_told": "on", "key": str(uuid4())} | values


# ---- the way ------------------------------------------------------------------------------------


@pytest.mark.slow(reason="the pages of three people, in order, each drawn for the first time")
def test_from_the_refusal_to_the_bill_by_the_screens(front: Front, booking: Booking) -> None:
    desk, till = front.client(front.reception, NOW), front.client(front.cashier, NOW)
    page, money = url("booking", booking.public_id), url("case-money", booking.case.public_id)
    with at_time(NOW):
        refused = desk.post(url("booking-confirm", booking.public_id), headers=HTMX)
        assert refused.status_code == 422
        assert page in refused.content.decode()
        assert "待收预约定金" in desk.get(page).content.decode()
        assert money in till.get(url("money")).content.decode()
        form = till.get(money).content.decode()
        assert "收预约定金 ¥200.00" in form
        assert "24 小时以前" in form
        till.post(url("deposit-take", booking.case.public_id), paying(), headers=HTMX)
        assert "收预约定金 ¥200.00" not in till.get(money).content.decode()
        assert "¥200.00" in till.get(url("money")).content.decode()
        desk.post(url("booking-confirm", booking.public_id), headers=HTMX)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.CONFIRMED
    assert Notification.objects.filter(staff=booking.keeper, text__contains="预约定金已收").count() == 1
    bookings.arrive(booking.public_id, by=front.reception, now=VISIT)
    bookings.serve(booking.public_id, by=front.reception, now=VISIT)
    order = billed(front, booking)
    with at_time(NOW + HOUR):
        shown = front.client(front.cashier, NOW + HOUR).get(money).content.decode()
    assert "已抵入" in shown
    assert 'value="7600.00"' in shown
    assert billing.balance(order).due == Decimal("7600.00")
    payments.take(
        order.public_id,
        kind=PaymentKind.BALANCE,
        method=PaymentMethod.CASH,
        amount=Decimal("7600"),
        key=uuid4(),
        by=front.cashier,
        now=NOW + HOUR,
    )
    order.refresh_from_db()
    assert order.status == OrderStatus.PAID
    assert Payment.objects.aggregate(sum=Sum("amount"))["sum"] == Decimal("7800.00")
    summary = billing.money_of(booking.patient)
    assert (summary.ordered, summary.paid, summary.due, summary.held) == (7800, 7800, 0, 0)


def test_cancelled_in_time_it_goes_back_whole_and_the_next_booking_asks_again(
    front: Front, booking: Booking
) -> None:
    payment = take(front, booking, now=NOW)
    bookings.confirm(booking.public_id, by=front.reception, now=NOW)
    later = bookings.cancel(
        booking.public_id, reason="医生停诊", side=CancelSide.HOSPITAL, by=front.reception, now=NOW
    )
    found = held(later)
    assert found is not None
    assert found.fate == DepositFate.OWED
    till = front.client(front.cashier, NOW)
    with at_time(NOW):
        layer = till.get(url("deposit-back", booking.case.public_id), headers=HTMX).content.decode()
        assert "双倍返还" in layer
        form = {"reason": "医生停诊", "key": str(uuid4())}
        for _click in range(2):
            answer = till.post(url("deposit-back", booking.case.public_id), form, headers=HTMX)
            assert answer.status_code == 200
    assert list(payment.order.payments.values_list("amount", flat=True)) == [Decimal(200), Decimal(-200)]
    payment.order.refresh_from_db()
    assert payment.order.status == OrderStatus.CANCELLED
    again = front.request(booking.patient, starts_at=VISIT + HOUR, now=NOW)
    with pytest.raises(RuleBroken, match="预约定金"):
        bookings.confirm(again.public_id, by=front.reception, now=NOW)


def test_what_was_missed_may_be_kept_and_still_be_given_back(front: Front, booking: Booking) -> None:
    order = take(front, booking).order
    bookings.confirm(booking.public_id, by=front.reception, now=NOW)
    till, late = front.client(front.cashier, NOW), VISIT + HOUR
    with at_time(NOW):
        refused = till.post(url("deposit-keep", booking.case.public_id), {"reason": "没来"}, headers=HTMX)
    assert "才可以不退" in refused.content.decode()
    bookings.mark_no_show(booking.public_id, by=front.reception, now=late)
    till = front.client(front.cashier, late)
    with at_time(late):
        assert (
            "定金不退" in till.get(url("deposit-keep", booking.case.public_id), headers=HTMX).content.decode()
        )
        till.post(url("deposit-keep", booking.case.public_id), {"reason": "没有到院"}, headers=HTMX)
        order.refresh_from_db()
        assert order.status == OrderStatus.KEPT
        assert "仍要退还" in till.get(url("case-money", booking.case.public_id)).content.decode()
        till.post(
            url("deposit-back", booking.case.public_id),
            {"reason": "客户住院，凭证明退", "key": str(uuid4())},
            headers=HTMX,
        )
    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert order.payments.aggregate(sum=Sum("amount"))["sum"] == 0


# ---- what is refused -----------------------------------------------------------------------------


def test_each_refusal_through_the_action_and_the_screen(front: Front, booking: Booking) -> None:
    till, case = front.client(front.cashier, NOW), booking.case.public_id
    with pytest.raises(RuleBroken, match="已说明"):
        take(front, booking, is_told=False)
    with pytest.raises(RuleBroken, match="最多 60 个字符"):
        take(front, booking, reference="9" * 61)
    with pytest.raises(Conflict, match="没有待处理"):
        deposits.give_back(case, reason="退", key=uuid4(), by=front.cashier, now=NOW)
    with at_time(NOW):
        for form, said in (
            (paying(is_told=""), "请勾选「已说明」"),
            (paying(method="shells"), "shells 不在"),
            (paying(reference="9" * 61), "60"),
            (paying(key="x"), "请刷新后再提交"),
        ):
            answer = till.post(url("deposit-take", case), form, headers=HTMX)
            assert answer.status_code == 422
            assert said in answer.content.decode()
        gone = till.post(url("deposit-back", case), {"reason": "退", "key": str(uuid4())}, headers=HTMX)
        assert gone.status_code == 409
    assert not Payment.objects.exists()
    payment = take(front, booking)
    with pytest.raises(RuleBroken, match="不需要预约定金"):
        take(front, booking)
    with pytest.raises(RuleBroken, match="请先取消预约"):
        deposits.give_back(case, reason="退", key=uuid4(), by=front.cashier, now=NOW)
    with pytest.raises(RuleBroken, match="「预约定金」一栏"):
        payments.refund(
            payment.public_id, amount=Decimal(1), reason="退", key=uuid4(), by=front.cashier, now=NOW
        )
    with pytest.raises(RuleBroken, match="「预约定金」一栏"):
        orders.cancel(payment.order.public_id, reason="退", by=front.cashier, now=NOW)
    with at_time(NOW):
        again = till.post(url("deposit-take", case), paying(), headers=HTMX)
        back = till.post(url("deposit-back", case), {"reason": "退", "key": str(uuid4())}, headers=HTMX)
        one = till.post(
            url("payment-refund", payment.public_id),
            {"amount": "1", "reason": "退", "key": str(uuid4())},
            headers=HTMX,
        )
    for answer, said in ((again, "不需要预约定金"), (back, "请先取消预约"), (one, "「预约定金」一栏")):
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert Payment.objects.count() == 1
    assert Entry.objects.filter(action__startswith="billing.deposit").count() == 1


@pytest.mark.parametrize("role", ["reception", "online", "consultant", "nurse", "surgeon"])
def test_who_may_not_take_money_takes_no_deposit(front: Front, booking: Booking, role: str) -> None:
    stranger = front.client(front.staff(role, "谁"), NOW)
    with at_time(NOW):
        for name in ("deposit-take", "deposit-back", "deposit-keep"):
            assert stranger.post(url(name, booking.case.public_id), paying(reason="退")).status_code == 404
    assert not Payment.objects.exists()


def test_a_cashier_of_another_campus_and_a_forged_case_find_nothing(front: Front, booking: Booking) -> None:
    front.stranger.role = front.cashier.role
    front.stranger.save()
    for case in (booking.case.public_id, uuid4()):
        by = front.stranger if case == booking.case.public_id else front.cashier
        with pytest.raises(NotFound):
            deposits.take(case, method=PaymentMethod.CASH, is_told=True, key=uuid4(), by=by, now=NOW)


def test_who_comes_regularly_is_not_asked(front: Front) -> None:
    regular = front.request()
    with pytest.raises(RuleBroken, match="不需要预约定金"):
        take(front, regular)


# ---- the money ------------------------------------------------------------------------------------


def test_a_refund_of_what_stands_on_a_bill_opens_the_bill_again(front: Front, booking: Booking) -> None:
    payment = take(front, booking)
    order = billed(front, booking, price="200")
    assert order.status == OrderStatus.PAID
    key = uuid4()
    for _click in range(2):
        payments.refund(
            payment.public_id, amount=Decimal("50.01"), reason="少做", key=key, by=front.cashier, now=NOW
        )
    order.refresh_from_db()
    assert (order.status, billing.balance(order).due) == (OrderStatus.OPEN, Decimal("50.01"))
    orders.cancel(order.public_id, reason="不做了", by=front.cashier, now=NOW)
    found = billing.held_deposit(booking.case.public_id)
    assert found is not None
    assert billing.balance(found).net == Decimal("149.99")
    bookings.cancel(booking.public_id, reason="不来了", side=CancelSide.HOSPITAL, by=front.reception, now=NOW)
    back = deposits.give_back(booking.case.public_id, reason="退", key=uuid4(), by=front.cashier, now=NOW)
    assert back.amount == Decimal("-149.99")
    assert Payment.objects.aggregate(sum=Sum("amount"))["sum"] == 0


def test_a_bill_smaller_than_the_deposit_leaves_it_to_be_given_back(front: Front, booking: Booking) -> None:
    take(front, booking)
    order = billed(front, booking, price="199.99")
    assert billing.balance(order).net == 0
    assert billing.held_deposit(booking.case.public_id) is not None


def test_a_deposit_is_no_sale_until_it_stands_on_a_bill(front: Front, booking: Booking) -> None:
    take(front, booking)
    patients = [booking.patient_id]
    assert list(mart.sales(patients)) == []
    assert mart.net_of_bills(patients) == {}
    assert billing.deposit_is_paid(booking.case.public_id) is False
    order = billed(front, booking)
    assert [row[10] for row in mart.sales(patients)] == [Decimal("200.00")]
    assert mart.net_of_bills(patients) == {order.pk: Decimal("200.00")}


def test_somebody_who_goes_is_given_back_her_deposit_first(front: Front, booking: Booking) -> None:
    holding = privacy.find("billing.money")
    assert holding is not None
    take(front, booking)
    assert [one.what for one in holding.pending(booking.patient, NOW)] == ["2026-06-16 的预约定金还没有处理"]
    assert "预约定金" in {row["类别"] for row in holding.export(booking.patient)}


def test_the_database_itself_refuses_a_second_one_and_one_without_words(
    front: Front, booking: Booking
) -> None:
    order = take(front, booking).order
    for changes in ({}, {"terms": "", "episode": uuid4()}, {"amount": 300, "episode": uuid4()}):
        order.pk, order.public_id = None, uuid4()
        for name, value in changes.items():
            setattr(order, name, value)
        with pytest.raises(IntegrityError), transaction.atomic():
            order.save(force_insert=True)


def test_what_the_customer_sees_by_her_link(front: Front, booking: Booking) -> None:

    token = online.link(booking, now=NOW)
    with at_time(NOW):
        page = Client().get(f"/my/visit/{token}/").content.decode()
    assert "须先交预约定金 ¥200.00" in page
    take(front, booking)
    with at_time(NOW):
        page = Client().get(f"/my/visit/{token}/").content.decode()
    assert "已收到您的预约定金 ¥200.00" in page
    assert "林晓雨" not in page


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_take_one_deposit(front: Front) -> None:
    booking, start = asked(front), Barrier(2)

    def click(key: Any) -> object:
        try:
            start.wait(timeout=10)
            return take(front, booking, key=key).public_id
        except Refusal as refusal:
            return refusal.status
        finally:
            connection.close()

    same = uuid4()
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(click, [same, same]))) == 1
        bookings.cancel(booking.public_id, reason="改", side=CancelSide.HOSPITAL, by=front.reception, now=NOW)
        deposits.give_back(booking.case.public_id, reason="退", key=uuid4(), by=front.cashier, now=NOW)
        booking = front.request(booking.patient, starts_at=VISIT + HOUR, now=NOW)
        answers = list(pool.map(click, [uuid4(), uuid4()]))
    assert 422 in answers
    assert Payment.objects.filter(kind=PaymentKind.DEPOSIT).count() == 2
    assert Payment.objects.aggregate(sum=Sum("amount"))["sum"] == Decimal(200)
