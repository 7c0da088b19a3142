"""Money in and money back; every sum to the fen."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.billing.enums import OrderStatus, PaymentKind
from yimei.billing.rules import payments
from yimei.billing.rules.payments import Balance
from yimei.core.errors import RuleBroken


@dataclass(frozen=True)
class Move:
    amount: Decimal


def standing(*amounts: str, amount: str = "7800.00", deposit: str = "1000.00") -> Balance:
    moved = [Move(Decimal(each)) for each in amounts]
    return payments.balance(amount=Decimal(amount), deposit=Decimal(deposit), moved=moved)


def take(
    amount: str,
    now: Balance,
    *,
    kind: PaymentKind = PaymentKind.BALANCE,
    status: OrderStatus = OrderStatus.OPEN,
) -> None:
    payments.check_take(Decimal(amount), kind=kind, status=status, now=now)


def refund(amount: str, *earlier: str, paid: str = "1000.00", reason: str = "客户改期") -> None:
    refunds = [Move(Decimal(each)) for each in earlier]
    payments.check_refund(
        Decimal(amount), kind=PaymentKind.DEPOSIT, paid=Decimal(paid), refunds=refunds, reason=reason
    )


@pytest.mark.parametrize(
    ("amounts", "due", "deposit_paid", "status"),
    [
        ([], "7800.00", "0.00", OrderStatus.OPEN),
        (["999.99"], "6800.01", "999.99", OrderStatus.OPEN),
        (["1000.00"], "6800.00", "1000.00", OrderStatus.OPEN),
        (["1000.00", "6800.00"], "0.00", "1000.00", OrderStatus.PAID),
        (["1000.00", "6800.00", "-0.01"], "0.01", "1000.00", OrderStatus.OPEN),
        (["1000.00", "-400.00"], "7200.00", "600.00", OrderStatus.OPEN),
        (["7800.00", "-7800.00"], "7800.00", "0.00", OrderStatus.OPEN),
    ],
)
def test_the_sums_decide(amounts: list[str], due: str, deposit_paid: str, status: OrderStatus) -> None:
    now = standing(*amounts)
    assert (now.due, now.deposit_paid) == (Decimal(due), Decimal(deposit_paid))
    assert now.is_deposit_paid == (now.deposit_paid == 1000)
    assert payments.status_of(now) == status


def test_an_order_for_nothing_is_paid_at_once() -> None:
    now = standing(amount="0", deposit="0")
    assert payments.status_of(now) == OrderStatus.PAID
    assert now.is_deposit_paid


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("0", "大于零"),
        ("-1", "大于零"),
        ("0.001", "最多到分"),
        ("6800.01", "¥6,800.01 超过待收金额 ¥6,800.00"),
    ],
)
def test_an_amount_that_cannot_be_taken_is_refused(amount: str, says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        take(amount, standing("1000.00"))


def test_the_last_fen_can_be_taken_and_no_more() -> None:
    take("0.01", standing("7799.99"))
    with pytest.raises(RuleBroken, match=r"超过待收金额 ¥0\.00"):
        take("0.01", standing("7800.00"), status=OrderStatus.PAID)


def test_a_cancelled_order_takes_no_money() -> None:
    with pytest.raises(RuleBroken, match="已取消"):
        take("1", standing(), status=OrderStatus.CANCELLED)


def test_a_refund_is_not_taken_like_a_payment() -> None:
    with pytest.raises(RuleBroken, match="原收款记录"):
        take("1", standing(), kind=PaymentKind.REFUND)


def test_a_reference_has_an_end() -> None:
    with pytest.raises(RuleBroken, match="最多 60 个字符"):
        payments.check_take(
            Decimal(1), kind=PaymentKind.BALANCE, status=OrderStatus.OPEN, now=standing(), reference="9" * 61
        )


@pytest.mark.parametrize(
    ("amount", "earlier", "is_allowed"),
    [
        ("1000.00", [], True),
        ("1000.01", [], False),
        ("600.00", ["-400.00"], True),
        ("600.01", ["-400.00"], False),
        ("0.01", ["-400.00", "-600.00"], False),
    ],
)
def test_refunds_of_a_payment_never_exceed_it(amount: str, earlier: list[str], is_allowed: bool) -> None:
    if is_allowed:
        refund(amount, *earlier)
        return
    with pytest.raises(RuleBroken, match="最多还能退"):
        refund(amount, *earlier)


@pytest.mark.parametrize(
    ("amount", "reason", "says"),
    [("0", "x", "大于零"), ("1", " ", "退款原因"), ("1", "长" * 81, "最多 80 个字")],
)
def test_a_refund_needs_an_amount_and_a_reason(amount: str, reason: str, says: str) -> None:
    with pytest.raises(RuleBroken, match=says):
        refund(amount, reason=reason)


def test_a_refund_cannot_be_refunded() -> None:
    with pytest.raises(RuleBroken, match="退款记录不能再退"):
        payments.check_refund(Decimal(1), kind=PaymentKind.REFUND, paid=Decimal(-5), refunds=[], reason="x")


@pytest.mark.parametrize(
    ("status", "amounts", "reason", "says"),
    [
        (OrderStatus.CANCELLED, [], "x", "已经取消"),
        (OrderStatus.OPEN, [], "", "取消原因"),
        (OrderStatus.OPEN, ["0.01"], "x", "¥0.01 未退"),
    ],
)
def test_an_order_with_money_in_it_cannot_be_cancelled(
    status: OrderStatus, amounts: list[str], reason: str, says: str
) -> None:
    with pytest.raises(RuleBroken, match=says):
        payments.check_cancel(status=status, now=standing(*amounts), reason=reason)


def test_an_order_whose_money_went_back_can_be_cancelled() -> None:
    payments.check_cancel(status=OrderStatus.OPEN, now=standing("10.00", "-10.00"), reason="客户放弃")


CENTS = st.integers(-50, 120_000)
STEPS = st.lists(st.tuples(st.booleans(), CENTS, st.integers(0, 9)), max_size=30)


@settings(max_examples=60, deadline=None)
@given(amount=st.integers(0, 100_000), deposit_share=st.integers(0, 100), steps=STEPS)
def test_whatever_is_tried_the_fen_are_conserved(
    amount: int, deposit_share: int, steps: list[tuple[bool, int, int]]
) -> None:
    """Random payments and refunds: what the rules let through never overpays, never goes below nothing."""
    owed, deposit = Decimal(amount) / 100, Decimal(amount * deposit_share // 100) / 100
    taken: list[Move] = []
    back: list[list[Move]] = []
    cents_held = 0
    for is_refund, cents, which in steps:
        moved = [*taken, *(each for refunds in back for each in refunds)]
        now = payments.balance(amount=owed, deposit=deposit, moved=moved)
        try:
            if is_refund and taken:
                at = which % len(taken)
                payments.check_refund(
                    Decimal(cents) / 100,
                    kind=PaymentKind.BALANCE,
                    paid=taken[at].amount,
                    refunds=back[at],
                    reason="x",
                )
                back[at].append(Move(-Decimal(cents) / 100))
                cents_held -= cents
            else:
                payments.check_take(
                    Decimal(cents) / 100, kind=PaymentKind.BALANCE, status=payments.status_of(now), now=now
                )
                taken.append(Move(Decimal(cents) / 100))
                back.append([])
                cents_held += cents
        except RuleBroken:
            continue
    moved = [*taken, *(each for refunds in back for each in refunds)]
    now = payments.balance(amount=owed, deposit=deposit, moved=moved)
    assert now.net == Decimal(cents_held) / 100
    assert 0 <= now.net <= owed
    assert now.due + now.net == owed
    assert now.due >= 0
    assert now.deposit_paid + now.deposit_due == deposit
    assert (payments.status_of(now) == OrderStatus.PAID) == (now.net == owed)
