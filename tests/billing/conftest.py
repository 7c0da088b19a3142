"""People round one order."""

import pytest

from tests.factories.billing import OrderFactory
from tests.factories.people import StaffFactory
from yimei.billing.models import Order
from yimei.people.models import Staff


@pytest.fixture
def order() -> Order:
    """¥7,800.00, of which ¥1,000.00 is the deposit."""
    return OrderFactory()


@pytest.fixture
def cashier(order: Order) -> Staff:
    return StaffFactory(role="cashier", campus=order.campus)
