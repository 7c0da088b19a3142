"""Numbers that are no law: which a hospital sets itself, and between which bounds."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

REASON_LENGTH = 80


@dataclass(frozen=True)
class Family:
    """The numbers of one part, lowest and highest; the first of an ordered pair may not exceed the second."""

    name: str
    bounds: Mapping[str, tuple[int, int]]
    ordered: tuple[tuple[str, str], ...] = ()


def check(
    family: Family,
    code: str,
    value: int,
    reason: str,
    *,
    current: Mapping[str, int],
    names: Mapping[str, str],
) -> str:
    """Refuse what no hospital can mean, and return the reason without what does not belong there."""
    if code not in family.bounds:
        raise RuleBroken(_("没有这个可以设置的数值。"), code="code")
    low, high = family.bounds[code]
    if not low <= value <= high:
        raise RuleBroken(_("应为 %(low)d 到 %(high)d。") % {"low": low, "high": high}, code="value")
    wanted = {**current, code: value}
    for small, large in family.ordered:
        if code in {small, large} and wanted.get(small, 0) > wanted.get(large, value):
            words = {"small": names.get(small, small), "large": names.get(large, large)}
            raise RuleBroken(_("「%(small)s」不能大于「%(large)s」。") % words, code="value")
    words_ = reason.replace("\0", "").strip()
    if not words_ or len(words_) > REASON_LENGTH:
        raise RuleBroken(_("请写明修改的理由，不超过 %(n)d 字。") % {"n": REASON_LENGTH}, code="reason")
    return words_
