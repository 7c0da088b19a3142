"""What figures say in sentences: what changed, by how much, beyond chance or not, and what moved it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.translation import gettext as _

from yimei.insight.rules import writing
from yimei.insight.rules.intervals import Difference, Interval
from yimei.insight.rules.metrics.metric import Kind, Metric, Way
from yimei.insight.rules.reports.drivers import Piece


@dataclass(frozen=True)
class Against:
    """The figure of another period, and the difference from it."""

    words: str
    value: float | None = None
    change: Difference | None = None
    days: int = 0


@dataclass(frozen=True)
class Fact:
    """One figure of one period, with all that may be said of it."""

    metric: Metric
    value: float | None
    days: int
    interval: Interval | None = None
    is_hidden: bool = False
    before: Against = field(default_factory=lambda: Against(""))
    year: Against = field(default_factory=lambda: Against(""))
    groups: Sequence[tuple[str, Sequence[Piece]]] = ()
    """A dimension's words → what each of its parts gave to the change, the largest first."""

    def say(self, value: float | None) -> str:
        return writing.figure(value, self.metric.unit, self.metric.decimals)

    def say_change(self, value: float) -> str:
        return writing.change(value, self.metric.unit, self.metric.decimals)

    @property
    def tone(self) -> str:
        """Better or worse, only beyond chance and only where one way is better."""
        change = self.before.change
        if change is None or not change.is_beyond_chance or self.metric.way is Way.NONE:
            return ""
        return "good" if (change.value > 0) == (self.metric.way is Way.UP) else "danger"

    @property
    def misses_target(self) -> bool:
        """Whether the whole interval lies on the wrong side of the target."""
        target, found = self.metric.target, self.interval
        if target is None or found is None or self.metric.way is Way.NONE:
            return False
        return found.high < target if self.metric.way is Way.UP else found.low > target


def sentences(fact: Fact) -> list[str]:
    """Return what may be said of a figure, one thing a sentence; nothing that the figures do not carry."""
    if fact.is_hidden:
        return [writing.why_not_shown()]
    if fact.value is None:
        return [_("这段时间没有可计算的数据。")]
    found = [_level(fact)]
    for against in (fact.before, fact.year):
        if against.value is not None and against.change is not None:
            found.append(_change(fact, against))
        elif against.value is not None:
            found.append(_unsure(fact, against))
    found += _per_day(fact)
    found += _movers(fact)
    return found


def _level(fact: Fact) -> str:
    text = _("%(value)s") % {"value": fact.say(fact.value)}
    if fact.interval:
        span = writing.interval(fact.interval, fact.metric.unit, fact.metric.decimals)
        text = _("%(value)s（95%% 区间 %(span)s）") % {"value": text, "span": span}
    target = fact.metric.target
    if target is None or fact.value is None or fact.metric.way is Way.NONE:
        return _("本期为 %(text)s。") % {"text": text}
    is_met = fact.value >= target if fact.metric.way is Way.UP else fact.value <= target
    is_sure = fact.interval is None or not fact.interval.low <= target <= fact.interval.high
    verdict = _("已达到") if is_met else _("未达到")
    if not is_sure:
        verdict += _("，但区间跨过目标，还不能断定")
    return _("本期为 %(text)s；目标 %(target)s：%(verdict)s。") % {
        "text": text,
        "target": fact.say(target),
        "verdict": verdict,
    }


def _change(fact: Fact, against: Against) -> str:
    change = against.change
    assert change is not None
    words = {
        "when": against.words,
        "old": fact.say(against.value),
        "change": fact.say_change(change.value),
        "low": fact.say_change(change.low),
        "high": fact.say_change(change.high),
    }
    if not change.value:
        return _("与%(when)s的 %(old)s 相同。") % words
    text = _("较%(when)s的 %(old)s 变化 %(change)s，95%% 区间 %(low)s 至 %(high)s：") % words
    if change.is_beyond_chance:
        return text + _("超出偶然波动。")
    return text + _("在偶然波动范围内，不宜当作趋势。")


