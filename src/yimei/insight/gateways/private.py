"""Noise for published counts, by OpenDP; there when the extra ``research`` is installed."""

from collections.abc import Sequence
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def is_there() -> bool:
    return find_spec("opendp") is not None


def noisy(counts: Sequence[int], epsilon: Decimal) -> list[int]:
    """Return the counts with discrete Laplace noise; one person more or less moves one of them by one."""
    dp: Any = import_module("opendp.prelude")
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    measurement = space >> dp.m.then_laplace(scale=float(1 / epsilon))
    if measurement.map(d_in=1) > float(epsilon) * (1 + 1e-9):
        raise ArithmeticError("the noise is too small for its promise")
    return [max(0, int(count)) for count in measurement(list(counts))]
