"""What money may move on an order; all sums to the fen, a refund is negative."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from yimei.billing.enums import OrderStatus, PaymentKind
from yimei.billing.rules.reasons import check_reason
from yimei.core.errors import RuleBroken
from yimei.core.money import format_yuan, yuan

MAX_REFERENCE = 60


class Moved(Protocol):
    """Anything with a signed amount: positive in, negative back."""

    @property
    def amount(self) -> Decimal: ...


@dataclass(frozen=True)
class Balance:
    """Where an order stands: what was asked, what came in, what went back."""

    amount: Decimal
    deposit: Decimal
    paid: Decimal
    refunded: Decimal

    @property
    def net(self) -> Decimal:
        return self.paid - self.refunded

    @property
    def due(self) -> Decimal:
        return self.amount - self.net

    @property
    def deposit_paid(self) -> Decimal:
        """How much of the deposit is covered, under whichever name the money came."""
        return min(self.net, self.deposit)

    @property
    def deposit_due(self) -> Decimal:
        return self.deposit - self.deposit_paid

    @property
    def is_deposit_paid(self) -> bool:
        return self.deposit_due == 0


def balance(*, amount: Decimal, deposit: Decimal, moved: Iterable[Moved]) -> Balance:
    amounts = [payment.amount for payment in moved]
    return Balance(
        amount=yuan(amount),
        deposit=yuan(deposit),
        paid=yuan(sum((value for value in amounts if value > 0), Decimal(0))),
        refunded=yuan(-sum((value for value in amounts if value < 0), Decimal(0))),
    )


def status_of(now: Balance) -> OrderStatus:
    """Return the status that the sums give an order that was not cancelled."""
    return OrderStatus.PAID if now.due <= 0 else OrderStatus.OPEN


def check_take(
    amount: Decimal, *, kind: PaymentKind, status: OrderStatus, now: Balance, reference: str = ""
) -> None:
    if kind == PaymentKind.REFUND:
        raise RuleBroken(_("退款请从原收款记录办理。"))
    if status == OrderStatus.CANCELLED:
        raise RuleBroken(_("订单已取消，不能收款。"))
    check_reference(reference)
    check_amount(amount)
    if amount > now.due:
        text = _("收款 %(amount)s 超过待收金额 %(due)s。")
        raise RuleBroken(text % {"amount": format_yuan(amount), "due": format_yuan(now.due)})


def check_refund(
    amount: Decimal, *, kind: PaymentKind, paid: Decimal, refunds: Iterable[Moved], reason: str
) -> None:
    if kind == PaymentKind.REFUND:
        raise RuleBroken(_("退款记录不能再退，请选择原收款记录。"))
    if not reason.strip():
        raise RuleBroken(_("请写明退款原因。"))
    check_reason(reason)
    check_amount(amount)
    left = paid + sum((refund.amount for refund in refunds), Decimal(0))
    if amount > left:
        text = _("这笔收款最多还能退 %(left)s。")
        raise RuleBroken(text % {"left": format_yuan(left)})


def check_is_bill(*, is_bill: bool) -> None:
    if not is_bill:
        raise RuleBroken(_("预约定金请在「预约定金」一栏退还或处理。"))


def check_same(*, is_same: bool) -> None:
    """A key that was used before must ask for the very same thing."""
    if not is_same:
        raise RuleBroken(
            _("这次提交与先前的一笔使用了同一个防重键，但内容不同。请刷新页面后重试。"), code="key_reused"
        )


def check_cancel(*, status: OrderStatus, now: Balance, reason: str) -> None:
    if status == OrderStatus.CANCELLED:
        raise RuleBroken(_("订单已经取消。"))
    if not reason.strip():
        raise RuleBroken(_("请写明取消原因。"))
    check_reason(reason)
    if now.net > 0:
        text = _("订单还有 %(net)s 未退，请先退款再取消。")
        raise RuleBroken(text % {"net": format_yuan(now.net)})


def check_reference(reference: str) -> None:
    if len(reference.strip()) > MAX_REFERENCE:
        raise RuleBroken(_("流水号最多 %(most)s 个字符。") % {"most": MAX_REFERENCE})


def check_amount(amount: Decimal) -> None:
    if amount <= 0:
        raise RuleBroken(_("金额必须大于零。"))
    if amount != yuan(amount):
        raise RuleBroken(_("金额最多到分。"))
