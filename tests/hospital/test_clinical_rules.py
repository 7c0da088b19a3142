"""Which version counts, when a new one may begin, and which numbers make sense."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from yimei.core.errors import RuleBroken
from yimei.hospital.enums import StopKind
from yimei.hospital.rules import clinical as rules
from yimei.hospital.rules.clinical import Band

TODAY = date(2026, 6, 15)
GOOD = {
    "low": Decimal("3.5"),
    "high": Decimal("9.5"),
    "critical_low": Decimal(2),
    "critical_high": Decimal(30),
}


def test_a_version_counts_from_its_first_day_to_the_day_before_the_next() -> None:
    version = SimpleNamespace(valid_from=TODAY, valid_to=TODAY + timedelta(days=2))
    days = [rules.stands(version, TODAY + timedelta(days=n)) for n in (-1, 0, 1, 2)]
    assert days == [False, True, True, False]
    assert rules.stands(SimpleNamespace(valid_from=rules.ALWAYS, valid_to=None), TODAY)


def test_a_version_begins_today_or_later_and_once_a_day() -> None:
    rules.check_new_version(TODAY, today=TODAY, starts=frozenset({rules.ALWAYS}))
    later = TODAY + timedelta(days=1)
    rules.check_new_version(later, today=TODAY, starts=frozenset({later}))
    with pytest.raises(RuleBroken, match="不能早于今天"):
        rules.check_new_version(TODAY - timedelta(days=1), today=TODAY, starts=frozenset())
    with pytest.raises(RuleBroken, match="从明天起"):
        rules.check_new_version(TODAY, today=TODAY, starts=frozenset({TODAY}))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"low": None, "high": None}, "low"),
        ({"high": Decimal("3.5")}, "high"),
        ({"critical_low": Decimal("3.6")}, "critical_low"),
        ({"critical_high": Decimal("9.4")}, "critical_high"),
        ({"low": None, "critical_low": Decimal("9.6")}, "critical_low"),
    ],
)
def test_limits_that_contradict_each_other_are_refused_at_their_field(
    changes: dict[str, Decimal | None], field: str
) -> None:
    rules.check_limits(**GOOD)
    with pytest.raises(RuleBroken) as refusal:
        rules.check_limits(**{**GOOD, **changes})
    assert refusal.value.code == field


def test_pregnancy_never_becomes_a_rule_that_may_be_passed() -> None:
    rules.check_stop_rule(StopKind.MEDICATION, may_override=True, words=["阿司匹林"])
    rules.check_stop_rule(StopKind.PREGNANCY, may_override=False, words=[])
    with pytest.raises(RuleBroken, match="妊娠"):
        rules.check_stop_rule(StopKind.PREGNANCY, may_override=True, words=[])
    with pytest.raises(RuleBroken, match="识别用词"):
        rules.check_stop_rule(StopKind.MEDICATION, may_override=True, words=["药" * 21])


def test_words_are_read_however_they_are_parted() -> None:
    assert rules.read_words("华法林，利伐沙班、 达比加群\n华法林;𠮷药,") == [
        "华法林",
        "利伐沙班",
        "达比加群",
        "𠮷药",
    ]


@pytest.mark.parametrize(
    ("known", "new", "rest"),
    [
        (Band(0, None), Band(14, 18), [Band(0, 14), Band(18, None)]),
        (Band(18, None), Band(60, None), [Band(18, 60)]),
        (Band(18, 60), Band(18, 60), []),
        (Band(18, 60), Band(50, 70), [Band(18, 50)]),
        (Band(60, None), Band(50, 70), [Band(70, None)]),
    ],
)
def test_a_new_band_takes_its_ages_and_leaves_the_rest(known: Band, new: Band, rest: list[Band]) -> None:
    assert rules.overlap(known, new)
    assert rules.rest_of(known, new) == rest


def test_bands_that_only_touch_do_not_overlap() -> None:
    assert not rules.overlap(Band(0, 14), Band(14, 18))
    assert not rules.overlap(Band(18, None), Band(14, 18))


@pytest.mark.parametrize("band", [Band(18, 18), Band(20, 10), Band(200, None), Band(0, 200)])
def test_a_band_that_is_none_is_refused(band: Band) -> None:
    with pytest.raises(RuleBroken, match="从小到大"):
        rules.check_band(band)


def test_one_age_is_not_judged_twice() -> None:
    with pytest.raises(RuleBroken, match="不分性别"):
        rules.check_sexes("F", [""])
    with pytest.raises(RuleBroken, match="按男女分开"):
        rules.check_sexes("", ["M"])
    rules.check_sexes("F", ["M", "F"])
