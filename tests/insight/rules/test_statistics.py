# ruff: noqa: E501
"""Tests and models give what R and the textbooks give, to six places."""

import math
from typing import Any

import pytest

from yimei.core.errors import RuleBroken
from yimei.insight.rules import statistics
from yimei.insight.rules.statistics import corrections, survival
from yimei.insight.rules.statistics.reading import reads, reads_model

# R: sleep, extra by group
SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
# R: PlantGrowth
PLANTS = {
    "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
    "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
    "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
}
# R: cars
SPEED = [4, 4, 7, 7, 8, 9, 10, 10, 10, 11, 11, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 16, 16,
         17, 17, 17, 18, 18, 18, 18, 19, 19, 19, 20, 20, 20, 20, 20, 22, 23, 24, 24, 24, 24, 25]  # fmt: skip
DIST = [2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26, 54, 32, 40,
        32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85]  # fmt: skip
# R: mtcars, am ~ wt
WT = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25, 5.424, 5.345, 2.2,
      1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17, 2.77, 3.57, 2.78]  # fmt: skip
AM = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
# Freireich 1963: weeks in remission, 6-MP and placebo
MP = [(6, True), (6, True), (6, True), (6, False), (7, True), (9, False), (10, True), (10, False), (11, False),
      (13, True), (16, True), (17, False), (19, False), (20, False), (22, True), (23, True), (25, False),
      (32, False), (32, False), (34, False), (35, False)]  # fmt: skip
PLACEBO = [(t, True) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]


def close(value: Any) -> Any:
    return pytest.approx(value, abs=1e-6)


@pytest.mark.slow(reason="loads scipy")
def test_welch_as_r() -> None:
    """t.test(extra ~ group, sleep)."""
    found = statistics.welch(SLEEP_1, SLEEP_2)
    assert found.statistic == close(-1.860813467486853)
    assert found.freedom[0] == close(17.776473516178)
    assert found.p == close(0.07939414018735)
    assert found.interval == close((-3.3654832307, 0.2054832307))


def test_chi_squared_as_r() -> None:
    """chisq.test(matrix(c(12, 5, 7, 7), 2), correct = FALSE)."""
    found = statistics.cross_table([[12, 7], [5, 7]])
    a, b, c, d = 12, 7, 5, 7
    n = a + b + c + d
    by_hand = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    assert found.statistic == close(by_hand)
    assert found.p == close(math.erfc(math.sqrt(by_hand / 2)))
    assert found.effect == close(math.sqrt(by_hand / n))
    assert not found.cautions
    assert statistics.cross_table([[3, 9], [2, 8]]).cautions


def test_analysis_of_variance_as_r() -> None:
    """summary(aov(weight ~ group, PlantGrowth)); kruskal.test of the same."""
    found = statistics.anova(PLANTS)
    assert (found.statistic, found.freedom, found.p) == (
        close(4.846087862380136),
        (2, 27),
        close(0.0159099583256),
    )
    assert found.effect == close(3.76634 / (3.76634 + 10.49209))
    assert [pair.adjusted for pair in found.pairs] == sorted(
        statistics.holm([pair.p for pair in found.pairs]), key=[p.adjusted for p in found.pairs].index
    )
    ranks = statistics.kruskal(PLANTS)
    assert (ranks.statistic, ranks.p) == (close(7.988228749443715), close(0.01842375573))


def test_ranks_as_r() -> None:
    """wilcox.test(extra ~ group, sleep, exact = FALSE): W = 25.5, p = 0.06933."""
    found = statistics.mann_whitney(SLEEP_1, SLEEP_2)
    assert found.statistic == 25.5
    assert found.p == pytest.approx(0.06932758, abs=1e-6)
    assert found.effect == close(0.255)


def test_correlation_as_r() -> None:
    """cor.test(cars$speed, cars$dist): r = 0.8068949, 0.6816422 to 0.8862036; rho = 0.8303568."""
    found = statistics.correlation(SPEED, DIST)
    assert found.statistic == close(0.8068949006892105)
    assert found.interval == close((0.6816421969, 0.8862035836))
    assert found.p == close(1.489836e-12)
    assert statistics.correlation(SPEED, DIST, ranked=True).statistic == close(0.8303568)
    low, high = statistics.correlation([1, 2, 3, 4], [1, 3, 2, 4]).interval or (0, 0)
    half = 1.959963984540054  # of four pairs: one over the root of one
    assert (low, high) == pytest.approx(
        (math.tanh(math.atanh(0.8) - half), math.tanh(math.atanh(0.8) + half))
    )
    assert statistics.correlation([1, 2, 3], [1, 3, 2]).interval is None


