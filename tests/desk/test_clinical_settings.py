"""Reference ranges and stop rules: a version by who keeps the catalogue, confirmed by a named physician."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.desk.front import queries_of
from tests.desk.ward import NOW, Ward
from tests.factories.hospital import StopRuleFactory, TestRangeFactory
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import StopKind
from yimei.hospital.models import StopRule
from yimei.hospital.models import TestRange as Range
from yimei.journey.actions import clinical as actions
from yimei.journey.enums import StopState
from yimei.journey.models import TestResult as Result
from yimei.journey.queries import stops
from yimei.people.models import Licence, Staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="walks a customer from page to page")]
TODAY = local_date(NOW)
LATER = TODAY + timedelta(days=3)
LIMITS: dict[str, Any] = {"low": "120", "high": "140", "critical_low": "60", "critical_high": "200"}


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    StopRuleFactory()
    yield ward
    ward.close()


@pytest.fixture
def keeper(ward: Ward) -> Staff:
    return ward.staff("admin", "唐管理")


def revise(row: Range, by: Staff, *, day: date = TODAY, high: int = 140) -> Range:
    limits = {"low": Decimal(115), "high": Decimal(high), "critical_low": None, "critical_high": None}
    return actions.revise_range(
        row.public_id, from_day=day, by=by, now=timezone.now(), source="试剂说明书", **limits
    )


def test_new_limits_judge_from_their_day_and_old_results_keep_their_judgement(
    ward: Ward, keeper: Staff
) -> None:
    row = TestRangeFactory(test=ward.blood, high=Decimal(150))
    ward.assess(stop_ASPIRIN="no")
    ward.order_tests()
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results(blood="145"))
    typed = {**LIMITS, "valid_from": TODAY.isoformat(), "source": "试剂说明书"}
    refused = ward.refused("clinical-range", row.public_id, by=keeper, **typed | {"high": "101.5"})
    assert "参考上限要大于下限" in refused
    assert "101.5" in refused, "what was typed is kept"
    ward.do("clinical-range", row.public_id, by=keeper, **typed)
    ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results(blood="146"))
    judged = Result.objects.filter(order__test=ward.blood).order_by("pk")
    assert [(each.flag, each.reference) for each in judged] == [("N", "115–150"), ("H", "120–140")]
    assert [each.valid_to for each in Range.objects.order_by("valid_from")] == [TODAY, None]


def test_a_physician_confirms_by_name_and_nobody_else(ward: Ward, keeper: Staff) -> None:
    row = revise(TestRangeFactory(test=ward.blood), keeper)
    page = ward.get("clinical-ranges", by=keeper).content.decode()
    assert "待临床确认" in page
    for other in (keeper, ward.nurse):
        with pytest.raises(NotFound):
            actions.confirm_range(row.public_id, by=other, now=timezone.now())
    licences = Licence.objects.filter(staff=ward.surgeon)
    licences.update(valid_to=TODAY - timedelta(days=1))
    assert "执业" in ward.refused("clinical-range-confirm", row.public_id, by=ward.surgeon)
    licences.update(valid_to=None)
    ward.do("clinical-range-confirm", row.public_id, by=ward.surgeon)
    page = ward.get("clinical-ranges", by=keeper).content.decode()
    assert "陈屿" in page
    assert Entry.objects.filter(action="hospital.testrange.confirm", actor=ward.surgeon.public_id).exists()
    assert "已经临床确认" in ward.refused("clinical-range-confirm", row.public_id, by=ward.surgeon)
    again = revise(row, keeper, day=LATER, high=160)
    assert again.confirmed_at is None, "another number asks for another confirmation"
    row.refresh_from_db()
    assert row.confirmed_by == ward.surgeon.public_id


def test_who_entered_a_version_does_not_confirm_it(ward: Ward, keeper: Staff) -> None:
    row = revise(TestRangeFactory(test=ward.blood), keeper)
    Range.objects.filter(pk=row.pk).update(entered_by=ward.surgeon.public_id)
    with pytest.raises(RuleBroken, match="另一位医师"):
        actions.confirm_range(row.public_id, by=ward.surgeon, now=timezone.now())


def test_a_version_to_come_is_replaced_and_one_that_began_is_not(ward: Ward, keeper: Staff) -> None:
    row = TestRangeFactory(test=ward.blood)
    revise(row, keeper, day=LATER)
    revise(row, keeper, day=LATER, high=145)
    revise(row, keeper, high=141)
    versions = Range.objects.filter(test=ward.blood).order_by("valid_from")
    assert [(each.high, each.valid_to) for each in versions] == [
        (Decimal(150), TODAY),
        (Decimal(141), LATER),
        (Decimal(145), None),
    ]
    with pytest.raises(RuleBroken, match="从明天起"):
        revise(row, keeper, high=142)
    with pytest.raises(RuleBroken, match="不能早于今天"):
        revise(row, keeper, day=TODAY - timedelta(days=1))
    with pytest.raises(RuleBroken, match="相同"):
        revise(row, keeper, day=LATER + timedelta(days=1), high=145)
    assert versions.count() == 3
    with pytest.raises(NotFound):
        revise(row, ward.surgeon, day=LATER + timedelta(days=1), high=146)


def test_a_stop_rule_counts_for_operations_from_its_day_and_an_override_stays(
    ward: Ward, keeper: Staff
) -> None:
    rule, now = StopRule.objects.get(), timezone.now()
    ward.assess(stop_ASPIRIN="stopped", last_ASPIRIN=(NOW - timedelta(days=16)).date().isoformat())
    assert not stops.against(ward.case, now=now)
    form = {
        "days": "20",
        "from_grade": "1",
        "words": "阿司匹林，拜阿司匹灵",
        "may_override": "yes",
        "advice": "",
        "is_active": "yes",
        "source": "药学部 2026 年决定",
    }
    ward.do("clinical-stop-rule", rule.public_id, by=keeper, **form, valid_from=LATER.isoformat())
    assert not stops.facts_of(ward.case, on=LATER - timedelta(days=1), is_final=True)
    assert stops.facts_of(ward.case, on=LATER, is_final=True)[0].is_blocking
    page = ward.get("clinical-stop-rule", rule.public_id, by=ward.surgeon).content.decode()
    assert "尚未生效" in page
    assert "写新的一版" not in page, "a physician confirms, the keeper writes"
    new = StopRule.objects.get(valid_from=LATER)
    ward.do("clinical-stop-confirm", new.public_id, by=ward.surgeon)
    wanted = {each.code: each for each in stops.rules_for(ward.case, on=LATER)}
    assert (wanted["ASPIRIN"].is_confirmed, wanted["ASPIRIN"].days) == (True, 20)
    assert stops.sheet(ward.case, now=now)[0].sign.state == StopState.STOPPED  # type: ignore[union-attr]
    assert ward.post("clinical-stop-rule", new.public_id, by=ward.surgeon, **form).status_code in {404, 422}


def test_a_pregnancy_rule_is_never_made_passable(ward: Ward, keeper: Staff) -> None:
    rule = StopRuleFactory(code="PREGNANCY", kind=StopKind.PREGNANCY, name="妊娠", may_override=False)
    form = {
        "days": "180",
        "from_grade": "1",
        "words": "孕",
        "may_override": "yes",
        "advice": "",
        "is_active": "yes",
    }
    said = ward.refused(
        "clinical-stop-rule", rule.public_id, by=keeper, **form, source="x", valid_from=TODAY.isoformat()
    )
    assert "不能改成可放行" in said


def test_the_list_is_found_filtered_and_asks_no_more_for_more_rows(ward: Ward, keeper: Staff) -> None:
    assert "还没有载入" in ward.get("clinical-ranges", by=keeper).content.decode()
    row = TestRangeFactory(test=ward.blood)
    client, address = sign_in(Client(), keeper), reverse("desk:clinical-ranges")
    few = queries_of(client, address)
    for n in range(1, 6):
        revise(TestRangeFactory(test=ward.blood, age_from=n), keeper, high=140 + n)
    assert queries_of(client, address) == few + 1, "one query for all the names"
    assert "没有符合条件" in client.get(address, {"q": "没有这项"}).content.decode()
    ward.do("clinical-range-confirm", row.public_id, by=ward.surgeon)
    waiting = sign_in(Client(), keeper).get(address, {"state": "waits"}).content.decode()
    assert str(row.public_id) not in waiting
    assert ward.get("clinical-ranges", by=ward.nurse).status_code == 404


def test_a_new_age_band_is_cut_out_of_the_one_it_lies_in(ward: Ward, keeper: Staff) -> None:
    TestRangeFactory(test=ward.blood, high=Decimal(150))
    typed = {
        **LIMITS,
        "test": ward.blood.code,
        "sex": "",
        "age_from": "60",
        "age_below": "",
        "valid_from": TODAY.isoformat(),
        "source": "老年参考范围",
    }
    for role in ("surgeon", "nurse", "reception"):
        assert ward.get("clinical-range-new", by=ward.staff(role, "旁人")).status_code == 404
    refused = ward.refused("clinical-range-new", by=keeper, **typed | {"age_below": "50"})
    assert "从小到大" in refused
    assert "不分性别" in ward.refused("clinical-range-new", by=keeper, **typed | {"sex": "F"})
    ward.do("clinical-range-new", by=keeper, **typed)
    now = Range.objects.filter(valid_to=None).order_by("age_from")
    assert [(one.age_from, one.age_below, one.high) for one in now] == [(0, 60, 150), (60, None, 140)]
    assert [one.entered_by for one in now] == [None, keeper.public_id]
    assert "今天已经有一版" in ward.refused("clinical-range-new", by=keeper, **typed)
    with pytest.raises(NotFound):
        actions.add_band(
            test_code="NONE",
            sex="",
            age_from=0,
            age_below=None,
            from_day=TODAY,
            by=keeper,
            now=timezone.now(),
            low=Decimal(1),
            high=None,
            critical_low=None,
            critical_high=None,
            source="x",
        )
