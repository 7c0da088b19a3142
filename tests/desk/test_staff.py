"""Accounts: opened, changed, closed; a password is shown once."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.people import PrivilegeFactory, StaffFactory
from tests.factories.ui import sign_in
from yimei.hospital.enums import Field, Grade
from yimei.people import queries
from yimei.people.models import Grant, PermissionOffer, Staff, StaffSession

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("desk:staff"), reverse("desk:staff-new")


def admin(client: Client) -> Any:
    staff = StaffFactory(role="admin")
    sign_in(client, staff)
    return staff


@pytest.mark.parametrize("role", ["reception", "surgeon", "director", "privacy", "auditor"])
def test_accounts_are_closed_to_others(client: Client, role: str) -> None:
    one = StaffFactory()
    sign_in(client, StaffFactory(role=role))
    assert client.get(LIST).status_code == 404
    assert client.get(NEW).status_code == 404
    for name in ("staff-edit", "staff-reset-password", "staff-deactivate", "staff-licence"):
        assert client.post(reverse(f"desk:{name}", args=[one.public_id])).status_code == 404


def test_an_account_is_opened_with_a_password_for_one_use(client: Client) -> None:
    by = admin(client)
    StaffFactory(role="nurse")
    values = {"name": "林护士", "username": "lin.hushi", "role": "nurse", "campus": str(by.campus.public_id)}
    page = client.post(NEW, values).content.decode()
    found = re.search(r'<code class="strong">([^<]+)</code>', page)
    assert found
    one = Staff.objects.get(username="lin.hushi")
    assert one.check_password(found[1])
    assert one.must_change_password
    again = client.post(NEW, values)
    assert again.status_code == 422
    assert "用户名已被使用" in again.content.decode()


def test_role_and_title_change_and_open_browsers_end(client: Client) -> None:
    by = admin(client)
    one = StaffFactory(campus=by.campus)
    StaffFactory(role="nurse")
    sign_in(Client(), one)
    url = reverse("desk:staff-edit", args=[one.public_id])
    values = {"name": one.name, "role": "nurse", "campus": str(by.campus.public_id), "title": "主管护师"}
    assert client.post(url, values).status_code == 302
    one = Staff.objects.get(pk=one.pk)
    assert (one.role_code, one.title) == ("nurse", "主管护师")
    assert not StaffSession.objects.filter(staff=one, ended_at=None).exists()


def test_a_password_is_reset_and_an_account_closed(client: Client) -> None:
    by = admin(client)
    one = StaffFactory(campus=by.campus)
    page = client.post(reverse("desk:staff-reset-password", args=[one.public_id])).content.decode()
    assert "一次性密码" in page
    client.post(reverse("desk:staff-deactivate", args=[one.public_id]))
    one.refresh_from_db()
    assert (one.is_active, one.must_change_password) == (False, True)


def test_nobody_closes_his_own_account(client: Client) -> None:
    by = admin(client)
    assert client.post(reverse("desk:staff-deactivate", args=[by.public_id])).status_code == 422


def test_licences_and_authorisations_are_written_down(client: Client) -> None:
    admin(client)
    one = StaffFactory(role="surgeon")
    licence = reverse("desk:staff-licence", args=[one.public_id])
    values = {"kind": "physician", "field": "surgery", "number": "110", "practising_since": "2010-07-01"}
    assert client.post(licence, {**values, "number": ""}).status_code == 422
    assert client.post(licence, values).status_code == 302
    privilege = reverse("desk:staff-privilege", args=[one.public_id])
    period = {"valid_from": "2026-01-01", "valid_to": "2027-12-31"}
    assert client.post(privilege, {"field": "surgery", "max_grade": "2", **period}).status_code == 302
    assert client.post(privilege, {"field": "surgery", "max_grade": "9", **period}).status_code == 422
    page = client.get(reverse("desk:staff-edit", args=[one.public_id])).content.decode()
    assert "2027-12-31" in page


def test_a_forged_id_is_not_there(client: Client) -> None:
    admin(client)
    assert client.get(reverse("desk:staff-edit", args=[uuid4()])).status_code == 404


def test_the_list_is_searched_and_escapes_names(client: Client) -> None:
    admin(client)
    StaffFactory(name="<b>林</b>", username="lin")
    page = client.get(f"{LIST}?q=lin").content.decode()
    assert "&lt;b&gt;林" in page
    assert "<b>林</b>" not in page
    assert client.get(f"{LIST}?role=nobody").status_code == 200


@pytest.mark.slow(reason="opens the pages of three roles")
def test_a_role_is_changed_and_a_new_permission_answered(client: Client) -> None:
    admin(client)
    StaffFactory(role="nurse")
    page = client.get(reverse("desk:role", args=["nurse"]))
    values = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    values["money_view"] = "campus"
    assert client.post(reverse("desk:role", args=["nurse"]), values).status_code == 302
    assert Grant.objects.filter(role__code="nurse", permission="money.view", scope="campus").exists()
    late = client.post(reverse("desk:role", args=["nurse"]), values)
    assert late.status_code == 422
    assert "刚被别人改过" in late.content.decode()

    PermissionOffer.objects.create(permission="test.write", at=timezone.now())
    assert "更新带来的新权限" in client.get(reverse("desk:roles")).content.decode()
    answer = reverse("desk:role-offer", args=["test.write"])
    assert client.post(answer, {"answer": "give"}).status_code == 302
    assert "更新带来的新权限" not in client.get(reverse("desk:roles")).content.decode()

    PermissionOffer.objects.create(permission="roster.write", at=timezone.now())
    client.post(reverse("desk:role-offer", args=["roster.write"]), {"answer": "give"})
    assert "等待另一人确认" in client.get(reverse("desk:roles")).content.decode()
    sign_in(client, StaffFactory(role="auditor"))
    assert "为自己的角色申请「排班」" in client.get(reverse("desk:today")).content.decode()
    seen = client.get(reverse("desk:roles")).content.decode()
    assert "确认授予" in seen
    assert "新建角色" not in seen
    assert client.get(reverse("desk:role", args=["admin"])).status_code == 200
    assert client.post(reverse("desk:role", args=["nurse"]), values).status_code == 404
    confirm = reverse("desk:role-confirm", args=["roster.write"])
    assert client.post(confirm, {"answer": "give"}).status_code == 302
    assert "等待另一人确认" not in client.get(reverse("desk:roles")).content.decode()


def test_roles_are_closed_to_others(client: Client) -> None:
    sign_in(client, StaffFactory(role="director"))
    for name, args in (("roles", []), ("role", ["nurse"]), ("role-offer", ["lead.view"])):
        assert client.post(reverse(f"desk:{name}", args=args)).status_code == 404


def test_an_authorisation_is_withdrawn_at_once_and_once(client: Client) -> None:
    by = admin(client)
    doctor = StaffFactory(role="surgeon", campus=by.campus)
    row = PrivilegeFactory(staff=doctor)
    asked = {"field": Field.SURGERY, "grade": Grade.ONE, "on": row.valid_from}
    url = reverse("desk:privilege-withdraw", args=[row.public_id])
    short = client.post(url, {"reason": "不行"})
    assert (short.status_code, "请写明撤销的原因" in short.content.decode()) == (422, True)
    before = len(queries.missing_to_operate(doctor, **asked))
    assert client.post(url, {"reason": "并发症未按时上报，停止授权"}).status_code == 302
    assert len(queries.missing_to_operate(Staff.objects.get(pk=doctor.pk), **asked)) == before + 1
    again = client.post(url, {"reason": "并发症未按时上报，停止授权"})
    assert (again.status_code, "已经撤销" in again.content.decode()) == (422, True)
    page = client.get(reverse("desk:staff-edit", args=[doctor.public_id])).content.decode()
    assert "并发症未按时上报" in page
    sign_in(client, StaffFactory(role="director"))
    assert client.post(url, {"reason": "并发症未按时上报"}).status_code == 404
