"""Setting list prices; a new price closes the one before it and history stays."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from yimei.audit import log
from yimei.audit.log import Actor
from yimei.core.clock import local_date
from yimei.core.money import yuan
from yimei.hospital.access import open_procedure
from yimei.hospital.models import Campus, Price
from yimei.hospital.rules import prices as rules


@transaction.atomic
def set(
    procedure_id: UUID, *, campus: Campus, amount: Decimal, from_day: date, by: Actor | None, at: datetime
) -> Price:
    """Put a price in force from a day until the next known one; a price that has not begun is replaced."""
    procedure = open_procedure(procedure_id, lock=True)
    known = Price.objects.filter(procedure=procedure, campus=campus)
    amount = yuan(amount)
    rules.check_new_price(
        amount,
        from_day=from_day,
        today=local_date(at),
        starts=frozenset(known.values_list("valid_from", flat=True)),
    )
    known.filter(valid_from=from_day).delete()
    before = known.filter(valid_from__lt=from_day).order_by("-valid_from").first()
    after = known.filter(valid_from__gt=from_day).order_by("valid_from").first()
    if before is not None:
        before.valid_to = from_day
        before.save(update_fields=["valid_to"])
    price = Price.objects.create(
        procedure=procedure,
        campus=campus,
        amount=amount,
        valid_from=from_day,
        valid_to=after.valid_from if after else None,
    )
    detail = {"campus": campus.code, "amount": str(amount), "from": from_day.isoformat()}
    log.record("hospital.price.set", target=procedure, by=by, at=at, detail=detail)
    return price
