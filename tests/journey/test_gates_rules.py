"""The table of gates: each fact alone decides its own check, and nothing passes by accident."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from yimei.core.errors import Missing, RuleBroken
from yimei.journey.enums import CaseStage as Stage
from yimei.journey.enums import ReferralOutcome
from yimei.journey.rules import cases, gates
from yimei.journey.rules.gates.facts import CLINICAL, Facts, FormFact, ReferralFact, StopFact, TestFact

TestFact.__test__ = False  # type: ignore[attr-defined]  # nothing for pytest to collect
DAY = date(2026, 6, 18)
MORNING = datetime(2026, 6, 18, 2, tzinfo=UTC)
CASE, PATIENT = UUID(int=1), UUID(int=2)
WHOLE = Facts(
    case_id=CASE,
    patient_id=PATIENT,
    on=DAY,
    is_registered=True,
    has_health_consent=True,
    needs_guardian=True,
    has_guardian=True,
    is_consulted=True,
    is_assessed=True,
    is_fit=True,
    tests_ordered=True,
    tests=(TestFact("血小板", is_done=True, valid_to=DAY),),
    plan_version=2,
    plan_is_chosen=True,
    grade=1,
    privilege=(),
    deposit_due=Decimal(1000),
    deposit_paid=Decimal(1000),
    has_order=True,
    forms=(FormFact("手术知情同意书", is_signed=True),),
    has_operation=True,
    has_image_consent=True,
    photos_due=6,
    photos_taken=6,
    sign_out_done=True,
    recovery=(),
    has_review=True,
    survey_settled=True,
    referrals=(ReferralFact(ReferralOutcome.PROCEED, "陈屿"),),
)
LATE = TestFact("心电图", is_done=True, valid_to=DAY - timedelta(days=1))
ODD = TestFact("血小板", is_done=True, is_abnormal=True, valid_to=DAY)
MISSING = (Missing("手术授权", "本院授权"),)

S = Stage
CASES: list[tuple[dict[str, object], set[Stage], str]] = [
    ({"is_registered": False}, {S.ARRIVED, S.CONSULTED}, "建档"),
    (
        {"has_health_consent": False},
        {S.CONSULTED, S.ASSESSED, S.PLANNED, S.SCHEDULED, S.IN_SURGERY},
        "健康信息单独同意",
    ),
    (
        {"has_guardian": False},
        {S.ASSESSED, S.PLANNED, S.SCHEDULED, S.IN_SURGERY},
        "监护人身份与关系核对：未满十八周岁或无法确认年龄",
    ),
    ({"is_consulted": False}, {S.CONSULTED}, "现场咨询记录"),
    ({"is_assessed": False}, {S.ASSESSED, S.PLANNED}, "术前评估"),
    ({"is_fit": False}, {S.ASSESSED, S.PLANNED}, "评估结论适合手术：医师评估为不适合"),
    ({"has_body_image_concern": True}, {S.ASSESSED, S.PLANNED}, "体像障碍筛查"),
    ({"referrals": (ReferralFact(),)}, {S.PLANNED, S.SCHEDULED, S.IN_SURGERY}, "待医师决定"),
    (
        {"referrals": (ReferralFact(ReferralOutcome.DEFER, "陈屿"),)},
        {S.PLANNED, S.SCHEDULED, S.IN_SURGERY},
        "陈屿 医师：暂缓",
    ),
    ({"tests_ordered": False}, {S.PLANNED, S.SCHEDULED, S.IN_SURGERY}, "尚未开单"),
    ({"tests": (TestFact("心电图"),)}, {S.PLANNED, S.SCHEDULED, S.IN_SURGERY}, "心电图 未出结果"),
    ({"tests": (LATE,)}, {S.PLANNED, S.IN_SURGERY}, "心电图 到手术日已过期"),
    ({"tests": (ODD,)}, {S.PLANNED, S.SCHEDULED, S.IN_SURGERY}, "血小板 异常"),
    (
        {"grade": 4, "institution_grade": 2},
        {S.PLANNED, S.SCHEDULED, S.IN_SURGERY},
        "项目为 4 级，本院区最高 2 级",
    ),
    ({"privilege": MISSING}, {S.PLANNED, S.SCHEDULED, S.IN_SURGERY}, "手术授权"),
    ({"privilege": None}, {S.PLANNED, S.SCHEDULED, S.IN_SURGERY}, "尚未指定主诊医师"),
    (
        {"stops": (StopFact("阿司匹林：最早 2026-07-01", source="待临床确认"),)},
        {S.SCHEDULED, S.IN_SURGERY},
        "停药与禁忌期：阿司匹林",
    ),
    ({"plan_is_chosen": False}, {S.PLANNED, S.SCHEDULED, S.IN_SURGERY}, "方案待客户选择"),
    (
        {"cooling_until": MORNING + timedelta(seconds=1), "cooling_days": 3, "at": MORNING},
        {S.SCHEDULED, S.IN_SURGERY},
        "冷静期 3 天：最早 2026-06-18 10:00",
    ),
    (
        {"forms": (FormFact("甲", is_signed=False, is_outgrown=True),)},
        {S.IN_SURGERY},
        "甲 v2：行为能力有变化",
    ),
    ({"has_order": False}, {S.SCHEDULED, S.IN_SURGERY}, "定金：尚未开单"),
    ({"deposit_paid": Decimal("999.99")}, {S.SCHEDULED, S.IN_SURGERY}, "还差 ¥0.01"),
    ({"forms": ()}, {S.IN_SURGERY}, "尚无可签署的方案"),
    ({"forms": (FormFact("甲", is_signed=False),)}, {S.IN_SURGERY}, "甲 v2：待签署"),
    (
        {"forms": (FormFact("甲", is_signed=False, was_voided=True),)},
        {S.IN_SURGERY},
        "甲 v2：方案更新后作废，须重签",
    ),
    ({"has_operation": False}, {S.IN_SURGERY}, "手术室、医师、护士已排"),
    ({"photos_taken": 5}, {S.IN_SURGERY}, "术前照片 5/6"),
    ({"has_image_consent": True, "photos_due": 6, "photos_taken": 5}, {S.IN_SURGERY}, "术前照片"),
    ({"sign_out_done": False}, {S.RECOVERING}, "离开手术室前核查"),
    ({"recovery": None}, {S.DISCHARGED}, "恢复室观察：尚无观察记录"),
    ({"recovery": MISSING}, {S.DISCHARGED}, "手术授权"),
    ({"has_review": False}, {S.REVIEWED}, "术后复查记录"),
    ({"survey_settled": False}, {S.CLOSED}, "满意度已收回或已到期"),
]


@pytest.mark.parametrize(("change", "stages", "words"), CASES, ids=[words for *_rest, words in CASES])
def test_one_missing_fact_stops_exactly_its_stages(
    change: dict[str, object], stages: set[Stage], words: str
) -> None:
    facts = replace(WHOLE, **change)  # type: ignore[arg-type]
    assert {stage for stage in Stage if gates.missing(stage, facts)} == stages
    for stage in stages:
        with pytest.raises(RuleBroken, match="还差 1 项") as refusal:
            gates.pass_gate(stage, facts, sees_special=True)
        assert words in refusal.value.missing[0].what
        assert refusal.value.code == "gate"


def test_what_a_physician_let_pass_stays_in_sight() -> None:
    fact = StopFact("月经期", passed_by="张一刀", passed_why="局麻小手术，出血风险可控")
    soon = StopFact("避孕药：须在 2026-06-01 之前停止", is_blocking=False)
    checks = gates.before(S.IN_SURGERY, replace(WHOLE, stops=(fact, soon)))
    passed, pending = (check for check in checks if check.code == "stops")
    assert passed.is_met
    assert "张一刀 说明理由后放行：局麻小手术" in passed.detail
    assert pending.is_met
    assert "之前停止" in pending.detail
    assert passed.code in CLINICAL


def test_the_days_to_think_again_end_to_the_second() -> None:
    cooled = replace(WHOLE, cooling_until=MORNING, cooling_days=3, at=MORNING)
    assert gates.missing(S.IN_SURGERY, cooled) == []
    early = replace(cooled, at=MORNING - timedelta(seconds=1))
    assert [each.what for each in gates.missing(S.IN_SURGERY, early)] != []


@pytest.mark.parametrize("stage", Stage)
def test_whoever_has_everything_passes_every_gate(stage: Stage) -> None:
    assert gates.missing(stage, WHOLE) == []
    gates.pass_gate(stage, WHOLE)


@pytest.mark.parametrize("stage", sorted({new for moves in cases.MOVES.values() for new in moves} - {S.LOST}))
def test_every_stage_that_can_be_entered_has_a_gate(stage: Stage) -> None:
    assert gates.GATES[stage]


def test_nothing_known_names_everything_that_is_missing() -> None:
    nothing = Facts(case_id=CASE, patient_id=PATIENT, on=DAY, needs_guardian=True)
    said = gates.missing(S.IN_SURGERY, nothing)
    assert [each.what.split("：")[0] for each in said] == [
        "健康信息单独同意",
        "监护人身份与关系核对",
        "主诊医师资格与授权",
        "术前检查",
        "客户已选定方案",
        "定金",
        "手术室、医师、护士已排",
        "手术知情同意书",
    ]
    assert all(each.where.endswith((str(CASE), str(PATIENT))) for each in said)


def test_an_accepted_abnormal_result_and_a_procedure_without_tests_pass() -> None:
    accepted = replace(ODD, is_accepted=True)
    assert not gates.missing(S.IN_SURGERY, replace(WHOLE, tests=(accepted,)))
    assert not gates.missing(S.IN_SURGERY, replace(WHOLE, tests=()))


def test_an_order_without_deposit_says_so_instead_of_nought() -> None:
    free = replace(WHOLE, deposit_due=Decimal(0), deposit_paid=Decimal(0))
    [said] = [check for check in gates.before(S.SCHEDULED, free) if check.code == "deposit"]
    assert (said.is_met, said.title, said.detail) == (True, "定金", "本项目不收")


def test_whoever_may_not_see_the_chart_learns_no_finding() -> None:
    [said] = gates.missing(S.SCHEDULED, replace(WHOLE, tests=(ODD,)), sees_clinical=False)
    assert (said.what, said.where) == ("术前检查已出结果", "")
    [said] = gates.missing(S.SCHEDULED, replace(WHOLE, deposit_paid=Decimal(0)), sees_clinical=False)
    assert "还差 ¥1,000.00" in said.what


@pytest.mark.parametrize("change", [{"has_image_consent": False}, {"grade": 0}, {"photos_due": 0}])
def test_photos_stop_nobody_who_did_not_agree_and_no_procedure_without_a_knife(
    change: dict[str, object],
) -> None:
    facts = replace(WHOLE, photos_taken=0, **change)  # type: ignore[arg-type]
    assert not gates.missing(S.IN_SURGERY, facts)
    [*said] = [each.detail for each in gates.before(S.IN_SURGERY, facts) if each.code == "photos"]
    assert said == (["客户未同意影像采集"] if "has_image_consent" in change else [])
