import json
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.core.serializers import serialize
from django.db import connection, models, transaction
from django.test import override_settings

from tests.factories.database import superuser
from tests.factories.vault import DataKeyFactory
from tests.vault.probes import BORN, Card, Owner
from yimei.vault import keys
from yimei.vault.ciphers import TamperedError
from yimei.vault.fields import ERASED, EncryptedText, Sealed, key_path

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
NAME = "林晓雨𠮷"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probe_tables")]


def owner(**values: Any) -> Owner:
    defaults = {
        "vault_key": DataKeyFactory(),
        "name": NAME,
        "born_on": BORN,
        "notes": {"allergy": ["青霉素"]},
    }
    return Owner.objects.create(**{**defaults, **values})


def fresh(row: models.Model) -> Any:
    return type(row)._base_manager.get(pk=row.pk)


def raw(column: str, pk: int, table: str = "vaultprobe_owner") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("algorithm", ["AES-256-GCM", "SM4-GCM"])
def test_values_come_back_and_lie_encrypted(algorithm: str) -> None:
    with override_settings(VAULT_ALGORITHM=algorithm):
        row = owner()
    assert row.vault_key.algorithm == algorithm
    loaded = fresh(row)
    assert (loaded.name, loaded.nickname, loaded.born_on) == (NAME, "", BORN)
    assert loaded.notes == {"allergy": ["青霉素"]}
    for column in ("name", "born_on", "notes", "nickname"):
        stored = raw(column, row.pk)
        assert NAME.encode() not in stored
        assert b"1990" not in stored
        assert len(stored) > 28


def test_none_stays_null_and_empty_stays_empty() -> None:
    row = owner(born_on=None, notes=[])
    card = Card.objects.create(owner=row, text=None)
    assert fresh(row).born_on is None
    assert fresh(row).nickname == ""
    assert fresh(row).notes == []
    assert fresh(card).text is None
    assert Card.objects.filter(text__isnull=True).get() == card
    assert Owner.objects.filter(born_on__isnull=False).count() == 0


@pytest.mark.parametrize("target", ["row", "column", "table"])
def test_a_ciphertext_moved_elsewhere_does_not_open(target: str) -> None:
    key = DataKeyFactory()
    row, other = owner(vault_key=key), owner(vault_key=key, name="王芳", nickname="芳芳")
    card = Card.objects.create(owner=row, text="卡片")
    stolen = raw("name", row.pk)
    table, column, pk = {
        "row": ("vaultprobe_owner", "name", other.pk),
        "column": ("vaultprobe_owner", "nickname", row.pk),
        "table": ("vaultprobe_card", "text", card.pk),
    }[target]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE id = %s", [connection.Database.Binary(stolen), pk]
        )
    victim = fresh({"row": other, "column": row, "table": card}[target])
    with pytest.raises(TamperedError):
        getattr(victim, column)


def test_another_persons_key_does_not_open_it() -> None:
    row = owner()
    Owner.objects.filter(pk=row.pk).update(vault_key=DataKeyFactory())
    with pytest.raises(TamperedError):
        _ = fresh(row).name


def test_destroying_the_key_erases_every_value_on_every_row() -> None:
    row = owner()
    card = Card.objects.create(owner=row, text="过敏")
    held = fresh(row)
    keys.destroy(row.vault_key, at=NOW)
    held.vault_key = row.vault_key
    for gone in (fresh(row), held, row):
        assert gone.name is ERASED
        assert gone.name == "（已删除）"
        assert gone.nickname == "（已删除）"
        assert gone.born_on is None
    assert fresh(row).notes is None
    assert fresh(card).text == "（已删除）"


def test_an_erased_row_can_still_be_saved_but_never_refilled() -> None:
    row = owner()
    before = raw("name", row.pk)
    keys.destroy(row.vault_key, at=NOW)
    gone = fresh(row)
    gone.refresh_from_db()
    gone.name = gone.name
    gone.save()
    assert raw("name", row.pk) == before
    gone.name = "王芳"
    with pytest.raises(keys.KeyDestroyed):
        gone.save()


