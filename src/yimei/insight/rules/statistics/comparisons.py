"""Do groups differ, do two things go together: the tests a reader of SPSS or R expects."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from yimei.insight.rules.intervals import Z95
from yimei.insight.rules.statistics.corrections import holm
from yimei.insight.rules.words import Words

FEW = 5
"""Expected counts below this make chi² doubtful (Cochran 1954)."""


@dataclass(frozen=True)
class Finding:
    """What one test says: its statistic, p, size of effect, and what to be careful about."""

    words: Words
    symbol: str
    statistic: float
    freedom: tuple[float, ...]
    p: float
    effect: float | None = None
    effect_words: Words | None = None
    interval: tuple[float, float] | None = None
    cautions: Sequence[Words] = ()
    pairs: Sequence["Pair"] = field(default=())
    pair_words: Words = field(default=Words("均值差", "difference of means"))


@dataclass(frozen=True)
class Pair:
    """Two of several groups compared, corrected for many comparisons (Holm)."""

    first: str
    second: str
    difference: float
    p: float
    adjusted: float


def cross_table(table: Sequence[Sequence[int]]) -> Finding:
    """Pearson's chi² of a table of counts, without correction for continuity; Cramér's V as its size."""
    from scipy import stats

    statistic, p, freedom, expected = stats.chi2_contingency(table, correction=False)
    whole = sum(map(sum, table))
    smallest = min(len(table), len(table[0])) - 1
    few = sum(value < FEW for row in expected for value in row)
    doubt = Words(
        f"{few} 个格子的期望频数小于 5，结论仅供参考",
        f"{few} cells expect fewer than 5, read with care",
    )
    return Finding(
        Words("卡方检验", "Chi-squared test"),
        "χ²",
        float(statistic),
        (float(freedom),),
        float(p),
        math.sqrt(float(statistic) / whole / smallest) if smallest else None,
        Words("Cramér V", "Cramér's V"),
        cautions=[doubt] if few else [],
    )


def welch(a: Sequence[float], b: Sequence[float]) -> Finding:
    """Welch's t test of two means, with the interval of their difference and Hedges' g."""
    from scipy import stats

    found = stats.ttest_ind(a, b, equal_var=False)
    bounds = found.confidence_interval()
    return Finding(
        Words("Welch t 检验", "Welch's t test"),
        "t",
        float(found.statistic),
        (float(found.df),),
        float(found.pvalue),
        _hedges(a, b),
        Words("Hedges g", "Hedges' g"),
        (float(bounds.low), float(bounds.high)),
    )


def mann_whitney(a: Sequence[float], b: Sequence[float]) -> Finding:
    """Mann and Whitney's test of ranks, by the normal with ties; the chance that a exceeds b."""
    from scipy import stats

    found = stats.mannwhitneyu(a, b, method="asymptotic")
    return Finding(
        Words("Mann–Whitney 秩和检验", "Mann–Whitney test"),
        "U",
        float(found.statistic),
        (),
        float(found.pvalue),
        float(found.statistic) / (len(a) * len(b)),
        Words("前者大于后者的概率", "probability that the first exceeds the second"),
    )


def anova(groups: Mapping[str, Sequence[float]]) -> Finding:
    """Analysis of variance; Welch's tests of each pair corrected by Holm; eta² as size."""
    from scipy import stats

    values = list(groups.values())
    found = stats.f_oneway(*values)
    count, whole = sum(map(len, values)), [x for group in values for x in group]
    mean = sum(whole) / count
    between = sum(len(group) * (sum(group) / len(group) - mean) ** 2 for group in values)
    total = sum((x - mean) ** 2 for x in whole)
    levene = stats.levene(*values)
    unequal = Words("各组方差不齐，请同时看 Kruskal 检验", "variances differ, see Kruskal's test as well")
    return Finding(
        Words("方差分析", "Analysis of variance"),
        "F",
        float(found.statistic),
        (float(len(values) - 1), float(count - len(values))),
        float(found.pvalue),
        between / total if total else None,
        Words("η²（组间解释的比例）", "η², share explained between groups"),
        cautions=[unequal] if levene.pvalue < 0.05 else [],
        pairs=_pairs(groups),
    )


