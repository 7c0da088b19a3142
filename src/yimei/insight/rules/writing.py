"""How a figure is written: by its unit, with a thin space and a true minus."""

from django.utils.translation import gettext as _

from yimei.insight.rules.intervals import Interval

THIN = "\u202f"
NOTHING = "—"


def figure(value: float | None, unit: str, decimals: int) -> str:
    """Write a figure in its unit; nothing is a dash."""
    if value is None:
        return NOTHING
    if unit == "%":
        text = f"{round(value * 100, 1) + 0.0:.1f}{THIN}%"  # plus nought: no sign before a nought
    elif unit == "¥":
        text = f"¥{value:,.0f}" if value >= 0 else f"-¥{-value:,.0f}"
    else:
        tail = "" if unit in {"x", ""} else f"{THIN}{unit}"
        text = f"{round(value, decimals) + 0.0:,.{decimals}f}{tail}"
    return text.replace("-", "−")


def not_shown() -> str:
    """What stands for every hidden figure: which are small and which guard a small one is never told.

    Whoever knew could reckon: of twelve people, one group of ten or more leaves two at most for the other.
    """
    return _("为保护隐私不显示")


def why_not_shown() -> str:
    """The sentence that goes with a page or a file in which figures are hidden."""
    return _("少于 10 人的数字，以及能推算出它们的数字，不显示。")


def none_shown() -> str:
    """What stands in place of a chart of which every group is hidden."""
    return _("拆开后各组人数过少，不分组显示。")


def interval(found: Interval | None, unit: str, decimals: int) -> str:
    """Write a 95 % interval, or nothing."""
    if found is None:
        return ""
    return f"{figure(found.low, unit, decimals)} – {figure(found.high, unit, decimals)}"


def change(value: float, unit: str, decimals: int) -> str:
    """Write what changed, with its sign: shares in percentage points."""
    sign = "+" if value > 0 else ""
    if unit == "%":
        return f"{sign}{value * 100:.1f}{THIN}{_('个百分点')}".replace("-", "−")
    return f"{sign}{figure(value, unit, decimals)}"
