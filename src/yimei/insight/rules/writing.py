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
