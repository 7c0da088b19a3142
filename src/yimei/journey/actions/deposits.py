"""Take a booking deposit before a confirmation, give it back, or keep it by what was told."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.billing.actions import deposits as money
from yimei.billing.enums import PaymentMethod
from yimei.billing.models import Order, Payment
from yimei.core.errors import Conflict
from yimei.journey import access
from yimei.journey.queries import deposits as queries
from yimei.journey.rules import deposits as rules
from yimei.outbox.actions import notifications
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def take(
    case_id: UUID,
    *,
    method: PaymentMethod,
    reference: str = "",
    is_told: bool,
    key: UUID,
    by: Staff,
    now: datetime,
) -> Payment:
    """Take what a waiting booking asks for, and tell its keeper; the same key takes it once."""
    case = access.open_case(case_id, by=by, lock=True, permission=Permission.MONEY_WRITE)
    if known := money.known(key, episode=case.public_id):
        return known
    rules.check_told(is_told=is_told)
    asked = queries.asked_of(case, now=now)
    rules.check_asked(is_asked=asked is not None)
    assert asked is not None
    notifications.notify(
        asked.booking.keeper,
        gettext_noop("预约定金已收，请确认预约。"),
        key=f"journey.deposit:{key}",
        now=now,
        where=f"desk:booking:{asked.booking.public_id}",
    )
    return money.take(
        patient=case.patient,
        campus=asked.booking.campus,
        episode=case.public_id,
        amount=asked.amount,
        terms=asked.terms,
        method=method,
        reference=reference,
        key=key,
        by=by,
        now=now,
    )


@transaction.atomic
def give_back(case_id: UUID, *, reason: str, key: UUID, by: Staff, now: datetime) -> Payment:
    """Give a deposit back whole, once no booking stands on it any more."""
    case = access.open_case(case_id, by=by, lock=True, permission=Permission.REFUND_WRITE)
    if known := money.known(key, episode=case.public_id):
        return known
    held = _found(queries.open_of(case.public_id, now=now))
    rules.check_given_back(held.fate)
    return money.give_back(held.order.public_id, reason=reason, key=key, by=by, now=now)


@transaction.atomic
def keep(case_id: UUID, *, reason: str, by: Staff, now: datetime) -> Order:
    """Keep a deposit whose visit was broken, as the customer was told when it was taken."""
    case = access.open_case(case_id, by=by, lock=True, permission=Permission.REFUND_WRITE)
    held = _found(queries.held_of(case.public_id, now=now))
    rules.check_kept(held.fate)
    return money.keep(held.order.public_id, reason=reason, by=by, now=now)


def _found(held: queries.Held | None) -> queries.Held:
    if held is None:
        raise Conflict(_("这次诊疗没有待处理的预约定金，请刷新页面。"))
    return held
