"""Nothing of a person is readable after a deletion: no attribute, table, file, search or export."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction

from tests.factories.journey import CaseFactory
from tests.factories.outbox import MessageFactory
from tests.factories.people import StaffFactory
from tests.factories.photos import Studio
from tests.privacy import plants
from tests.privacy.looking import forget_ledger_rows
from tests.privacy.plants import (
    NAMED,
    THEN,
    Garden,
    grow,
    opaque_numbers,
    places_of,
    readable,
    rows_left,
    scanned,
    stored_bytes,
    words_about_people,
)
from yimei.audit import chain
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.database.constraints import AppendOnly
from yimei.core.errors import RuleBroken
from yimei.core.models import Job
from yimei.hospital.models import Campus
from yimei.insight.actions import imports
from yimei.insight.models import ImportBatch, RejectedRow
from yimei.journey.enums import PhotoSize
from yimei.journey.models import CaseMove
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.models import Delivery, Message
from yimei.people.access import open_patient
from yimei.people.models import Patient, Person
from yimei.people.queries import search
from yimei.privacy.actions import erasure, remains, restoring
from yimei.privacy.models import Erasure
from yimei.privacy.queries.datamap import our_models
from yimei.privacy.queries.rows import blanks_of, paths_to_patient
from yimei.privacy.queries.sections import sections_of

NEVER_CAME = frozenset({"billing.Payment", "journey.Discharge"})
LATER = THEN + timedelta(days=1)


def letter_in_clear(garden: Garden) -> None:
    """The development channel writes bodies in clear: they go too."""
    message = garden.planted[Message]
    ref = FileGateway().send("+8612", "", garden.markers["outbox.Message.body"])
    Delivery.objects.create(message=message, at=THEN, status="sent", gateway_ref=ref)


def table_brought(garden: Garden) -> ImportBatch:
    """Somebody brought a table in which she stands twice: in a row taken in and in one that was not."""
    garden.patient.person.phone = "+8613800138000"
    garden.patient.person.save()
    good, bad = (garden.marker(f"insight.import.{which}") for which in ("good", "bad"))
    by = StaffFactory(role="analyst", campus=garden.patient.campus)
    text = f"姓名,电话,首次到店,消费金额\n{good},13800138000,2024/3/5,300\n{bad},12,2024-03-07,10\n"
    batch = imports.receive(text.encode(), name="旧系统.csv", template="patient", by=by, now=THEN)
    imports.check(batch.public_id, mapping=batch.mapping, by=by, now=THEN)
    imports.work(batch.public_id, now=THEN)
    imports.run(batch.public_id, by=by, now=THEN)
    imports.work(batch.public_id, now=THEN)
    return batch


def in_years(years: int) -> datetime:
    return THEN.replace(year=THEN.year + years)


@pytest.mark.slow(reason="makes a row in every table, then reads every table")
@pytest.mark.django_db(transaction=True)
def test_every_word_about_people_is_planted(campus: Campus) -> None:
    garden = grow(visited=True)
    assert garden.loose == {}, "each word must lead to her, or be erased in sight of this test"
    assert sorted(set(words_about_people()) - set(garden.markers)) == []
    assert {where.split(":")[-1].strip() for where in readable(garden.markers)} >= set(garden.markers) - {
        "vault.StoredFile.bytes"
    }
    raw, word = scanned(garden), garden.markers["vault.StoredFile.exif"].encode()
    shot = Studio().take(data=raw)
    shown = b"".join(shot.file(size).read() for size in PhotoSize)
    assert (word in stored_bytes(), shown[:3], word in shown) == (True, b"\xff\xd8\xff", False)


@pytest.mark.slow(reason="makes a row in every table, then reads every table")
@pytest.mark.django_db(transaction=True)
def test_of_somebody_who_never_came_nothing_stays(campus: Campus) -> None:
    garden = grow(visited=False, besides=NEVER_CAME)
    letter_in_clear(garden)
    scanned(garden)
    words = [garden.markers[f"vault.StoredFile.{which}"].encode() for which in ("bytes", "exif")]
    assert [word in stored_bytes() for word in words] == [True, True]
    name, file_no = garden.markers["people.Person.name"], garden.patient.file_no or ""
    path = garden.file.path
    assert path.exists()
    plan = erasure.carry_out(garden.patient, now=LATER)
    assert plan.is_total
    assert readable(garden.markers) == []
    assert [word in stored_bytes() for word in words] == [False, False]
    assert list(plants.remains(Patient.objects.get(pk=garden.patient.pk))) == []
    assert not path.exists()
    officer = StaffFactory(role="privacy", campus=garden.patient.campus)
    assert search(name, by=officer) == search(file_no, by=officer) == []
    assert not garden.patient.person.tokens.exists()
    told = str(sections_of(Patient.objects.get(pk=garden.patient.pk)))
    assert not any(word in told for word in garden.markers.values())
    assert chain.verify().is_sound
    with pytest.raises(RuleBroken, match="已按要求删除"):
        open_patient(garden.patient.public_id, by=officer)


@pytest.mark.slow(reason="makes a row in every table, then reads every table")
@pytest.mark.django_db(transaction=True)
def test_of_a_patient_nothing_stays_after_thirty_one_years(campus: Campus) -> None:
    garden = grow(visited=True)
    letter_in_clear(garden)
    batch = table_brought(garden)
    assert RejectedRow.objects.filter(batch=batch).exists()
    officer = StaffFactory(role="privacy", campus=garden.patient.campus)
    plan = erasure.carry_out(garden.patient, now=LATER, by=officer)
    assert not plan.is_total
    sealed = Patient.objects.get(pk=garden.patient.pk)
    assert sealed.sealed_until == in_years(30).date()
    with pytest.raises(RuleBroken, match="已封存至 2056-06-16"):
        open_patient(garden.patient.public_id, by=officer)
    erasure.finish_due(now=in_years(29))  # the other file of a merge is of somebody who never came
    assert erasure.finish_due(now=in_years(30)) == 0
    assert readable(garden.markers) != []
    assert erasure.finish_due(now=in_years(31)) == 1
    imports.clear_expired(now=in_years(31))
    assert readable(garden.markers) == []
    assert list(plants.remains(Patient.objects.get(pk=garden.patient.pk))) == []
    assert erasure.finish_due(now=in_years(32)) == 0
    assert chain.verify().is_sound


@pytest.mark.slow(reason="makes a row in every table, then reads every table")
@pytest.mark.django_db(transaction=True)
def test_thirty_years_later_nothing_is_left_at_all(campus: Campus) -> None:
    """No row, named or nameless, leads to her; her opaque numbers stand only where a law wants them."""
    garden = grow(visited=True)
    letter_in_clear(garden)
    table_brought(garden)
    officer = StaffFactory(role="privacy", campus=garden.patient.campus)
    numbers = opaque_numbers(garden.patient)
    mine, person = garden.patient.pk, garden.patient.person_id
    erasure.carry_out(garden.patient, now=LATER, by=officer)
    assert remains.sweep(now=in_years(29)) == 0, "what is sealed is no shell"
    erasure.finish_due(now=in_years(31))
    imports.clear_expired(now=in_years(31))
    remains.forget_jobs(now=in_years(31))
    assert remains.sweep(now=in_years(31)) >= 1
    assert rows_left(garden.patient) == []
    assert not Patient.objects.filter(pk=mine).exists()
    assert not Person.objects.filter(pk=person).exists()
    assert readable(garden.markers) == []
    assert places_of(numbers) - set(NAMED) == set()
    assert remains.sweep(now=in_years(32)) == 0
    assert chain.verify().is_sound
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            message=MessageFactory(), at=THEN, status="sent", gateway_ref=""
        ).delete()  # the guards stand again


@pytest.mark.slow(reason="makes a row in every table, then reads every table")
@pytest.mark.django_db(transaction=True)
def test_of_who_never_came_proof_stays_three_years_and_ledgers_thirty(campus: Campus) -> None:
    garden = grow(visited=False, besides=NEVER_CAME)
    numbers = opaque_numbers(garden.patient)
    erasure.carry_out(garden.patient, now=LATER)
    assert remains.sweep(now=LATER) == 0
    left = {line.split(":")[0] for line in rows_left(garden.patient)}
    assert {"privacy.RightsRequest", "growth.PointEntry"} <= left
    assert not left & {"journey.Assessment", "journey.Observation", "journey.Plan", "journey.Photo"}
    assert remains.sweep(now=in_years(2)) == 0
    remains.sweep(now=in_years(4))
    later = {line.split(":")[0] for line in rows_left(garden.patient)}
    assert not later & {"privacy.RightsRequest", "privacy.Consent", "journey.Case", "outbox.Message"}
    assert "growth.PointEntry" in later
    remains.forget_jobs(now=in_years(31))
    assert remains.sweep(now=in_years(31)) >= 1
    assert rows_left(garden.patient) == []
    assert places_of(numbers) - set(NAMED) == set()


@pytest.mark.django_db(transaction=True)
def test_not_a_row_of_the_living_is_swept(campus: Campus) -> None:
    living = CaseFactory().patient
    assert remains.sweep(now=in_years(40)) == 0
    assert not remains.clear(living.pk, now=in_years(40))
    move = CaseMove.objects.create(case=living.cases.get(), new="booked", at=THEN)
    with pytest.raises(IntegrityError, match="case_move_append_only"), transaction.atomic():
        CaseMove.objects.filter(pk=move.pk)._raw_delete("default")
    assert rows_left(living) != []


@pytest.mark.slow(reason="makes a row in every table, then reads every table")
@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_forgets_again(campus: Campus) -> None:
    garden = grow(visited=False, besides=NEVER_CAME)
    key = garden.patient.person.vault_key
    backup = {"wrapped": bytes(key.wrapped or b""), "destroyed_at": None}
    erasure.carry_out(garden.patient, now=LATER)
    type(key).objects.filter(pk=key.pk).update(**backup)
    forget_ledger_rows()
    assert readable(garden.markers) != []
    with time_machine.travel(LATER, tick=False):
        call_command("erasure", "reapply")
    assert readable(garden.markers) == []
    assert Erasure.objects.get().subject_key == key.public_id
    assert str(garden.patient.public_id) not in erasure.ledger_path().read_text()


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, settings: Any) -> None:
    settings.VAR_DIR = tmp_path
    settings.FILES_DIR = tmp_path / "files"


@pytest.mark.django_db
def test_a_word_in_the_history_may_only_become_empty() -> None:
    move = CaseMove.objects.create(case=CaseFactory(), new="booked", at=THEN, note="客户说过的话")
    mine = CaseMove.objects.filter(pk=move.pk)
    for change in ({"note": "别的话"}, {"note": "", "new": "lost"}):
        with pytest.raises(IntegrityError, match="case_move_append_only"), transaction.atomic():
            mine.update(**change)
    mine.update(note="")
    move.refresh_from_db()
    assert (move.note, move.new) == ("", "booked")


def test_every_open_word_in_an_append_only_table_may_be_emptied() -> None:
    """Otherwise no erasure of anybody would run: the database would refuse it."""
    stuck = [
        f"{model._meta.label}: {sorted(blank)}"
        for model in our_models()
        for guard in model._meta.constraints
        if isinstance(guard, AppendOnly)
        and paths_to_patient(model)
        and (blank := set(blanks_of(model)) - set(guard.erasable))
    ]
    assert stuck == []


@pytest.mark.django_db
def test_background_work_is_forgotten_after_its_period(campus: Campus) -> None:
    jobs.enqueue("privacy.letters", {"incident": "1"}, key="k")
    asked = Job.objects.get()
    assert remains.forget_jobs(now=asked.enqueued_at + timedelta(days=80)) == 0
    assert remains.forget_jobs(now=asked.enqueued_at + timedelta(days=100)) == 1


@pytest.mark.slow(reason="makes a row in every table, then reads every table")
@pytest.mark.django_db(transaction=True)
def test_a_restore_is_noticed_by_itself_and_what_was_over_goes_at_once(campus: Campus) -> None:
    """Nobody has to think of a command, and nobody is served before."""
    garden = grow(visited=False, besides=NEVER_CAME)
    key = garden.patient.person.vault_key
    backup = {"wrapped": bytes(key.wrapped or b""), "destroyed_at": None}
    erasure.carry_out(garden.patient, now=LATER)
    assert restoring.catch_up(now=LATER) == 0
    type(key).objects.filter(pk=key.pk).update(**backup)
    forget_ledger_rows()
    assert readable(garden.markers) != []
    assert restoring.catch_up(now=LATER) == 1
    assert readable(garden.markers) == []
    assert Erasure.objects.count() == 1
    assert restoring.catch_up(now=LATER) == 0, "only once"
    assert Entry.objects.filter(action="privacy.erasure.restored").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_file_learns_what_a_killed_process_wrote_in_the_table_alone(campus: Campus) -> None:
    erasure.note(uuid4(), now=LATER)
    whole = erasure.ledger_path().read_text()
    erasure.ledger_path().unlink()
    assert restoring.catch_up(now=LATER) == 0
    assert erasure.ledger_path().read_text() == whole
