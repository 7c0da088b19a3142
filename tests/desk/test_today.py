"""今日: what each role finds on its first page."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories.journey import TEN, BookingFactory, CaseFactory
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.journey.models import Survey
from yimei.people.models import StaffSession
from yimei.people.roles import RoleCode

pytestmark = pytest.mark.django_db

TODAY = reverse("desk:today")


@pytest.mark.parametrize("role", list(RoleCode))
def test_every_role_has_a_first_page_even_when_nothing_is_to_do(client: Client, role: str) -> None:
    sign_in(client, StaffFactory(role=role))
    response = client.get(TODAY)
    assert response.status_code == 200
    assert "今日" in response.content.decode()


def test_the_desk_begins_with_today(client: Client) -> None:
    sign_in(client, StaffFactory())
    assert client.get(reverse("desk:home"))["Location"] == TODAY


def test_one_answer_is_a_score_without_an_interval(client: Client) -> None:
    """7.0–7.0 would say that it is known to the tenth."""
    sign_in(client, StaffFactory(role="director"))
    now = timezone.now()
    for n, (score, note) in enumerate(((7, "只有 1 份答卷"), (9, "0.0–10.0 · 2 份"))):
        case, token = CaseFactory(), f"{n:064d}"
        Survey.objects.create(
            case=case, token_hash=token, created_at=now, expires_at=now, answered_at=now, score=score
        )
        page = client.get(TODAY).content.decode()
        assert note in page
    assert "只有 1 份答卷" not in page


def test_nobody_sees_it_without_signing_in(client: Client) -> None:
    assert client.get(TODAY)["Location"].startswith(reverse("desk:sign-in"))


def test_what_is_late_comes_first_and_is_counted(client: Client) -> None:
    with time_machine.travel(TEN + timedelta(minutes=14), tick=False):
        late = BookingFactory(patient__person__name="赵一鸣", created_at=TEN - timedelta(days=2))
        campus = late.campus
        BookingFactory(
            confirmed=True,
            case__patient__campus=campus,
            case__patient__person__name="钱多多",
            starts_at=TEN + timedelta(hours=3),
        )
        sign_in(client, StaffFactory(role="reception", campus=campus))
        page = client.get(TODAY).content.decode()
    assert "1 件已超时，先做它们" in page
    assert page.index("逾期") < page.index("13:00")
    assert "赵一鸣" not in page
    assert "钱**" in page
    assert "/ 2 预约" in page


def test_what_waits_is_counted_beside_the_page_and_keeps_nobody_signed_in(client: Client) -> None:
    with time_machine.travel(TEN + timedelta(minutes=14), tick=False):
        late = BookingFactory(created_at=TEN - timedelta(days=2))
        sign_in(client, StaffFactory(role="reception", campus=late.campus))
    seen = StaffSession.objects.get().seen_at
    with time_machine.travel(seen + timedelta(minutes=5), tick=False):
        counts = client.get(reverse("desk:badges"), headers={"X-Unattended": "yes"}).json()
        assert counts[TODAY] == 1
        assert StaffSession.objects.get().seen_at == seen
        client.get(reverse("desk:badges"))
        assert StaffSession.objects.get().seen_at == seen + timedelta(minutes=5)


def test_work_of_another_campus_is_not_shown(client: Client, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        BookingFactory()
        sign_in(client, StaffFactory(role="reception"))
        page = client.get(TODAY).content.decode()
    assert "今天没有待办" in page
    assert "都做完了" in page


def test_the_director_sees_figures_and_no_names(client: Client) -> None:
    case = CaseFactory(patient__person__name="赵一鸣")
    sign_in(client, StaffFactory(role="director", campus=case.campus))
    page = client.get(TODAY).content.decode()
    assert "客户在哪一步" in page
    assert "太少" in page
    assert "赵" not in page.replace("赵员工", "")


def test_the_page_costs_the_same_whatever_is_to_do(
    client: Client, now: datetime, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with time_machine.travel(now, tick=False):
        first = BookingFactory()
        sign_in(client, StaffFactory(role="reception", campus=first.campus))
        client.get(TODAY)

        def cost() -> int:
            with django_assert_max_num_queries(80) as found:
                client.get(TODAY)
            return len(found)

        few = cost()
        for hour in range(1, 5):
            BookingFactory(case__patient__campus=first.campus, starts_at=TEN + timedelta(hours=hour))
        assert cost() == few
