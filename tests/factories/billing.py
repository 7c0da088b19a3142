"""Small, valid pieces of money."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from tests.factories.hospital import CampusFactory, ProcedureFactory
from tests.factories.people import PatientFactory, StaffFactory
from yimei.billing.enums import OrderStatus, PaymentKind, PaymentMethod, QuoteStatus
from yimei.billing.models import Order, Payment, Quote, QuoteLine

MORNING = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)


class QuoteFactory(DjangoModelFactory[Quote]):
    class Meta:
        model = Quote

    campus = factory.SubFactory(CampusFactory)
    patient = factory.SubFactory(PatientFactory, campus=factory.SelfAttribute("..campus"))
    episode = factory.LazyFunction(uuid.uuid4)
    status = QuoteStatus.OFFERED
    at = MORNING
    by = factory.SubFactory(StaffFactory, campus=factory.SelfAttribute("..campus"))
    valid_to = date(2026, 6, 30)

    class Params:
        accepted = factory.Trait(status=QuoteStatus.ACCEPTED, decided_at=MORNING)


class QuoteLineFactory(DjangoModelFactory[QuoteLine]):
    class Meta:
        model = QuoteLine

    quote = factory.SubFactory(QuoteFactory)
    procedure = factory.SubFactory(ProcedureFactory)
    list_price = Decimal("7800.00")
    price = Decimal("7800.00")


class OrderFactory(DjangoModelFactory[Order]):
    class Meta:
        model = Order

    campus = factory.SubFactory(CampusFactory)
    patient = factory.SubFactory(PatientFactory, campus=factory.SelfAttribute("..campus"))
    episode = factory.LazyFunction(uuid.uuid4)
    amount = Decimal("7800.00")
    deposit = Decimal("1000.00")
    status = OrderStatus.OPEN
    at = MORNING
    by = factory.SubFactory(StaffFactory, campus=factory.SelfAttribute("..campus"))


class PaymentFactory(DjangoModelFactory[Payment]):
    class Meta:
        model = Payment

    order = factory.SubFactory(OrderFactory)
    kind = PaymentKind.DEPOSIT
    method = PaymentMethod.WECHAT
    amount = Decimal("1000.00")
    key = factory.LazyFunction(uuid.uuid4)
    at = MORNING
    by = factory.SubFactory(StaffFactory, campus=factory.SelfAttribute("..order.campus"))
