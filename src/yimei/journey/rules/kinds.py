"""Which kind of visit (接诊类型) a history suggests; the desk decides."""

from yimei.journey.enums import BookingKind, VisitKind


def suggest(kind: BookingKind, *, has_been_here: bool, has_bought: bool, is_going_on: bool) -> VisitKind:
    """A review is one; who never came is new; who bought and begins anew buys again; else she returns."""
    if kind == BookingKind.REVIEW:
        return VisitKind.REVIEW
    if not has_been_here:
        return VisitKind.FIRST
    if has_bought and not is_going_on:
        return VisitKind.AGAIN
    return VisitKind.RETURN
