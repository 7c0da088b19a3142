"""When, by whom and what for; decided on plain values."""

from datetime import date

import pytest

from yimei.core.errors import RuleBroken
from yimei.hospital.enums import Category
from yimei.hospital.queries import photo_series
from yimei.hospital.rules.photos import read_series
from yimei.journey.enums import PhotoMoment, PhotoUse, Side
from yimei.journey.rules import photos as rules
from yimei.journey.rules.photos import Reader

MONDAY, TUESDAY, FRIDAY = date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 19)
CLINICIAN = Reader(sees_chart=True)
TREATING = Reader(sees_chart=True, cares=True)
EMERGENCY = Reader(sees_chart=True, is_emergency=True)
CONSULTANT = Reader(is_consultant=True, cares=True, has_consent=True)


def test_every_category_has_a_series_and_a_nose_has_six_views() -> None:
    series = photo_series()
    assert {*series} == {*Category}
    assert [angle.name for angle in series[Category.NOSE].angles] == [
        "正面",
        "左 45°",
        "右 45°",
        "左侧面",
        "右侧面",
        "鼻底仰位",
    ]
    assert {one.category for one in series.values() if one.is_intimate} == {Category.BREAST, Category.BODY}
    assert all(one.source for one in series.values())


def test_a_series_with_an_angle_twice_or_a_category_without_one_is_refused() -> None:
    angle = {"code": "front", "name": "正面", "guide": "face-front"}
    row = {"category": "nose", "name": "鼻", "evidence": "unverified", "source": "x", "angles": [angle]}
    with pytest.raises(ValueError, match="stands twice"):
        read_series({"series": [row | {"angles": [angle, angle]}]})
    with pytest.raises(ValueError, match="no series"):
        read_series({"series": [row]})


@pytest.mark.parametrize(
    ("reader", "plain", "intimate"),
    [
        (CLINICIAN, True, False),
        (TREATING, True, True),
        (EMERGENCY, True, True),
        (CONSULTANT, True, False),
        (Reader(is_consultant=True, cares=True), False, False),
        (Reader(is_consultant=True, has_consent=True), False, False),
        (Reader(cares=True, has_consent=True), False, False),
        (Reader(), False, False),
    ],
)
def test_who_sees_what(reader: Reader, plain: bool, intimate: bool) -> None:
    assert rules.may_see(reader, is_intimate=False) is plain
    assert rules.may_see(reader, is_intimate=True) is intimate
    assert bool(rules.why_not(reader, is_intimate=False)) is not plain
    assert bool(rules.why_not(reader, is_intimate=True)) is not intimate


def test_the_reason_names_what_is_missing() -> None:
    assert "同意" in rules.why_not(Reader(is_consultant=True, cares=True), is_intimate=False)
    assert "服务关系" in rules.why_not(Reader(is_consultant=True), is_intimate=False)
    assert "诊疗关系" in rules.why_not(CLINICIAN, is_intimate=True)


def test_without_consent_the_refusal_says_where_to_ask() -> None:
    rules.check_consent(True, where="x")
    with pytest.raises(RuleBroken) as refused:
        rules.check_consent(False, where="desk:patient-consents:1")
    assert refused.value.code == "gate"
    assert refused.value.missing[0].where == "desk:patient-consents:1"
    assert "1033" in refused.value.missing[0].why or "一千零三十三" in refused.value.missing[0].why


def test_days_count_from_the_operation() -> None:
    def day(moment: PhotoMoment, taken_on: date, operated_on: date | None) -> int | None:
        return rules.check_moment(moment, taken_on=taken_on, operated_on=operated_on, today=FRIDAY)

    assert day(PhotoMoment.BEFORE, MONDAY, None) is None
    assert day(PhotoMoment.BEFORE, TUESDAY, TUESDAY) is None
    assert day(PhotoMoment.AFTER, TUESDAY, TUESDAY) == 0
    assert day(PhotoMoment.REVIEW, FRIDAY, TUESDAY) == 3


@pytest.mark.parametrize(
    ("moment", "taken_on", "operated_on", "said"),
    [
        (PhotoMoment.BEFORE, date(2026, 6, 20), None, "晚于今天"),
        (PhotoMoment.BEFORE, FRIDAY, TUESDAY, "不是术前"),
        (PhotoMoment.AFTER, FRIDAY, None, "还没有手术"),
        (PhotoMoment.REVIEW, MONDAY, TUESDAY, "早于手术"),
    ],
)
def test_a_moment_that_cannot_have_been_is_refused(
    moment: PhotoMoment, taken_on: date, operated_on: date | None, said: str
) -> None:
    with pytest.raises(RuleBroken, match=said):
        rules.check_moment(moment, taken_on=taken_on, operated_on=operated_on, today=FRIDAY)


def test_a_sided_procedure_wants_a_side() -> None:
    rules.check_side(Side.NONE, has_side=False)
    rules.check_side(Side.LEFT, has_side=True)
    with pytest.raises(RuleBroken, match="部位侧"):
        rules.check_side(Side.NONE, has_side=True)


def test_voiding_needs_words_and_happens_once() -> None:
    assert rules.check_void(is_voided=False, reason=" 拍错客户 ") == "拍错客户"
    with pytest.raises(RuleBroken, match="至少 4 个字"):
        rules.check_void(is_voided=False, reason="错")
    with pytest.raises(RuleBroken, match="已经作废"):
        rules.check_void(is_voided=True, reason="拍错客户")


@pytest.mark.parametrize("use", PhotoUse)
def test_no_use_beyond_care_without_its_own_consent(use: PhotoUse) -> None:
    rules.check_release(use, is_intimate=False, has_consent=True, where="")
    with pytest.raises(RuleBroken, match="没有同意"):
        rules.check_release(use, is_intimate=False, has_consent=False, where="")


def test_a_private_part_never_goes_to_the_public() -> None:
    rules.check_release(PhotoUse.TEACHING, is_intimate=True, has_consent=True, where="")
    with pytest.raises(RuleBroken, match="不得用于公开宣传"):
        rules.check_release(PhotoUse.PUBLICITY, is_intimate=True, has_consent=True, where="")


@pytest.mark.parametrize(
    ("is_on", "released_under", "in_force", "usable"),
    [
        (True, 1, 1, True),
        (True, 1, None, False),
        (True, 1, 2, False),
        (False, None, 1, False),
        (False, None, None, False),
    ],
)
def test_a_release_dies_with_its_consent(
    is_on: bool, released_under: int | None, in_force: int | None, usable: bool
) -> None:
    found = rules.is_usable(is_on=is_on, released_under=released_under, consent_in_force=in_force)
    assert found is usable
