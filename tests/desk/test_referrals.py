"""Referrals on staff screens: who reads what, doubts decided by another, rules published by the head."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.desk.front import queries_of
from tests.factories.ui import sign_in
from tests.growth.house import days
from tests.growth.test_referrals import Circle
from tests.journey.clinic import EIGHT
from yimei.growth.models import Referral, ReferralPolicy
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle() -> Circle:
    return Circle()


def as_(staff: Staff, *, on: float = 1) -> Client:
    with time_machine.travel(days(on), tick=False):
        return sign_in(Client(), staff)


def at(client: Client, name: str, *args: Any, post: dict[str, Any] | None = None, **query: Any) -> Any:
    with time_machine.travel(days(1), tick=False):
        url = reverse(f"desk:{name}", args=args)
        return client.get(url, query) if post is None else client.post(url, post)


def test_the_list_is_for_those_who_serve_members_and_marketing_reads_only_figures(circle: Circle) -> None:
    circle.ask(name="苏小朋友")
    shown = at(as_(circle.service), "referrals").content.decode()
    assert "苏**" in shown
    assert "苏小朋友" not in shown
    plain = at(as_(circle.manager), "referrals").content.decode()
    assert "您的岗位只看汇总" in plain
    assert "苏**" not in plain
    assert at(as_(circle.surgeons[0]), "referrals").status_code == 404


def test_a_doubtful_one_is_decided_on_its_page(circle: Circle) -> None:
    for _n in range(3):
        circle.ask(ip="198.51.100.7")
    doubtful = Referral.objects.get(status="review").public_id
    own = at(as_(circle.service), "referral", doubtful).content.decode()
    assert "由您经手" in own
    assert "<textarea" not in own
    desk = as_(circle.reception)
    assert at(desk, "referral-judge", doubtful, post={"reason": "", "genuine": "yes"}).status_code == 422
    done = at(desk, "referral-judge", doubtful, post={"reason": "分别去电核对，是真的", "genuine": "yes"})
    assert done.status_code == 302
    assert Referral.objects.get(public_id=doubtful).status == "open"
    again = at(desk, "referral-judge", doubtful, post={"reason": "再点一次也不变", "genuine": "no"})
    assert again.status_code == 422


def test_the_card_has_the_code_and_nobodys_name(circle: Circle) -> None:
    page = at(as_(circle.reception), "referral-card", circle.member.public_id).content.decode()
    assert circle.code.code in page
    assert circle.member.patient.person.name not in page
    assert at(as_(circle.online), "referral-card", circle.member.public_id).status_code == 404
    gone = at(as_(circle.reception), "referral-revoke", circle.member.public_id, post={})
    assert gone.status_code == 302
    assert at(as_(circle.reception), "referral-card", circle.member.public_id).status_code == 404


def test_only_the_head_publishes_and_only_what_may_be_given(circle: Circle) -> None:
    head = as_(circle.staff("director", "郭院长"))
    shown = at(head, "referral-rules").content.decode()
    assert "按朋友的消费提成" in shown
    assert "未核实" in shown
    asked = {
        "effective_from": (EIGHT + timedelta(days=3)).date().isoformat(),
        "referrer_kind": "points", "referrer_value": "300", "friend_kind": "none", "friend_value": "",
        "min_paid": "200", "cooling_days": "10", "window_days": "90", "owed_days": "30", "per_year": "6",
        "code_days": "365",
    }  # fmt: skip
    bad = at(head, "referral-rules-new", post=asked | {"referrer_kind": "cash"})
    assert bad.status_code == 422
    assert at(head, "referral-rules-new", post=asked | {"referrer_value": "9999"}).status_code == 422
    assert at(head, "referral-rules-new", post=asked).status_code == 302
    assert ReferralPolicy.objects.first().content["referrer"] == {"kind": "points", "value": "300"}
    assert at(as_(circle.manager), "referral-rules-new", post=asked).status_code == 404


def test_a_code_said_on_the_telephone_is_kept_with_the_lead(circle: Circle) -> None:
    lead = circle.lead(phone="12919990001", name="电话客", source="phone")
    desk = as_(circle.online)
    assert "登记推荐码" in at(desk, "lead", lead.public_id).content.decode()
    assert at(desk, "referral-attach", lead.public_id, post={"code": "不是码"}).status_code == 422
    assert at(desk, "referral-attach", lead.public_id, post={"code": circle.code.code}).status_code == 302
    assert Referral.objects.get().lead == lead
    at(desk, "lead", lead.public_id)  # the word of thanks is read once
    assert "登记推荐码" not in at(desk, "lead", lead.public_id).content.decode()


def test_the_list_asks_no_more_for_more_referrals(circle: Circle) -> None:
    circle.friend(circle.ask())
    desk = as_(circle.service)
    with time_machine.travel(days(1), tick=False):
        few = queries_of(desk, reverse("desk:referrals"))
    for n in range(3):
        lead = circle.ask()
        if n:
            circle.friend(lead)
    with time_machine.travel(days(1), tick=False):
        assert queries_of(desk, reverse("desk:referrals")) <= few
