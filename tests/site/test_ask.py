"""A question left on the website: one number is one lead, a program is thanked and kept out."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.growth.house import House
from tests.journey.clinic import EIGHT
from yimei.growth.actions import asking
from yimei.growth.models import Lead
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    made = House()
    shipped.register(EIGHT.replace(month=1))
    return made


def post(house: House, **values: Any) -> Any:
    notice = current_notice(asking.NOTICE, Audience.ADULT)
    assert notice is not None
    asked = {
        "campus": house.campus.public_id, "name": "林女士", "phone": "129 0000 0001", "interest": "eye",
        "note": "几天能恢复？", "agreed": "on", "notice": notice.public_id, "website": "",
    }  # fmt: skip
    with time_machine.travel(EIGHT, tick=False):
        return Client().post(reverse("site:ask"), asked | values)


def test_a_question_becomes_a_lead_of_somebody_with_a_clock(house: House) -> None:
    page = Client().get(reverse("site:ask"))
    assert (page.status_code, "留言咨询" in page.content.decode()) == (200, True)
    assert post(house).headers["Location"] == reverse("site:ask-thanks")
    lead = Lead.objects.get()
    assert (lead.source, lead.interest, lead.owner in {house.online, house.second}) == (
        "website",
        "eye",
        True,
    )
    assert lead.next_due_at is not None
    assert "几天能恢复" in lead.touches.get().note
    assert Client().get(reverse("site:ask-thanks")).status_code == 200


def test_three_questions_of_one_number_are_one_lead_and_the_fourth_is_only_thanked(house: House) -> None:
    ends = [
        post(house, phone=phone)
        for phone in ("12900000001", "+8612900000001", "129-0000-0001", "12900000001")
    ]
    assert {one.status_code for one in ends} == {302}
    [root] = Lead.objects.filter(duplicate_of=None)
    assert (root.duplicates.count(), root.touches.count()) == (2, 3)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"phone": "123"}, "电话号码不正确"),
        ({"name": ""}, "请填写称呼"),
        ({"agreed": ""}, "请先阅读告知"),
        ({"notice": "00000000-0000-4000-8000-000000000000"}, "告知刚刚更新"),
        ({"note": "很" * 301}, "300"),
        ({"campus": "00000000-0000-4000-8000-000000000000"}, "campus"),
    ],
)
def test_what_cannot_be_kept_says_why_and_loses_no_word(
    house: House, values: dict[str, str], said: str
) -> None:
    page = post(house, **values)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert "几天能恢复" in page.content.decode() or "很很" in page.content.decode()
    assert not Lead.objects.exists()


def test_a_program_that_fills_everything_in_is_thanked_and_nothing_kept(house: House) -> None:
    assert post(house, website="https://example.test").status_code == 302
    assert not Lead.objects.exists()


def test_a_flood_is_sent_to_the_telephone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "PER_HOUR", 2)
    ends = [post(house, phone=f"1290000000{n}").status_code for n in range(3)]
    assert ends == [302, 302, 422]