def test_only_named_fields_are_sealed_anew() -> None:
    row = fresh(owner())
    name, notes = raw("name", row.pk), raw("notes", row.pk)
    row.name, row.nickname = "王芳", "芳芳"
    row.save(update_fields=["nickname"])
    assert raw("name", row.pk) == name
    assert fresh(row).nickname == "芳芳"
    row.save()
    assert fresh(row).name == "王芳"
    assert raw("notes", row.pk) == notes, "what was not touched keeps its ciphertext"


def test_a_changed_json_value_is_saved() -> None:
    row = fresh(owner())
    row.notes["allergy"].append("乳胶")
    row.save()
    assert fresh(row).notes == {"allergy": ["青霉素", "乳胶"]}


def test_json_writes_dates_and_amounts_as_text() -> None:
    public_id = uuid.uuid4()
    row = owner(notes={"day": BORN, "at": NOW, "price": Decimal("1.10"), "id": public_id})
    assert fresh(row).notes == {
        "day": "1990-02-28", "at": "2026-06-16T02:00:00+00:00", "price": "1.10", "id": str(public_id),
    }  # fmt: skip
    with pytest.raises(TypeError, match="set"), transaction.atomic():
        owner(notes={"x": {1}})


def test_refresh_deferred_and_only_read_the_value_when_asked(django_assert_num_queries: Any) -> None:
    row = owner()
    stale = fresh(row)
    Owner.objects.get(pk=row.pk)
    changed = fresh(row)
    changed.name = "王芳"
    changed.save()
    stale.refresh_from_db()
    assert stale.name == "王芳"
    deferred = Owner.objects.defer("name").select_related(key_path(Owner)).get(pk=row.pk)
    assert deferred.get_deferred_fields() == {"name"}
    with django_assert_num_queries(1):
        assert deferred.name == "王芳"
    with django_assert_num_queries(0):
        assert deferred.name == "王芳"


def test_a_list_with_its_keys_needs_one_query(django_assert_num_queries: Any) -> None:
    first, second = owner(), owner(name="王芳")
    Card.objects.bulk_create([Card(owner=first, text="一"), Card(owner=second, text="二")])
    assert key_path(Card) == "owner__vault_key"
    with django_assert_num_queries(1):
        cards = Card.objects.select_related(key_path(Card)).order_by("pk")
        assert [(card.text, card.owner.name) for card in cards] == [("一", NAME), ("二", "王芳")]


def test_bulk_create_seals_each_row_for_itself() -> None:
    key = DataKeyFactory()
    rows = Owner.objects.bulk_create(
        [Owner(vault_key=key, name=NAME, born_on="1990-02-28") for _ in range(3)]
    )
    stored = {raw("name", row.pk) for row in rows}
    assert len(stored) == 3
    assert {(fresh(row).name, fresh(row).born_on) for row in rows} == {(NAME, BORN)}


def test_a_copy_of_a_row_is_sealed_for_its_new_place() -> None:
    row = fresh(owner())
    twin = fresh(row)
    twin.pk, twin._state.adding = None, True
    values = {"name": twin.name, "nickname": twin.nickname, "born_on": twin.born_on, "notes": twin.notes}
    twin.public_id = uuid.uuid4()
    for name, value in values.items():
        setattr(twin, name, value)
    twin.save()
    assert fresh(twin).name == NAME
    blind_copy = fresh(row)
    blind_copy.pk, blind_copy._state.adding, blind_copy.public_id = None, True, uuid.uuid4()
    with pytest.raises(TamperedError), transaction.atomic():
        blind_copy.save()


def test_giving_a_row_a_new_key_is_reading_and_assigning() -> None:
    row = fresh(owner())
    values = {"name": row.name, "nickname": row.nickname, "born_on": row.born_on, "notes": row.notes}
    old, row.vault_key = row.vault_key, DataKeyFactory()
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    keys.destroy(old, at=NOW)
    assert fresh(row).name == NAME
    assert fresh(row).notes == {"allergy": ["青霉素"]}


