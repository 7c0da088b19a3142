"""Finding customers and keeping their file, through the addresses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.hospital import CampusFactory
from tests.factories.journey import CaseFactory
from tests.factories.people import (
    PASSWORD,
    AlertFactory,
    CareRelationFactory,
    GuardianFactory,
    PatientFactory,
    StaffFactory,
)
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.people.actions import tokens
from yimei.people.models import Alert, BreakGlass, Guardian, Patient
from yimei.privacy.queries import exports

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("desk:patients"), reverse("desk:patient-new")
ID_NO = "11010519491231002X"
PAGES = ["patient", "patient-register", "patient-edit", "patient-guardians", "patient-alerts", "patient-log"]


def at_desk(client: Client, role: str = "reception", **more: Any) -> Any:
    staff = StaffFactory(role=role, **more)
    sign_in(client, staff)
    return staff


def new_values(staff: Any, **more: str) -> dict[str, str]:
    values = {"name": "林晓雨", "phone": "120 0000 0001", "source": "phone", "sex": "F"}
    return {**values, "campus": str(staff.campus.public_id), **more}


@pytest.mark.parametrize("role", ["cashier", "nurse", "scheduler", "director"])
def test_who_may_not_write_customers_down_finds_no_such_page(client: Client, role: str) -> None:
    at_desk(client, role)
    assert client.get(NEW).status_code == 404
    assert client.post(NEW, {}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_customer_of_another_campus_is_not_there(client: Client, name: str) -> None:
    at_desk(client, campus=CampusFactory())
    stranger = PatientFactory(campus=CampusFactory())
    assert client.get(reverse(f"desk:{name}", args=[stranger.public_id])).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_forged_id_is_not_there(client: Client, name: str) -> None:
    at_desk(client)
    assert client.get(reverse(f"desk:{name}", args=[uuid4()])).status_code == 404


def test_a_caller_is_written_down(client: Client) -> None:
    staff = at_desk(client)
    response = client.post(NEW, new_values(staff))
    patient = Patient.objects.get()
    assert response["Location"] == reverse("desk:patient", args=[patient.public_id])
    assert patient.person.name == "林晓雨"
    assert patient.file_no is None


@pytest.mark.parametrize("name", ["𠮷田", "㛃", "阿依古丽·买买提江", "欧阳𠮷"])
def test_rare_names_stay_as_they_are(client: Client, name: str) -> None:
    staff = at_desk(client)
    client.post(NEW, new_values(staff, name=name))
    patient = Patient.objects.get()
    assert patient.person.name == name
    page = client.get(reverse("desk:patient-edit", args=[patient.public_id])).content.decode()
    assert name in page


def test_markup_in_a_name_is_refused_and_never_run(client: Client) -> None:
    staff = at_desk(client)
    response = client.post(NEW, new_values(staff, name="<script>alert(1)</script>"))
    assert response.status_code == 422
    assert "<script>alert" not in response.content.decode()
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"birth_date": (date.today() + timedelta(days=2)).isoformat()}, "出生日期不能晚于今天"),
        ({"birth_date": "2023-02-31"}, "没有这一天"),
        ({"id_no": "110105194912310021"}, "校验位不对"),
        ({"phone": "12345"}, "电话号码不正确"),
        ({"phone": ""}, "这个字段是必填项"),
        ({"campus": str(uuid4())}, "选择一个有效的选项"),
        ({"source": "moon"}, "选择一个有效的选项"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    client: Client, given: dict[str, str], said: str
) -> None:
    staff = at_desk(client)
    response = client.post(NEW, new_values(staff, **given))
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert "林晓雨" in page
    assert not Patient.objects.exists()


def test_ten_megabytes_of_text_are_refused_in_words(client: Client) -> None:
    staff = at_desk(client)
    response = client.post(NEW, new_values(staff, name="林" * 3_500_000))
    assert response.status_code == 422
    assert not Patient.objects.exists()


def test_a_likely_duplicate_is_shown_before_anybody_is_written_down_twice(client: Client) -> None:
    staff = at_desk(client)
    known = PatientFactory(campus=staff.campus, person__phone="+8612000000001", registered=True)
    response = client.post(NEW, new_values(staff))
    page = response.content.decode()
    assert response.status_code == 422
    assert reverse("desk:patient", args=[known.public_id]) in page
    assert known.file_no in page
    assert Patient.objects.count() == 1
    client.post(NEW, new_values(staff, is_other="on"))
    assert Patient.objects.count() == 2


def test_a_duplicate_of_another_campus_is_named_but_not_linked(client: Client) -> None:
    at_desk(client)
    stranger = PatientFactory(campus=CampusFactory(), person__phone="+8612000000001", person__name="赵一鸣")
    url = reverse("desk:patient-duplicates")
    page = client.post(url, {"phone": "12000000001", "name": "", "id_no": ""}).content.decode()
    assert "赵**" in page
    assert "赵一鸣" not in page
    assert str(stranger.public_id) not in page


def test_an_identity_number_says_who_is_a_minor(client: Client) -> None:
    at_desk(client)
    url = reverse("desk:patient-identity")
    assert "1949-12-31 · 女" in client.post(url, {"id_no": ID_NO}).content.decode()
    assert "校验位不对" in client.post(url, {"id_no": "110105194912310021"}).content.decode()
    assert client.post(url, {"id_no": ""}).content.decode().strip() == ""


def test_a_file_is_opened_and_leads_to_the_consents(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus)
    url = reverse("desk:patient-register", args=[patient.public_id])
    values = {"name": "林晓雨", "phone": "12000000001", "id_no": ID_NO, "birth_date": "", "sex": "U"}
    response = client.post(url, values)
    patient.refresh_from_db()
    assert patient.file_no == f"ZX{timezone.localdate().year}000001"
    assert patient.person.birth_date == date(1949, 12, 31)
    assert response["Location"] == reverse("desk:patient-consents", args=[patient.public_id])


def test_a_file_of_a_minor_leads_to_her_guardian(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus)
    born = (timezone.localdate() - timedelta(days=365 * 15)).isoformat()
    values = {"name": "林晓雨", "phone": "12000000001", "id_no": "", "birth_date": born, "sex": "F"}
    response = client.post(reverse("desk:patient-register", args=[patient.public_id]), values)
    assert response["Location"] == reverse("desk:patient-guardians", args=[patient.public_id])


def test_an_incomplete_identity_opens_no_file_and_says_what_is_missing(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus, person__birth_date=None)
    values = {"name": "林晓雨", "phone": "12000000001", "id_no": "", "birth_date": "", "sex": "F"}
    url = reverse("desk:patient-register", args=[patient.public_id])
    asked = client.get(url).text
    assert asked.count("选填") == 1, "only the identity number may be left out, and it gives the other two"
    response = client.post(url, values)
    assert response.status_code == 422
    assert 'id="id_birth_date-error"' in response.text
    unsaid = client.post(url, values | {"birth_date": "1995-03-08", "sex": "U"})
    assert unsaid.status_code == 422
    assert "性别（建档必填）" in unsaid.text
    patient.refresh_from_db()
    assert patient.file_no is None


def test_a_correction_is_saved(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus)
    url = reverse("desk:patient-edit", args=[patient.public_id])
    values = {"name": "林小雨", "phone": "12000000009", "id_no": "", "birth_date": "1995.3.8", "sex": "F"}
    assert client.post(url, {**values, "is_vip": "on"}).status_code == 302
    fresh = Patient.objects.get()
    assert (fresh.person.name, fresh.person.phone, fresh.is_vip) == ("林小雨", "+8612000000009", True)
    refused = client.post(url, {**values, "name": "林大雨", "employee": "nobody"})
    assert (refused.status_code, "没有这个用户名" in refused.content.decode()) == (422, True)
    colleague = StaffFactory(campus=staff.campus)
    assert client.post(url, {**values, "employee": colleague.username}).status_code == 302
    fresh = Patient.objects.get()
    assert (fresh.employee, fresh.person.name) == (colleague, "林小雨")


def test_whole_details_on_the_page_of_corrections_are_a_look_at_them(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus)
    client.get(reverse("desk:patient-edit", args=[patient.public_id]))
    entry = Entry.objects.get(action="people.patient.reveal")
    assert (entry.actor, entry.purpose, "phone" in entry.fields) == (staff.public_id, "verify", True)


def test_whole_details_on_the_page_of_registration_are_a_look_unless_she_just_typed_them(
    client: Client,
) -> None:
    staff = at_desk(client)
    mine = PatientFactory(campus=staff.campus, created_by=staff, created_at=timezone.now())
    theirs = PatientFactory(campus=staff.campus, created_by=StaffFactory(), created_at=timezone.now())
    earlier = PatientFactory(
        campus=staff.campus, created_by=staff, created_at=timezone.now() - timedelta(hours=1, minutes=1)
    )
    for patient in (mine, theirs, earlier):
        page = client.get(reverse("desk:patient-register", args=[patient.public_id]))
        assert patient.person.phone.removeprefix("+86") in page.content.decode()
    looks = Entry.objects.filter(action="people.patient.reveal")
    assert set(looks.values_list("subject_key", flat=True)) == {
        patient.person.vault_key.public_id for patient in (theirs, earlier)
    }
    assert {entry.detail["page"] for entry in looks} == {"register"}


def test_one_number_too_many_of_a_day_is_not_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the number leads past the page, not past the law's line."""
    staff = at_desk(client)
    first, second = PatientFactory(campus=staff.campus), PatientFactory(campus=staff.campus)
    few = replace(exports.numbers(date(2026, 6, 16)), approval_from=2)
    monkeypatch.setattr(exports, "numbers", lambda _on: few)
    urls = [reverse("desk:patient-reveal", args=[one.public_id]) for one in (first, second)]
    assert client.post(urls[0], {"purpose": "booking"}).status_code == 200
    refused = client.post(urls[1], {"purpose": "booking"})
    assert (refused.status_code, "两人批准" in refused.content.decode()) == (422, True)
    assert Entry.objects.filter(action="people.patient.reveal").count() == 1


