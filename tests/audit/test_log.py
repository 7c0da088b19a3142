import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from tests.factories.audit import EntryFactory
from tests.factories.crowd import at_once
from tests.factories.vault import DataKeyFactory
from yimei.audit import chain, context
from yimei.audit.models import Entry

NOW = datetime(2026, 6, 16, 2, 0, 0, 123, tzinfo=UTC)


@dataclass(frozen=True)
class Nurse:
    public_id: UUID
    role_code: str = "nurse"


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    yield
    context.clear()


@pytest.mark.django_db
def test_a_line_says_who_what_where_from_and_what_for() -> None:
    context.set_request(session="abc", ip="10.0.0.7", device="iPad")
    key, nurse = DataKeyFactory(), Nurse(uuid.uuid4())
    entry = EntryFactory(
        "people.patient.view", at=NOW, by=nurse, target=key, subject=key, level="4", fields=["phone"],
        purpose="care", reason="术前核对", detail={"from": date(2026, 1, 2)},
    )  # fmt: skip
    assert (entry.seq, entry.at, entry.actor, entry.role) == (1, NOW, nurse.public_id, "nurse")
    assert (entry.subject_key, entry.object_type, entry.object_id) == (
        key.public_id, "vault.datakey", str(key.public_id),
    )  # fmt: skip
    assert (entry.ip, entry.device, entry.session) == ("10.0.0.7", "iPad", context.current().session)
    assert (entry.fields, entry.level, entry.purpose, entry.reason) == (["phone"], "4", "care", "术前核对")
    assert entry.detail == {"from": "2026-01-02"}
    assert chain.verify() == chain.Verdict(1, entry.hash)


@pytest.mark.django_db
def test_what_a_database_would_change_is_made_plain_before_it_is_hashed() -> None:
    entry = EntryFactory(
        reason="a\0b" + "长" * 600,
        detail={
            "price": Decimal("1.10"),
            "set": {"b", "a"},
            "deep": [{"z": None, "a": True}],
            "text": "x\0y",
        },
    )
    assert entry.detail == {
        "price": "1.10",
        "set": ["a", "b"],
        "deep": [{"z": None, "a": True}],
        "text": "xy",
    }
    assert (entry.reason[:2], len(entry.reason)) == ("ab", 500)
    assert chain.verify().is_sound
    with pytest.raises(TypeError, match="float"):
        EntryFactory(detail={"score": 0.1})


@pytest.mark.django_db
def test_a_target_without_a_public_id_is_named_by_its_kind() -> None:
    assert EntryFactory(target=None).object_type == ""
    line = EntryFactory(target=EntryFactory())
    assert (line.object_type, line.object_id) == ("audit.entry", str(line.pk - 1))
    assert EntryFactory(target=Nurse(uuid.UUID(int=1))).object_id == str(uuid.UUID(int=1))


@pytest.mark.django_db
def test_an_action_that_fails_leaves_no_line_and_no_gap() -> None:
    EntryFactory()

    @transaction.atomic
    def act() -> None:
        EntryFactory()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    EntryFactory()
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert chain.verify().is_sound


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [lambda rows: rows.update(reason="x"), lambda rows: rows.delete(), lambda rows: rows.first().save(),
     lambda rows: rows.first().delete()],
)  # fmt: skip
def test_the_database_refuses_to_change_a_line(change: Any) -> None:
    EntryFactory()
    with pytest.raises(IntegrityError, match="audit_entry_append_only"), transaction.atomic():
        change(Entry.objects.all())
    assert chain.verify().is_sound


@pytest.mark.django_db
def test_a_house_that_chose_sm3_chains_on_and_verifies() -> None:
    EntryFactory()
    with override_settings(VAULT_ALGORITHM="SM4-GCM"):
        EntryFactory()
    EntryFactory()
    assert set(Entry.objects.values_list("algorithm", flat=True)) == {"AES-256-GCM", "SM4-GCM"}
    assert chain.verify().entries == 3
    assert chain.verify().is_sound


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow(reason="many writers at once, each waiting for its turn")
def test_many_writers_make_one_chain_without_gap_or_fork() -> None:
    def write() -> None:
        for number in range(15):
            with transaction.atomic():
                EntryFactory(detail={"n": number})
                if number % 5 == 4:
                    transaction.set_rollback(True)

    assert at_once([write] * 10) == [None] * 10
    verdict = chain.verify()
    assert verdict.is_sound
    assert verdict.entries == 120
