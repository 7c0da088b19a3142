"""What a person gets and what stays."""

import pytest

from tests.factories.billing import OrderFactory, PaymentFactory, QuoteFactory, QuoteLineFactory
from yimei.billing import holdings
from yimei.billing.models import DiscountLimit, Order, Payment, Quote, QuoteLine
from yimei.core.clock import local_date
from yimei.privacy import registry
from yimei.privacy.enums import Anchor


def test_every_model_about_customers_names_the_registered_holding() -> None:
    for model in (Quote, QuoteLine, Order, Payment):
        assert registry.for_model(model).code == "billing.money"
    assert registry.for_model(DiscountLimit).code == "hospital.reference"


@pytest.mark.django_db
def test_a_person_gets_her_own_money_and_nobody_elses() -> None:
    order = OrderFactory()
    QuoteLineFactory(quote=QuoteFactory(patient=order.patient, campus=order.campus))
    PaymentFactory(order=order, reference="4200001")
    PaymentFactory()
    rows = list(holdings.export(order.patient))
    assert [row["类别"] for row in rows] == ["报价", "订单", "定金"]
    assert rows[-1]["流水号"] == "4200001"
    last = order.payments.latest("at").at
    assert holdings.anchors([order.patient.pk])[order.patient.pk][Anchor.CREATED] == local_date(last)