def test_a_guardian_is_linked_and_verified(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus, person__birth_date=date(2012, 1, 1))
    url = reverse("desk:patient-guardians", args=[patient.public_id])
    values = {"name": "林芳", "relation": "mother", "phone": "12000000002", "birth_date": "1980-01-01"}
    assert client.post(url, {**values, "proof": ""}).status_code == 422
    client.post(url, {**values, "proof": "户口簿 1234"})
    guardian = Guardian.objects.get()
    client.post(reverse("desk:guardian-verify", args=[guardian.public_id]))
    guardian.refresh_from_db()
    assert guardian.verified_by == staff


def test_a_guardian_of_another_campus_cannot_be_verified(client: Client) -> None:
    at_desk(client)
    guardian = GuardianFactory(patient__campus=CampusFactory(), verified_at=None, verified_by=None)
    assert client.post(reverse("desk:guardian-verify", args=[guardian.public_id])).status_code == 404


def test_an_alert_is_added_shown_and_ended(client: Client) -> None:
    nurse = at_desk(client, "nurse")
    patient = PatientFactory(campus=nurse.campus)
    url = reverse("desk:patient-alerts", args=[patient.public_id])
    client.post(url, {"kind": "allergy", "text": "青霉素", "is_severe": "on"})
    alert = Alert.objects.get()
    assert "青霉素过敏" in client.get(url).content.decode()
    client.post(reverse("desk:alert-end", args=[alert.public_id]))
    assert "青霉素过敏" not in client.get(url).content.decode()


