"""Amounts in capital numerals."""

from decimal import Decimal

import pytest

from yimei.billing.rules.receipts import capital


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "人民币零元整"),
        ("0.01", "人民币壹分"),
        ("0.10", "人民币壹角整"),
        ("15", "人民币壹拾伍元整"),
        ("101", "人民币壹佰零壹元整"),
        ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
        ("6007.14", "人民币陆仟零柒元壹角肆分"),
        ("325.04", "人民币叁佰贰拾伍元零肆分"),
        ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
        ("100010000", "人民币壹亿零壹万元整"),
        ("10000001", "人民币壹仟万零壹元整"),
        ("9999999999.99", "人民币玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ("-12.30", "人民币负壹拾贰元叁角整"),
    ],
)
def test_an_amount_reads_as_a_bill_writes_it(amount: str, text: str) -> None:
    assert capital(Decimal(amount)) == text
