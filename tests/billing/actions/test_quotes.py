"""Offer, approve, accept, decline."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories.billing import QuoteFactory, QuoteLineFactory
from tests.factories.hospital import CampusFactory, PriceFactory, ProcedureFactory
from tests.factories.people import CareRelationFactory, PatientFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.billing.actions import quotes
from yimei.billing.enums import QuoteStatus
from yimei.billing.models import Quote
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.models import Campus, Price
from yimei.people.models import Patient, Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def campus() -> Campus:
    return CampusFactory()


@pytest.fixture
def price(campus: Campus) -> Price:
    return PriceFactory(campus=campus, amount=Decimal("7800.00"))


@pytest.fixture
def consultant(campus: Campus) -> Staff:
    return StaffFactory(role="consultant", campus=campus)


@pytest.fixture
def patient(campus: Campus, consultant: Staff) -> Patient:
    patient = PatientFactory(campus=campus)
    CareRelationFactory(patient=patient, staff=consultant, reason="consultant")
    return patient


@pytest.fixture
def director(campus: Campus) -> Staff:
    return StaffFactory(role="director", campus=campus)


def offer(
    patient: Patient,
    price: Price,
    at: str | None,
    *,
    by: Staff,
    now: datetime,
    reason: str = "老客户",
    verb: str = "offer",
) -> Quote:
    act = {"offer": quotes.offer, "draft": quotes.draft}[verb]
    asked = None if at is None else Decimal(at)
    lines = [(price.procedure.public_id, asked, 2, reason)]
    return act(
        patient.public_id, episode=uuid.uuid4(), campus=price.campus, lines=lines, option="A", by=by, now=now
    )


def test_an_offer_reads_the_list_price_of_the_day(
    patient: Patient, price: Price, consultant: Staff, now: datetime
) -> None:
    quote = offer(patient, price, None, by=consultant, now=now, reason="")
    line = quote.lines.get()
    assert (line.list_price, line.price, quote.total) == (Decimal("7800.00"),) * 2 + (Decimal("15600.00"),)
    assert quote.status == QuoteStatus.OFFERED
    assert quote.valid_to == date(2026, 6, 30)


def test_a_price_that_ended_is_not_a_price(
    patient: Patient, price: Price, consultant: Staff, now: datetime
) -> None:
    price.valid_to = date(2026, 6, 16)
    price.save()
    with pytest.raises(RuleBroken, match="没有有效的目录价"):
        offer(patient, price, None, by=consultant, now=now)


def test_a_discount_within_the_limit_is_offered_at_once(
    patient: Patient, price: Price, consultant: Staff, now: datetime
) -> None:
    assert offer(patient, price, "7020", by=consultant, now=now).total == Decimal("14040.00")


def test_a_discount_beyond_the_limit_names_who_may_and_writes_nothing(
    patient: Patient, price: Price, consultant: Staff, director: Staff, now: datetime
) -> None:
    with pytest.raises(RuleBroken, match="可由院长批准"):
        offer(patient, price, "7019.99", by=consultant, now=now)
    assert not Quote.objects.exists()
    assert not Entry.objects.filter(action__startswith="billing.").exists()


def test_a_draft_becomes_an_offer_when_the_director_approves_it(
    patient: Patient, price: Price, consultant: Staff, director: Staff, now: datetime
) -> None:
    draft = offer(patient, price, "5000", by=consultant, now=now, verb="draft")
    with pytest.raises(RuleBroken, match="从「草稿」变为「客户已选」"):
        quotes.accept(draft.public_id, by=consultant, now=now)
    with pytest.raises(RuleBroken, match="超出您的权限"):
        quotes.approve(draft.public_id, by=consultant, now=now)
    approved = quotes.approve(draft.public_id, by=director, now=now)
    assert (approved.status, approved.approved_by) == (QuoteStatus.OFFERED, director)
    assert quotes.accept(draft.public_id, by=consultant, now=now).status == QuoteStatus.ACCEPTED


def test_the_hospital_may_change_a_limit(
    patient: Patient, price: Price, consultant: Staff, now: datetime
) -> None:
    keeper = StaffFactory(role="admin")
    quotes.set_limit("consultant", percent=20, by=keeper, now=now)
    assert offer(patient, price, "6240", by=consultant, now=now).status == QuoteStatus.OFFERED
    quotes.set_limit("consultant", percent=0, by=keeper, now=now)
    with pytest.raises(RuleBroken, match="超出您的权限（0%）"):
        offer(patient, price, "7799.99", by=consultant, now=now)


def test_a_limit_is_a_percentage_of_a_known_role_set_by_the_keeper(consultant: Staff, now: datetime) -> None:
    keeper = StaffFactory(role="admin")
    with pytest.raises(RuleBroken, match="0 到 100"):
        quotes.set_limit("admin", percent=101, by=keeper, now=now)
    with pytest.raises(NotFound):
        quotes.set_limit("emperor", percent=100, by=keeper, now=now)
    with pytest.raises(NotFound):
        quotes.set_limit("consultant", percent=100, by=consultant, now=now)


def test_another_consultants_customer_cannot_be_quoted(patient: Patient, price: Price, now: datetime) -> None:
    stranger = StaffFactory(role="consultant", campus=price.campus)
    with pytest.raises(NotFound):
        offer(patient, price, None, by=stranger, now=now)
    quote = QuoteFactory(patient=patient, campus=price.campus)
    with pytest.raises(NotFound):
        quotes.accept(quote.public_id, by=stranger, now=now)


def test_a_procedure_that_is_no_longer_offered_is_not_found(
    patient: Patient, price: Price, consultant: Staff, now: datetime
) -> None:
    price.procedure.is_active = False
    price.procedure.save()
    with pytest.raises(NotFound):
        offer(patient, price, None, by=consultant, now=now)


def test_an_expired_quote_is_declined_but_not_accepted(
    patient: Patient, consultant: Staff, now: datetime
) -> None:
    quote = QuoteFactory(patient=patient, campus=patient.campus, valid_to=date(2026, 6, 15))
    with pytest.raises(RuleBroken, match="过期"):
        quotes.accept(quote.public_id, by=consultant, now=now)
    assert quotes.decline(quote.public_id, by=consultant, now=now).decided_at == now


def test_an_answer_is_given_once(patient: Patient, consultant: Staff, now: datetime) -> None:
    quote = QuoteFactory(patient=patient, campus=patient.campus)
    quotes.accept(quote.public_id, by=consultant, now=now)
    with pytest.raises(RuleBroken, match="从「客户已选」变为「未选」"):
        quotes.decline(quote.public_id, by=consultant, now=now + timedelta(minutes=1))


def test_each_step_is_on_the_log_under_the_persons_key(
    patient: Patient, price: Price, consultant: Staff, now: datetime
) -> None:
    quote = offer(patient, price, None, by=consultant, now=now)
    quotes.accept(quote.public_id, by=consultant, now=now)
    entries = Entry.objects.filter(object_id=str(quote.public_id)).order_by("seq")
    assert [entry.action for entry in entries] == ["billing.quote.offered", "billing.quote.accepted"]
    assert {entry.subject_key for entry in entries} == {patient.person.vault_key.public_id}


def test_the_total_of_many_lines(patient: Patient) -> None:
    quote = QuoteFactory(patient=patient, campus=patient.campus)
    QuoteLineFactory(quote=quote, price=Decimal("7000.50"), quantity=3, discount_reason="套餐")
    QuoteLineFactory(quote=quote, procedure=ProcedureFactory(), price=Decimal("0.00"), discount_reason="赠送")
    assert quote.total == Decimal("21001.50")
