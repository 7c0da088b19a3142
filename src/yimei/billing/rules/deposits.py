"""What may happen to a booking deposit once it was taken."""

from django.utils.translation import gettext as _

from yimei.billing.enums import OrderStatus
from yimei.core.errors import Conflict, NotFound, RuleBroken


def check_free(*, is_free: bool) -> None:
    """One deposit for one episode at a time, whoever clicked first."""
    if not is_free:
        raise Conflict(_("这次诊疗已收过一笔预约定金，无需再收。"))


def check_is_deposit(*, is_deposit: bool) -> None:
    if not is_deposit:
        raise NotFound


def check_given_back(*, status: OrderStatus, is_applied: bool) -> None:
    """What was kept by mistake may still go back; what stands on a bill goes back from there."""
    if is_applied:
        raise RuleBroken(_("这笔预约定金已抵入订单，请在订单上退款。"))
    if status == OrderStatus.CANCELLED:
        raise Conflict(_("这笔预约定金已经退还。"))


def check_kept(*, status: OrderStatus, is_applied: bool, reason: str) -> None:
    if is_applied or status != OrderStatus.PAID:
        raise Conflict(_("这笔预约定金已经处理过，请刷新页面。"))
    if not reason.strip():
        raise RuleBroken(_("请写明不退的原因，客户可以查阅。"))
