"""Every test and model gives what R 4.2 gives of R's own data sets, to six places (``statistics.R``)."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from yimei.insight.rules import statistics
from yimei.insight.rules.statistics import comparisons, corrections, survival
from yimei.insight.rules.statistics.comparisons import Finding, Pair
from yimei.insight.rules.statistics.models import Model

R: Mapping[str, Any] = json.loads(Path(__file__).with_name("statistics.json").read_text("utf-8"))
PLANTS = {name: R["anova_plants"][name] for name in ("ctrl", "trt1", "trt2")}


def close(value: Any) -> Any:
    """Equal to 1e-6, and a small p to its sixth figure: nought is not as good as 2e-25."""
    return pytest.approx(value, rel=1e-6, abs=1e-30)


def assert_agree(found: Finding, r: Mapping[str, Any]) -> None:
    assert (found.statistic, found.p) == (close(r["statistic"]), close(r["p"]))
    for name, mine in (("freedom", found.freedom), ("effect", found.effect), ("interval", found.interval)):
        if name in r:
            theirs = r[name] if isinstance(r[name], list) or name == "effect" else [r[name]]
            assert mine == close(tuple(theirs) if isinstance(theirs, list) else theirs), name


def assert_agree_pairs(pairs: Any, r: Mapping[str, Any]) -> None:
    found: list[Pair] = list(pairs)
    assert [one.p for one in found] == close(r["pair_p"])
    assert [one.adjusted for one in found] == close(r["pair_adjusted"])


def table(name: str, columns: int) -> list[list[int]]:
    cells = R[name]["table"]
    return [cells[at : at + columns] for at in range(0, len(cells), columns)]


@pytest.mark.slow(reason="loads scipy")
def test_cross_tables() -> None:
    """chisq.test(…, correct = FALSE), of two by two and of four by four."""
    assert_agree(statistics.cross_table(table("chi_hair_eye", 4)), R["chi_hair_eye"])
    assert_agree(statistics.cross_table(table("chi_two_by_two", 2)), R["chi_two_by_two"])


def test_two_groups() -> None:
    """t.test; wilcox.test(exact = FALSE)."""
    a, b = R["welch_sleep"]["a"], R["welch_sleep"]["b"]
    assert_agree(statistics.welch(a, b), R["welch_sleep"])
    assert_agree(statistics.mann_whitney(a, b), R["mann_whitney_sleep"])


def test_many_groups() -> None:
    """anova(lm); pairwise.t.test(pool.sd = FALSE); kruskal.test; Dunn's formula."""
    found = statistics.anova(PLANTS)
    assert_agree(found, R["anova_plants"])
    assert_agree_pairs(found.pairs, R["anova_plants"])
    assert [one.difference for one in found.pairs] == close(R["anova_plants"]["pair_differences"])
    ranks = statistics.kruskal(PLANTS)
    assert_agree(ranks, R["kruskal_plants"])
    assert_agree_pairs(ranks.pairs, R["kruskal_plants"])
    ozone = R["months_of_ozone"]
    months = {name: ozone[name] for name in ("may", "june", "july", "august", "september")}
    assert (statistics.kruskal(months).statistic, statistics.kruskal(months).p) == close(
        (ozone["h"], ozone["h_p"])
    )
    assert (statistics.anova(months).statistic, statistics.anova(months).p) == close(
        (ozone["f"], ozone["f_p"])
    )
    assert statistics.anova(months).cautions, "leveneTest(Ozone ~ factor(Month)): variances differ"
    assert not found.cautions


def test_going_together() -> None:
    """cor.test of Pearson and of Spearman."""
    r = R["correlation_cars"]
    found = statistics.correlation(r["speed"], r["dist"])
    assert (found.statistic, found.p, found.interval) == (
        close(r["r"]),
        close(r["r_p"]),
        close(tuple(r["r_interval"])),
    )
    ranked = statistics.correlation(r["speed"], r["dist"], ranked=True)
    assert (ranked.statistic, ranked.p) == (close(r["rho"]), close(r["rho_p"]))


