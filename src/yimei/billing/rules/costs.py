"""What an entry of costs may say."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.core.errors import RuleBroken
from yimei.core.money import format_yuan

LONGEST = 366
"""Days that one entry may cover; more is entered year by year."""
AHEAD = timedelta(days=366)
EARLIEST = date(2000, 1, 1)
MOST = Decimal(100_000_000)
FAMILY = UUID("8a2a1f8e-5b3e-4a0d-9a57-5a5d0c6f1b63")


@dataclass(frozen=True)
class Entry:
    """One amount as somebody wrote it down."""

    account: CostAccount
    starts_on: date
    ends_on: date
    amount: Decimal
    origin: CostOrigin
    channel: AdChannel | None = None
    procedure: int | None = None
    quantity: Decimal | None = None
    unit: CostUnit | None = None
    reference: str = ""
    campus: int | None = None
    owner: int | None = None


def check(entry: Entry, *, today: date) -> None:
    """Refuse what could not be true, with what to write instead."""
    if entry.amount <= 0:
        raise RuleBroken(_("金额要大于零；登记错了请冲正原来那一笔。"), code="amount")
    if entry.amount > MOST:
        raise RuleBroken(_("金额超过 %(most)s，请核对。") % {"most": format_yuan(MOST)}, code="amount")
    if entry.ends_on < entry.starts_on:
        raise RuleBroken(_("期间的止日早于起日。"), code="ends_on")
    if (entry.ends_on - entry.starts_on).days >= LONGEST:
        raise RuleBroken(_("一笔最多覆盖 %(n)d 天，更长的请按年分开登记。") % {"n": LONGEST}, code="ends_on")
    if entry.starts_on < EARLIEST or entry.ends_on > today + AHEAD:
        raise RuleBroken(_("期间不在 2000 年至一年后之间，请核对年份。"), code="starts_on")
    if (entry.account == CostAccount.ADVERTISING) != (entry.channel is not None):
        said = _("广告花费要写明投放渠道。") if entry.channel is None else _("只有广告花费才写投放渠道。")
        raise RuleBroken(said, code="channel")
    if (entry.quantity is None) != (entry.unit is None):
        raise RuleBroken(_("数量和单位要一起填写。"), code="quantity")
    if entry.quantity is not None and not 0 < entry.quantity < MOST:
        raise RuleBroken(_("数量要大于零。"), code="quantity")


def check_reverse(*, is_reversal: bool, is_reversed: bool, reason: str) -> None:
    if is_reversal:
        raise RuleBroken(_("这一笔本身就是冲正，不能再冲正；请重新登记正确的金额。"), code="reversal")
    if is_reversed:
        raise RuleBroken(_("这一笔已经冲正过。"), code="reversed")
    if not reason.strip():
        raise RuleBroken(_("请写明冲正原因。"), code="reason")


def keys(entries: Iterable[Entry]) -> Sequence[UUID]:
    """Return a key for each line of a file: the same line of the same file is one amount, ever."""
    seen: Counter[Entry] = Counter()
    found = []
    for entry in entries:
        seen[entry] += 1
        found.append(uuid5(FAMILY, f"{entry!r}#{seen[entry]}"))
    return found


def reversal_key(public_id: UUID) -> UUID:
    """An amount is taken back once: two clicks have the same key."""
    return uuid5(FAMILY, f"reverse {public_id}")
