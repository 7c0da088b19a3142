"""Reads about assessments and tests before an operation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from yimei.core.clock import age_on, local_date
from yimei.hospital.enums import TestKind
from yimei.hospital.models import TestItem
from yimei.hospital.queries import ranges_of, tests_for
from yimei.journey.enums import Flag, StopState
from yimei.journey.models import Assessment, Case, TestOrder, TestResult
from yimei.journey.queries import facts, plans
from yimei.journey.rules import assessments as rules
from yimei.journey.rules import scores
from yimei.journey.rules import tests as test_rules
from yimei.journey.rules.scores.base import Frozen
from yimei.people.models import Person

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
    def scores(self) -> list[Frozen]:
        """The scores as they were frozen with this assessment."""
        return list((self.row.scores or {}).values())

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
    is_hidden: bool = False
    """There is a result, which is level 5 and not for this reader."""

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
        """The reference in words: as it was when judged, else as it is for this sex and age."""
        if self.result is not None and self.result.reference:
            return self.result.reference
        if not self.is_number:
            return self.test.normal_text
        return limits_of(self.test, self.order.case.patient.person, self.day).words

    @property
    def flag(self) -> Flag | None:
        return Flag(self.result.flag) if self.result and self.result.flag else None

    @property
    def is_critical(self) -> bool:
        return self.flag in {Flag.CRITICAL_LOW, Flag.CRITICAL_HIGH}

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


def preview(case: Case, data: Mapping[str, Any], *, now: datetime) -> list[Frozen]:
    """Work the scores out from what is typed so far; nothing until height, weight and ASA are there."""
    if not {"height_cm", "weight_kg", "asa"} <= data.keys():
        return []
    birth = case.patient.person.birth_date
    worked = scores.work_out(
        ticked={code: data.get(f"score_{code}", ()) for code in scores.SCORES},
        mallampati=data.get("mallampati"),
        asa=data["asa"],
        height_cm=data["height_cm"],
        weight_kg=data["weight_kg"],
        age=age_on(birth, local_date(now)) if birth else None,
        minutes=case.procedure.minutes_p50,
        on_hormones=any(data.get(f"stop_{code}") == StopState.NOW for code in scores.HORMONES),
    )
    return list(worked.values())


def test_sheet(case: Case, day: date, *, sees_special: bool) -> Sequence[TestLine]:
    """Return the ordered tests in the order of the catalogue's codes, judged for a day.

    Results of infection screening are level 5 (GB/T 39725): not for those who see the chart by role alone.
    """
    lines = []
    for order in facts.test_orders(case):
        results = list(order.results.all())
        for result in results:
            result.order = order
        if results and order.test.code in test_rules.SPECIAL and not sees_special:
            lines.append(TestLine(order, None, 0, day, is_hidden=True))
            continue
        lines.append(TestLine(order, results[0] if results else None, max(len(results) - 1, 0), day))
    return lines


def open_tests(case: Case, day: date) -> Sequence[TestLine]:
    """Return the ordered tests that still lack a result or whose result has run out: what an order prints."""
    sheet = test_sheet(case, day, sees_special=True)
    return [line for line in sheet if line.result is None or line.is_expired]


def tests_to_order(case: Case, sheet: Sequence[TestLine]) -> Sequence[TestItem]:
    """Return what the procedure asks for and nobody has ordered yet."""
    known = {line.order.test_id for line in sheet}
    return [test for test in wanted_for(case) if test.pk not in known]


def wanted_for(case: Case) -> list[TestItem]:
    """Return the tests that the case's procedure and those of its plan ask for, each once."""
    plan = plans.in_force(case)
    procedures = plans.procedures_of(plan) if plan else [case.procedure]
    found = {test.pk: test for each in procedures for test in tests_for(each, case.patient.person.sex)}
    return list(found.values())


def limits_of(test: TestItem, person: Person, day: date) -> test_rules.Limits:
    """Return the reference range of a test for one person on a day."""
    age = age_on(person.birth_date, day) if person.birth_date else None
    return test_rules.limits_for(
        ranges_of(test, day),
        sex=person.sex,
        age=age,
        otherwise=test_rules.Limits(low=test.low, high=test.high),
    )
