"""Reads of the reference data; each list costs a fixed number of queries."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

from django.db.models import OuterRef, Q, QuerySet, Subquery

from yimei.hospital.enums import Category, DayKind, FormKind, Grade, InstitutionKind, RoomKind
from yimei.hospital.models import (
    CalendarDay,
    Campus,
    Department,
    Device,
    FormTemplate,
    Price,
    Procedure,
    ProcedureForm,
    Room,
    Shift,
    StopRule,
    TestItem,
    TestRange,
)
from yimei.hospital.rules import catalogue, clinical
from yimei.hospital.rules.photos import Series, read_series

BOTH_SEXES = ("F", "M")


@dataclass(frozen=True)
class Offer:
    """A procedure as one campus offers it on a day; without a list price it cannot be quoted."""

    procedure: Procedure
    price: Decimal | None


@dataclass(frozen=True)
class Before:
    """What comes before a procedure, by code."""

    tests: Sequence[str]
    papers: Sequence[str]


@dataclass(frozen=True)
class Span:
    """Days of one kind and name that follow each other: the first of them, and the last day."""

    row: CalendarDay
    last: date


@dataclass(frozen=True)
class Premises:
    """What a campus has, what is switched off included, and the highest grade it may perform."""

    campus: Campus
    rooms: Sequence[Room]
    devices: Sequence[Device]
    shifts: Sequence[Shift]
    departments: Sequence[Department]
    ceiling: Grade


# ---- places -----------------------------------------------------------------------------------


def campuses() -> QuerySet[Campus]:
    return Campus.objects.filter(is_active=True)


def premises(campus: Campus) -> Premises:
    return Premises(
        campus,
        rooms=list(campus.rooms.all()),
        devices=list(campus.devices.all()),
        shifts=list(campus.shifts.all()),
        departments=list(campus.departments.all()),
        ceiling=ceiling_of(campus),
    )


def ceiling_of(campus: Campus) -> Grade:
    """The highest grade of operation that a campus may perform."""
    return catalogue.max_grade(InstitutionKind(campus.institution_kind), narrowed_to=Grade(campus.max_grade))


def departments(campus: Campus) -> QuerySet[Department]:
    return campus.departments.filter(is_active=True)


def rooms(campus: Campus, kind: RoomKind | None = None) -> QuerySet[Room]:
    found = campus.rooms.filter(is_active=True)
    return found.filter(kind=kind) if kind else found


def devices(campus: Campus) -> QuerySet[Device]:
    return campus.devices.filter(is_active=True)


def shifts(campus: Campus) -> QuerySet[Shift]:
    return campus.shifts.all()


def calendar_table(years: Iterable[int]) -> dict[date, DayKind]:
    """Return what the rules of working days need to know about these years."""
    wanted = CalendarDay.objects.filter(day__year__in=sorted(set(years)))
    return {day: DayKind(kind) for day, kind in wanted.values_list("day", "kind")}


def marked_spans(first: date, last: date) -> list[Span]:
    """Return the days that are not what their weekday says, those that follow each other as one."""
    spans: list[Span] = []
    for row in CalendarDay.objects.filter(day__range=(first, last)).order_by("day"):
        before = spans[-1] if spans else None
        same = before is not None and (before.row.kind, before.row.name) == (row.kind, row.name)
        if before is not None and same and row.day - before.last == timedelta(days=1):
            spans[-1] = Span(before.row, row.day)
        else:
            spans.append(Span(row, row.day))
    return spans


def holidays(first: date, last: date) -> frozenset[date]:
    """Return the public holidays from one day to another, both included, that the calendar knows."""
    rows = CalendarDay.objects.filter(day__range=(first, last), kind=DayKind.HOLIDAY)
    return frozenset(rows.values_list("day", flat=True))


# ---- catalogue and prices ---------------------------------------------------------------------


def catalogue_of(campus: Campus, day: date) -> list[Offer]:
    """Return the active procedures this campus may perform, with the list price of the day."""
    ceiling = ceiling_of(campus)
    price = _in_force(day).filter(procedure=OuterRef("pk"), campus=campus).values("amount")[:1]
    procedures = Procedure.objects.filter(is_active=True, grade__lte=ceiling)
    return [Offer(row, row.list_price) for row in procedures.annotate(list_price=Subquery(price))]


def price_list(campus: Campus, day: date) -> list[Offer]:
    """Return every procedure that is kept, switched off or not, with the list price of the day."""
    price = _in_force(day).filter(procedure=OuterRef("pk"), campus=campus).values("amount")[:1]
    rows = Procedure.objects.annotate(list_price=Subquery(price)).order_by("-is_active", "category", "code")
    return [Offer(row, row.list_price) for row in rows]


def price_history(procedure: Procedure, campus: Campus) -> QuerySet[Price]:
    return Price.objects.filter(procedure=procedure, campus=campus).order_by("-valid_from")


def price_on(procedure: Procedure, campus: Campus, day: date) -> Decimal | None:
    """Return the list price in force on a day, or nothing when none was set."""
    prices = _in_force(day).filter(procedure=procedure, campus=campus)
    return prices.values_list("amount", flat=True).first()


def _in_force(day: date) -> QuerySet[Price]:
    return Price.objects.filter(Q(valid_to=None) | Q(valid_to__gt=day), valid_from__lte=day)


# ---- what a procedure asks for ----------------------------------------------------------------


def tests_for(procedure: Procedure, sex: str) -> list[TestItem]:
    """Return the required tests that apply to this sex; an unknown sex has to pass those of both."""
    sexes = [sex] if sex in BOTH_SEXES else [*BOTH_SEXES]
    tests = TestItem.objects.filter(pk__in=procedure.required_tests.values("test"), only_sex__in=["", *sexes])
    return list(tests)


def before(procedure: Procedure) -> Before:
    """Return the codes of the tests and documents that come before a procedure."""
    return Before(
        list(procedure.required_tests.values_list("test__code", flat=True)),
        list(procedure.required_forms.values_list("form_code", flat=True)),
    )


def before_choices() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return every test and every document that can be asked for: (code, words)."""
    tests = list(TestItem.objects.values_list("code", "name"))
    signed = FormTemplate.objects.exclude(kind=FormKind.ADVICE).order_by("code", "version")
    return tests, list({form.code: form.title for form in signed}.items())