@pytest.mark.slow(reason="loads statsmodels")
def test_linear_regression_as_r() -> None:
    """summary(lm(dist ~ speed, cars))."""
    model = statistics.linear(DIST, {"speed": SPEED})
    const, speed = model.terms
    assert (const.estimate, const.error, const.statistic) == (
        close(-17.57909489),
        close(6.75844017),
        close(-2.60105802),
    )
    assert (speed.estimate, speed.error, speed.p) == (
        close(3.93240876),
        close(0.41551278),
        close(1.489836e-12),
    )
    assert (speed.low, speed.high) == (close(3.09696420), close(4.76785332))
    assert (model.fit["R²"], model.fit["F"]) == (close(0.65107938), close(89.56710654))
    assert "3.93" in reads_model(model)[0]


def test_logistic_regression_as_r() -> None:
    """summary(glm(am ~ wt, binomial, mtcars)): 12.040, −4.024, se 4.510, 1.436."""
    model = statistics.logistic(AM, {"wt": WT})
    const, wt = model.terms
    assert (const.estimate, wt.estimate) == (
        pytest.approx(12.04037, abs=1e-5),
        pytest.approx(-4.02397, abs=1e-5),
    )
    assert (const.error, wt.error) == (pytest.approx(4.5097, abs=1e-3), pytest.approx(1.4364, abs=1e-3))
    assert wt.odds[0] == close(math.exp(wt.estimate))
    assert model.fit["AIC"] == pytest.approx(23.17609, abs=1e-4)
    assert 0.9 < model.fit["AUC"] < 1


