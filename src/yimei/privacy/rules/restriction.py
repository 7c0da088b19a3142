"""What a restriction (限制处理) stops at once, and what goes on until it is done (PIPL 44, 47(2))."""

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import Basis
from yimei.privacy.rules.consents import PurposeFacts

ARTICLE = "《个人信息保护法》第四十四条"
OF_THE_RECORD = frozenset({"image.clinical"})
"""Asked for apart and yet a part of the medical record: an operation that goes on cannot be without it."""


def stops(purpose: PurposeFacts) -> bool:
    """Whether a purpose is optional: neither the treatment that still runs nor a law needs it."""
    if purpose.basis == Basis.DUTY:
        return False
    return not purpose.is_necessary and purpose.code not in OF_THE_RECORD


def is_stopped(purpose: PurposeFacts, *, is_restricted: bool) -> bool:
    """The one question of every optional use: may it not go on with this person?"""
    return is_restricted and stops(purpose)


def check_ask(purpose: PurposeFacts, *, is_restricted: bool) -> None:
    """Nobody asks for a yes to what the person has just stopped; she takes the restriction off first."""
    if is_stopped(purpose, is_restricted=is_restricted):
        text = _("本人已要求限制处理，「%(name)s」停止使用；本人要求恢复之后才能再征求（%(article)s）。")
        raise RuleBroken(text % {"name": purpose.name, "article": ARTICLE}, code="restricted")
