"""When a partner's customers count, what a month comes to, what it may read; no database."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yimei.core.errors import RuleBroken
from yimei.growth.enums.partners import (
    AgreementStatus,
    PaperKind,
    PartnerBasis,
    PartnerKind,
    StatementStatus,
)
from yimei.growth.rules import partners as rules
from yimei.growth.rules.partners import Agreement, Standing

D = Decimal
DAY, YEAR_END = date(2026, 6, 15), date(2026, 12, 31)
PAPERS = dict.fromkeys(PaperKind, YEAR_END)


def agreement(**values: object) -> Agreement:
    known: dict[str, object] = {
        "id": 1, "basis": PartnerBasis.FIXED, "fee": D(3000), "valid_from": date(2026, 1, 1),
        "valid_to": YEAR_END,
    }  # fmt: skip
    return Agreement(**known | values)  # type: ignore[arg-type]


def standing(**values: object) -> Standing:
    known: dict[str, object] = {"kind": PartnerKind.BEAUTY, "papers": PAPERS, "agreements": [agreement()]}
    return Standing(**known | values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "day", "word"),
    [
        ({}, DAY, ""),
        ({}, YEAR_END, ""),
        ({}, date(2027, 1, 1), "合同"),
        ({"agreements": []}, DAY, "合同"),
        ({"agreements": [agreement(status=AgreementStatus.DRAFT)]}, DAY, "合同"),
        ({"papers": PAPERS | {PaperKind.LICENCE: date(2026, 6, 14)}}, DAY, "到期"),
        ({"papers": {PaperKind.LICENCE: YEAR_END, PaperKind.PROMISE: YEAR_END}}, DAY, "卫生许可证没有登记"),
        ({"is_ended": True}, DAY, "终止"),
        ({"agreements": [agreement(basis=PartnerBasis.VISIT)], "units_allowed": False}, DAY, "按人数"),
        ({"agreements": [agreement(basis=PartnerBasis.VISIT)], "units_allowed": True}, DAY, ""),
        ({"units_allowed": False}, DAY, ""),
        ({"passes_data": True, "party_refusal": "「甲」未获批准"}, DAY, "未获批准"),
        ({"passes_data": False, "party_refusal": "「甲」未获批准"}, DAY, ""),
    ],
)
def test_codes_count_only_while_everything_stands(change: dict[str, object], day: date, word: str) -> None:
    found = rules.missing(standing(**change), day)
    assert bool(found) == bool(word)
    if word:
        assert word in "".join(one.what for one in found)


def test_a_gym_needs_no_hygiene_permit() -> None:
    assert PaperKind.HYGIENE not in rules.needed_papers(PartnerKind.FITNESS)
    assert PaperKind.PROMISE in rules.needed_papers(PartnerKind.FITNESS)


def test_paying_by_head_is_a_default_that_the_house_may_change_and_shares_do_not_exist() -> None:
    def check(basis: PartnerBasis, *, allowed: bool, fee: str = "100") -> None:
        rules.check_terms(basis, D(fee), DAY, YEAR_END, units_allowed=allowed, unit_most=D(200))

    check(PartnerBasis.FIXED, allowed=False)
    check(PartnerBasis.VISIT, allowed=True)
    with pytest.raises(RuleBroken) as refused:
        check(PartnerBasis.LEAD, allowed=False)
    assert "未核实" in refused.value.missing[0].why
    check(PartnerBasis.LEAD, allowed=True, fee="200")
    with pytest.raises(RuleBroken, match="每位最多 ¥200") as refused:
        check(PartnerBasis.LEAD, allowed=True, fee="200.01")
    assert "未核实" in refused.value.missing[0].why
    check(PartnerBasis.FIXED, allowed=True, fee="200.01")
    with pytest.raises(RuleBroken):
        check(PartnerBasis.VISIT, allowed=True, fee="0")
    for fee in ("0", "-1", "1000000.01"):
        with pytest.raises(RuleBroken):
            check(PartnerBasis.FIXED, allowed=False, fee=fee)
    with pytest.raises(RuleBroken, match="到期日"):
        rules.check_terms(PartnerBasis.FIXED, D(1), YEAR_END, DAY, units_allowed=False, unit_most=D(200))
    assert not {"percent", "surgery", "doctor", "cash"} & set(PartnerBasis.values)
    assert set(rules.REFUSED_BASES) == {"percent", "surgery", "doctor", "cash"}


def test_a_month_is_paid_by_the_days_that_stood() -> None:
    june = [date(2026, 6, day) for day in range(1, 31)]
    assert rules.fixed_fee(agreement(), date(2026, 6, 1), june) == D(3000)
    assert rules.fixed_fee(agreement(), date(2026, 6, 1), june[:10]) == D(1000)
    assert rules.fixed_fee(agreement(valid_from=date(2026, 6, 30)), date(2026, 6, 1), june) == D(100)
    assert rules.fixed_fee(agreement(fee=D("0.01")), date(2026, 6, 1), june[:1]) == D("0.00")
    assert rules.fixed_fee(agreement(), date(2026, 6, 1), []) == 0


cents = st.integers(-200_000, 200_000).map(lambda n: D(n) / 100)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(cents, max_size=6), max_size=12))
def test_what_is_paid_and_carried_is_always_what_was_written(months: list[list[Decimal]]) -> None:
    carried, paid = D(0), D(0)
    for lines in months:
        total, payable, rest = rules.close(carried, lines)
        assert payable + rest == carried + total
        assert payable >= 0 >= rest
        assert payable == 0 or rest == 0
        paid, carried = paid + payable, rest
    assert paid + carried == sum((one for lines in months for one in lines), D(0))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=8))
def test_no_small_count_can_be_read_or_worked_out(counts: list[int]) -> None:
    shown = rules.suppressed(counts)
    assert all(one is None or one == 0 or one >= rules.LEAST_SHOWN for one in shown)
    assert all(one is None or one == counts[n] for n, one in enumerate(shown))
    hidden = [n for n, one in enumerate(shown) if one is None]
    if len(hidden) == 1:
        assert not [one for one in shown if one]
        assert rules.shown_sum(counts) is None


def test_a_statement_goes_one_way() -> None:
    s = StatementStatus
    rules.check_statement_move(s.PROPOSED, s.APPROVED)
    rules.check_statement_move(s.APPROVED, s.PAID)
    for old, new in (
        (s.PAID, s.APPROVED),
        (s.REFUSED, s.APPROVED),
        (s.PROPOSED, s.PAID),
        (s.APPROVED, s.REFUSED),
    ):
        with pytest.raises(RuleBroken):
            rules.check_statement_move(old, new)
