"""The only way from an id in a URL to a quote, an order or a payment."""

from uuid import UUID

from yimei.billing.models import Cost, Order, Payment, Quote
from yimei.core.database.rows import only
from yimei.people.models import Staff
from yimei.people.roles import Permission


def open_quote(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.MONEY_VIEW
) -> Quote:
    quotes = Quote.objects.visible_to(by, permission)
    return only(quotes.select_related("patient__person__vault_key", "campus"), public_id, lock=lock)


def open_order(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.MONEY_VIEW
) -> Order:
    orders = Order.objects.visible_to(by, permission)
    return only(orders.select_related("patient__person__vault_key", "campus"), public_id, lock=lock)


def open_payment(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.MONEY_VIEW
) -> Payment:
    """Return a payment; ``lock`` holds its order, because that is where the sums are."""
    payments = Payment.objects.visible_to(by, permission).select_related("order__patient__person__vault_key")
    payment = only(payments, public_id, lock=False)
    if lock:
        payment.order = open_order(payment.order.public_id, by=by, lock=True, permission=permission)
    return payment


def open_cost(public_id: UUID, *, by: Staff) -> Cost:
    return only(Cost.objects.visible_to(by), public_id)
