"""What tests begin with is laid down exactly as it was built, and only where it would be built the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from tests.factories import kept
from tests.factories.hospital import CampusFactory
from tests.factories.people import PatientFactory
from tests.factories.vault import StoredFileFactory
from yimei.hospital.models import Campus
from yimei.people.models import Patient
from yimei.vault import files
from yimei.vault.models import StoredFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(request: pytest.FixtureRequest) -> Callable[[], Any]:
    """Begin a test once more: what was written is taken back at its end."""

    @contextmanager
    def one() -> Iterator[None]:
        kept.begin(request.node)
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    return one


class Builder:
    """Counts how often it really builds."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Campus:
        self.calls += 1
        made: Campus = CampusFactory(name="新院")
        return made


def laid() -> int:
    """How often of two times something is built: PostgreSQL builds each time."""
    return 1 if connection.vendor == "sqlite" else 2


def everything() -> object:
    if connection.vendor == "sqlite":
        return kept._rows()
    return list(Campus.objects.values_list("name")), list(Patient.objects.values_list("source"))


def test_a_second_test_finds_what_the_first_one_built(again: Any) -> None:
    build, seen = Builder(), []
    for _time in range(2):
        with again():
            made = kept.kept(build, "campus", build)
            assert Campus.objects.get() == made
            made.name = "改名"
            seen.append(everything())
    assert build.calls == laid()
    assert seen[0] == seen[1]


def test_a_stretch_goes_on_from_the_one_before_changes_and_removes(again: Any) -> None:
    build, seen = Builder(), []

    def go_on() -> Patient:
        Campus.objects.update(name="老院")
        made: Patient = PatientFactory(campus=Campus.objects.get(), person__name="王芳")
        Campus.objects.filter(pk=CampusFactory().pk).delete()
        made.source = "douyin"
        made.save(update_fields=["source"])
        return made

    for _time in range(2):
        with again():
            kept.kept(build, build)
            made = kept.kept(go_on, build)
            found = Patient.objects.with_person().get()
            assert (found, found.person.name, found.source) == (made, "王芳", "douyin")
            assert made.person.name == "王芳", "its key opens what was kept"
            assert Campus.objects.get().name == "老院"
            seen.append(everything())
    assert build.calls == laid()
    assert seen[0] == seen[1]


def test_a_file_that_a_test_removed_is_there_for_the_next(again: Any) -> None:
    def build() -> StoredFile:
        made: StoredFile = StoredFileFactory()
        return made

    for _time in range(2):
        with again():
            made = kept.kept(build, build)
            assert files.read(made).startswith(b"%PDF")
            made.path.unlink()


def test_whoever_wrote_before_has_it_built(again: Any) -> None:
    build = Builder()
    for _time in range(2):
        with again():
            CampusFactory()
            kept.kept(build, build)
            assert Campus.objects.count() == 2
    assert build.calls == 2


def test_another_instant_is_another_building(again: Any, now: datetime) -> None:
    build = Builder()
    for hours in (0, 1, 0):
        with again(), time_machine.travel(now + timedelta(hours=hours), tick=False):
            kept.kept(build, build)
    assert build.calls == laid() + 1


def test_own_settings_have_it_built(again: Any, settings: Any) -> None:
    build = Builder()
    for algorithm in ("AES-256-GCM", "SM4-GCM"):
        with again():
            settings.VAULT_ALGORITHM = algorithm
            kept.kept(build, build)
    assert build.calls == 2


def test_the_folder_of_marts_and_ledgers_is_no_such_setting(
    again: Any, settings: Any, tmp_path: Path
) -> None:
    build = Builder()
    for _time in range(2):
        with again():
            settings.VAR_DIR = tmp_path
            kept.kept(build, build)
    assert build.calls == laid()


def test_what_is_patched_has_it_built(again: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Builder()
    for name in ("one", "two"):
        with again():
            monkeypatch.setitem({}, name, 1)
            kept.kept(build, build)
    assert build.calls == 2