def test_alerts_are_hidden_from_those_who_do_not_care_for_her(client: Client) -> None:
    staff = at_desk(client)
    alert = AlertFactory(patient__campus=staff.campus, text="青霉素")
    page = client.get(reverse("desk:patient-alerts", args=[alert.patient.public_id])).content.decode()
    assert "青霉素过敏" not in page
    assert "只对参与诊疗的人显示" in page


def test_a_number_is_shown_for_a_purpose_and_the_look_is_logged(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus, person__phone="+8612012345678")
    url = reverse("desk:patient-reveal", args=[patient.public_id])
    asked = client.get(url, headers={"HX-Request": "true"})
    assert asked["HX-Retarget"] == "#dialog"
    assert "12012345678" not in asked.content.decode()
    assert client.post(url, {"purpose": "curiosity"}).status_code == 422
    assert "12012345678" in client.post(url, {"purpose": "verify"}).content.decode()
    entry = Entry.objects.get(action="people.patient.reveal")
    assert (entry.purpose, entry.actor) == ("verify", staff.public_id)


def test_without_the_right_no_number_is_revealed(client: Client) -> None:
    nurse = at_desk(client, "nurse")
    patient = PatientFactory(campus=nurse.campus)
    url = reverse("desk:patient-reveal", args=[patient.public_id])
    assert client.post(url, {"purpose": "verify"}).status_code == 404


