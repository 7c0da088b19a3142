"""When a sealed record may be opened again (医疗纠纷预防和处理条例 第二十四条)."""

from datetime import date

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import HoldEnd, HoldKind
from yimei.privacy.rules.erasure import add_months

WORDS_MIN = 6

ENDS: dict[HoldKind, frozenset[HoldEnd]] = {
    HoldKind.SEALING: frozenset({HoldEnd.SETTLED, HoldEnd.LAPSED, HoldEnd.ORDERED}),
    HoldKind.PRESERVATION: frozenset({HoldEnd.ORDERED, HoldEnd.SETTLED}),
    HoldKind.COMPLAINT: frozenset({HoldEnd.CLOSED, HoldEnd.SETTLED}),
    HoldKind.INQUIRY: frozenset({HoldEnd.CLOSED, HoldEnd.ORDERED}),
}
"""Which reasons end which hold."""


def lapses_on(opened_on: date, months: int) -> date:
    return add_months(opened_on, months)


def check_words(text: str, *, code: str) -> str:
    """Return the words without empty space; a reason of two syllables is none."""
    words = " ".join(text.replace("\0", "").split())
    if len(words) < WORDS_MIN:
        raise RuleBroken(_("请写清楚，至少 %(least)d 个字。") % {"least": WORDS_MIN}, code=code)
    return words


def check_release(kind: HoldKind, reason: HoldEnd, *, opened_on: date, months: int, on: date) -> None:
    """Refuse a reason that does not end this kind of hold, or three years that are not over."""
    if reason not in ENDS[kind]:
        labels = "、".join(str(end.label) for end in HoldEnd if end in ENDS[kind])
        text = _("「%(kind)s」只能因下列情形解除：%(ends)s。")
        raise RuleBroken(text % {"kind": kind.label, "ends": labels}, code="release_reason")
    if reason == HoldEnd.LAPSED and on < lapses_on(opened_on, months):
        text = _("%(day)s 之前不能以此为由开启（医疗纠纷预防和处理条例第二十四条）。")
        raise RuleBroken(text % {"day": f"{lapses_on(opened_on, months):%Y-%m-%d}"}, code="release_reason")
