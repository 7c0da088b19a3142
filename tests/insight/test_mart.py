"""The mart: built by increments it equals one built whole; nobody can be recognised in it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.factories import shipped
from tests.factories.journey import BookingFactory, CaseFactory
from tests.factories.people import PatientFactory
from yimei.insight import registry
from yimei.insight.actions import mart
from yimei.insight.enums import BuildKind
from yimei.insight.gateways.store import TABLES
from yimei.insight.models import Build, DimensionVersion, Pseudonym
from yimei.insight.rules.mart.derived import served
from yimei.journey.actions import waiting
from yimei.journey.models import Booking, BookingMove
from yimei.outbox.actions import batches
from yimei.outbox.models import Message
from yimei.people.models import Patient
from yimei.privacy.actions import erasure
from yimei.privacy.queries.erasure import plan
from yimei.rehearsal.actions.fill import fill

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_mart")]


def contents() -> Mapping[str, list[tuple[Any, ...]]]:
    """Every row of every table, as stored and as served."""
    path = mart.store().current
    assert path
    found = {}
    with duckdb.connect(str(path / "mart.duckdb"), read_only=True) as con:
        names = [*(table.name for table in served()), "procedure", "staff", "room", "campus", "source"]
        for name in names:
            found[name] = con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()
        for table in TABLES:
            file = path / "base" / f"{table.name}.parquet"
            found[f"base.{table.name}"] = con.execute(
                f"SELECT * FROM read_parquet('{file}') ORDER BY ALL"
            ).fetchall()
    return found


@pytest.mark.long(reason="fills a small hospital and builds its mart again and again meanwhile")
def test_increments_equal_one_whole_build(evening: datetime, tmp_path: Path) -> None:
    builds: list[mart.Built] = []

    def sometimes(share: float) -> None:
        if share > (0.5, 0.97, 2)[len(builds)]:
            builds.append(mart.build(now=evening))

    fill(size="xs", seed=2, now=evening, accounts=tmp_path / "demo.json", progress=sometimes)
    mart.build(now=evening)
    message = Message.objects.filter(status="queued").first()
    assert message
    batches.deliver_some([message.public_id], now=evening)
    erasure.restrict(next(_at_rest(evening)), now=evening)
    later = evening + timedelta(days=40)
    waiting.expire(now=later)
    last = mart.build(now=later)
    assert last.kind is BuildKind.INCREMENT
    by_increments = contents()
    assert mart.build(now=later, full=True).kind is BuildKind.FULL
    whole = contents()
    assert {name: len(rows) for name, rows in by_increments.items()} == {
        name: len(rows) for name, rows in whole.items()
    }
    assert by_increments == whole
    assert len(builds) == 2
    assert len(whole["booking"]) > 5


def _at_rest(now: datetime) -> Iterator[Patient]:
    """Customers of whom nothing runs any more."""
    for patient in Patient.objects.with_person():
        if not plan(patient, now, counted=False).pending:
            yield patient


@pytest.mark.slow(reason="builds the mart twice")
def test_a_change_after_the_day_reaches_the_mart(now: datetime) -> None:
    booking = BookingFactory(arrived=True)
    mart.build(now=now)
    assert [row[-2] for row in contents()["base.booking"]] == [None]
    Booking.objects.filter(pk=booking.pk).update(
        status="served", served_at=booking.starts_at + timedelta(minutes=7)
    )
    said = mart.build(now=now)
    assert (said.customers, [row[-2] for row in contents()["base.booking"]]) == (0, [None])
    _say(booking, now)
    assert mart.build(now=now).customers == 1
    assert [row[-2] for row in contents()["base.booking"]] == [7.0]


def _say(booking: Booking, now: datetime) -> None:
    from yimei.audit import log

    BookingMove.objects.create(booking=booking, old="arrived", new="served", at=now)
    log.record("journey.booking.served", at=now, target=booking, subject=booking.patient.person.vault_key)


@pytest.mark.slow(reason="builds the mart three times")
def test_whoever_is_erased_or_restricted_leaves_and_the_pseudonym_is_thrown_away(now: datetime) -> None:
    shipped.register(now)
    goes, stays = CaseFactory(), CaseFactory()
    mart.build(now=now)
    codes = dict(Pseudonym.objects.values_list("patient", "code"))
    erasure.carry_out(goes.patient, now=now)
    assert not Pseudonym.objects.filter(patient=goes.patient).exists()
    mart.build(now=now)
    found = contents()
    assert [row[1] for row in found["base.customer"]] == [codes[stays.patient_id]]
    assert codes[goes.patient_id] not in {value for rows in found.values() for row in rows for value in row}
    erasure.restrict(stays.patient, now=now)
    mart.build(now=now)
    assert contents()["base.customer"] == contents()["base.episode"] == []
    assert [path.name for path in mart.store().folder.iterdir() if path.is_dir()] == [
        Build.objects.first().version
    ]  # type: ignore[union-attr]


@pytest.mark.slow(reason="builds the mart three times")
def test_whoever_is_restricted_leaves_while_her_booking_stands_and_comes_back(now: datetime) -> None:
    shipped.register(now)
    booking = BookingFactory(starts_at=now + timedelta(days=3))
    file_no = PatientFactory.create(registered=True)
    mart.build(now=now)
    assert len(contents()["base.booking"]) == 1
    erasure.restrict(booking.patient, now=now)
    assert not Patient.objects.get(pk=booking.patient_id).is_sealed
    mart.build(now=now)
    found = contents()
    assert [len(found[f"base.{name}"]) for name in ("booking", "episode", "customer")] == [0, 0, 1]
    assert list(Pseudonym.objects.values_list("patient", flat=True)) == [file_no.pk]
    erasure.lift(Patient.objects.get(pk=booking.patient_id), now=now)
    mart.build(now=now)
    assert len(contents()["base.booking"]) == 1


@pytest.mark.slow(reason="builds the mart twice")
def test_the_made_up_are_left_out_at_the_next_build(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    real, canary = PatientFactory(), PatientFactory()
    monkeypatch.setattr(registry, "_finders", [])
    mart.build(now=now)
    assert len(contents()["customer"]) == 2
    registry.leave_out(lambda: [canary.pk])
    mart.build(now=now)
    assert [row[0] for row in contents()["base.customer"]] == [real.pk]


@pytest.mark.slow(reason="builds a mart and reads every table of it")
def test_nobody_can_be_recognised_in_it(now: datetime) -> None:
    patient = PatientFactory(registered=True)
    booking = BookingFactory(case__patient=patient, note="对利多卡因过敏")
    mart.build(now=now)
    person = patient.person
    words = [
        person.name,
        person.phone,
        person.id_no,
        patient.file_no,
        str(patient.public_id),
        str(person.vault_key.public_id),
        str(booking.public_id),
        booking.note,
        booking.staff.name,
        booking.staff.username,
    ]
    everything = str(contents())
    assert [word for word in words if word and word in everything] == []
    assert "row" not in {column.name for table in served() for column in table.columns}
    for path in mart.store().folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert [word for word in words if word and word.encode() in data] == []
            assert path.name in {"lock", "CURRENT", "manifest.json"} or path.stat().st_mode & 0o077 == 0


@pytest.mark.slow(reason="builds the mart twice")
def test_a_procedure_that_changes_keeps_what_it_was(now: datetime) -> None:
    booking = BookingFactory()
    procedure = booking.procedure
    mart.build(now=now)
    procedure.category = "body"
    procedure.save()
    then = now + timedelta(days=3)
    mart.build(now=then)
    assert DimensionVersion.objects.filter(dimension="procedure", key=str(procedure.pk)).count() == 2
    mine = [row for row in contents()["procedure"] if row[0] == procedure.pk]
    rows = sorted(mine, key=lambda row: row[-3])
    assert [(row[2], row[-1]) for row in rows] == [("eye", False), ("body", True)]
    assert rows[0][-2] == rows[1][-3] == then.date()
    category = next(i for i, c in enumerate(_columns("booking")) if c == "category")
    assert [row[category] for row in contents()["booking"]] == ["eye"]


def _columns(name: str) -> list[str]:
    return [column.name for table in served() if table.name == name for column in table.columns]


def test_a_build_that_fails_leaves_the_mart_as_it_was(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    PatientFactory()
    first = mart.build(now=now)
    monkeypatch.setattr(mart, "holidays", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        mart.build(now=now)
    current = mart.store().current
    assert current
    assert current.name == first.version
    assert [path.name for path in mart.store().folder.iterdir() if path.is_dir()] == [first.version]
