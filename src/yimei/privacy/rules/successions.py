"""A merger, split, dissolution or bankruptcy: what must be said before anybody is told (PIPL 22)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.privacy.enums.parties import SuccessionState

ARTICLE = "《个人信息保护法》第二十二条"
LEAST = 2
MOVES: Mapping[SuccessionState, frozenset[SuccessionState]] = {
    SuccessionState.DRAFT: frozenset({SuccessionState.TELLING, SuccessionState.DROPPED}),
    SuccessionState.TELLING: frozenset({SuccessionState.CLOSED}),
}


def check_words(*, recipient: str, contact: str, what: str) -> None:
    """Refuse while who receives, how she is reached, and what goes over is not said."""
    for text, code, name in (
        (recipient, "recipient", _("接收方的名称或者姓名")),
        (contact, "contact", _("接收方的联系方式")),
        (what, "what", _("转移哪些信息")),
    ):
        if len(text.strip()) < LEAST:
            raise RuleBroken(
                _("请写明%(what)s（%(article)s）。") % {"what": name, "article": ARTICLE}, code=code
            )


def check_move(old: SuccessionState, new: SuccessionState) -> None:
    if new not in MOVES.get(old, frozenset()):
        text = _("这次转移不能从「%(old)s」变为「%(new)s」。")
        raise RuleBroken(text % {"old": old.label, "new": new.label}, code="state")


def check_other(*, is_same: bool) -> None:
    """Nobody approves what she wrote down herself."""
    if is_same:
        raise RuleBroken(_("登记人不能批准自己登记的转移，请由另一人批准。"), code="state")


def check_close(*, waiting: int) -> None:
    """Refuse to end while somebody has not been told."""
    if waiting:
        raise RuleBroken(_("还有 %(n)d 人没有告知，请等告知发完。") % {"n": waiting}, code="state")
