"""Reference ranges and stop rules with their versions: what counts, what comes, who confirmed it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from yimei.hospital import access
from yimei.hospital.enums import TestKind
from yimei.hospital.models import Procedure, StopRule, TestItem, TestRange
from yimei.hospital.queries import all_ranges, all_stop_rules
from yimei.hospital.rules.clinical import stands
from yimei.journey.rules.tests import Limits
from yimei.people.models import Staff

Row = TestRange | StopRule
T = TypeVar("T", TestRange, StopRule)


@dataclass(frozen=True)
class Line:
    """One version as the settings page shows it."""

    row: Row
    today: date
    names: dict[UUID, str]

    @property
    def confirmed_by(self) -> str:
        return self.names.get(self.row.confirmed_by, "") if self.row.confirmed_by else ""

    @property
    def entered_by(self) -> str:
        return self.names.get(self.row.entered_by, "") if self.row.entered_by else ""

    @property
    def is_current(self) -> bool:
        return stands(self.row, self.today)

    @property
    def is_coming(self) -> bool:
        return self.row.valid_from > self.today

    @property
    def may_be_confirmed(self) -> bool:
        return self.row.confirmed_at is None and (self.is_current or self.is_coming)

    @property
    def limits(self) -> str:
        return _limits(self.row).words if isinstance(self.row, TestRange) else ""

    @property
    def critical(self) -> Sequence[tuple[str, str]]:
        """The critical limits as sign and number."""
        if not isinstance(self.row, TestRange):
            return ()
        found = (("<", self.row.critical_low), (">", self.row.critical_high))
        return [(sign, f"{limit.normalize():f}") for sign, limit in found if limit is not None]


def ranges(*, on: date, text: str = "", unconfirmed: bool = False) -> QuerySet[TestRange]:
    """Return the versions that count or come, by test."""
    found = _open(all_ranges(), on, unconfirmed=unconfirmed)
    return found.filter(Q(test__name__icontains=text) | Q(test__code__icontains=text)) if text else found


def tests_with_numbers() -> QuerySet[TestItem]:
    """Return the tests whose results are numbers, which alone have ranges."""
    return TestItem.objects.filter(kind=TestKind.NUMBER).order_by("name")


def stop_rules(*, on: date, text: str = "", unconfirmed: bool = False) -> QuerySet[StopRule]:
    found = _open(all_stop_rules(), on, unconfirmed=unconfirmed)
    return found.filter(Q(name__icontains=text) | Q(code__icontains=text)) if text else found


def unconfirmed_counts(on: date) -> tuple[int, int]:
    """How many ranges and how many stop rules wait for a clinician."""
    return (
        _open(all_ranges(), on, unconfirmed=True).count(),
        _open(all_stop_rules(), on, unconfirmed=True).count(),
    )


def lines(rows: Iterable[Row], *, on: date) -> list[Line]:
    """Return rows with the names of who entered and confirmed them; one query for the names."""
    known = list(rows)
    wanted = {each for row in known for each in (row.confirmed_by, row.entered_by) if each}
    names = dict(Staff.objects.filter(public_id__in=wanted).values_list("public_id", "name"))
    return [Line(row, on, names) for row in known]


def range_versions(range_id: UUID) -> tuple[TestRange, QuerySet[TestRange]]:
    """Return one version and all of the same test, sex and age, the newest first."""
    row = access.open_range(range_id)
    same = all_ranges().filter(test=row.test_id, sex=row.sex, age_from=row.age_from)
    return row, same.order_by("-valid_from")


def stop_rule_versions(rule_id: UUID) -> tuple[StopRule, QuerySet[StopRule]]:
    row = access.open_stop_rule(rule_id)
    return row, all_stop_rules().filter(code=row.code).order_by("-valid_from")


def _open(found: QuerySet[T], on: date, *, unconfirmed: bool) -> QuerySet[T]:
    kept = found.filter(Q(valid_to=None) | Q(valid_to__gt=on))
    return kept.filter(confirmed_at=None) if unconfirmed else kept


def _limits(row: TestRange) -> Limits:
    return Limits(low=row.low, high=row.high)


def confirmed_by(procedure: Procedure) -> str:
    """Return the name of the clinician who confirmed a procedure; empty while nobody has."""
    known = Staff.objects.filter(public_id=procedure.confirmed_by) if procedure.confirmed_by else None
    return "" if known is None else known.values_list("name", flat=True).first() or ""
