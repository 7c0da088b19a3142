"""Ranges, scores and stop rules through the screens: asked, judged, let pass by name, shown ever after."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.desk.ward import NOW, Ward
from tests.factories.hospital import StopRuleFactory, TestRangeFactory
from tests.factories.people import AlertFactory, StaffFactory
from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import StopKind
from yimei.journey.actions import stops as actions
from yimei.journey.enums import StopState
from yimei.journey.models import Assessment, StopOverride
from yimei.journey.models import TestResult as Result
from yimei.journey.queries import stops as queries
from yimei.outbox.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="walks a customer from page to page")]
REASON = "小剂量、局麻小手术，出血风险可控"


@pytest.fixture
def ward() -> Iterator[Ward]:
    ward = Ward()
    StopRuleFactory()
    yield ward
    ward.close()


def told(ward: Ward, state: str, last: str = "") -> None:
    ward.assess(stop_ASPIRIN=state, last_ASPIRIN=last)


def days_ago(count: int) -> str:
    return (NOW - timedelta(days=count)).date().isoformat()


def test_an_open_question_about_medication_keeps_what_was_typed(ward: Ward) -> None:
    page = ward.refused("case-assessment", ward.case.public_id, by=ward.surgeon, opinion="尚可")
    assert "尚可" in page
    assert "阿司匹林" in page


def test_scores_are_frozen_with_the_assessment(ward: Ward) -> None:
    ward.assess(stop_ASPIRIN="no", score_caprini=["varicose"], mallampati="2")
    frozen = Assessment.objects.get().scores
    assert frozen["caprini"]["items"] == ["大手术（超过 45 分钟） +2", "静脉曲张 +1"]
    page = ward.get("case-assessment", ward.case.public_id, by=ward.surgeon).content.decode()
    assert "Caprini 静脉血栓风险" in page
    assert "待临床确认" in page


def test_scores_are_shown_while_they_are_ticked_and_nothing_is_kept(ward: Ward) -> None:
    data = {"height_cm": "165", "weight_kg": "80", "asa": "2", "score_rcri": ["insulin"]}
    page = ward.post("case-scores", ward.case.public_id, by=ward.surgeon, **data).content.decode()
    assert "29.4" in page
    assert "0.9 %" in page
    assert not Assessment.objects.exists()


def test_a_drug_still_taken_keeps_the_theatre_shut_until_somebody_answers_for_it(ward: Ward) -> None:
    ward.assess(stop_ASPIRIN="stopped", last_ASPIRIN=days_ago(5))
    ward.enter_tests()
    ward.choose_plan()
    page = ward.refused("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())
    assert "停药与禁忌期" in page
    assert "阿司匹林" not in page, "a scheduler never reads which drug"
    key = queries.against(ward.case, now=timezone.now())[0].key
    assert "至少 10 个字" in ward.refused(
        "stop-override", ward.case.public_id, by=ward.surgeon, key=key, reason="可以"
    )
    ward.do("stop-override", ward.case.public_id, by=ward.surgeon, key=key, reason=REASON)
    ward.do("case-schedule", ward.case.public_id, by=ward.scheduler, **ward.place())
    page = ward.get("case", ward.case.public_id, by=ward.surgeon).content.decode()
    assert f"陈屿 说明理由后放行：{REASON}" in page
    assert "待临床确认" in ward.get("case-stops", ward.case.public_id, by=ward.surgeon).content.decode()


def test_a_nurse_asks_again_and_the_newest_word_counts(ward: Ward) -> None:
    told(ward, "now")
    assert queries.against(ward.case, now=timezone.now())
    wrong = ward.refused("stop-note", ward.case.public_id, "ASPIRIN", by=ward.nurse, state="stopped")
    assert "请写明最后一次的日期" in wrong
    ward.do("stop-note", ward.case.public_id, "ASPIRIN", by=ward.nurse, state="stopped", last_on=days_ago(20))
    assert not queries.against(ward.case, now=timezone.now())


def test_a_changed_answer_takes_the_override_away(ward: Ward) -> None:
    told(ward, "stopped", days_ago(5))
    now = timezone.now()
    key = queries.against(ward.case, now=now)[0].key
    actions.override(ward.case.public_id, finding_key=key, reason=REASON, by=ward.surgeon, now=now)
    assert queries.facts_of(ward.case, on=now.date(), is_final=True)[0].passed_by == "陈屿"
    actions.note(
        ward.case.public_id,
        rule_code="ASPIRIN",
        state=StopState.STOPPED,
        last_on=(now - timedelta(days=1)).date(),
        by=ward.nurse,
        now=now,
    )
    assert queries.facts_of(ward.case, on=now.date(), is_final=True)[0].passed_by == ""


def test_who_may_not_operate_lets_nothing_pass_and_a_pregnancy_never_passes(ward: Ward) -> None:
    StopRuleFactory(code="PREGNANCY", kind=StopKind.PREGNANCY, name="妊娠", words=["孕"], may_override=False)
    AlertFactory(patient=ward.patient, kind="pregnancy", text="怀孕 8 周")
    AlertFactory(patient=ward.patient, kind="medication", text="长期口服阿司匹林")
    now = timezone.now()
    keys = {each.rule.code: each.key for each in queries.against(ward.case, now=now)}
    assert keys.keys() == {"ASPIRIN", "PREGNANCY"}
    with pytest.raises(RuleBroken, match="不能放行"):
        actions.override(
            ward.case.public_id, finding_key=keys["PREGNANCY"], reason=REASON, by=ward.surgeon, now=now
        )
    ward.surgeon.privileges.all().delete()
    with pytest.raises(RuleBroken) as refusal:
        actions.override(
            ward.case.public_id, finding_key=keys["ASPIRIN"], reason=REASON, by=ward.surgeon, now=now
        )
    assert "手术授权" in refusal.value.missing[0].what
    stranger = StaffFactory(role="surgeon", campus=ward.campus)
    with pytest.raises(NotFound):
        actions.override(
            ward.case.public_id, finding_key=keys["ASPIRIN"], reason=REASON, by=stranger, now=now
        )
    assert not StopOverride.objects.exists()


def test_a_result_is_judged_by_age_and_a_critical_one_rings(ward: Ward) -> None:
    TestRangeFactory(test=ward.blood, age_from=0, age_below=31, high=Decimal(140), critical_high=Decimal(200))
    TestRangeFactory(test=ward.blood, age_from=31, high=Decimal(150), critical_high=Decimal(200))
    told(ward, "no")
    ward.order_tests()
    for blood, flag in (("150", "N"), ("151", "H"), ("201", "HH")):
        ward.do("case-tests", ward.case.public_id, by=ward.nurse, **ward.results(blood=blood))
        newest = Result.objects.filter(order__test=ward.blood).order_by("-pk")[0]
        assert (newest.flag, newest.reference) == (flag, "115–150")
    bell = Notification.objects.get(staff=ward.surgeon)
    assert "危急值" in bell.text
    assert ward.patient.person.name not in bell.text
    page = ward.get("case-tests", ward.case.public_id, by=ward.nurse).content.decode()
    assert "危急值 ↑↑" in page
