"""Everything that happens to a booking, from the wish for a time to its end."""

from yimei.journey.actions.bookings.asking import book, request
from yimei.journey.actions.bookings.moving import reschedule, swap, try_place, try_swap
from yimei.journey.actions.bookings.undoing import undo
from yimei.journey.actions.bookings.visiting import (
    arrive,
    arrive_opened,
    cancel,
    cancel_opened,
    confirm,
    confirm_opened,
    mark_no_show,
    serve,
    triage,
)

__all__ = [
    "arrive",
    "arrive_opened",
    "book",
    "cancel",
    "cancel_opened",
    "confirm",
    "confirm_opened",
    "mark_no_show",
    "request",
    "reschedule",
    "serve",
    "swap",
    "triage",
    "try_place",
    "try_swap",
    "undo",
]
