"""Entries of the house's own costs, as a cashier would make them."""

from datetime import date, datetime
from decimal import Decimal
from uuid import uuid4

from yimei.billing.actions import costs
from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.billing.models import Cost
from yimei.billing.rules.costs import Entry
from yimei.people.models import Staff

MAY, END = date(2026, 5, 1), date(2026, 5, 31)


def entry(account: CostAccount, amount: str, **more: object) -> Entry:
    said: dict[str, object] = {"starts_on": MAY, "ends_on": END, "origin": CostOrigin.INVOICE}
    return Entry(account=account, amount=Decimal(amount), **said | more)  # type: ignore[arg-type]


def ledger(by: Staff, now: datetime) -> list[Cost]:
    """A month of costs, one entry over two months, and one that was taken back."""
    made = [
        costs.record(one, key=uuid4(), by=by, now=now)
        for one in (
            entry(CostAccount.ADVERTISING, "3100", channel=AdChannel.DOUYIN, origin=CostOrigin.PLATFORM),
            entry(CostAccount.STAFF, "21000.01", quantity=Decimal(310), unit=CostUnit.HOUR),
            entry(CostAccount.DRUG, "100"),
            entry(CostAccount.OTHER, "1000", starts_on=date(2026, 4, 15), ends_on=date(2026, 5, 20)),
            entry(CostAccount.DEVICE, "777.77"),
        )
    ]
    costs.reverse(made[-1].public_id, reason="重复登记", by=by, now=now)
    return made
