"""Filling a hospital with the reference data that ships; what staff have made their own is never touched."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.audit.log import Actor
from yimei.core.clock import local_date
from yimei.core.database.loading import add_missing
from yimei.core.errors import RuleBroken
from yimei.hospital.enums import Anaesthesia, Category, DayKind, Evidence, Grade, OnlineBooking
from yimei.hospital.models import (
    AftercareStep,
    CalendarDay,
    Campus,
    FormTemplate,
    Price,
    Procedure,
    ProcedureForm,
    ProcedureTest,
    StopRule,
    TestItem,
    TestRange,
)
from yimei.hospital.rules.catalogue import Condition, Profile, Requirement, required_codes
from yimei.hospital.rules.forms import check_sections

Data = Mapping[str, Any]

PROCEDURE_FIELDS = (
    "name",
    "category",
    "field",
    "grade",
    "anaesthesia",
    "minutes_p50",
    "minutes_p90",
    "setup_minutes",
    "turnover_minutes",
    "recovery_minutes",
    "has_side",
    "evidence",
    "source",
)


@transaction.atomic
def load(*, campus_codes: Sequence[str], at: datetime, by: Actor | None = None) -> dict[str, int]:
    """Add what is missing and return how many rows of each kind; a second run adds nothing."""
    campuses = list(Campus.objects.filter(code__in=campus_codes))
    if unknown := sorted({*campus_codes} - {campus.code for campus in campuses}):
        raise RuleBroken(_("没有这些院区：%(codes)s。") % {"codes": "、".join(unknown)})
    added = {
        "calendar": _load_calendar(read("calendar")),
        "tests": add_missing(TestItem, read("tests")["items"]),
        "ranges": _load_ranges(read("tests")),
        "stop_rules": add_missing(StopRule, read("stop_rules")["rules"]),
        "forms": _load_forms(read("forms"), at=at),
        "procedures": _load_procedures(read("procedures")),
        "prices": _load_prices(read("procedures"), campuses, from_day=local_date(at)),
    }
    if any(added.values()):
        log.record("hospital.reference.load", by=by, at=at, rows=sum(added.values()), detail=added)
    return added


def read(name: str) -> Data:
    """Return one file of the reference data."""
    text = files("yimei.hospital").joinpath("data", f"{name}.json").read_text("utf-8")
    data: Data = json.loads(text)
    return data


def requirements(name: str) -> list[Requirement]:
    """Return which classes of procedures need which tests, or forms."""
    return [
        Requirement(when=tuple(map(_condition, row["when"])), codes=tuple(row["codes"]))
        for row in read(name)["requirements"]
    ]


def _condition(when: Data) -> Condition:
    return Condition(
        from_grade=Grade(when.get("from_grade", Grade.NONE)),
        categories=frozenset(map(Category, when.get("categories", Category))),
        anaesthesias=frozenset(map(Anaesthesia, when.get("anaesthesias", Anaesthesia))),
    )


def _load_calendar(data: Data) -> int:
    """A year with any day in it is the hospital's own."""
    known = {day.year for day in CalendarDay.objects.values_list("day", flat=True)}
    rows = [
        CalendarDay(day=date.fromisoformat(day), kind=kind, name=name, source=year["source"])
        for year in data["years"]
        if year["year"] not in known
        for key, kind in (("holidays", DayKind.HOLIDAY), ("workdays", DayKind.WORKDAY))
        for name, days in year[key].items()
        for day in days
    ]
    return len(CalendarDay.objects.bulk_create(rows))


def _load_ranges(data: Data) -> int:
    """Ranges of a test that has none at all; a hospital's own ranges stand whole."""
    known = set(TestRange.objects.values_list("test__code", flat=True))
    tests = {test.code: test for test in TestItem.objects.all()}
    rows = [
        TestRange(test=tests[row["test"]], **{name: value for name, value in row.items() if name != "test"})
        for row in data["ranges"]
        if row["test"] not in known
    ]
    return len(TestRange.objects.bulk_create(rows))


def _load_forms(data: Data, *, at: datetime) -> int:
    """A text of ours that changed is a new version, unless the hospital has published its own since."""
    source = f"{data['publisher']}{data['edition']}"
    newest = {form.code: form for form in FormTemplate.objects.order_by("version")}
    rows = []
    for form in data["forms"]:
        sections = expand(form["sections"], data["common"])
        check_sections(sections)
        before = newest.get(form["code"])
        if before is not None and (
            not before.source.startswith(data["publisher"])
            or (before.title, before.sections) == (form["title"], sections)
        ):
            continue
        rows.append(
            FormTemplate(
                code=form["code"],
                version=before.version + 1 if before else 1,
                kind=form["kind"],
                title=form["title"],
                sections=sections,
                evidence=Evidence.UNVERIFIED,
                source=source,
                published_at=at,
            )
        )
    return len(FormTemplate.objects.bulk_create(rows))


def expand(sections: Iterable[Data], common: Data) -> list[Any]:
    """Put the shared sections where a document names them."""
    return [common[section["use"]] if "use" in section else section for section in sections]


def _load_procedures(data: Data) -> int:
    """A procedure arrives with its tests, forms and aftercare; one that is known keeps what it has."""
    known = set(Procedure.objects.values_list("code", flat=True))
    new = [item for item in data["procedures"] if item["code"] not in known]
    for_tests, for_forms = requirements("tests"), requirements("forms")
    tests = {test.code: test for test in TestItem.objects.all()}
    templates = read("aftercare")["templates"]
    for item in new:
        procedure = Procedure.objects.create(
            code=item["code"],
            deposit=Decimal(item["deposit"]),
            needs_consult_days=item.get("needs_consult_days"),
            online=item.get("online", OnlineBooking.CONSULT),
            **{name: item[name] for name in PROCEDURE_FIELDS},
        )
        profile = Profile(
            category=Category(item["category"]),
            grade=Grade(item["grade"]),
            anaesthesia=Anaesthesia(item["anaesthesia"]),
        )
        ProcedureTest.objects.bulk_create(
            ProcedureTest(procedure=procedure, test=tests[code])
            for code in required_codes(profile, for_tests)
        )
        ProcedureForm.objects.bulk_create(
            ProcedureForm(procedure=procedure, form_code=code) for code in required_codes(profile, for_forms)
        )
        AftercareStep.objects.bulk_create(
            AftercareStep(procedure=procedure, **step) for step in templates[item["aftercare"]]
        )
    return len(new)


def _load_prices(data: Data, campuses: Sequence[Campus], *, from_day: date) -> int:
    """A list price where a campus has none at all; any price set or ended by staff stands."""
    amounts = {item["code"]: Decimal(item["price"]) for item in data["procedures"]}
    procedures = list(Procedure.objects.filter(code__in=amounts))
    known = set(Price.objects.values_list("procedure_id", "campus_id"))
    rows = [
        Price(procedure=procedure, campus=campus, amount=amounts[procedure.code], valid_from=from_day)
        for campus in campuses
        for procedure in procedures
        if (procedure.pk, campus.pk) not in known
    ]
    return len(Price.objects.bulk_create(rows))
