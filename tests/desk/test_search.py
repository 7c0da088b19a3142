"""Ctrl+K: people by phone, last four digits, name, initials and file number; and the bell."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.hospital import CampusFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.outbox.actions.notifications import notify
from yimei.outbox.models import Notification

pytestmark = pytest.mark.django_db

SEARCH, BELL = reverse("desk:search"), reverse("desk:notifications")


@pytest.mark.parametrize(
    "words", ["12012345678", "120 1234 5678", "5678", "林晓", "lxy", "LX", "ZX2025999999"]
)
def test_a_customer_is_found_by_any_of_her_words(client: Client, words: str) -> None:
    staff = StaffFactory()
    patient = PatientFactory(
        campus=staff.campus,
        person__name="林晓雨",
        person__phone="+8612012345678",
        registered=True,
        file_no="ZX2025999999",
    )
    sign_in(client, staff)
    page = client.get(SEARCH, {"q": words}).content.decode()
    assert reverse("desk:patient", args=[patient.public_id]) in page
    assert "林**" in page
    assert "林晓雨" not in page
    assert 'data-label="ZX2025999999"' in page


def test_another_campus_and_a_role_without_the_right_find_nobody(client: Client) -> None:
    patient = PatientFactory(person__phone="+8612012345678")
    sign_in(client, StaffFactory(campus=CampusFactory()))
    assert str(patient.public_id) not in client.get(SEARCH, {"q": "5678"}).content.decode()
    sign_in(client, StaffFactory(role="admin", campus=patient.campus))
    assert str(patient.public_id) not in client.get(SEARCH, {"q": "5678"}).content.decode()


def test_a_search_is_logged_without_its_words(client: Client) -> None:
    staff = StaffFactory()
    PatientFactory(campus=staff.campus, person__phone="+8612012345678")
    sign_in(client, staff)
    client.get(SEARCH, {"q": "5678"})
    entry = Entry.objects.get(action="people.patient.search")
    assert (entry.actor, entry.rows) == (staff.public_id, 1)
    assert "5678" not in str(entry.detail)


@pytest.mark.parametrize("words", ["", "<script>", "\x00", "x" * 9000])
def test_any_text_may_be_typed(client: Client, words: str) -> None:
    sign_in(client, StaffFactory())
    assert client.get(SEARCH, {"q": words}).status_code == 200


def test_a_notification_is_opened_by_its_owner_only(client: Client) -> None:
    staff = StaffFactory()
    line = notify(staff, "有一位客户到了", key="k1", now=timezone.now(), where="desk:patients")
    url = reverse("desk:notification-open", args=[line.public_id])
    sign_in(client, StaffFactory())
    assert client.post(url).status_code == 404
    sign_in(client, staff)
    assert "有一位客户到了" in client.get(BELL).content.decode()
    assert client.post(url)["Location"] == reverse("desk:patients")
    assert Notification.objects.get().read_at is not None


def test_all_are_marked_as_read_at_once(client: Client) -> None:
    staff = StaffFactory()
    for key in ("a", "b"):
        notify(staff, f"消息 {key}", key=key, now=timezone.now())
    sign_in(client, staff)
    assert "2 条未读" in client.get(BELL).content.decode()
    client.post(BELL)
    assert not Notification.objects.filter(read_at=None).exists()
