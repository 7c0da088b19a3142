"""Yuan as Decimal: the only place that rounds or splits an amount."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def yuan(value: Decimal | int | str) -> Decimal:
    """Return the amount with two places, halves rounded away from zero."""
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def fen(amount: Decimal) -> int:
    return int(yuan(amount) * 100)


def split(total: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Share a total by weight so that the parts add up to it to the fen."""
    shares = [Decimal(weight) for weight in weights]
    whole = sum(shares, Decimal(0))
    if whole <= 0 or min(shares) < 0:
        raise ValueError("weights must be zero or more, and at least one more than zero")
    cents = abs(fen(total))
    exact = [cents * share / whole for share in shares]
    parts = [int(amount) for amount in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in by_remainder[: cents - sum(parts)]:
        parts[index] += 1
    sign = -1 if total < 0 else 1
    return [yuan(sign * Decimal(part) / 100) for part in parts]


def format_yuan(amount: Decimal) -> str:
    rounded = yuan(amount)
    return f"{'−' if rounded < 0 else ''}¥{abs(rounded):,.2f}"