def assert_agree_terms(model: Model, r: Mapping[str, Any]) -> None:
    for name in ("estimate", "error", "statistic", "p", "low", "high"):
        assert [getattr(term, name) for term in model.terms] == close(r[name]), name
    assert [term.vif for term in model.terms[1:]] == close(r["vif"])


def assert_agree_fit(model: Model, r: Mapping[str, Any], names: Mapping[str, str]) -> None:
    assert set(model.fit) == set(names), "no diagnostic without a reference"
    for mine, theirs in names.items():
        assert model.fit[mine] == close(r[theirs]), mine


@pytest.mark.slow(reason="loads statsmodels")
def test_linear_regression() -> None:
    """summary(lm(mpg ~ wt + hp, mtcars)) and its diagnostics."""
    r = R["linear_mtcars"]
    model = statistics.linear(r["mpg"], {"wt": r["wt"], "hp": r["hp"]})
    assert_agree_terms(model, r)
    names = {
        "R²": "r2",
        "R² adj": "r2_adjusted",
        "F": "f",
        "p": "f_p",
        "Durbin–Watson": "durbin_watson",
        "Jarque–Bera p": "jarque_bera_p",
        "Breusch–Pagan p": "breusch_pagan_p",
        "max Cook D": "cook",
    }
    assert_agree_fit(model, r, names)


def test_logistic_regression() -> None:
    """summary(glm(case ~ age + parity + spontaneous + induced, binomial, infert)) and how well it fits."""
    r = R["logistic_infert"]
    predictors = {name: r[name] for name in ("age", "parity", "spontaneous", "induced")}
    model = statistics.logistic(r["case"], predictors)
    assert_agree_terms(model, r)
    names = {
        "McFadden R²": "mcfadden",
        "LR p": "lr_p",
        "AUC": "auc",
        "Brier": "brier",
        "AIC": "aic",
        "Hosmer–Lemeshow p": "hosmer_lemeshow_p",
    }
    assert_agree_fit(model, r, names)


def waits(r: Mapping[str, Any], times: str, came: str) -> list[tuple[float, bool]]:
    return [(time, bool(event)) for time, event in zip(r[times], r[came], strict=True)]


def test_survival() -> None:
    """survfit(conf.type = "log-log") and survdiff of aml."""
    r = R["survival_aml"]
    first, second = waits(r, "first_times", "first_came"), waits(r, "second_times", "second_came")
    kept = survival.curve("Maintained", first)
    assert [point.time for point in kept.points] == r["first_at"]
    assert [point.at_risk for point in kept.points] == r["first_risk"]
    assert [point.share for point in kept.points] == close(r["first_share"])
    assert [point.low for point in kept.points] == close(r["first_low"])
    assert [point.high for point in kept.points] == close(r["first_high"])
    other = survival.curve("Nonmaintained", second)
    assert [point.share for point in other.points] == close(r["second_share"])
    assert [kept.median, other.median] == r["medians"]
    found = statistics.log_rank({"a": first, "b": second})
    assert (found.statistic, found.p) == close((r["log_rank"], r["log_rank_p"]))


def test_survival_of_several_groups() -> None:
    """survdiff(Surv(time, status) ~ celltype, veteran), of all and of each two, with Peto's ratio."""
    r = R["survival_veteran"]
    groups = {name: waits(r, name, f"{name}_came") for name in ("squamous", "smallcell", "adeno", "large")}
    found = statistics.log_rank(groups)
    assert (found.statistic, found.p, found.freedom) == (close(r["log_rank"]), close(r["log_rank_p"]), (3,))
    assert_agree_pairs(found.pairs, r)
    assert [one.difference for one in found.pairs] == close(r["pair_ratio"])


def test_many_comparisons() -> None:
    """p.adjust; prop.test(correct = FALSE) of each two."""
    r = R["corrections"]
    assert corrections.holm(r["values"]) == close(r["holm"])
    assert corrections.benjamini_hochberg(r["values"]) == close(r["bh"])
    shares = R["shares_by_pairs"]
    counts = {name: (won, 100) for name, won in zip("abc", shares["won"], strict=True)}
    assert_agree_pairs(comparisons.shares_by_pairs(counts), shares)
