"""One customer's way as a generator: it yields the time of the next step, then takes it through an action.

The scheduler resumes whoever comes next in time, so that the log of the hospital is written in order.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from yimei.billing.actions import payments, quotes
from yimei.billing.models import Order
from yimei.core.clock import local_date
from yimei.journey.actions import bookings, consultations, plans, surgeries
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.walks.afterwards import Afterwards
from yimei.rehearsal.actions.walks.asking import Asking
from yimei.rehearsal.actions.walks.clinic import Clinic
from yimei.rehearsal.actions.walks.desk import Desk
from yimei.rehearsal.actions.walks.operation import Operation
from yimei.rehearsal.actions.walks.studio import Studio
from yimei.rehearsal.actions.walks.way import MINUTE
from yimei.rehearsal.rules import shapes

__all__ = ["Walk"]


class Walk(Desk, Asking, Clinic, Studio, Operation, Afterwards):
    """The whole way; it may end early, as ways do."""

    def steps(self) -> Iterator[datetime]:
        yield self.now
        self.call()
        if self.happens(1 - shapes.BOOKS):
            return
        yield from self.pause(minutes=(5, 40))
        booking = self.book()
        if booking is None:
            return
        if self.forgets():
            yield from self.is_given_up(self.online)
            return
        yield from self.pause(minutes=(10, 240), latest=booking.starts_at - MINUTE)
        booking = bookings.confirm(booking.public_id, by=self.online, now=self.now)
        if self.happens(1 - shapes.ARRIVES):
            yield from self.stays_away(booking.public_id, booking.starts_at)
            return
        yield from self.until(booking.starts_at - self.minutes(0, 12))
        self.register()
        yield from self.pause(minutes=(1, 4))
        booking = bookings.arrive(booking.public_id, by=self.reception, now=self.now)
        consultant = booking.staff
        yield from self.pause(minutes=(3, 25))
        bookings.serve(booking.public_id, by=consultant, now=self.now)
        yield from self.pause(minutes=(15, 45))
        self.consult(consultant)
        self.ask(consultant)
        if self.happens(1 - shapes.WINS):
            yield from self.is_lost(consultant)
            return
        quote = self.quote(consultant)
        yield from self.pause(minutes=(5, 20))
        surgeon = self.world.one(RoleCode.SURGEON, self.rng)
        consultations.refer(self.case.public_id, surgeon_id=surgeon.public_id, by=consultant, now=self.now)
        yield from self.pause(minutes=(8, 40))
        self.assess(surgeon)
        self.promise(surgeon)
        yield from self.pause(minutes=(5, 30))
        yield from self.test(surgeon)
        if self.forgets():
            yield from self.is_given_up(consultant)
            return
        yield from self.pause(minutes=(10, 60))
        plan = self.plan(surgeon, quote)
        yield from self.pause(minutes=(5, 60))
        if self.forgets():
            yield from self.is_given_up(consultant)
            return
        plans.choose(plan, by=surgeon, now=self.now, choice=self.choice(consultant))
        quotes.accept(quote.public_id, by=consultant, now=self.now)
        yield from self.pause(minutes=(2, 15))
        order = self.pay_deposit(quote, consultant)
        if self.forgets():
            yield from self.is_called_off(order, consultant)
            return
        yield from self.pause(minutes=(10, 120))
        surgery = self.schedule()
        if surgery is None:
            yield from self.is_called_off(order, consultant)
            return
        yield from self.until(max(surgery.starts_at - timedelta(days=1, hours=2), self.now + 5 * MINUTE))
        if self.happens(shapes.CANCELS):
            scheduler = self.world.first(RoleCode.SCHEDULER)
            surgeries.cancel(surgery.public_id, reason="客户感冒，改期", by=scheduler, now=self.now)
            yield from self.is_called_off(order, consultant)
            return
        self.repeat_tests(surgeon, day=local_date(surgery.starts_at))
        self.photograph(surgeon)
        if self.rng.random() < shapes.SIGNS_EARLY:
            self.sign(plan, surgeon, surgery)
        yield from self.until(surgery.starts_at - self.minutes(15, 30))
        self.sign(plan, surgeon, surgery)
        yield from self.until(surgery.starts_at + self.minutes(0, 12))
        yield from self.operate(surgery, surgeon)
        self.pay_rest(order)
        yield from self.recover(surgery)
        yield from self.aftercare(surgeon)

    def is_called_off(self, order: Order, consultant: Staff) -> Iterator[datetime]:
        """She does not want it any more: the case is closed weeks later, and the cashier gives all back."""
        yield from self.is_given_up(consultant)
        for payment in order.payments.all():
            payments.refund(
                payment.public_id,
                amount=payment.amount,
                reason="客户不做了，定金退回",
                key=self.key("refund", payment.public_id),
                by=self.world.first(RoleCode.CASHIER),
                now=self.now,
            )
