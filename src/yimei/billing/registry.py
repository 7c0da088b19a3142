"""What the parts above do when something that they took off a quote is undone."""

from collections.abc import Callable
from datetime import datetime

from yimei.billing.enums import CutKind
from yimei.billing.models import QuoteCut
from yimei.people.models import Staff

GiveBack = Callable[[QuoteCut, datetime, "Staff | None"], None]
"""Runs in the transaction that undoes the cut, before its line of the log."""
_give_back: dict[CutKind, GiveBack] = {}


def gives_back(kind: CutKind) -> Callable[[GiveBack], GiveBack]:
    """Register who takes a coupon or points back when a quote comes to nothing."""

    def register(function: GiveBack) -> GiveBack:
        _give_back[kind] = function
        return function

    return register


def give_back(cut: QuoteCut, *, now: datetime, by: Staff | None) -> None:
    if function := _give_back.get(CutKind(cut.kind)):
        function(cut, now, by)
