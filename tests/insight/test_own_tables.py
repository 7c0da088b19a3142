"""The four kinds filled from the rehearsal hospital, as workbooks, come back without loss."""

import io
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest

from tests.factories import shipped
from tests.factories.journey import BookingFactory
from tests.factories.people import StaffFactory
from tests.factories.rehearsed import rehearsed
from tests.insight.ledger import ledger
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.insight.actions import imports
from yimei.insight.models import ImportBatch
from yimei.insight.queries import import_sheets, own
from yimei.insight.queries import imports as queries
from yimei.insight.rules.imports.templates import SOURCES, TEMPLATES
from yimei.people.enums import SourceKind
from yimei.people.models import Staff
from yimei.privacy.actions import erasure


def workbook(code: str, now: datetime) -> bytes:
    """The template that is downloaded, filled as its users do: days and figures as Excel holds them."""
    template, out = TEMPLATES[code], io.BytesIO()
    book = openpyxl.load_workbook(io.BytesIO(import_sheets.workbook(template)))
    sheet = book.worksheets[0]
    for line, said in enumerate(own.rows_of(code, today=local_date(now)), 2):
        for place, (column, word) in enumerate(
            zip(template.columns, own.cells_of(template, said), strict=True), 1
        ):
            value = said.get(column.name)
            is_native = isinstance(value, date | int | Decimal) and not column.identifies
            sheet.cell(line, place, value if is_native else word or None)  # type: ignore[arg-type]
    book.save(out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.long(reason="fills a small hospital and imports four workbooks of it")
def test_what_leaves_in_the_four_templates_comes_back_whole(evening: datetime) -> None:
    rehearsed(evening)
    ledger(Staff.objects.get(role__code="cashier"), evening)
    analyst = StaffFactory(role="analyst")
    assert {code for code, *_words in SOURCES} >= set(SourceKind.values), "no first source of ours is lost"
    for code, template in TEMPLATES.items():
        sent = [dict(said) for said in own.rows_of(code, today=local_date(evening))]
        assert sent, code
        batch = imports.receive(
            workbook(code, evening), name=f"{code}.xlsx", template=code, by=analyst, now=evening
        )
        assert len(batch.mapping) == len(template.columns), "every column is found by its name"
        imports.check(batch.public_id, mapping=batch.mapping, by=analyst, now=evening)
        imports.work(batch.public_id, now=evening)
        imports.run(batch.public_id, by=analyst, now=evening)
        imports.work(batch.public_id, now=evening)
        batch = ImportBatch.objects.select_related("vault_key", "file_key").get(pk=batch.pk)
        assert (batch.accepted, batch.rejected, batch.known) == (len(sent), 0, 0), code
        names = [column.name for column in template.columns if not column.identifies]
        back = [dict(zip(names, values, strict=True)) for _line, _person, values in queries.facts(batch)]
        wanted = [{name: plain(said.get(name), name) for name in names} for said in sent]
        assert Counter(map(repr, back)) == Counter(map(repr, wanted)), code
        if template.either:
            assert all(person for _line, person, _values in queries.facts(batch)), (
                "each row knows whose it is"
            )
    assert jobs.run_waiting()


@pytest.mark.django_db
def test_whoever_restricted_her_data_stands_in_no_table(now: datetime) -> None:
    shipped.register(now.replace(month=1))
    came = BookingFactory(arrived=True, starts_at=now - timedelta(days=3), case__patient__registered=True)
    BookingFactory(case__patient=came.patient, starts_at=now + timedelta(days=3))
    today = local_date(now)
    assert [said["file_no"] for said in own.rows_of("patient", today=today)] == [came.patient.file_no]
    erasure.restrict(came.patient, now=now)
    assert list(own.rows_of("patient", today=today)) == []


def plain(value: object, name: str) -> object:
    """What a template keeps of a value: a year of a birth, figures as they are written."""
    if value is None:
        return None
    if name == "birth_year":
        return int(str(value)[:4])
    if name in {"amount", "spend"}:
        return f"{value:.2f}"
    return value if isinstance(value, int) and name != "index" else str(value)
