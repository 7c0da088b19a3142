"""A receipt says what happened, is the same each time, and leaves a line on the log."""

from datetime import datetime
from decimal import Decimal

import pytest

from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory, QuoteLineFactory
from tests.factories.people import StaffFactory
from yimei.audit.models import Entry
from yimei.billing.actions import receipts
from yimei.billing.models import Order
from yimei.core.errors import NotFound
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    quote = QuoteFactory(accepted=True)
    QuoteLineFactory(quote=quote)
    order = OrderFactory(quote=quote, patient=quote.patient, campus=quote.campus)
    PaymentFactory(order=order, amount=Decimal("1000.00"))
    return order


def test_a_receipt_is_the_same_for_the_same_moment(order: Order, cashier: Staff, now: datetime) -> None:
    page = receipts.pdf(order.public_id, by=cashier, now=now)
    assert page.startswith(b"%PDF-1.7")
    assert page == receipts.pdf(order.public_id, by=cashier, now=now)
    PaymentFactory(order=order, amount=Decimal("1.00"))
    assert page != receipts.pdf(order.public_id, by=cashier, now=now)


def test_printing_is_logged(order: Order, cashier: Staff, now: datetime) -> None:
    receipts.pdf(order.public_id, by=cashier, now=now)
    entry = Entry.objects.get(action="billing.receipt.print")
    assert (entry.actor, entry.object_id) == (cashier.public_id, str(order.public_id))


def test_another_campus_prints_nothing(order: Order, now: datetime) -> None:
    with pytest.raises(NotFound):
        receipts.pdf(order.public_id, by=StaffFactory(role="cashier"), now=now)
