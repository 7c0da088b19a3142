"""The consulting room, through its addresses."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from tests.desk.front import HTMX, Front, at_time, url
from tests.factories.hospital import PriceFactory, ProcedureFactory
from tests.journey.clinic import TEN
from yimei.billing.enums import QuoteStatus
from yimei.billing.models import Quote
from yimei.journey.enums import CaseStage, LossReason
from yimei.journey.models import Case, Consultation

pytestmark = pytest.mark.django_db

SAID = {"goals": "自然一点", "reachable": "六到七成", "unreachable": "不能与照片一样", "budget": "一万"}


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def case(front: Front) -> Case:
    return front.arrived(front.patient(person__name="林晓雨")).case


@pytest.fixture
def room(front: Front, case: Case) -> Client:
    return front.client(front.consultants[0], TEN)


def line(front: Front, **values: str) -> dict[str, str]:
    row = {"procedure": str(front.procedure.public_id), "price": "", "quantity": "1", "reason": ""} | values
    return {f"line0-{name}": value for name, value in row.items()}


@pytest.mark.parametrize("name", ["case-consultation", "case-refer", "case-quote", "quote-sum"])
@pytest.mark.parametrize("role", ["reception", "cashier", "marketing"])
def test_who_consults_nobody_finds_no_such_page(front: Front, case: Case, name: str, role: str) -> None:
    client = front.client(front.staff(role, "谁"), TEN)
    with at_time(TEN):
        assert client.post(url(name, case.public_id)).status_code == 404


@pytest.mark.parametrize("name", ["case-consultation", "case-refer", "case-lose", "case-quote", "quote-sum"])
def test_a_customer_of_a_colleague_or_a_forged_id_is_not_there(front: Front, case: Case, name: str) -> None:
    colleague = front.client(front.consultants[1], TEN)
    with at_time(TEN):
        assert colleague.post(url(name, case.public_id), SAID).status_code == 404
        assert colleague.post(url(name, uuid4()), SAID).status_code == 404


def test_a_missing_health_consent_is_named_with_its_article_and_the_way_there(
    case: Case, room: Client
) -> None:
    with at_time(TEN):
        response = room.post(url("case-consultation", case.public_id), SAID, headers=HTMX)
    page = response.content.decode()
    assert (response.status_code, response["HX-Retarget"]) == (422, "#notices")
    assert "个人信息保护法第二十九条" in page
    assert url("patient-consents", case.patient.public_id) in page
    assert not Consultation.objects.exists()


def test_what_was_typed_stays_beside_what_is_missing(case: Case, room: Client) -> None:
    with at_time(TEN):
        response = room.post(
            url("case-consultation", case.public_id), {**SAID, "unreachable": ""}, headers=HTMX
        )
    page = response.content.decode()
    assert response.status_code == 422
    assert "自然一点" in page
    assert "<html" not in page


def test_a_physician_who_cares_reads_and_one_who_does_not_is_not_shown(front: Front, case: Case) -> None:
    surgeon = front.client(front.surgeons[0], TEN)
    with at_time(TEN):
        assert surgeon.get(url("case-consultation", case.public_id)).status_code == 404
    front.cares(front.surgeons[0], case.patient)
    with at_time(TEN):
        page = surgeon.get(url("case-consultation", case.public_id)).content.decode()
    assert "还没有咨询记录" in page
    assert "写一份报价" not in page


def test_a_quote_without_a_price_takes_the_list_price(front: Front, case: Case, room: Client) -> None:
    with at_time(TEN):
        response = room.post(url("case-quote", case.public_id), line(front), headers=HTMX)
    quote = Quote.objects.get()
    assert response["HX-Redirect"] == url("case-consultation", case.public_id)
    assert (quote.status, quote.total, quote.option) == (QuoteStatus.OFFERED, Decimal("7800.00"), "A")
    assert quote.episode == case.public_id


def test_two_options_stand_side_by_side_with_their_difference(front: Front, case: Case, room: Client) -> None:
    address = url("case-quote", case.public_id)
    with at_time(TEN):
        room.post(address, line(front), headers=HTMX)
        room.post(address, line(front, price="7,400", reason="老带新"), headers=HTMX)
        page = room.get(url("case-consultation", case.public_id)).content.decode()
    assert "方案 A" in page
    assert "方案 B" in page
    assert "−¥400.00" in page
    assert "5.1\u202f%" in page


def test_a_discount_without_a_reason_is_refused_in_words(front: Front, case: Case, room: Client) -> None:
    with at_time(TEN):
        response = room.post(url("case-quote", case.public_id), line(front, price="7400"), headers=HTMX)
    assert response.status_code == 422
    assert "请写明优惠原因" in response.content.decode()


def test_a_discount_beyond_authority_names_who_may_and_becomes_a_draft(
    front: Front, case: Case, room: Client
) -> None:
    values = line(front, price="5000", reason="院庆")
    with at_time(TEN):
        asked = room.post(url("quote-sum", case.public_id), values, headers=HTMX).content.decode()
        refused = room.post(url("case-quote", case.public_id), {**values, "act": "offer"}, headers=HTMX)
        room.post(url("case-quote", case.public_id), {**values, "act": "draft"}, headers=HTMX)
    assert "可由院长批准" in asked
    assert 'value="draft"' in asked
    assert refused.status_code == 422
    assert Quote.objects.get().status == QuoteStatus.DRAFT


def test_the_sum_follows_lines_half_written(front: Front, case: Case, room: Client) -> None:
    other = ProcedureFactory(name="肉毒毒素")
    PriceFactory(procedure=other, campus=front.campus, amount=Decimal("1200.50"))
    second = {"line3-procedure": str(other.public_id), "line3-price": "abc", "line3-quantity": ""}
    with at_time(TEN):
        page = room.post(
            url("quote-sum", case.public_id), {**line(front, quantity="2"), **second}, headers=HTMX
        ).content.decode()
    assert "¥16,800.50" in page
    assert not Quote.objects.exists()


@pytest.mark.parametrize("values", [{"line0-procedure": str(uuid4())}, {"line0-quantity": "0"}, {}])
def test_a_forged_or_empty_quote_is_refused(
    front: Front, case: Case, room: Client, values: dict[str, str]
) -> None:
    data = {**line(front), **values} if values else {}
    with at_time(TEN):
        response = room.post(url("case-quote", case.public_id), data, headers=HTMX)
    assert response.status_code == 422
    assert not Quote.objects.exists()


@pytest.mark.parametrize("number", ["-1", "99999", "x", ""])
def test_one_more_line_keeps_within_the_form(case: Case, room: Client, number: str) -> None:
    with at_time(TEN):
        response = room.get(url("quote-line", case.public_id), {"n": number}, headers=HTMX)
    assert response.status_code == 200
    assert "-procedure" in response.content.decode()


def test_referring_names_the_physician_and_opens_the_chart_for_her(
    front: Front, case: Case, room: Client
) -> None:
    with at_time(TEN):
        asked = room.get(url("case-refer", case.public_id), headers=HTMX).content.decode()
        room.post(
            url("case-refer", case.public_id), {"surgeon": str(front.surgeons[0].public_id)}, headers=HTMX
        )
    assert "李医生 · 09:00–18:00" in asked
    case.refresh_from_db()
    assert case.surgeon == front.surgeons[0]
    assert case.patient.care_relations.filter(staff=front.surgeons[0], until=None).exists()


def test_a_consultant_is_no_physician(front: Front, case: Case, room: Client) -> None:
    with at_time(TEN):
        response = room.post(
            url("case-refer", case.public_id), {"surgeon": str(front.consultants[1].public_id)}, headers=HTMX
        )
    assert response.status_code == 422
    case.refresh_from_db()
    assert case.surgeon is None


def test_losing_asks_why_and_names_what_is_still_booked(front: Front, case: Case, room: Client) -> None:
    address = url("case-lose", case.public_id)
    with at_time(TEN):
        assert room.post(address, {"reason": ""}, headers=HTMX).status_code == 422
        refused = room.post(address, {"reason": "price", "note": ""}, headers=HTMX)
    assert "未完成的预约" in refused.content.decode()
    booking = case.bookings.get()
    with at_time(TEN):
        room.post(url("booking-serve", booking.public_id), headers=HTMX)
        assert room.post(address, {"reason": "price", "note": "再看看"}, headers=HTMX).status_code == 200
    case.refresh_from_db()
    assert (case.stage, case.loss_reason) == (CaseStage.LOST, LossReason.PRICE)