def _unsure(fact: Fact, against: Against) -> str:
    """A sum of money has no interval of its own: what changed is said, not whether by chance."""
    words = {
        "when": against.words,
        "old": fact.say(against.value),
        "change": fact.say_change((fact.value or 0) - (against.value or 0)),
    }
    return _("较%(when)s的 %(old)s 变化 %(change)s；没有可用的区间，不判断是否超出波动。") % words


def _per_day(fact: Fact) -> list[str]:
    """Two months of unequal length are compared by the day as well."""
    old = fact.before
    if not fact.metric.is_additive or not old.days or old.days == fact.days or not old.value:
        return []
    return [
        _("两期天数不同（%(old_days)d 天与 %(days)d 天），按每天计由 %(old)s 到 %(new)s。")
        % {
            "old_days": old.days,
            "days": fact.days,
            "old": f"{old.value / old.days:,.1f}",
            "new": f"{(fact.value or 0) / fact.days:,.1f}",
        }
    ]


def _movers(fact: Fact) -> list[str]:
    change = fact.before.change
    if change is None or not change.value or not fact.groups:
        return []
    looked = sum(len(group) for _dim, group in fact.groups)
    sure = [(dim, piece) for dim, group in fact.groups for piece in group if piece.is_beyond_chance]
    sure.sort(key=lambda pair: -abs(pair[1].value))
    if sure:
        return [_mover(fact, dim, piece, looked) for dim, piece in sure[:2]]
    if not change.is_beyond_chance:
        return []
    dim, piece = max(
        ((dim, piece) for dim, group in fact.groups for piece in group[:1]),
        key=lambda pair: abs(pair[1].value),
    )
    text = _mover(fact, dim, piece, 0)
    return [
        text + _("拆开看的 %(count)d 组里没有一组单独超出偶然波动（已作多重比较校正）。") % {"count": looked}
    ]


def _mover(fact: Fact, dim: str, piece: Piece, looked: int) -> str:
    change = fact.before.change
    assert change is not None
    words = {
        "dim": dim,
        "name": piece.name,
        "value": fact.say_change(piece.value),
        "old": fact.say(piece.before),
        "new": fact.say(piece.after),
        "count": looked,
    }
    text = _("按%(dim)s看，「%(name)s」带来 %(value)s") % words
    share = piece.value / change.value
    if change.is_beyond_chance and 0 < share <= 1.5:
        text += _("，占全部变化的 %(share)d%%") % {"share": round(share * 100)}
    if fact.metric.is_additive or fact.metric.kind is Kind.PEOPLE:
        text += _("（%(old)s → %(new)s）") % words
    elif abs(piece.mix) > abs(piece.value - piece.mix):
        text += _("，主要因为它在总数中的比重变了（自身 %(old)s → %(new)s）") % words
    else:
        text += _("（自身 %(old)s → %(new)s）") % words
    return text + (_("，在 %(count)d 组中经多重比较校正后仍超出偶然波动。") % words if looked else "。")


def trend(metric: Metric, names: Sequence[str], values: Sequence[float | None]) -> list[str]:
    """Read a line over time: its last point against the band of the points before (Shewhart's XmR chart)."""
    known = [(name, value) for name, value in zip(names, values, strict=True) if value is not None]
    if len(known) < 6:
        return []
    *earlier, (name, last) = known
    points = [value for _name, value in earlier]
    mean = sum(points) / len(points)
    moving = [abs(b - a) for a, b in pairwise(points)]
    half = 2.66 * sum(moving) / len(moving)

    def say(value: float) -> str:
        return writing.figure(value, metric.unit, metric.decimals)

    low = mean - half if metric.unit not in {"%", ""} else max(0.0, mean - half)
    words = {"name": name, "last": say(last), "count": len(points), "low": say(low), "high": say(mean + half)}
    text = _("%(name)s 为 %(last)s；此前 %(count)d 期的自然波动带是 %(low)s – %(high)s，") % words
    return [text + (_("没有越出。") if abs(last - mean) <= half else _("已越出，值得追查原因。"))]