def kruskal(groups: Mapping[str, Sequence[float]]) -> Finding:
    """Kruskal and Wallis's test of ranks; Dunn's tests of each pair corrected by Holm; ε² as size."""
    from scipy import stats

    found = stats.kruskal(*groups.values())
    count = sum(map(len, groups.values()))
    return Finding(
        Words("Kruskal–Wallis 检验", "Kruskal–Wallis test"),
        "H",
        float(found.statistic),
        (float(len(groups) - 1),),
        float(found.pvalue),
        float(found.statistic) / (count - 1),
        Words("ε²（秩次解释的比例）", "ε², share of ranks explained"),
        pairs=_dunn(groups),
        pair_words=Words("平均秩次差", "difference of mean ranks"),
    )


def correlation(a: Sequence[float], b: Sequence[float], *, ranked: bool = False) -> Finding:
    """Pearson's r with Fisher's interval, or Spearman's rho of ranks."""
    from scipy import stats

    found = stats.spearmanr(a, b) if ranked else stats.pearsonr(a, b)
    r, n = float(found.statistic), len(a)
    interval = None
    if n > 3 and abs(r) < 1:
        z, half = math.atanh(r), Z95 / math.sqrt(n - 3)
        interval = (math.tanh(z - half), math.tanh(z + half))
    words = Words("Spearman 等级相关", "Spearman's rank correlation")
    return Finding(
        words if ranked else Words("Pearson 相关", "Pearson's correlation"),
        "ρ" if ranked else "r",
        r,
        (float(n - 2),),
        float(found.pvalue),
        r * r,
        Words("共同变异的比例", "shared variance"),
        interval,
    )


def _pairs(groups: Mapping[str, Sequence[float]]) -> list[Pair]:
    names = list(combinations(groups, 2))
    tests = [welch(groups[a], groups[b]) for a, b in names]
    adjusted = holm([test.p for test in tests])
    return [
        Pair(a, b, _mean(groups[a]) - _mean(groups[b]), test.p, better)
        for (a, b), test, better in zip(names, tests, adjusted, strict=True)
    ]


def _dunn(groups: Mapping[str, Sequence[float]]) -> list[Pair]:
    """Dunn's tests (1964): mean ranks of the whole compared by pairs, with the correction for ties."""
    from scipy import stats

    whole = [x for group in groups.values() for x in group]
    count = len(whole)
    ranks = iter(stats.rankdata(whole).tolist())
    means = {name: _mean([next(ranks) for _value in group]) for name, group in groups.items()}
    ties = sum(same**3 - same for same in Counter(whole).values())
    spread = count * (count + 1) / 12 - ties / (12 * (count - 1))
    names = list(combinations(groups, 2))
    raw = []
    for a, b in names:
        error = math.sqrt(spread * (1 / len(groups[a]) + 1 / len(groups[b])))
        raw.append(2 * float(stats.norm.sf(abs(means[a] - means[b]) / error)) if error else 1.0)
    return [
        Pair(a, b, means[a] - means[b], p, better)
        for (a, b), p, better in zip(names, raw, holm(raw), strict=True)
    ]


def shares_by_pairs(counts: Mapping[str, tuple[int, int]]) -> list[Pair]:
    """Shares of several groups compared by pairs, chi² without continuity, corrected by Holm."""
    names = [
        (a, b)
        for a, b in combinations(counts, 2)
        if 0 < counts[a][0] + counts[b][0] < counts[a][1] + counts[b][1]
    ]
    raw = [cross_table([[part, whole - part] for part, whole in (counts[a], counts[b])]).p for a, b in names]
    return [
        Pair(a, b, counts[a][0] / counts[a][1] - counts[b][0] / counts[b][1], p, better)
        for (a, b), p, better in zip(names, raw, holm(raw), strict=True)
    ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _hedges(a: Sequence[float], b: Sequence[float]) -> float | None:
    n, m = len(a), len(b)
    va = sum((x - _mean(a)) ** 2 for x in a)
    vb = sum((x - _mean(b)) ** 2 for x in b)
    pooled = math.sqrt((va + vb) / (n + m - 2)) if n + m > 2 else 0
    return (_mean(a) - _mean(b)) / pooled * (1 - 3 / (4 * (n + m) - 9)) if pooled else None
