"""The survey behind a link: answered once, by whoever holds it, and nothing else learns the link."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.journey import CaseFactory
from yimei.journey.models import Survey
from yimei.journey.rules import surveys as rules

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
TOKEN = "a-link-that-nobody-can-guess-0001"
ANSWER = {"score": "9", "service": "5", "doctor": "4", "comment": "医生很耐心 𠮷"}


@pytest.fixture
def survey() -> Survey:
    return Survey.objects.create(
        case=CaseFactory(),
        token_hash=rules.token_hash(TOKEN),
        created_at=NOW,
        expires_at=NOW + rules.VALID_FOR,
    )


@pytest.fixture
def address() -> str:
    return reverse("portal:survey", args=[TOKEN])


@time_machine.travel(NOW, tick=False)
def test_the_page_asks_without_sign_in_and_sends_no_referrer(survey: Survey, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "checked" not in answer.content.decode()
    assert survey.case.patient.person.name not in answer.content.decode()


@time_machine.travel(NOW, tick=False)
def test_an_answer_is_kept_and_thanked_for(survey: Survey, address: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(address, ANSWER, headers={"origin": "null"})
    assert answer.headers["Location"] == reverse("portal:survey-thanks")
    survey.refresh_from_db()
    assert (survey.score, survey.dimensions) == (9, {"service": 5, "doctor": 4})
    assert survey.comment == "医生很耐心 𠮷"
    assert "谢谢您" in Client().get(answer.headers["Location"]).content.decode()


@time_machine.travel(NOW, tick=False)
def test_the_second_click_changes_nothing_and_says_thank_you(survey: Survey, address: str) -> None:
    Client().post(address, ANSWER)
    again = Client().post(address, ANSWER | {"score": "1"})
    assert "已经提交过了" in again.content.decode()
    survey.refresh_from_db()
    assert survey.score == 9


@time_machine.travel(NOW, tick=False)
def test_a_missing_score_keeps_what_was_written(survey: Survey, address: str) -> None:
    answer = Client().post(address, ANSWER | {"score": ""})
    assert answer.status_code == 422
    assert "请先选一个分数" in answer.content.decode()
    assert "医生很耐心" in answer.content.decode()
    assert Client().post(address, ANSWER | {"score": "11"}).status_code == 422
    assert Client().post(address, ANSWER | {"service": "6"}).status_code == 422
    survey.refresh_from_db()
    assert survey.answered_at is None


def test_an_expired_and_an_unknown_link_say_so(survey: Survey, address: str) -> None:
    with time_machine.travel(NOW + rules.VALID_FOR + timedelta(seconds=1), tick=False):
        late = Client().post(address, ANSWER)
    assert late.status_code == 404
    assert "已过期" in late.content.decode()
    unknown = Client().get(reverse("portal:survey", args=["nobody-made-this"]))
    assert unknown.status_code == 404
    survey.refresh_from_db()
    assert survey.answered_at is None
