"""Reads about assessments and tests before an operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yimei.hospital.enums import TestKind
from yimei.hospital.models import TestItem
from yimei.hospital.queries import tests_for
from yimei.journey.models import Assessment, Case, TestOrder, TestResult
from yimei.journey.queries import facts
from yimei.journey.rules import assessments as rules

ASSESSABLE = frozenset({"consulted", "assessed", "planned", "scheduled"})


@dataclass(frozen=True)
class Assessed:
    """One assessment in words."""

    row: Assessment

    @property
    def bmi(self) -> Decimal:
        return rules.bmi(self.row.height_cm, self.row.weight_kg)

    @property
    def bmi_words(self) -> str:
        return rules.bmi_words(self.bmi)

    @property
    def lines(self) -> list[tuple[str, str, bool]]:
        return rules.history_lines(self.row.history or {})

    @property
    def note(self) -> str:
        return str((self.row.history or {}).get(rules.NOTE, ""))


@dataclass(frozen=True)
class TestLine:
    """One ordered test with its newest result."""

    order: TestOrder
    result: TestResult | None
    earlier: int
    day: date

    @property
    def test(self) -> TestItem:
        return self.order.test

    @property
    def is_number(self) -> bool:
        return self.test.kind == TestKind.NUMBER

    @property
    def shown(self) -> str:
        return (self.result.value or self.result.finding) if self.result else ""

    @property
    def dialog(self) -> str:
        """The name of the dialog that accepts this result."""
        return f"accept-{self.result.public_id}" if self.result else ""

    @property
    def range(self) -> str:
        """The reference in words: ``3.5–9.5``, ``≥ 90``, ``阴性``."""
        low, high = (_plain(limit) for limit in (self.test.low, self.test.high))
        if not self.is_number:
            return self.test.normal_text
        if low and high:
            return f"{low}–{high}"
        return f"≥ {low}" if low else f"≤ {high}" if high else ""

    @property
    def is_accepted(self) -> bool:
        return self.result is not None and self.result.accepts_id is not None

    @property
    def is_expired(self) -> bool:
        return self.result is not None and self.result.valid_to < self.day

    @property
    def needs_acceptance(self) -> bool:
        return self.result is not None and self.result.is_abnormal and not self.is_accepted


def assessed(case: Case) -> Sequence[Assessed]:
    """Newest first."""
    rows = case.assessments.select_related("by", "case__patient__person__vault_key")
    return [Assessed(row) for row in rows]


def test_sheet(case: Case, day: date) -> Sequence[TestLine]:
    """Return the ordered tests in the order of the catalogue's codes, judged for a day."""
    lines = []
    for order in facts.test_orders(case):
        results = list(order.results.all())
        for result in results:
            result.order = order
        lines.append(TestLine(order, results[0] if results else None, max(len(results) - 1, 0), day))
    return lines


def tests_to_order(case: Case, sheet: Sequence[TestLine]) -> Sequence[TestItem]:
    """Return what the procedure asks for and nobody has ordered yet."""
    known = {line.order.test_id for line in sheet}
    return [test for test in tests_for(case.procedure, case.patient.person.sex) if test.pk not in known]


def _plain(limit: Decimal | None) -> str:
    return f"{limit.normalize():f}" if limit is not None else ""