def stop_rules(*, grade: int, sex: str, on: date) -> QuerySet[StopRule]:
    """Return the stop rules of an operation of a grade on a day; an unknown sex is asked those of both."""
    sexes = [sex] if sex in BOTH_SEXES else [*BOTH_SEXES]
    return StopRule.objects.filter(
        _standing(on), is_active=True, from_grade__lte=grade, only_sex__in=["", *sexes]
    )


def ranges_of(test: TestItem, on: date) -> list[TestRange]:
    """Return the reference ranges of a test that count on a day."""
    return [row for row in test.ranges.all() if clinical.stands(row, on)]


def procedures() -> QuerySet[Procedure]:
    """Return every procedure in use, by category."""
    return Procedure.objects.filter(is_active=True)


def all_ranges() -> QuerySet[TestRange]:
    """Return every version of every reference range."""
    return TestRange.objects.select_related("test")


def all_stop_rules() -> QuerySet[StopRule]:
    return StopRule.objects.all()


def _standing(on: date) -> Q:
    return Q(valid_to=None, valid_from__lte=on) | Q(valid_to__gt=on, valid_from__lte=on)


def newest_form(code: str, at: datetime) -> FormTemplate | None:
    """Return the version of a document that counts at an instant."""
    return FormTemplate.objects.filter(code=code, published_at__lte=at).order_by("-version").first()


def newest_forms(codes: Iterable[str], at: datetime) -> dict[str, FormTemplate]:
    """Return the version that counts of each document that has one, by code."""
    versions = FormTemplate.objects.filter(code__in=list(codes), published_at__lte=at).order_by("version")
    return {form.code: form for form in versions}


def papers(at: datetime) -> list[FormTemplate]:
    """Return every document in the version that counts, by kind."""
    newest = newest_forms(FormTemplate.objects.values_list("code", flat=True).distinct(), at)
    return sorted(newest.values(), key=lambda form: (form.kind, form.title))


def versions_of(code: str) -> QuerySet[FormTemplate]:
    return FormTemplate.objects.filter(code=code).order_by("-version")


def forms_for(procedure: Procedure, at: datetime) -> list[FormTemplate]:
    """Return the documents that must be signed before a procedure, in the version that counts."""
    return forms_of([procedure], at)


def forms_of(
    procedures: Sequence[Procedure], at: datetime, *, also: Iterable[str] = ()
) -> list[FormTemplate]:
    """The same for all that is done in one operation, each document once; two queries, however many."""
    rows = ProcedureForm.objects.filter(procedure__in=procedures).order_by("form_code")
    asked: dict[int, list[str]] = {}
    for procedure, code in rows.values_list("procedure", "form_code"):
        asked.setdefault(procedure, []).append(code)
    codes = list(dict.fromkeys([code for each in procedures for code in asked.get(each.pk, ())] + [*also]))
    newest = newest_forms(codes, at)
    return [newest[code] for code in codes if code in newest]


def advice_for(procedure: Procedure, at: datetime) -> FormTemplate | None:
    """Return the take-home sheet of a procedure: its category's own, else the general one."""
    codes = catalogue.advice_codes(procedure.category)
    newest = newest_forms(codes, at)
    return next((newest[code] for code in codes if code in newest), None)


@cache
def photo_series() -> Mapping[Category, Series]:
    """Return the photographs that each category of procedures asks for, as they ship."""
    text = files("yimei.hospital").joinpath("data", "photo_series.json").read_text("utf-8")
    return read_series(json.loads(text))


def photos_for(procedure: Procedure) -> Series:
    return photo_series()[Category(procedure.category)]
