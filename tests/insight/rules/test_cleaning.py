"""Rules of cleaning, outliers and scores on plain values."""

from datetime import date
from typing import Any

import pytest

from yimei.core.errors import RuleBroken
from yimei.insight.enums import CheckKind, Severity
from yimei.insight.rules.imports import checks, outliers, quality
from yimei.insight.rules.imports.checks import Check
from yimei.insight.rules.imports.templates import FINANCE, MARKET, OPERATIONS, PATIENT

K = CheckKind
LISTS = {"procedure": frozenset({"双眼皮"}), "campus": frozenset({"总院"})}


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (Check(K.REQUIRED, ("city",)), ["杭州"], [None]),
        (Check(K.RANGE, ("visits",), low=0, high=9), [3], [10]),
        (Check(K.RANGE, ("amount",), low=0), ["12.50"], ["-0.01"]),
        (Check(K.SET, ("tier",), words=("金卡", "银卡")), ["金卡"], ["铜卡"]),
        (Check(K.PATTERN, ("city",), words=("汉汉",)), ["杭州"], ["hz"]),
        (Check(K.REFERENCE, ("procedure",), against="procedure"), ["双眼皮"], ["双眼 皮"]),
        (Check(K.ORDER, ("used_minutes", "open_minutes")), ["90", "540"], ["600", "540"]),
        (Check(K.ORDER, ("day", "last_day")), ["2024-01-01", "2024-01-02"], ["2024-02-01", "2024-01-31"]),
    ],
)
def test_a_rule_lets_the_good_through_and_not_the_bad(check: Check, good: list[Any], bad: list[Any]) -> None:
    assert not check.breaks(good, LISTS)
    assert check.breaks(bad, LISTS)
    if check.kind != K.REQUIRED:
        assert not check.breaks([None, *good[1:]], LISTS), "what is empty is a gap, not a wrong value"
    assert checks.read([check.as_data()]) == [check]


@pytest.mark.parametrize(
    ("check", "why"),
    [
        (Check(K.REQUIRED, ("phone",)), "标识列"),
        (Check(K.RANGE, ("city",), low=0), "数字列"),
        (Check(K.RANGE, ("visits",)), "下限或上限"),
        (Check(K.RANGE, ("visits",), low=9, high=1), "大于上限"),
        (Check(K.SET, ("city",)), "允许的值"),
        (Check(K.REFERENCE, ("city",), against="campus"), "对照的名单"),
        (Check(K.ORDER, ("day", "day")), "不同的列"),
        (Check(K.ORDER, ("day",)), "请选择"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(check: Check, why: str) -> None:
    with pytest.raises(RuleBroken, match=why):
        checks.clean(check, PATIENT)


def test_rules_are_suggested_from_what_a_profile_saw() -> None:
    shares = [0, 1, 2, 5, 9, 20, 40]
    profile = [
        {"column": "visits", "rows": 90, "missing": 0, "distinct": 40, "is_exact": True, "low": 0,
         "high": 4000, "quantiles": shares, "frequent": [], "shapes": []},
        {"column": "tier", "rows": 90, "missing": 9, "distinct": 2, "is_exact": True,
         "frequent": [["金卡", 50], ["银卡", 31]], "shapes": [["汉汉", 81]]},
        {"column": "age", "rows": 90, "missing": 1, "distinct": 60, "is_exact": True, "low": -10,
         "high": 119, "quantiles": [-10, -6, 17, 50, 96, 118, 119], "frequent": [], "shapes": []},
        {"column": "phone", "rows": 90, "missing": 0, "distinct": 90, "is_exact": True,
         "frequent": [], "shapes": []},
    ]  # fmt: skip
    found = checks.suggest(profile, PATIENT, LISTS)
    assert found == [
        Check(K.REQUIRED, ("visits",)),
        Check(K.RANGE, ("visits",), low=0, high=41),
        Check(K.SET, ("tier",), words=("金卡", "银卡")),
    ]
    assert not any(one.columns == ("age",) for one in found), "wider than the column's own limits"
    assert all(checks.clean(one, PATIENT) == one for one in found)
    assert all(one.severity == Severity.FLAG for one in found), "nothing is kept out unasked"
    for one in found:
        assert one.sentence(PATIENT)


def test_a_figure_far_from_its_like_is_found_and_no_other() -> None:
    figures: list[float | None] = [100.0 + n % 7 for n in range(60)]
    assert outliers.find(figures) == []
    [one] = outliers.find([*figures, None, 900.0])
    assert (one.at, one.low < 100, one.high < 200) == (61, True, True)


def test_what_is_usual_in_one_group_stands_out_in_another() -> None:
    figures: list[float | None] = [
        *(500.0 + n % 9 for n in range(40)),
        *(9000.0 + n % 9 for n in range(40)),
        9000.0,
    ]
    groups = [*["水光"] * 40, *["隆鼻"] * 40, "水光"]
    assert [one.at for one in outliers.find(figures, groups)] == [80]


def test_a_full_saturday_is_no_outlier_and_a_full_monday_is() -> None:
    days = [
        date(2024, 1, 1 + n).isoformat() if n < 31 else date(2024, 2, n - 30).isoformat() for n in range(59)
    ]
    figures: list[float | None] = [
        40.0 + n % 3 if date.fromisoformat(day).weekday() >= 5 else 10.0 + n % 3 for n, day in enumerate(days)
    ]
    figures[28] = 41.0
    found = outliers.find(figures, None, days)
    assert [one.at for one in found] == [28], date.fromisoformat(days[28]).strftime("%A")


def test_wide_amounts_are_judged_by_their_size_and_small_groups_not_at_all() -> None:
    figures: list[float | None] = [float(200 * 1.1**n) for n in range(40)]
    assert outliers.find(figures) == []
    assert outliers.find([1.0] * 10 + [99.0]) == []


def test_a_score_falls_with_each_fault() -> None:
    profile = [{"column": "day", "rows": 100, "missing": 0}, {"column": "amount", "rows": 100, "missing": 0}]
    today = date(2026, 6, 16)

    def score(**faults: Any) -> float:
        said = {"good": 100, "known": 0, "bad": 0, "flagged": 0, "last": today} | faults
        return quality.of(
            FINANCE,
            faults.pop("profile", profile),
            today=today,
            **{k: v for k, v in said.items() if k != "profile"},
        )["score"]

    assert score() == 100
    gaps = [profile[0], {"column": "amount", "rows": 100, "missing": 50}]
    for faults in (
        {"bad": 20},
        {"known": 20},
        {"flagged": 20},
        {"last": date(2025, 9, 1)},
        {"profile": gaps},
    ):
        assert score(**faults) < 100
    assert quality.of(MARKET, [], good=0, known=0, bad=0, flagged=0, last=None, today=today) == {}
    assert OPERATIONS.code in outliers.SEASONAL
