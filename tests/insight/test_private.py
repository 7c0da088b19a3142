"""Published counts: one cell a person, a budget for the year, every cell told, nothing without noise."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests.factories.people import PatientFactory, StaffFactory
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import downloads, mart
from yimei.insight.gateways import private
from yimei.insight.rules import private as rules
from yimei.insight.rules.questions import Question, parse
from yimei.people.enums import Sex
from yimei.people.models import Staff
from yimei.privacy.models import Export

NOON = datetime.fromisoformat("2026-06-16T12:00:00+08:00")


def asked(**values: str) -> Question:
    return parse({"m": "new_customers", "span": "365", **values}, today=NOON.date())


@pytest.mark.parametrize("wrong", [{"m": "visits"}, {"by1": "month"}, {"by1": "sex", "by2": "campus"}])
def test_a_person_may_be_counted_once_and_by_what_is_known_without_looking(wrong: dict[str, str]) -> None:
    rules.check_question(asked(by1="sex", by2="age"))
    with pytest.raises(RuleBroken):
        rules.check_question(asked(**wrong))


def test_the_year_pays_for_four() -> None:
    rules.check_budget([rules.EPSILON] * 3)
    with pytest.raises(RuleBroken, match="隐私预算"):
        rules.check_budget([rules.EPSILON] * 4)


@pytest.mark.slow(reason="makes a mart")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_every_cell_is_told_with_noise_and_the_ledger_keeps_the_budget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    PatientFactory.create_batch(3, created_at=NOON - timedelta(days=9))
    mart.build(now=NOON)
    by: Staff = StaffFactory(role="director")
    heard: list[tuple[list[int], Decimal]] = []

    def noise(counts: list[int], epsilon: Decimal) -> list[int]:
        heard.append((counts, epsilon))
        return [count + 1 for count in counts]

    monkeypatch.setattr(private, "is_there", lambda: True)
    monkeypatch.setattr(private, "noisy", noise)
    for _one in range(4):
        text = downloads.publish(asked(by1="sex"), by=by, now=NOON).decode("utf-8-sig")
    assert len(text.splitlines()) == 1 + len(Sex.values) + 1, "empty cells as well"
    assert sum(heard[0][0]) == 3
    assert heard[0][1] == Decimal("0.25")
    with pytest.raises(RuleBroken, match="隐私预算"):
        downloads.publish(asked(by1="sex"), by=by, now=NOON)
    assert Export.objects.filter(source="private:new_customers").count() == 4
    downloads.publish(asked(by1="sex"), by=by, now=NOON + timedelta(days=220))
    with pytest.raises(NotFound):
        downloads.publish(asked(), by=StaffFactory(role="reception"), now=NOON + timedelta(days=220))


@pytest.mark.slow(reason="loads OpenDP where it is installed")
def test_the_noise_keeps_its_promise_where_opendp_is_installed() -> None:
    if private.is_there():
        told = private.noisy([1000] * 400, Decimal("0.25"))
        assert 998 < sum(told) / 400 < 1002
        assert 2 < sum(abs(one - 1000) for one in told) / 400 < 6, "a mean deviation of about 1/ε"
    else:
        with pytest.raises(ModuleNotFoundError):
            private.noisy([1000], Decimal("0.25"))


@pytest.mark.django_db
def test_without_opendp_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private, "is_there", lambda: False)
    with pytest.raises(RuleBroken, match="OpenDP"):
        downloads.publish(asked(), by=StaffFactory(role="director"), now=NOON)
    assert not Export.objects.exists()
