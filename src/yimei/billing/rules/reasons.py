"""The sentence that somebody writes beside a discount, a refund or a cancellation."""

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken

MAX_LENGTH = 80


def check_reason(reason: str) -> None:
    if len(reason) > MAX_LENGTH:
        raise RuleBroken(_("原因最多 %(most)s 个字。") % {"most": MAX_LENGTH})
