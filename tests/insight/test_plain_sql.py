"""The figures of every ready page equal plain SQL over the records, on whichever database they lie."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests.factories.billing import OrderFactory, PaymentFactory
from tests.factories.people import StaffFactory
from tests.factories.rehearsed import rehearsed
from tests.insight.ledger import ledger
from tests.insight.plain_sql import FIGURES, KNOWN, POSTGRES, SQLITE
from tests.insight.test_brought import all_of
from yimei.core.clock import local_date
from yimei.insight.actions import mart
from yimei.insight.queries import figures
from yimei.insight.queries.figures import Answer, answer
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.mart.derived import AGE_BANDS
from yimei.insight.rules.questions import Question, parse
from yimei.people.models import Patient, Staff

CALENDARS = {
    "postgresql": (
        "SELECT CAST(s AS date) AS d FROM generate_series(DATE '{a}', DATE '{b}', interval '1 day') s"
    ),
    "sqlite": (
        "WITH RECURSIVE s(d) AS (SELECT '{a}' UNION ALL SELECT date(d, '+1 day') FROM s WHERE d < '{b}')"
        " SELECT d FROM s"
    ),
}


def test_every_tile_of_every_page_is_asked() -> None:
    names = {name(parse(dict(p.split("=") for p in text.split("&")), today=date(2026, 6, 16)))
             for page in READY.values() for text in page.tiles}  # fmt: skip
    assert names - set(FIGURES) == {"new_customers/age/sex"}, "birth dates are sealed: no SQL reads them"
    assert set(FIGURES) <= names | {"net_receipts"}


@pytest.mark.long(reason="fills a small hospital, builds its mart and asks every tile twice")
@pytest.mark.django_db
@pytest.mark.usefixtures("own_mart")
def test_dashboards_equal_plain_sql(evening: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    rehearsed(evening)
    assert all_of(StaffFactory(role="analyst"), evening)
    ledger(Staff.objects.get(role__code="cashier"), evening)
    patient = Patient.objects.exclude(campus=None).earliest("pk")
    PaymentFactory(order=OrderFactory(patient=patient, campus=patient.campus))
    mart.build(now=evening)
    monkeypatch.setattr(figures, "total_is_hidden", lambda people, whole: False)
    monkeypatch.setattr(figures, "check", lambda answer: {})
    monkeypatch.setattr(figures, "hidden_in_any", lambda parts: frozenset())
    checked, filled = compare(StaffFactory(role="director"), evening)
    assert checked > 60
    assert filled > 90, "the hospital is too empty to tell anything"


def compare(by: Staff, now: datetime) -> tuple[int, int]:
    """Ask every tile both ways; return how many figures were compared, and how many were not nought."""
    today, checked, filled = local_date(now), 0, 0
    wrong: list[tuple[object, ...]] = []
    for page in READY.values():
        for text in page.tiles:
            question = parse(dict(p.split("=") for p in text.split("&")), today=today)
            said = answer(question, by=by)
            plain = by_age(question) if name(question).endswith("age/sex") else ask(question, today)
            if mine(said) != approximately(plain):
                wrong.append((page.code, text, mine(said), plain))
            if question.versus:
                before = ask(question.before(), today)[()]
                if said.total.before != (None if before is None else pytest.approx(before)):
                    wrong.append((page.code, text, said.total.before, before))
            checked += len(plain)
            filled += sum(bool(value) for value in plain.values())
    assert not wrong
    return checked, filled


def name(question: Question) -> str:
    return "/".join([question.metric.code, *(dim.code for dim in question.by)])


def ask(question: Question, today: date) -> dict[tuple[str, ...], float | None]:
    depth = len(question.by)
    with connection.cursor() as cursor:
        cursor.execute(written(FIGURES[name(question)], question, today))
        rows = cursor.fetchall()
    found = {tuple(map(str, row[:depth])): None if row[-1] is None else float(row[-1]) for row in rows}
    return found or ({(): None} if not depth else {})


def written(sql: str, question: Question, today: date) -> str:
    """Put the words of this database and the days into a query."""
    words = POSTGRES if connection.vendor == "postgresql" else SQLITE
    text = f"WITH {KNOWN} {sql}".replace("[calendar]", CALENDARS[connection.vendor])

    def said(match: re.Match[str]) -> str:
        return words[match[1]].format(*split(match[2]))

    text = re.sub(r"\[(\w+):([^\[\]]+)\]", said, text)
    if connection.vendor == "postgresql":
        text = text.replace("'{today}'", "DATE '{today}'")
    for mark, day in (("{a}", question.start), ("{b}", question.end), ("{today}", today)):
        text = text.replace(mark, day.isoformat())
    return text


def split(arguments: str) -> list[str]:
    """Take a list of arguments apart at its outer commas."""
    parts, depth = [""], 0
    for letter in arguments:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def mine(said: Answer) -> dict[tuple[str, ...], float | None]:
    if not said.question.by:
        return {(): said.total.value}
    month = said.question.by[0].code == "month"
    return {
        tuple(
            f"{key:%Y-%m}" if month and isinstance(key, date) else str(key) for key in cell.keys
        ): cell.value
        for cell in said.cells
        if not (said.question.metric.kind == "median" and cell.value is None)
    }


def approximately(plain: Mapping[tuple[str, ...], float | None]) -> Any:
    return {
        key: None if value is None else pytest.approx(value, rel=1e-6, abs=1e-6)
        for key, value in plain.items()
    }


def by_age(question: Question) -> dict[tuple[str, ...], float]:
    """Birth dates are sealed for each person: this one is counted from the opened records."""
    counts: Counter[tuple[str, ...]] = Counter()
    today = question.end - timedelta(days=1)
    for patient in Patient.objects.counted().filter(restricted_at=None).select_related("person__vault_key"):
        if question.start <= local_date(patient.created_at) < question.end:
            born = patient.person.birth_date
            age = today.year - born.year // 5 * 5 - 2 if born else None
            band = "None" if age is None else [label for low, label in AGE_BANDS if age >= low][-1]
            counts[band, patient.person.sex] += 1
    return {key: float(count) for key, count in counts.items()}
