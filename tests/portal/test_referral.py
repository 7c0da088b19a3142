"""Her own code on her phone, and what she decides about who brought her."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.portal.test_centre import clock, inside, officer, page, patient
from yimei.growth.actions import members
from yimei.growth.actions import reference as growth
from yimei.growth.models import ReferralCode
from yimei.people.models import Patient, Staff

pytestmark = pytest.mark.django_db
__all__ = ["clock", "officer", "patient"]


def test_she_takes_shows_and_ends_her_code(
    client: Client, officer: Staff, patient: Patient, clock: Any, now: Any
) -> None:
    growth.load(at=now)
    inside(client)
    assert "加入会员后可以领取" in page(client, "referral")
    assert client.post(reverse("portal:referral-take")).status_code == 422
    by = officer.__class__.objects.get(pk=officer.pk)
    by.role.grants.create(permission="member.write", scope="group")
    members.join(patient.public_id, by=by, now=now)
    assert "领取推荐码" in page(client, "referral")
    assert client.post(reverse("portal:referral-take")).status_code == 302
    code = ReferralCode.objects.get()
    shown = page(client, "referral")
    assert code.code in shown
    assert "不按消费提成" in shown
    ask = client.get(reverse("site:ask"), {"code": code.code})
    assert "朋友请您来聊聊" in ask.content.decode()
    assert patient.person.name not in ask.content.decode()
    policy = ask.headers["Referrer-Policy"]
    assert policy == "same-origin", "without any referrer a browser sends no origin, and the form is refused"
    assert client.post(reverse("portal:referral-stop")).status_code == 302
    assert "已失效" in client.get(reverse("site:ask"), {"code": code.code}).content.decode()
    assert client.post(reverse("portal:referral-tell"), {"may": "yes"}).status_code == 404


def test_a_stranger_is_led_to_the_door(client: Client) -> None:
    for name in ("referral-take", "referral-stop", "referral-tell", "referral-leave"):
        assert client.post(reverse(f"portal:{name}")).headers["Location"] == reverse("portal:centre-door")