@pytest.mark.parametrize(
    ("y", "x"),
    [
        ([0, 0, 0, 0, 1, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8]),
        ([1] * 8, [1, 2, 3, 4, 5, 6, 7, 8]),
        ([0, 1] * 4, [3] * 8),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(y: list[int], x: list[int]) -> None:
    with pytest.raises(RuleBroken):
        statistics.logistic(y, {"x": x})


def test_survival_as_published() -> None:
    """Freireich 1963 as in R: survfit: 6-MP 0.8571, 0.8067, 0.7529 …, median 23 and 8; survdiff: 16.8."""
    six_mp = survival.curve("6-MP", MP)
    assert [round(point.share, 6) for point in six_mp.points] == [
        0.857143, 0.806723, 0.752941, 0.690196, 0.627451, 0.537815, 0.448179,
    ]  # fmt: skip
    assert (six_mp.points[0].low, six_mp.points[0].high) == pytest.approx((0.6197, 0.9516), abs=1e-4)
    assert (six_mp.median, survival.curve("placebo", PLACEBO).median) == (23, 8)
    assert [round(six_mp.at(week), 6) for week in (0, 5, 6, 22)] == [1, 1, 0.857143, 0.537815]
    test = statistics.log_rank({"6-MP": MP, "placebo": PLACEBO})
    assert (test.statistic, test.freedom) == (pytest.approx(16.79294, abs=1e-5), (1,))
    assert test.p == pytest.approx(4.168809e-05, abs=1e-9)


def test_a_told_curve_parts_nobody_or_enough() -> None:
    """Each tells of ten or more: from point to point, after the last, and of those still under watch."""
    times = [(float(day), True) for day in range(1, 46)] + [(400.0, False)] * 15
    whole, told = survival.curve("a", times), survival.told("a", times, (5, 25, 60, 365, 730), 10)
    came = [(one.time, one.came) for one in told.points]
    assert came == [(0, 0), (10, 10), (25, 25), (35, 35), (45, 45), (60, 45), (365, 45)]
    assert told.at(25) == close(whole.at(25))
    assert (told.back(5), told.back(60), told.back(730)) == (None, close(0.75), None)
    assert (whole.median, told.half, told.median) == (30, 30, 35)
    all_came = survival.told("b", [(float(day), True) for day in range(1, 25)], (), 10)
    assert [(one.time, close(one.share)) for one in all_came.points] == [(0, 1), (12, 0.5), (24, 0)]


def test_pairs_after_ranks_as_r() -> None:
    """FSA::dunnTest(weight ~ group, PlantGrowth, method = "holm")."""
    pairs = {(one.first, one.second): one for one in statistics.kruskal(PLANTS).pairs}
    found = [one.p for one in pairs.values()]
    expected = [math.erfc(z / math.sqrt(2)) for z in (1.117725, 1.689290, 2.807015)]
    assert sorted(found, reverse=True) == pytest.approx(expected, abs=1e-6)
    assert min(one.adjusted for one in pairs.values()) == pytest.approx(3 * expected[2], abs=3e-6)


def test_pairs_of_shares_and_of_waits_are_their_own_tests_corrected() -> None:
    counts = {"a": (30, 100), "b": (50, 100), "c": (52, 100)}
    pairs = statistics.comparisons.shares_by_pairs(counts)
    alone = [statistics.cross_table([[30, 70], [other, 100 - other]]).p for other in (50, 52)]
    assert [pairs[0].p, pairs[1].p] == close(alone)
    assert pairs[0].difference == close(-0.2)
    assert [one.adjusted for one in pairs] == close(corrections.holm([one.p for one in pairs]))
    groups = {"six": MP, "placebo": PLACEBO, "again": PLACEBO}
    three = survival.log_rank(groups)
    assert three.pairs[0].p == close(survival.log_rank({"six": MP, "placebo": PLACEBO}).p)
    assert three.pairs[0].adjusted == close(3 * three.pairs[0].p)
    assert three.pairs[2].p == close(1.0)
    assert three.pairs[0].difference < 0.5 < three.pairs[2].difference


@pytest.mark.slow(reason="loads statsmodels")
def test_diagnostics_are_what_their_formulas_say() -> None:
    """max(cooks.distance(lm(dist ~ speed, cars))) is 0.340396, the 49th; of a good fit, p is near one."""
    fit = statistics.linear(DIST, {"speed": SPEED}).fit
    n, mean = len(SPEED), sum(SPEED) / len(SPEED)
    across = sum((x - mean) ** 2 for x in SPEED)
    lean = [1 / n + (x - mean) ** 2 / across for x in SPEED]
    left = [y + 17.579094890510973 - 3.932408759124088 * x for x, y in zip(SPEED, DIST, strict=True)]
    noise = sum(e * e for e in left) / (n - 2)
    cook = [e * e * h / (2 * noise * (1 - h) ** 2) for e, h in zip(left, lean, strict=True)]
    assert fit["max Cook D"] == close(max(cook))
    assert cook.index(max(cook)) == 48
    fits = statistics.models._hosmer_lemeshow
    assert fits([0.0, 1.0] * 20, [0.5] * 40) == close(1.0)
    tail = math.exp(-20) * sum(20**k / math.factorial(k) for k in range(4))
    assert fits([1.0] * 40, [0.5] * 40) == pytest.approx(tail, rel=1e-6), "40 on 8 degrees of freedom"


def test_corrections_as_r() -> None:
    """p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") and "BH"."""
    values = [0.01, 0.04, 0.03, 0.02, 0.05]
    assert corrections.holm(values) == close([0.05, 0.09, 0.09, 0.08, 0.09])
    assert corrections.benjamini_hochberg(values) == close([0.05] * 5)
    assert corrections.benjamini_hochberg([0.001, 0.5, 0.03]) == close([0.003, 0.5, 0.045])


def test_a_result_says_no_more_than_it_says() -> None:
    assert "偶然范围内" in reads(statistics.welch(SLEEP_1, SLEEP_2))
    assert "超出偶然" in reads(statistics.anova(PLANTS))
    assert "同升同降" in reads(statistics.correlation(SPEED, DIST))


def test_an_outcome_that_never_changes_has_no_line() -> None:
    """Its R² is one less a number by nought."""
    with pytest.raises(RuleBroken, match="结果没有变化"):
        statistics.linear([5.0] * 30, {"x": [float(n % 7) for n in range(30)]})
