"""Figures of the pre-operative assessment."""

from decimal import ROUND_HALF_UP, Decimal


def bmi(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """Body mass index in kg/m², one decimal (WHO)."""
    metres = height_cm / 100
    return (weight_kg / (metres * metres)).quantize(Decimal("0.1"), ROUND_HALF_UP)
