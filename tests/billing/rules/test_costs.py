"""What an entry of costs may say, told without a database."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from yimei.billing.enums import AdChannel, CostAccount, CostOrigin, CostUnit
from yimei.billing.rules.costs import Entry, check, check_reverse, keys
from yimei.core.errors import RuleBroken
from yimei.insight.rules.imports.ledger import LEDGER, ORIGINS, UNITS
from yimei.insight.rules.imports.templates import ACCOUNTS, SOURCES

TODAY = date(2026, 6, 16)
GOOD = Entry(
    account=CostAccount.RENT,
    starts_on=date(2026, 6, 1),
    ends_on=date(2026, 6, 30),
    amount=Decimal("12000.00"),
    origin=CostOrigin.CONTRACT,
)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"account": CostAccount.ADVERTISING, "channel": AdChannel.DOUYIN},
        {"quantity": Decimal(8), "unit": CostUnit.HOUR},
        {"ends_on": date(2027, 6, 1)},
        {"starts_on": TODAY, "ends_on": TODAY},
    ],
)
def test_what_may_be_written_down(change: dict[str, Any]) -> None:
    check(replace(GOOD, **change), today=TODAY)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(-5)}, "amount"),
        ({"amount": Decimal("1e9")}, "amount"),
        ({"ends_on": date(2026, 5, 31)}, "ends_on"),
        ({"starts_on": TODAY - timedelta(days=400), "ends_on": TODAY}, "ends_on"),
        ({"starts_on": date(1926, 6, 1), "ends_on": date(1926, 6, 2)}, "starts_on"),
        ({"starts_on": date(2062, 6, 1), "ends_on": date(2062, 6, 2)}, "starts_on"),
        ({"account": CostAccount.ADVERTISING}, "channel"),
        ({"channel": AdChannel.BAIDU}, "channel"),
        ({"quantity": Decimal(8)}, "quantity"),
        ({"unit": CostUnit.HOUR}, "quantity"),
        ({"quantity": Decimal(0), "unit": CostUnit.HOUR}, "quantity"),
    ],
)
def test_what_cannot_be_true_is_refused_at_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        check(replace(GOOD, **change), today=TODAY)
    assert refusal.value.code == field


@pytest.mark.parametrize(
    ("is_reversal", "is_reversed", "reason"), [(True, False, "x"), (False, True, "x"), (False, False, " ")]
)
def test_an_amount_is_taken_back_once_and_with_a_reason(
    is_reversal: bool, is_reversed: bool, reason: str
) -> None:
    with pytest.raises(RuleBroken):
        check_reverse(is_reversal=is_reversal, is_reversed=is_reversed, reason=reason)


def test_the_same_line_twice_in_a_file_is_two_and_in_another_file_the_same() -> None:
    first, second = keys([GOOD, GOOD])
    assert first != second
    assert keys([GOOD]) == [first]
    assert keys([replace(GOOD, amount=Decimal("12000.01"))]) != [first]


def test_words_are_those_of_the_tables_that_are_brought() -> None:
    """A figure joins both by these codes."""
    accounts = {code: zh for code, zh, *_rest in ACCOUNTS}
    assert {one.value: str(one.label) for one in CostAccount}.items() <= accounts.items()
    assert accounts.keys() - set(CostAccount.values) == {"income", "refund"}
    sources = {code: zh for code, zh, *_rest in SOURCES}
    assert {one.value: str(one.label) for one in AdChannel}.items() <= sources.items()
    assert sources.keys() - set(AdChannel.values) == {"event", "platform"}, "nobody advertises there"
    channel = next(column for column in LEDGER.columns if column.name == "channel")
    assert {code for code, *_rest in channel.codes} == set(AdChannel.values)
    assert [code for code, *_rest in ORIGINS] == CostOrigin.values
    assert [code for code, *_rest in UNITS] == CostUnit.values
    assert {column.name for column in LEDGER.columns} == set(Entry.__dataclass_fields__)
