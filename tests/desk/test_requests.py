"""The officer's path through one request, and the doors that stay shut."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import shipped
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.people.models import Patient, Staff
from yimei.privacy.models import RightsRequest, Unsealing

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Staff:
    return shipped.officer_since(days=90)


@pytest.fixture
def patient(officer: Staff) -> Patient:
    return PatientFactory(campus=officer.campus, registered=True)


@pytest.fixture
def desk(client: Client, officer: Staff) -> Client:
    return sign_in(client, officer)


def receive(desk: Client, patient: Patient, kind: str = "delete", **values: str) -> RightsRequest:
    asked = {"kind": kind, "requester": "self", "channel": "desk", **values}
    response = desk.post(reverse("desk:request-new", args=[patient.public_id]), asked)
    assert response.status_code == 302, response.content.decode()
    return RightsRequest.objects.latest("pk")


def post(desk: Client, name: str, request: RightsRequest, **values: str) -> int:
    return desk.post(reverse(f"desk:{name}", args=[request.public_id]), values).status_code


def page(desk: Client, request: RightsRequest) -> str:
    return desk.get(reverse("desk:request", args=[request.public_id])).content.decode()


def sealed(desk: Client, patient: Patient) -> RightsRequest:
    BookingFactory(
        case=CaseFactory(patient=patient), arrived=True, starts_at=timezone.now() - timedelta(days=3)
    )
    request = receive(desk, patient)
    assert post(desk, "request-verify", request, method="id_card", result="proved") == 302
    assert post(desk, "request-decide", request, decision="granted") == 302
    assert post(desk, "request-move", request, to="answered") == 302
    return request


@pytest.mark.slow(reason="walks a restriction from page to page")
def test_a_restriction_is_granted_while_a_booking_stands_and_taken_off(
    desk: Client, patient: Patient
) -> None:
    BookingFactory(case__patient=patient, starts_at=timezone.now() + timedelta(days=3))
    request = receive(desk, patient, "restrict")
    assert "办完为止" in page(desk, request)
    assert post(desk, "request-verify", request, method="id_card", result="proved") == 302
    assert post(desk, "request-decide", request, decision="granted") == 302
    assert post(desk, "request-move", request, to="answered") == 302
    shown = page(desk, request)
    assert "起停止全部可选用途" in shown
    assert "的预约还没有结束" in shown
    customer = desk.get(reverse("desk:patient", args=[patient.public_id]), follow=True).content.decode()
    assert "已限制处理，只办在办事项" in customer
    assert post(desk, "request-move", request, to="resumed") == 302
    assert "起停止全部可选用途" not in page(desk, request)
    assert not Patient.objects.get(pk=patient.pk).is_restricted


@pytest.mark.slow(reason="walks a request from page to page")
def test_a_request_goes_from_the_customer_page_to_the_answer(desk: Client, patient: Patient) -> None:
    assert (
        "发起个人信息请求" in desk.get(reverse("desk:request-new", args=[patient.public_id])).content.decode()
    )
    request = receive(desk, patient)
    assert "同意后将会怎样" in page(desk, request)
    assert post(desk, "request-decide", request, decision="granted") == 422
    assert post(desk, "request-verify", request, method="id_card", result="proved") == 302
    assert post(desk, "request-decide", request, decision="granted") == 302
    letter = desk.get(reverse("desk:request-letter", args=[request.public_id]))
    assert letter.content.startswith(b"%PDF")
    assert post(desk, "request-move", request, to="answered") == 302
    text = page(desk, request)
    assert "已删除" in text
    assert Patient.objects.get().person.vault_key.is_destroyed
    assert "办理中" in desk.get(reverse("desk:requests")).content.decode()
    assert request.number in desk.get(reverse("desk:requests") + "?show=closed").content.decode()


def test_a_method_that_proves_too_little_is_refused_beside_the_form(desk: Client, patient: Patient) -> None:
    request = receive(desk, patient)
    assert post(desk, "request-verify", request, method="call_back") == 422
    request.refresh_from_db()
    assert request.status == "received"


def test_a_refused_extension_keeps_its_words(desk: Client, patient: Patient) -> None:
    request = receive(desk, patient)
    far = (timezone.now() + timedelta(days=60)).date().isoformat()
    response = desk.post(
        reverse("desk:request-extend", args=[request.public_id]), {"until": far, "reason": "资料很多"}
    )
    assert response.status_code == 422
    assert "资料很多" in response.content.decode()


def test_a_sealed_patient_says_until_when_and_is_in_no_list(desk: Client, patient: Patient) -> None:
    file_no = patient.file_no or ""
    sealed(desk, patient)
    opened = desk.get(reverse("desk:patient", args=[patient.public_id]))
    assert opened.status_code == 422
    assert "已封存至" in opened.content.decode()
    assert file_no not in desk.get(reverse("desk:patients")).content.decode()
    assert file_no not in desk.get(reverse("desk:search"), {"q": file_no}).content.decode()


@pytest.mark.slow(reason="signs three people in and sets an answer")
def test_the_officer_reads_which_records_are_to_be_added_to(desk: Client, patient: Patient) -> None:
    asked = receive(desk, patient, "correct", about="consent", details="签名是代签的")
    told = page(desk, asked)
    assert "要求补充说明的病历" in told
    assert "知情同意书" in told


def test_two_people_open_what_is_sealed(desk: Client, patient: Patient, officer: Staff) -> None:
    sealed(desk, patient)
    asked = {"file_no": patient.file_no, "reason": "regulator", "text": "卫健委检查通知 12 号，须病历"}
    assert desk.post(reverse("desk:sealed"), asked).status_code == 302
    unsealing = Unsealing.objects.get()
    judge = reverse("desk:unsealing-judge", args=[unsealing.public_id])
    assert desk.post(judge, {"is_granted": "yes"}).status_code == 422
    second = sign_in(Client(), StaffFactory(role="director", campus=officer.campus))
    assert "卫健委检查通知" in second.get(reverse("desk:sealed")).content.decode()
    assert second.post(judge, {"is_granted": "yes"}).status_code == 302
    text = desk.get(reverse("desk:unsealing", args=[unsealing.public_id])).content.decode()
    assert patient.person.name in text
    assert Entry.objects.filter(action="privacy.unsealing.view").exists()


@pytest.mark.parametrize("role", ["reception", "surgeon", "admin", "marketing"])
def test_to_others_requests_do_not_exist(client: Client, officer: Staff, patient: Patient, role: str) -> None:
    sign_in(client, StaffFactory(role=role, campus=officer.campus))
    assert client.get(reverse("desk:requests")).status_code == 404
    assert client.get(reverse("desk:request", args=[uuid4()])).status_code == 404
    assert client.post(reverse("desk:request-new", args=[patient.public_id])).status_code == 404


def test_who_may_only_look_changes_nothing(desk: Client, patient: Patient, officer: Staff) -> None:
    request = receive(desk, patient)
    auditor = sign_in(Client(), StaffFactory(role="auditor", campus=officer.campus))
    assert auditor.get(reverse("desk:request", args=[request.public_id])).status_code == 200
    assert post(auditor, "request-verify", request, method="id_card") == 404


@pytest.mark.slow(reason="sets a copy of all that is known")
def test_a_copy_is_fetched_as_json_and_as_pages(desk: Client, patient: Patient) -> None:
    request = receive(desk, patient, kind="copy")
    post(desk, "request-verify", request, method="id_card", result="proved")
    post(desk, "request-decide", request, decision="granted")
    post(desk, "request-move", request, to="answered")
    found = desk.get(reverse("desk:request-package", args=[request.public_id, "json"]))
    assert patient.person.name in found.content.decode()
    for shape, start in (("pdf", b"%PDF"), ("fhir", b"{")):
        address = reverse("desk:request-package", args=[request.public_id, shape])
        assert desk.get(address).content.startswith(start)
    assert "副本 JSON" in page(desk, request)
