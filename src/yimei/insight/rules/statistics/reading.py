"""What a result means, in words that need no statistics; never more than the result says."""

from django.utils.translation import gettext as _

from yimei.insight.rules.statistics.comparisons import Finding
from yimei.insight.rules.statistics.models import Model, Term

ALPHA = 0.05


def reads(found: Finding) -> str:
    """Say whether the test sees a difference beyond chance."""
    p = p_text(found.p)
    if found.symbol in {"r", "ρ"}:
        if found.p >= ALPHA:
            return _("看不出两者有关（p %(p)s）；样本小时，看不出不等于没有。") % {"p": p}
        way = _("同升同降") if found.statistic > 0 else _("一升一降")
        return _("两者有关：%(way)s（p %(p)s）。有关不等于谁引起谁。") % {"way": way, "p": p}
    if found.p >= ALPHA:
        return _("各组之间的差别在偶然范围内（p %(p)s）；样本小时，看不出不等于没有。") % {"p": p}
    return _("各组之间的差别超出偶然（p %(p)s）。大小请看效应量，不要只看 p。") % {"p": p}


def reads_model(model: Model) -> list[str]:
    """Say of each predictor what a step of one means while the others stay."""
    found = []
    for term in model.terms:
        if term.name == "const":
            continue
        found.append(_odds(term) if model.kind == "logistic" else _slope(term))
    return found


def _slope(term: Term) -> str:
    if term.p >= ALPHA:
        return _("「%(name)s」：其他条件相同时，看不出影响（p %(p)s）。") % {
            "name": term.name,
            "p": p_text(term.p),
        }
    words = {
        "name": term.name,
        "low": f"{term.low:.3g}",
        "high": f"{term.high:.3g}",
        "by": f"{term.estimate:.3g}",
    }
    return _("「%(name)s」每加 1，结果平均变化 %(by)s（95%% %(low)s 至 %(high)s），其他条件相同。") % words


def _odds(term: Term) -> str:
    if term.p >= ALPHA:
        return _("「%(name)s」：其他条件相同时，看不出影响（p %(p)s）。") % {
            "name": term.name,
            "p": p_text(term.p),
        }
    odds, low, high = term.odds
    words = {"name": term.name, "odds": f"{odds:.2f}", "low": f"{low:.2f}", "high": f"{high:.2f}"}
    return _("「%(name)s」每加 1，发生与不发生之比变为 %(odds)s 倍（95%% %(low)s 至 %(high)s）。") % words


def p_text(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