@pytest.mark.parametrize(
    "search",
    [{"name": NAME}, {"name__startswith": "林"}, {"name": None}, {"name__in": [NAME]}, {"born_on__gte": BORN},
     {"born_on__year": 1990}, {"notes__allergy": "x"}, {"name__length": 3}],
)  # fmt: skip
def test_searching_an_encrypted_field_says_how_to_search(search: dict[str, Any]) -> None:
    with pytest.raises(FieldError, match="encrypted: search by its blind index"):
        list(Owner.objects.filter(**search))


def test_writing_past_the_row_is_refused() -> None:
    row = owner()
    with pytest.raises(FieldError, match="row by row"), transaction.atomic():
        Owner.objects.update(name="王芳")
    with pytest.raises(FieldError, match="row by row"), transaction.atomic():
        Owner.objects.bulk_update([row], ["name"])
    Owner.objects.update(born_on=None)
    assert fresh(row).born_on is None


def test_a_plain_column_of_values_stays_sealed() -> None:
    owner()
    (value,) = Owner.objects.values_list("name", flat=True)
    assert isinstance(value, Sealed)
    assert repr(value) == "<sealed>"


def test_dumpdata_does_not_leak() -> None:
    with pytest.raises(FieldError, match="does not leave"):
        serialize("json", [owner()])


def test_people_are_told_when_a_text_is_too_long() -> None:
    row = owner()
    row.name = "长" * 21
    with pytest.raises(ValidationError) as refused:
        row.full_clean(exclude=["nickname"])
    assert list(refused.value.message_dict) == ["name"]
    with pytest.raises(ValueError, match="not a date"), transaction.atomic():
        owner(born_on="tomorrow")


def test_a_field_written_to_a_migration_is_the_same_field() -> None:
    name, path, args, kwargs = Owner._meta.get_field("name").deconstruct()
    assert (name, path, args) == ("name", "yimei.vault.fields.EncryptedText", [])
    again = EncryptedText(*args, **kwargs)
    assert again.max_length == 20
    assert len(again.validators) == 1


def test_forms_know_the_kinds() -> None:
    assert type(Owner._meta.get_field("born_on").formfield()).__name__ == "DateField"
    assert Owner._meta.get_field("name").formfield().max_length == 20
    assert type(Owner._meta.get_field("nickname").formfield().widget).__name__ == "Textarea"
    assert Owner(born_on=datetime(1990, 2, 28)).clean_fields is not None


@pytest.mark.django_db(transaction=True)
def test_no_plaintext_and_no_destroyed_key_is_left_in_the_files_of_the_database(tmp_path: Path) -> None:
    secret_name = "绝不外泄之名"
    key = DataKeyFactory()
    row = owner(vault_key=key, name=secret_name, notes={"secret": secret_name}, born_on=date(1987, 6, 5))
    wrapped = bytes(key.wrapped)
    keys.destroy(key, at=NOW)
    _write_out()
    content = _all_bytes()
    assert raw("name", row.pk) in content, "the search itself must be able to find what is there"
    assert secret_name.encode() not in content
    assert json.dumps(secret_name).strip('"').encode() not in content
    assert b"1987-06-05" not in content
    if connection.vendor == "sqlite":
        assert wrapped not in content
    Owner.objects.all().delete()


def _write_out() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        with superuser() as server:
            server.execute("CHECKPOINT")


def _all_bytes() -> bytes:
    if connection.vendor == "sqlite":
        file = Path(connection.settings_dict["NAME"])
        return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
    with connection.cursor() as cursor, superuser() as server:
        cursor.execute("SELECT pg_relation_filepath('vaultprobe_owner')")
        [content] = server.execute("SELECT pg_read_binary_file(%s)", cursor.fetchone()).fetchone() or [b""]
        return bytes(content)
