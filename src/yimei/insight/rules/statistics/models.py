"""Linear and logistic regression with their diagnostics."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.rules.words import Words

MOST_VIF = 10.0


@dataclass(frozen=True)
class Term:
    """One term of a model: estimate, error, statistic, p, interval; VIF where it is a predictor."""

    name: str
    estimate: float
    error: float
    statistic: float
    p: float
    low: float
    high: float
    vif: float | None = None

    @property
    def odds(self) -> tuple[float, float, float]:
        return math.exp(self.estimate), math.exp(self.low), math.exp(self.high)


@dataclass(frozen=True)
class Model:
    """A fitted model and how well it holds."""

    kind: str
    n: int
    terms: Sequence[Term]
    fit: Mapping[str, float]
    cautions: Sequence[Words]


def linear(y: Sequence[float], predictors: Mapping[str, Sequence[float]]) -> Model:
    """Ordinary least squares; normality, equal variance and independence of the residuals are tested."""
    import numpy as np
    import statsmodels.api as sm
    from statsmodels.stats.diagnostic import het_breuschpagan
    from statsmodels.stats.stattools import durbin_watson, jarque_bera

    x = _design(predictors, len(y))
    if len(set(y)) < 2:
        raise RuleBroken(_("结果没有变化，模型无法估计。"))
    found = sm.OLS(np.asarray(y, float), x).fit()
    skewed = float(jarque_bera(found.resid)[1])
    uneven = float(het_breuschpagan(found.resid, x)[1])
    furthest = float(np.max(found.get_influence().cooks_distance[0]))
    fit = {
        "R²": float(found.rsquared),
        "R² adj": float(found.rsquared_adj),
        "F": float(found.fvalue),
        "p": float(found.f_pvalue),
        "Durbin–Watson": float(durbin_watson(found.resid)),
        "Jarque–Bera p": skewed,
        "Breusch–Pagan p": uneven,
        "max Cook D": furthest,
    }
    cautions = []
    if uneven < 0.05:
        cautions.append(
            Words("残差方差不齐（Breusch–Pagan），标准误可能偏小", "residuals are uneven (Breusch–Pagan)")
        )
    if skewed < 0.05 and len(y) < 200:
        cautions.append(Words("残差不近似正态（Jarque–Bera），样本又少", "residuals are not normal and few"))
    if furthest > 1:
        cautions.append(
            Words(
                "有个别行对结果影响过大（Cook 距离 > 1），请核对", "single rows weigh too much (Cook's D > 1)"
            )
        )
    terms = _terms(found, predictors, x)
    return Model("linear", len(y), terms, fit, [*cautions, *_collinear(terms)])


def logistic(y: Sequence[float], predictors: Mapping[str, Sequence[float]]) -> Model:
    """Logistic regression by maximum likelihood, with McFadden's R², the AUC and its Brier score."""
    import warnings

    import numpy as np
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import (
        ConvergenceWarning,
        PerfectSeparationError,
        PerfectSeparationWarning,
    )

    x, truth = _design(predictors, len(y)), np.asarray(y, float)
    if set(truth.tolist()) != {0.0, 1.0}:
        raise RuleBroken(_("结果必须既有是也有否。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", PerfectSeparationWarning)
            warnings.simplefilter("error", ConvergenceWarning)
            found = sm.Logit(truth, x).fit(disp=0, maxiter=100)
    except (PerfectSeparationError, PerfectSeparationWarning, ConvergenceWarning, np.linalg.LinAlgError):
        raise RuleBroken(_("某个自变量把结果完全分开，模型无法估计；请去掉它或合并类别。")) from None
    chance = found.predict(x)
    fits = _hosmer_lemeshow(truth.tolist(), chance.tolist())
    fit = {
        "McFadden R²": float(found.prsquared),
        "LR p": float(found.llr_pvalue),
        "AUC": _auc(truth.tolist(), chance.tolist()),
        "Brier": float(np.mean((chance - truth) ** 2)),
        "AIC": float(found.aic),
        "Hosmer–Lemeshow p": fits,
    }
    events = min(truth.sum(), len(truth) - truth.sum())
    few = Words("每个自变量的事件数不足 10，系数不稳", "fewer than ten events per predictor")
    terms = _terms(found, predictors, x)
    cautions = [few] if events < 10 * len(predictors) else []
    if fits < 0.05:
        cautions.append(
            Words("预测概率与实际不符（Hosmer–Lemeshow）", "chances do not fit (Hosmer–Lemeshow)")
        )
    return Model("logistic", len(y), terms, fit, [*cautions, *_collinear(terms)])


def _design(predictors: Mapping[str, Sequence[float]], count: int) -> Any:
    import numpy as np

    x = np.column_stack([np.ones(count), *(np.asarray(column, float) for column in predictors.values())])
    if count <= x.shape[1] + 1 or np.linalg.matrix_rank(x) < x.shape[1]:
        raise RuleBroken(_("自变量太多、没有变化或彼此重复，模型无法估计；请减少自变量。"))
    return x


def _terms(found: Any, predictors: Mapping[str, Sequence[float]], x: Any) -> list[Term]:
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    bounds = found.conf_int()
    names = ["const", *predictors]
    return [
        Term(
            name,
            float(found.params[place]),
            float(found.bse[place]),
            float(found.tvalues[place]),
            float(found.pvalues[place]),
            float(bounds[place][0]),
            float(bounds[place][1]),
            float(variance_inflation_factor(x, place)) if place and len(predictors) > 1 else None,
        )
        for place, name in enumerate(names)
    ]


def _collinear(terms: Sequence[Term]) -> list[Words]:
    close = [term.name for term in terms if term.vif is not None and term.vif > MOST_VIF]
    if not close:
        return []
    return [
        Words(f"自变量高度相关（VIF > 10）：{'、'.join(close)}", f"collinear (VIF > 10): {', '.join(close)}")
    ]


def _hosmer_lemeshow(truth: Sequence[float], chance: Sequence[float], groups: int = 10) -> float:
    """Whether the chances of a model fit what came, over tenths of the rows by chance (1980)."""
    from scipy import stats

    ranked = sorted(zip(chance, truth, strict=True), key=lambda pair: pair[0])
    statistic, used = 0.0, 0
    for place in range(groups):
        part = ranked[place * len(ranked) // groups : (place + 1) * len(ranked) // groups]
        if not part:
            continue
        expected, came = sum(p for p, _y in part), sum(y for _p, y in part)
        variance = expected * (1 - expected / len(part))
        used += 1
        statistic += (came - expected) ** 2 / variance if variance > 0 else 0.0
    return float(stats.chi2.sf(statistic, max(1, used - 2)))


def _auc(truth: Sequence[float], chance: Sequence[float]) -> float:
    from scipy import stats

    ranks = stats.rankdata(chance)
    yes = [rank for rank, real in zip(ranks, truth, strict=True) if real]
    no = len(truth) - len(yes)
    return float((sum(yes) - len(yes) * (len(yes) + 1) / 2) / (len(yes) * no))
