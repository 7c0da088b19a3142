"""Suspected duplicates: the list, the review side by side, merges and their undoing; one page for both."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.journey import CaseFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.people.actions import pairs
from yimei.people.models import DuplicatePair, Merge, Patient, Staff

pytestmark = pytest.mark.django_db


def desk(role: str = "reception") -> tuple[Client, Staff, Patient, Patient]:
    by = StaffFactory(role=role)
    kept = PatientFactory(campus=by.campus, registered=True)
    other = PatientFactory(campus=by.campus, person__phone=kept.person.phone)
    return sign_in(Client(), by), by, kept, other


def put_down(kept: Patient, other: Patient) -> DuplicatePair:
    from yimei.people.models import DuplicatePair as Pair

    pairs.offer([pairs.Found(kept.pk, other.pk, 0.97, [["name", "same", 9.0]])], at=kept.created_at)
    return Pair.objects.get(one=min(kept.pk, other.pk), two=max(kept.pk, other.pk))


def test_a_pair_is_listed_masked_and_judged_side_by_side() -> None:
    client, _by, kept, other = desk()
    pair = put_down(kept, other)
    page = client.get(reverse("desk:duplicates")).content.decode()
    assert "97%" in page
    assert "林**" in page
    assert kept.person.phone[3:] not in page
    review = client.get(reverse("desk:duplicate", args=[pair.public_id])).content.decode()
    assert "林晓雨" in review
    assert "建议保留" in review
    assert kept.person.phone[3:] not in review
    keys = Entry.objects.filter(action="people.patient.view").values_list("subject_key", flat=True)
    assert set(keys) == {kept.person.vault_key.public_id, other.person.vault_key.public_id}


def test_same_joins_and_leads_to_one_page_that_says_so_and_undoes_it() -> None:
    client, by, kept, other = desk()
    CaseFactory(patient=other, campus=by.campus)
    pair = put_down(kept, other)
    address = reverse("desk:duplicate", args=[pair.public_id])
    answer = client.post(address, {"kept": str(kept.public_id), "reason": "核对了身份证与本人"})
    assert answer["Location"] == reverse("desk:patient", args=[kept.public_id])
    page = client.get(answer["Location"], follow=True).content.decode()
    assert "已并入另一份档案" in page
    assert str(kept.file_no) in page
    gone = client.get(reverse("desk:patient", args=[other.public_id]))
    assert gone["Location"] == reverse("desk:patient", args=[kept.public_id])
    merge = Merge.objects.get()
    assert "核对了身份证与本人" in client.get(reverse("desk:merges")).content.decode()
    undo = reverse("desk:merge-undo", args=[merge.public_id])
    assert client.get(undo).status_code == 200
    assert client.post(undo, {"reason": ""}).status_code == 422
    client.post(undo, {"reason": "其实是姐妹", "is_different": "on"})
    assert Patient.objects.get(pk=other.pk).merged_into is None
    assert client.get(undo).status_code == 200
    shown = client.get(reverse("desk:duplicates"), {"show": "different"}).content.decode()
    assert "97%" in shown


def test_a_refused_merge_names_what_comes_first_and_keeps_what_was_typed() -> None:
    client, _by, kept, other = desk()
    pair = put_down(kept, other)
    address = reverse("desk:duplicate", args=[pair.public_id])
    answer = client.post(address, {"kept": str(other.public_id), "reason": "核对了身份证与本人"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "保留的档案还没有建档" in text
    assert "核对了身份证与本人" in text
    assert client.post(address, {"kept": "x", "reason": "核对了身份证"}).status_code == 422


def test_contradictions_go_to_a_colleague_who_agrees_or_sends_back() -> None:
    client, by, kept, other = desk()
    other.person.sex = "M"
    other.person.save(update_fields=["sex"])
    pair = put_down(kept, other)
    address = reverse("desk:duplicate", args=[pair.public_id])
    client.post(address, {"kept": str(kept.public_id), "reason": "登记时点错了性别"})
    own = client.get(address).content.decode()
    assert "等待第二人核准" in own
    assert "核准并档" not in own
    merge = Merge.objects.get()
    second = sign_in(Client(), StaffFactory(role="reception", campus=by.campus))
    assert "核准并档" in second.get(address).content.decode()
    assert "去核准" in second.get(reverse("desk:merges")).content.decode()
    assert client.post(reverse("desk:merge-approve", args=[merge.public_id])).status_code == 422
    assert second.post(reverse("desk:merge-approve", args=[merge.public_id])).status_code == 302
    assert Patient.objects.get(pk=other.pk).merged_into == kept
    again = second.post(reverse("desk:merge-refuse", args=[merge.public_id]), {"is_different": "no"})
    assert again.status_code == 409


def test_two_people_and_not_clear_yet_are_remembered() -> None:
    client, by, _kept, other = desk()
    pair = put_down(other, PatientFactory(campus=by.campus))
    address = reverse("desk:duplicate", args=[pair.public_id])
    page = client.get(address).content.decode()
    assert ("未建档（较早）" in page, "未建档（较晚）" in page) == (True, True), "each has a name of its own"
    assert client.post(address, {"decision": "same", "reason": ""}).status_code == 422
    assert client.post(address, {"decision": "later", "reason": "等本人"}).status_code == 302
    assert "97%" not in client.get(reverse("desk:duplicates")).content.decode()
    assert "97%" in client.get(reverse("desk:duplicates"), {"show": "later"}).content.decode()


def test_two_files_are_put_beside_each_other_by_hand() -> None:
    client, _by, kept, other = desk()
    other.person.phone = "+8612000000321"
    other.person.save(update_fields=["phone"])
    from yimei.people.actions import tokens

    tokens.write(other)
    answer = client.post(reverse("desk:duplicates"), {"one": kept.file_no, "two": "120 0000 0321"})
    pair = DuplicatePair.objects.get()
    assert answer["Location"] == reverse("desk:duplicate", args=[pair.public_id])
    unknown = client.post(reverse("desk:duplicates"), {"one": kept.file_no, "two": "ZX2020000001"})
    assert unknown.status_code == 422
    twice = client.post(reverse("desk:duplicates"), {"one": kept.file_no, "two": kept.file_no})
    assert twice.status_code == 422


@pytest.mark.parametrize("role", ["consultant", "nurse", "analyst", "admin", "marketing"])
def test_nobody_else_finds_these_pages(role: str) -> None:
    _client, by, kept, other = desk()
    pair = put_down(kept, other)
    stranger = sign_in(Client(), StaffFactory(role=role, campus=by.campus))
    for name, number in (("duplicates", None), ("merges", None), ("duplicate", pair.public_id)):
        assert stranger.get(reverse(f"desk:{name}", args=[number] if number else [])).status_code == 404


def test_another_campus_is_not_found() -> None:
    _client, _by, kept, other = desk()
    pair = put_down(kept, other)
    elsewhere = sign_in(Client(), StaffFactory(role="reception"))
    assert elsewhere.get(reverse("desk:duplicate", args=[pair.public_id])).status_code == 404
    assert "97%" not in elsewhere.get(reverse("desk:duplicates")).content.decode()


@pytest.mark.parametrize("name", ["duplicates", "merges"])
def test_a_longer_list_asks_no_more_of_the_database(name: str) -> None:
    client, by, _kept, _other = desk()

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(f"desk:{name}")).status_code == 200
        return len(captured)

    def add() -> None:
        one = PatientFactory(campus=by.campus, registered=True)
        two = PatientFactory(campus=by.campus, person__phone=one.person.phone)
        pair = put_down(one, two)
        if name == "merges":
            address = reverse("desk:duplicate", args=[pair.public_id])
            client.post(address, {"kept": str(one.public_id), "reason": "核对了身份证与本人"})

    add()
    count()
    few = count()
    for _ in range(3):
        add()
    assert count() == few