def test_lists_show_masks_only(client: Client) -> None:
    staff = at_desk(client)
    PatientFactory(campus=staff.campus, person__name="林晓雨", person__phone="+8612012345678")
    for url in (LIST, f"{LIST}?q=5678", f"{LIST}?q=LXY", f"{LIST}?q=林"):
        page = client.get(url).content.decode()
        assert "林**" in page
        assert "120****5678" in page
        assert "林晓雨" not in page.replace('value="林晓雨"', "")


def test_filters_narrow_the_list(client: Client) -> None:
    staff = at_desk(client)
    case = CaseFactory(patient__campus=staff.campus, patient__person__name="赵一鸣")
    PatientFactory(campus=staff.campus, person__name="钱多多")
    page = client.get(f"{LIST}?stage=booked").content.decode()
    assert ("赵**" in page, "钱**" in page) == (True, False)
    mine = client.get(f"{LIST}?mine=1").content.decode()
    assert "没有找到" in mine
    CareRelationFactory(patient=case.patient, staff=staff, reason="consultant")
    assert "赵**" in client.get(f"{LIST}?mine=1").content.decode()
    assert client.get(f"{LIST}?stage=nowhere&page=zebra").status_code == 200


@pytest.mark.parametrize("text", ["", "   ", "<script>alert(1)</script>", "%", "\x00", "1" * 5000, "🦄"])
def test_any_text_can_be_searched_for(client: Client, text: str) -> None:
    at_desk(client)
    response = client.get(LIST, {"q": text})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_the_list_costs_the_same_whatever_it_holds(
    client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    staff = at_desk(client)
    CaseFactory(patient__campus=staff.campus)
    client.get(LIST)

    def cost() -> int:
        with django_assert_max_num_queries(60) as found:
            client.get(LIST)
        return len(found)

    few = cost()
    for _one in range(8):
        CaseFactory(patient__campus=staff.campus)
    assert cost() == few


def test_an_emergency_look_opens_the_chart_for_a_reason(client: Client) -> None:
    surgeon = at_desk(client, "surgeon")
    patient = PatientFactory(campus=surgeon.campus, person__phone="+8612012345678")
    assert client.get(reverse("desk:patient", args=[patient.public_id])).status_code == 404
    url = reverse("desk:break-glass", args=[patient.public_id])
    assert url in client.get(f"{LIST}?q=12012345678").content.decode()
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "急"}).status_code == 422
    assert not BreakGlass.objects.exists()
    whole = {"reason": "急诊接诊，患者术后出血，主诊医师联系不上", "code": "rescue", "proof": "guess"}
    refused = client.post(url, whole)
    assert (refused.status_code, "还可以试" in refused.content.decode()) == (422, True)
    assert not BreakGlass.objects.exists()
    client.post(url, {**whole, "proof": PASSWORD})
    page = client.get(reverse("desk:patient", args=[patient.public_id])).content.decode()
    assert "您因「紧急访问」查看" in page


def test_who_reads_no_charts_breaks_no_glass(client: Client) -> None:
    staff = at_desk(client)
    patient = PatientFactory(campus=staff.campus)
    url = reverse("desk:break-glass", args=[patient.public_id])
    assert client.post(url, {"reason": "急诊接诊，患者术后出血，主诊医师联系不上"}).status_code == 404


def test_a_second_file_of_one_person_is_looked_at_first(client: Client) -> None:
    staff = at_desk(client)
    same = {"person__name": "林晓雨", "person__phone": "+8612000000001"}
    known = PatientFactory(campus=staff.campus, registered=True, **same)
    again = PatientFactory(campus=staff.campus, **same)
    tokens.write(known)
    url = reverse("desk:patient-register", args=[again.public_id])
    assert known.file_no in client.get(url).content.decode(), "she is shown before anything is typed"
    values = {"name": "林晓雨", "phone": "12000000001", "birth_date": "1995-03-08", "sex": "F"}
    refused = client.post(url, values)
    assert (refused.status_code, "是另一位请勾选后建档" in refused.content.decode()) == (422, True)
    assert client.post(url, values | {"is_other": "on"}).status_code == 302
    again.refresh_from_db()
    assert again.file_no not in {None, known.file_no}
