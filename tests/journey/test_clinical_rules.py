"""Rules of tests, plans, documents, operations, checks, recovery and surveys, on plain values."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yimei.core.errors import NotFound, RuleBroken
from yimei.hospital.enums import Anaesthesia, FormKind
from yimei.journey.enums import Flag, Part, Phase, PlanStatus
from yimei.journey.enums import SurgeryStatus as Status
from yimei.journey.rules import assessments, checklist, consents, plans, recovery, surgeries, surveys, tests

NOW = datetime(2026, 6, 16, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

# ---- tests --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"), [("5.20", "5.20"), (" ３．５ ", "3.5"), ("－1", "-1"), ("0", "0"), ("1e2", "1e2")]
)
def test_a_number_is_read_as_it_was_typed(text: str, number: str) -> None:
    assert tests.read_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "阴性", "5.2 g/L", "NaN", "Infinity", "-Infinity", "1,5", "😀"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="不是数值"):
        tests.read_number(text)


@pytest.mark.parametrize(
    ("value", "low", "high", "flag"),
    [
        ("3.5", "3.5", "9.5", Flag.NORMAL),
        ("9.5", "3.5", "9.5", Flag.NORMAL),
        ("3.4999", "3.5", "9.5", Flag.LOW),
        ("9.5001", "3.5", "9.5", Flag.HIGH),
        ("1.9", "3.5", "9.5", Flag.CRITICAL_LOW),
        ("2", "3.5", "9.5", Flag.LOW),
        ("31", "3.5", "9.5", Flag.CRITICAL_HIGH),
        ("-1", None, "9.5", Flag.CRITICAL_LOW),
        ("29", "3.5", None, Flag.NORMAL),
        ("29", None, None, Flag.NORMAL),
    ],
)
def test_both_limits_are_normal_and_beyond_the_critical_ones_somebody_is_called(
    value: str, low: str | None, high: str | None, flag: Flag
) -> None:
    limits = tests.Limits(
        Decimal(low) if low else None, Decimal(high) if high else None, Decimal(2), Decimal(30)
    )
    assert tests.flag_number(Decimal(value), limits) is flag


@dataclass(frozen=True)
class Span:
    sex: str
    age_from: int
    age_below: int | None
    low: Decimal | None
    high: Decimal | None
    critical_low: Decimal | None = None
    critical_high: Decimal | None = None


WIDE = tests.Limits(Decimal(0), Decimal(100))
SPANS = [
    Span("", 0, 18, Decimal(4), Decimal(11)),
    Span("F", 18, 60, Decimal(41), Decimal(73)),
    Span("F", 60, None, Decimal(41), Decimal(81)),
    Span("M", 18, None, Decimal(57), Decimal(97)),
]


@pytest.mark.parametrize(
    ("sex", "age", "words"),
    [
        ("F", 17, "4–11"),
        ("F", 18, "41–73"),
        ("F", 59, "41–73"),
        ("F", 60, "41–81"),
        ("M", 60, "57–97"),
        ("U", 60, "57–81"),
        ("F", None, "须先登记年龄与性别"),
    ],
)
def test_a_range_fits_sex_and_age_and_what_is_unknown_is_judged_narrowly(
    sex: str, age: int | None, words: str
) -> None:
    assert tests.limits_for(SPANS, sex=sex, age=age, otherwise=WIDE).words == words


def test_where_no_range_fits_the_test_itself_speaks() -> None:
    assert tests.limits_for([], sex="F", age=30, otherwise=WIDE) == WIDE
    assert tests.limits_for(SPANS[1:], sex="F", age=10, otherwise=WIDE) == WIDE


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "王 芳"}, ""),
        ({"number": "zx20260001"}, ""),
        ({"number": "002x"}, ""),
        ({"name": "王方"}, "姓名"),
        ({"number": "ZX20260002"}, "档案号或证件号"),
        ({"sex": "M"}, "性别"),
    ],
)
def test_a_result_of_somebody_else_is_refused(given: dict[str, str], words: str) -> None:
    said = {"name": "王芳", "number": "ZX20260001", "sex": "F"} | given
    known = {"is_name": "王芳", "file_no": "ZX20260001", "id_no": "11010519491231002X", "is_sex": "F"}
    if not words:
        tests.check_bearer(**said, **known)
        return
    with pytest.raises(RuleBroken, match=words):
        tests.check_bearer(**said, **known)


def test_a_result_counts_on_its_last_day_and_comes_from_the_past() -> None:
    assert tests.valid_to(date(2026, 6, 16), 3) == date(2026, 6, 19)
    today = date(2026, 6, 16)
    tests.check_taken(today, today=today)
    tests.check_taken(today - timedelta(days=365), today=today)
    for taken in (today + timedelta(days=1), today - timedelta(days=366)):
        with pytest.raises(RuleBroken, match="采样日期"):
            tests.check_taken(taken, today=today)


# ---- assessment ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("height", "weight", "value", "words"),
    [
        ("162.0", "48.5", "18.5", "正常"),
        ("162.0", "48.3", "18.4", "偏瘦"),
        ("162.0", "63.0", "24.0", "超重"),
        ("162.0", "73.5", "28.0", "肥胖"),
    ],
)
def test_body_mass_index_and_its_band(height: str, weight: str, value: str, words: str) -> None:
    found = assessments.bmi(Decimal(height), Decimal(weight))
    assert (found, assessments.bmi_words(found)) == (Decimal(value), words)


def test_a_history_is_told_in_the_order_of_asking_with_what_wants_a_second_look() -> None:
    told = assessments.history_lines({"keloid": "yes", "smoking": "never", "bleeding": ""})
    assert told == [("吸烟", "从不", False), ("瘢痕体质", "有", True)]


# ---- plans --------------------------------------------------------------------------------------

words = st.text(max_size=20)
contents = st.builds(
    plans.Content,
    procedure=words,
    side=words,
    anaesthesia=words,
    surgeon=words,
    surgeon_id=st.uuids(),
    sites=words,
    implants=words,
    alternatives=words,
    risks=words,
    price=st.decimals(min_value=0, max_value=10**6, places=2),
)


@given(contents, contents)
def test_two_contents_share_a_fingerprint_only_when_nothing_differs(
    one: plans.Content, other: plans.Content
) -> None:
    same = plans.fingerprint(one, version=1) == plans.fingerprint(other, version=1)
    assert same == (one == other)
    assert plans.fingerprint(one, version=1) != plans.fingerprint(one, version=2)


@given(contents, st.sampled_from([field.name for field in fields(plans.Content)]))
def test_any_change_of_a_field_changes_the_fingerprint(content: plans.Content, name: str) -> None:
    value: Any = getattr(content, name)
    other = (
        UUID(int=value.int ^ 1)
        if isinstance(value, UUID)
        else value + 1
        if isinstance(value, Decimal)
        else value + "。"
    )
    changed = replace(content, **{name: other})
    assert plans.fingerprint(changed, version=1) != plans.fingerprint(content, version=1)
    labels = [each.label for each in plans.differences(content, changed)]
    assert labels == ([plans.labels()[name]] if name != "surgeon_id" else [])


@given(contents, contents)
def test_differences_read_the_same_from_both_sides(one: plans.Content, other: plans.Content) -> None:
    there, back = plans.differences(one, other), plans.differences(other, one)
    assert [(each.label, each.old, each.new) for each in there] == [
        (each.label, each.new, each.old) for each in back
    ]
    assert plans.differences(one, one) == ()


@pytest.mark.parametrize("old", PlanStatus)
@pytest.mark.parametrize("new", PlanStatus)
def test_a_plan_moves_only_by_its_table(old: PlanStatus, new: PlanStatus) -> None:
    if new in plans.MOVES.get(old, ()):
        plans.check_move(old, new)
        return
    with pytest.raises(RuleBroken, match="方案不能从"):
        plans.check_move(old, new)


def test_a_talk_follows_the_plan_and_is_not_in_the_future() -> None:
    plans.check_talk(talked_at=NOW, finalised_at=NOW, now=NOW)
    with pytest.raises(RuleBroken, match="早于方案定稿"):
        plans.check_talk(talked_at=NOW - MINUTE, finalised_at=NOW, now=NOW)
    with pytest.raises(RuleBroken, match="现在之后"):
        plans.check_talk(talked_at=NOW + MINUTE, finalised_at=NOW, now=NOW)


def test_a_version_is_written_with_the_newest_in_sight() -> None:
    plans.check_fresh(None, 3)
    plans.check_fresh(3, 3)
    with pytest.raises(RuleBroken, match="v3") as refusal:
        plans.check_fresh(2, 3)
    assert refusal.value.code == "stale"


# ---- documents ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "anaesthesia", "surgeon", "anaesthetist", "passes"),
    [
        (FormKind.SURGERY, Anaesthesia.LOCAL, True, False, True),
        (FormKind.SURGERY, Anaesthesia.LOCAL, False, True, False),
        (FormKind.ANAESTHESIA, Anaesthesia.LOCAL, True, False, True),
        (FormKind.ANAESTHESIA, Anaesthesia.LOCAL, False, True, False),
        (FormKind.ANAESTHESIA, Anaesthesia.SEDATION, True, False, False),
        (FormKind.ANAESTHESIA, Anaesthesia.SEDATION, False, True, True),
        (FormKind.ANAESTHESIA, Anaesthesia.GENERAL, False, True, True),
        (FormKind.IMAGE, Anaesthesia.GENERAL, False, True, False),
    ],
)
def test_whoever_does_it_explains_it(
    kind: FormKind, anaesthesia: Anaesthesia, surgeon: bool, anaesthetist: bool, passes: bool
) -> None:
    def check() -> None:
        consents.check_talker(
            kind=kind, anaesthesia=anaesthesia, is_surgeon=surgeon, is_anaesthetist=anaesthetist
        )

    if passes:
        check()
    else:
        with pytest.raises(RuleBroken, match="谈话"):
            check()


def test_a_minor_signs_with_a_guardian_and_everybody_says_something_back() -> None:
    consents.check_signers(needs_guardian=False, has_guardian_signature=False, questions="会肿多久？")
    consents.check_signers(needs_guardian=True, has_guardian_signature=True, questions="会肿多久？")
    with pytest.raises(RuleBroken, match="监护人"):
        consents.check_signers(needs_guardian=True, has_guardian_signature=False, questions="会肿多久？")
    with pytest.raises(RuleBroken, match="复述"):
        consents.check_signers(needs_guardian=False, has_guardian_signature=False, questions=" 无   ")


# ---- the operation and its checks ---------------------------------------------------------------


@pytest.mark.parametrize("old", Status)
@pytest.mark.parametrize("new", Status)
def test_an_operation_moves_only_by_its_table(old: Status, new: Status) -> None:
    if new in surgeries.open_moves(old):
        surgeries.check_move(old, new)
        return
    with pytest.raises(RuleBroken, match="手术不能从"):
        surgeries.check_move(old, new)


def test_an_operation_stays_within_one_day_to_come() -> None:
    surgeries.check_start(NOW, now=NOW)
    with pytest.raises(RuleBroken, match="已经过去"):
        surgeries.check_start(NOW - MINUTE, now=NOW)
    midnight = datetime(2026, 6, 16, 16, tzinfo=UTC)
    surgeries.check_one_day(NOW, midnight)
    with pytest.raises(RuleBroken, match="午夜"):
        surgeries.check_one_day(NOW, midnight + MINUTE)


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("status", Status)
def test_each_moment_of_the_check_has_its_time(phase: Phase, status: Status) -> None:
    fits = status == (Status.CLOSED if phase == Phase.SIGN_OUT else Status.IN_ROOM)
    if fits:
        surgeries.check_phase_time(phase, status, closure_at=NOW)
        return
    with pytest.raises(RuleBroken, match="核查须在"):
        surgeries.check_phase_time(phase, status, closure_at=NOW)


def whole(phase: Phase, count: str = "20") -> dict[str, str]:
    return {item.code: count if item.is_count else "yes" for item in checklist.ITEMS[phase]}


EVERY = [(phase, item) for phase in Phase for item in checklist.ITEMS[phase]]


@pytest.mark.parametrize(("phase", "item"), EVERY, ids=[f"{phase}-{item.code}" for phase, item in EVERY])
@pytest.mark.parametrize("answer", ["", "no", "na", "-1", "1000", "２０", "yes"])
def test_no_item_of_a_check_is_skipped(phase: Phase, item: checklist.Item, answer: str) -> None:
    answers = whole(phase) | {item.code: answer}
    if (answer == "yes" and not item.is_count) or (answer == "na" and item.may_skip):
        checklist.check_answers(phase, answers, count_start=20)
        return
    with pytest.raises(RuleBroken, match="1 项没有确认") as refusal:
        checklist.check_answers(phase, answers, count_start=20)
    assert [each.what for each in refusal.value.missing] == [str(item.title)]


@given(st.integers(0, 999), st.lists(st.integers(0, 999), min_size=3, max_size=3))
def test_the_four_counts_agree_or_nobody_leaves(start: int, counts: list[int]) -> None:
    answers = whole(Phase.SIGN_OUT) | dict(zip(checklist.COUNTS_AFTER, map(str, counts), strict=True))
    if set(counts) == {start}:
        checklist.check_answers(Phase.SIGN_OUT, answers, count_start=start)
        return
    with pytest.raises(RuleBroken, match="清点不一致") as refusal:
        checklist.check_answers(Phase.SIGN_OUT, answers, count_start=start)
    assert refusal.value.code == "count"


def test_without_a_first_count_nobody_leaves() -> None:
    with pytest.raises(RuleBroken, match="清点不一致"):
        checklist.check_answers(Phase.SIGN_OUT, whole(Phase.SIGN_OUT), count_start=None)


def test_the_moments_come_in_order_and_are_signed_by_three() -> None:
    checklist.check_order(Phase.SIGN_IN, completed=[])
    for phase, done in [(Phase.TIME_OUT, []), (Phase.SIGN_OUT, [Phase.SIGN_IN]), (Phase.SIGN_OUT, [])]:
        with pytest.raises(RuleBroken, match="还没有全部签名"):
            checklist.check_order(phase, completed=done)
    assert checklist.unsigned(signed=[Part.NURSE], has_anaesthetist=True) == (Part.SURGEON, Part.ANAESTHETIST)
    assert checklist.unsigned(signed=[Part.NURSE], has_anaesthetist=False) == (Part.SURGEON, Part.ASSISTANT)


# ---- recovery -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    at: datetime
    systolic: int = 118
    diastolic: int = 72
    pulse: int = 70
    respiration: int = 15
    spo2: int = 99
    temperature: Decimal = Decimal("36.6")
    pain: int = 1
    aldrete: int = 10


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"systolic": 89}, "收缩压 89"),
        ({"systolic": 161}, "收缩压 161"),
        ({"diastolic": 49}, "舒张压 49"),
        ({"pulse": 111}, "脉搏 111"),
        ({"respiration": 9}, "呼吸 9"),
        ({"temperature": Decimal("37.9")}, "体温 37.9"),
        ({"spo2": 95}, "SpO₂ 95 %"),
        ({"pain": 5}, "疼痛 5"),
    ],
)
def test_each_sign_has_its_band(change: dict[str, Any], words: str) -> None:
    assert recovery.out_of_band(replace(Seen(NOW), **change)) == [words]
    assert recovery.out_of_band(Seen(NOW)) == []


minutes_and_calm = st.lists(st.tuples(st.integers(1, 25), st.booleans()), min_size=1, max_size=12)


@given(minutes_and_calm)
def test_the_steady_run_is_unbroken_in_band_and_ends_with_the_newest(steps: list[tuple[int, bool]]) -> None:
    at, seen = NOW, []
    for gap, calm in steps:
        at += gap * MINUTE
        seen.append(Seen(at, pulse=70 if calm else 140))
    since = recovery.steady_since(list(reversed(seen)))
    if not steps[-1][1]:
        assert since is None
        return
    assert since is not None
    run = [each for each in seen if each.at >= since]
    assert not any(recovery.out_of_band(each) for each in run)
    gaps = [later.at - sooner.at for sooner, later in pairwise(run)]
    assert all(gap <= recovery.DEFAULTS.longest_gap for gap in gaps)
    before = [each for each in seen if each.at < since]
    if before:
        last = before[-1]
        too_far = run[0].at - last.at > recovery.DEFAULTS.longest_gap
        assert recovery.out_of_band(last) or too_far


@given(minutes_and_calm, st.integers(0, 40))
def test_nobody_goes_home_before_thirty_steady_minutes(steps: list[tuple[int, bool]], wait: int) -> None:
    at, seen = NOW, []
    for gap, calm in steps:
        at += gap * MINUTE
        seen.append(Seen(at, spo2=99 if calm else 90))
    free = not recovery.missing(seen, now=at + wait * MINUTE)
    since = recovery.steady_since(seen)
    assert free == (since is not None and at - since >= 30 * MINUTE and wait <= 20)


def test_the_score_and_the_door_have_their_say() -> None:
    seen = [Seen(NOW - n * 10 * MINUTE, aldrete=8 if n == 0 else 10) for n in range(4)]
    assert [each.what for each in recovery.missing(seen, now=NOW)] == ["Aldrete 评分 8，须达到 9"]
    assert [each.what for each in recovery.missing([], now=NOW)] == ["恢复室观察记录"]
    nobody = recovery.missing_at_door(escort_name=" ", escort_phone="129", advice_given=False)
    assert [each.what for each in nobody] == ["陪同人姓名与电话", "书面术后注意事项已交付"]
    assert not recovery.missing_at_door(escort_name="林芳", escort_phone="129", advice_given=True)


@pytest.mark.parametrize(
    ("second", "reason", "words"),
    [
        (None, "患者坚持离院，家属签字", "两名"),
        (1, "患者坚持离院，家属签字", "两名"),
        (2, "  太短  ", "至少 10 个字"),
    ],
)
def test_a_gate_is_overruled_by_two_and_a_reason(second: int | None, reason: str, words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        recovery.check_override(reason=reason, first=1, second=second)
    recovery.check_override(reason="患者坚持离院，家属已签字确认", first=1, second=2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"at": NOW + MINUTE}, "现在之后"),
        ({"at": NOW - 61 * MINUTE}, "早于离开手术间"),
        ({"temperature": Decimal("29.9")}, "体温"),
        ({"systolic": 72}, "血压"),
        ({"systolic": 261}, "血压"),
        ({"spo2": 101}, "超出可能范围"),
        ({"pulse": 19}, "超出可能范围"),
    ],
)
def test_what_cannot_be_is_not_written_down(change: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleBroken, match=words):
        recovery.check_observation(replace(Seen(NOW), **change), now=NOW, left_at=NOW - 60 * MINUTE)


# ---- surveys ------------------------------------------------------------------------------------


def test_a_link_is_good_once_and_for_two_weeks() -> None:
    ends = NOW + surveys.VALID_FOR
    surveys.check_open(expires_at=ends, answered_at=None, now=ends - MINUTE)
    with pytest.raises(NotFound, match="过期"):
        surveys.check_open(expires_at=ends, answered_at=None, now=ends)
    with pytest.raises(RuleBroken, match="已经提交过"):
        surveys.check_open(expires_at=ends, answered_at=NOW, now=NOW)
    assert surveys.token_hash("a") != surveys.token_hash("b") != "b"


@pytest.mark.parametrize(
    ("score", "dimensions", "comment", "words"),
    [
        (-1, {}, "", "0 到 10"),
        (11, {}, "", "0 到 10"),
        (9, {"doctor": 0}, "", "1 到 5"),
        (9, {"doctor": 6}, "", "1 到 5"),
        (9, {"unknown": 3}, "", "1 到 5"),
        (9, {}, "好" * 2001, "2000 字"),
    ],
)
def test_an_answer_stays_within_its_scales(
    score: int, dimensions: dict[str, int], comment: str, words: str
) -> None:
    with pytest.raises(RuleBroken, match=words):
        surveys.check_answer(score=score, dimensions=dimensions, comment=comment)
    surveys.check_answer(score=0, dimensions=dict.fromkeys(surveys.DIMENSIONS, 5), comment="好" * 2000)
