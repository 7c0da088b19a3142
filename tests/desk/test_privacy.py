"""The compliance page and the judging of emergency looks."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.people import PatientFactory, StaffFactory, broken_glass
from tests.factories.privacy import ConsentFactory, NoticeFactory
from tests.factories.ui import sign_in
from yimei.people.models import BreakGlass

pytestmark = pytest.mark.django_db

OVERVIEW, GLASSES, VERIFY = (
    reverse("desk:privacy"),
    reverse("desk:break-glasses"),
    reverse("desk:audit-verify"),
)


def a_look() -> BreakGlass:
    patient = PatientFactory(person__name="赵一鸣")
    surgeon = StaffFactory(role="surgeon", campus=patient.campus, name="陈屿")
    return broken_glass(patient, by=surgeon, now=timezone.now())


@pytest.mark.parametrize("role", ["reception", "surgeon", "nurse", "cashier", "admin", "marketing"])
def test_compliance_is_closed_to_others(client: Client, role: str) -> None:
    sign_in(client, StaffFactory(role=role))
    for url in (OVERVIEW, GLASSES):
        assert client.get(url).status_code == 404
    assert client.post(VERIFY).status_code == 404


def test_the_overview_counts_what_is_held_and_what_was_agreed(client: Client) -> None:
    ConsentFactory(notice=NoticeFactory(), at=timezone.now())
    a_look()
    sign_in(client, StaffFactory(role="privacy"))
    page = client.get(OVERVIEW).content.decode()
    for words in ("个人信息处理活动", "身份与联系方式", "活动与优惠信息", "次等待审阅"):
        assert words in page


def test_the_log_is_verified_on_demand(client: Client) -> None:
    a_look()
    sign_in(client, StaffFactory(role="auditor"))
    assert client.get(VERIFY).status_code == 405
    page = client.post(VERIFY, headers={"HX-Request": "true"}).content.decode()
    assert "没有被改动、插入或删除" in page


def test_an_emergency_look_is_judged_by_the_privacy_officer(client: Client) -> None:
    glass = a_look()
    sign_in(client, StaffFactory(role="privacy"))
    page = client.get(GLASSES).content.decode()
    assert "陈屿" in page
    assert "急诊接诊" in page
    assert "赵一鸣" not in page
    url = reverse("desk:break-glass-review", args=[glass.public_id])
    client.post(url, {"is_justified": "no"})
    glass.refresh_from_db()
    assert (glass.is_justified, glass.until <= timezone.now()) == (False, True)
    assert client.post(url, {"is_justified": "yes"}).status_code == 422


def test_who_only_reads_cannot_judge(client: Client) -> None:
    glass = a_look()
    sign_in(client, StaffFactory(role="auditor"))
    assert client.get(GLASSES).status_code == 200
    url = reverse("desk:break-glass-review", args=[glass.public_id])
    assert client.post(url, {"is_justified": "yes"}).status_code == 404
