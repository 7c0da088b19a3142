"""Who may hand a customer over, and who takes her."""

from django.utils.translation import gettext as _

from yimei.core.errors import Conflict, RuleBroken

REASON_LENGTH = 120


def check_giver(*, has_consultant: bool, is_own: bool, is_desk: bool, is_over: bool) -> None:
    """Her own consultant hands a customer over, or the desk for one who is away."""
    if is_over:
        raise RuleBroken(_("这次诊疗已经结束，不用交接。"))
    if not has_consultant:
        raise RuleBroken(_("这位客户还没有现场咨询，到诊后分诊即可。"))
    if not (is_own or is_desk):
        raise RuleBroken(_("只有负责她的现场咨询或前台可以发起交接。"))


def check_answer(*, is_open: bool, is_addressee: bool) -> None:
    if not is_addressee:
        raise RuleBroken(_("由被请求接手的人本人答复。"))
    if not is_open:
        raise Conflict(_("这次交接已经有了结果，无需重复操作。"))


def check_still_hers(*, is_same: bool) -> None:
    """Between asking and answering nobody else took the customer."""
    if not is_same:
        raise RuleBroken(_("客户已改由别人负责，这次交接不再有效，请发起人收回。"))
