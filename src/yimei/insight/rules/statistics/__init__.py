"""Tests and models on plain numbers, each with its reading in words; equal to R and statsmodels (tested)."""

from yimei.insight.rules.statistics.comparisons import (
    Finding,
    anova,
    correlation,
    cross_table,
    kruskal,
    mann_whitney,
    shares_by_pairs,
    welch,
)
from yimei.insight.rules.statistics.corrections import benjamini_hochberg, holm
from yimei.insight.rules.statistics.models import Model, linear, logistic
from yimei.insight.rules.statistics.survival import Curve, log_rank, told

__all__ = [
    "Curve", "Finding", "Model", "anova", "benjamini_hochberg", "correlation", "cross_table", "holm",
    "kruskal", "linear", "log_rank", "logistic", "mann_whitney", "shares_by_pairs", "told", "welch",
]  # fmt: skip
