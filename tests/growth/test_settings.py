"""The hospital's own numbers: versions from tomorrow on, bounds, and who may."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.ui import sign_in
from tests.growth.house import House, days
from tests.journey.clinic import EIGHT
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import settings
from yimei.growth.queries import numbers
from yimei.growth.queries import settings as queries
from yimei.privacy.models import Limit

pytestmark = pytest.mark.django_db
TODAY, TOMORROW = date(2026, 6, 16), date(2026, 6, 17)


@pytest.fixture
def house() -> House:
    made = House()
    made.director = made.staff("director", "院长")
    return made


def test_a_number_counts_from_the_next_day_and_running_periods_keep_theirs(house: House) -> None:
    lead = house.lead()
    period = lead.periods.get()
    settings.set_number("lead.protect_days", value=5, reason="周转更快", by=house.director, now=EIGHT)
    assert (numbers.protection(TODAY).first, numbers.protection(TOMORROW).first) == (10, 5)
    period.refresh_from_db()
    assert period.first_days == 10
    assert house.lead(phone="12900000009", now=days(1)).periods.get().first_days == 5
    row = Limit.objects.get(code="lead.protect_days", effective_from=TOMORROW)
    assert (row.source, row.mark) == ("院方设定：周转更快", "unverified")


def test_set_twice_a_day_the_last_counts_and_versions_stay(house: House) -> None:
    for n in (4, 6):
        settings.set_number("lead.idle_days", value=n, reason="试", by=house.director, now=EIGHT)
    settings.set_number("lead.idle_days", value=8, reason="再试", by=house.director, now=days(1))
    found = next(one for one in queries.listed(on=TOMORROW) if one.code == "lead.idle_days")
    assert (found.number, [one.value for one in found.versions]) == (6, [8, 6, 7])


@pytest.mark.parametrize(
    ("code", "value", "reason", "words"),
    [
        ("lead.protect_days", 21, "长", "不能大于"),
        ("lead.protect_most", 9, "短", "不能大于"),
        ("marketing.cap", 11, "多发", "0 到 10"),
        ("lead.idle_days", 7, " ", "理由"),
        ("marketing.quiet_from", 23, "晚些", "没有这个可以设置的数值"),
    ],
)
def test_what_no_hospital_can_mean_is_refused(
    house: House, code: str, value: int, reason: str, words: str
) -> None:
    with pytest.raises(RuleBroken, match=words):
        settings.set_number(code, value=value, reason=reason, by=house.director, now=EIGHT)


def test_only_who_answers_for_the_group_sets_them(client: Client, house: House) -> None:
    with pytest.raises(NotFound):
        settings.set_number("lead.idle_days", value=9, reason="试", by=house.manager, now=EIGHT)
    address, posted = reverse("desk:growth-numbers"), {"code": "lead.idle_days", "value": "9", "reason": "试"}
    sign_in(client, house.manager)
    assert "由负责全部院区的人修改" in client.get(address).content.decode()
    assert client.post(address, posted).status_code == 404
    sign_in(client, house.director)
    assert client.post(address, posted | {"value": "900"}).status_code == 422
    assert client.post(address, posted).status_code == 302
    assert "院方设定：试" in client.get(address).content.decode()
