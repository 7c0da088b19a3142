"""The customer page: who may see what of whom, and that every look is written down."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.hospital import CampusFactory
from tests.factories.journey import CaseFactory
from tests.factories.people import AlertFactory, CareRelationFactory, StaffFactory, broken_glass
from tests.factories.privacy import ConsentFactory, NoticeFactory, PurposeFactory
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.journey.models import Case
from yimei.people.enums import CareReason
from yimei.privacy.models import LegalHold

pytestmark = pytest.mark.django_db


def open_case(client: Client, case: Case) -> Any:
    return client.get(reverse("desk:case", args=[case.public_id]))


def reader(client: Client, role: str, case: Case, *, cares: bool = False) -> Any:
    staff = StaffFactory(role=role, campus=case.campus)
    if cares:
        CareRelationFactory(patient=case.patient, staff=staff)
    sign_in(client, staff)
    return staff


@pytest.mark.parametrize("role", ["admin", "marketing", "auditor", "director"])
def test_who_may_not_see_customers_finds_no_page(client: Client, role: str) -> None:
    case = CaseFactory()
    reader(client, role, case)
    assert open_case(client, case).status_code == 404


@pytest.mark.parametrize("role", ["surgeon", "consultant", "online", "anaesthetist"])
def test_own_scope_shows_own_customers_only(client: Client, role: str) -> None:
    mine, theirs = CaseFactory(), CaseFactory()
    reader(client, role, mine, cares=True)
    assert open_case(client, mine).status_code == 200
    assert open_case(client, theirs).status_code == 404


def test_a_case_of_another_campus_or_a_forged_id_is_not_there(client: Client) -> None:
    case = CaseFactory()
    staff = StaffFactory(role="nurse", campus=CampusFactory())
    sign_in(client, staff)
    assert open_case(client, case).status_code == 404
    assert client.get(reverse("desk:case", args=[uuid4()])).status_code == 404
    assert not Entry.objects.filter(action="people.patient.view").exists()


def test_every_look_is_written_down_with_its_purpose(client: Client) -> None:
    case = CaseFactory()
    nurse = reader(client, "nurse", case)
    page = open_case(client, case).content.decode()
    assert "您因「治疗」查看，已记录" in page
    entry = Entry.objects.get(action="people.patient.view")
    assert (entry.actor, entry.purpose, entry.detail) == (nurse.public_id, "treatment", {"page": "case"})
    assert entry.subject_key == case.patient.person.vault_key.public_id
    log = client.get(reverse("desk:patient-log", args=[case.patient.public_id])).content.decode()
    assert nurse.name in log
    assert "旅程" in log


def test_the_banner_keeps_identity_and_warnings_in_sight(client: Client) -> None:
    case = CaseFactory(
        patient__person__name="林晓雨", patient__person__birth_date=date(2012, 5, 1), side="both"
    )
    AlertFactory(patient=case.patient, text="青霉素")
    health = PurposeFactory(health=True)
    ConsentFactory(patient=case.patient, purpose=health, notice=NoticeFactory(purposes=[health]))
    PurposeFactory(code="marketing", name="活动与优惠信息")
    nurse = reader(client, "nurse", case)
    CareRelationFactory(patient=case.patient, staff=nurse, reason=CareReason.NURSE)
    page = open_case(client, case).content.decode()
    for words in (
        "林晓雨",
        "青霉素过敏",
        "须监护人",
        f"双侧 · {case.procedure.name}",
        "诊疗同意",
        "营销：未征求",
    ):
        assert words in page


def test_the_banner_warns_of_a_complaint_a_medicine_and_a_screening(client: Client) -> None:
    case = CaseFactory()
    nurse = reader(client, "nurse", case, cares=True)
    AlertFactory(patient=case.patient, kind="medication", text="华法林", is_severe=True)
    LegalHold.objects.create(
        patient=case.patient,
        kind="complaint",
        ground="客户投诉效果",
        manifest=[],
        manifest_sha256="0" * 64,
        opened_at=timezone.now(),
        opened_by=nurse,
    )
    page = open_case(client, case).content.decode()
    assert "用药：华法林" in page
    assert "投诉处理中" in page


def test_money_and_photos_are_shown_to_those_who_may_know(client: Client) -> None:
    case = CaseFactory()
    reader(client, "consultant", case, cares=True)
    page = open_case(client, case).content.decode()
    assert "还没有开单" in page
    assert "照片 0 张" not in page
    reader(client, "nurse", case, cares=True)
    page = open_case(client, case).content.decode()
    assert "照片 0 张" in page
    assert "还没有开单" not in page


def test_the_name_is_masked_for_those_who_neither_care_nor_write(client: Client) -> None:
    case = CaseFactory(patient__person__name="林晓雨")
    reader(client, "scheduler", case)
    page = open_case(client, case).content.decode()
    assert "林**" in page
    assert "林晓雨" not in page


def test_a_vip_is_an_alias_to_the_desk(client: Client) -> None:
    case = CaseFactory(patient__person__name="林晓雨", patient__is_vip=True)
    reader(client, "reception", case)
    page = open_case(client, case).content.decode()
    assert "林晓雨" not in page
    assert "贵宾" in page


def test_a_chart_open_to_the_campus_does_not_name_a_vip(client: Client) -> None:
    case = CaseFactory(patient__person__name="林晓雨", patient__is_vip=True)
    nurse = reader(client, "nurse", case)
    page = open_case(client, case).content.decode()
    assert ("林晓雨" in page, "贵宾" in page) == (False, True)
    CareRelationFactory(patient=case.patient, staff=nurse)
    assert "林晓雨" in open_case(client, case).content.decode()


def test_alerts_stay_hidden_from_those_without_a_ground(client: Client) -> None:
    case = CaseFactory()
    AlertFactory(patient=case.patient, text="青霉素")
    reader(client, "scheduler", case)
    assert "青霉素" not in open_case(client, case).content.decode()


def test_the_checklist_names_what_is_missing_and_where_to_mend_it(client: Client) -> None:
    case = CaseFactory(patient__person__birth_date=date(2012, 5, 1))
    guardians = reverse("desk:patient-guardians", args=[case.patient.public_id])
    for role, mends_it in (("reception", True), ("nurse", False)):
        reader(client, role, case)
        page = open_case(client, case).content.decode()
        assert "手术前必须齐备" in page
        assert "监护人身份与关系核对" in page
        assert (guardians in page) is mends_it, role


def test_tabs_are_those_that_the_reader_may_open(client: Client) -> None:
    case = CaseFactory()
    reader(client, "scheduler", case)
    page = open_case(client, case).content.decode()
    assert ">谁看过<" in page
    assert ">评估<" not in page


def test_an_emergency_look_opens_the_case_and_says_so(client: Client) -> None:
    case = CaseFactory()
    surgeon = reader(client, "surgeon", case)
    assert open_case(client, case).status_code == 404
    broken_glass(case.patient, by=surgeon, now=timezone.now())
    page = open_case(client, case).content.decode()
    assert "您因「紧急访问」查看" in page
    assert Entry.objects.filter(action="people.patient.view", purpose="emergency").count() == 1


def test_a_customer_leads_to_her_newest_episode(client: Client) -> None:
    case = CaseFactory()
    reader(client, "reception", case)
    response = client.get(reverse("desk:patient", args=[case.patient.public_id]))
    assert response["Location"] == reverse("desk:case", args=[case.public_id])


@pytest.mark.slow(reason="opens the page of a customer three times")
def test_the_page_costs_the_same_whatever_happened(
    client: Client, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    case = CaseFactory()
    reader(client, "nurse", case)
    open_case(client, case)

    def cost() -> int:
        with django_assert_max_num_queries(80) as found:
            open_case(client, case)
        return len(found)

    few = cost()
    AlertFactory.create_batch(3, patient=case.patient)
    CaseFactory.create_batch(3, patient=case.patient)
    assert cost() == few


def test_a_page_about_a_colleagues_customer_leads_no_further(client: Client) -> None:
    case = CaseFactory()
    consultant = reader(client, "consultant", case)
    board = reverse("desk:case-schedule", args=[case.public_id])
    further = [
        reverse("desk:patient", args=[case.patient.public_id]),
        reverse("desk:patient-reveal", args=[case.patient.public_id]),
        reverse("desk:case", args=[case.public_id]),
        reverse("desk:case-money", args=[case.public_id]),
    ]
    page = client.get(board).content.decode()
    assert [url for url in further if f'"{url}"' in page] == []
    CareRelationFactory(patient=case.patient, staff=consultant)
    page = client.get(board).content.decode()
    assert [url for url in further if f'"{url}"' in page] == further


def test_a_minors_consultation_is_no_tab_for_whoever_has_no_ground(client: Client) -> None:
    case = CaseFactory(patient__person__birth_date=date(2012, 5, 1))
    reader(client, "nurse", case)
    counsel = [
        reverse(f"desk:case-{name}", args=[case.public_id]) for name in ("consultation", "expectations")
    ]
    page = open_case(client, case).content.decode()
    assert [client.get(url).status_code for url in counsel] == [404, 404]
    assert [url for url in counsel if f'"{url}"' in page] == []
    assert reverse("desk:case-photos", args=[case.public_id]) in page, "which asks for the ground"
