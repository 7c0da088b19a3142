import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations import (
    AddConstraint,
    AddField,
    AlterField,
    CreateModel,
    RemoveConstraint,
    RemoveField,
    RenameField,
    operations,
)
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter

from tests.core import probes
from tests.core.probes import Draft, Line, Slot
from yimei.core.database.constraints import AppendOnly, FrozenOnce, NoOverlap

TEN = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
ROOM = uuid.UUID(int=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("probe_tables")]


def refused(name: str, change: Callable[[], Any]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


def sql(text: str) -> Callable[[], Any]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(text)

    return run


def slot(start: int, end: int, **values: Any) -> Slot:
    minutes = {"starts_at": TEN + timedelta(minutes=start), "ends_at": TEN + timedelta(minutes=end)}
    return Slot.objects.create(**{"resource_id": ROOM, **minutes, **values})


def test_an_append_only_row_is_neither_changed_nor_removed() -> None:
    line = Line.objects.create(text="first")
    refused("probe_line_append_only", lambda: Line.objects.update(text="other"))
    refused("probe_line_append_only", lambda: Line.objects.all().delete())
    refused("probe_line_append_only", sql("UPDATE probe_line SET text = text"))
    refused("probe_line_append_only", sql(f"DELETE FROM probe_line WHERE id = {line.pk}"))
    assert Line.objects.get().text == "first"


def test_no_statement_of_the_engine_goes_round_the_guard() -> None:
    line = Line.objects.create(text="first")
    roundabout = {
        "sqlite": f"REPLACE INTO probe_line (id, text) VALUES ({line.pk}, 'other')",
        "postgresql": "TRUNCATE probe_line CASCADE",
    }
    refused("probe_line_append_only", sql(roundabout[connection.vendor]))
    assert Line.objects.get().text == "first"


def test_a_draft_is_free_until_it_is_signed_and_then_only_its_note_changes() -> None:
    draft = Draft.objects.create(text="v1")
    Draft.objects.update(text="v2")
    Draft.objects.update(signed_at=TEN)
    refused("probe_draft_frozen", lambda: Draft.objects.update(text="v3"))
    refused("probe_draft_frozen", lambda: Draft.objects.update(signed_at=None))
    refused("probe_draft_frozen", lambda: Draft.objects.all().delete())
    Draft.objects.update(note="filed")
    draft.refresh_from_db()
    assert (draft.text, draft.note) == ("v2", "filed")


def test_an_unsigned_draft_may_be_thrown_away() -> None:
    Draft.objects.create(text="v1").delete()
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("start", "end"), [(30, 90), (0, 60), (-30, 1), (15, 45), (-30, 90), (59, 60)])
def test_a_room_is_not_in_two_places_at_once(start: int, end: int) -> None:
    slot(0, 60)
    refused("probe_slot_no_overlap", lambda: slot(start, end))
    assert Slot.objects.count() == 1


@pytest.mark.parametrize(("start", "end"), [(60, 90), (-30, 0), (120, 130)])
def test_one_ends_where_the_next_begins(start: int, end: int) -> None:
    slot(0, 60)
    slot(start, end)
    assert Slot.objects.count() == 2


def test_other_rooms_other_kinds_and_released_times_do_not_clash() -> None:
    slot(0, 60)
    slot(0, 60, resource_id=uuid.UUID(int=2))
    slot(0, 60, kind="device")
    slot(0, 60, released_at=TEN)
    Slot.objects.update(released_at=TEN)
    slot(0, 60)
    assert Slot.objects.count() == 5


def test_moving_and_reviving_are_guarded_too() -> None:
    slot(0, 60)
    later = slot(60, 120)
    gone = slot(0, 60, released_at=TEN)
    refused("probe_slot_no_overlap", lambda: Slot.objects.filter(pk=gone.pk).update(released_at=None))
    refused("probe_slot_no_overlap", lambda: Slot.objects.filter(pk=later.pk).update(starts_at=TEN))
    Slot.objects.filter(pk=later.pk).update(ends_at=TEN + timedelta(hours=3))
    assert Slot.objects.filter(released_at=None).count() == 2


def test_microseconds_count() -> None:
    slot(0, 60)
    slot(60, 120, starts_at=TEN + timedelta(minutes=60, microseconds=1))
    refused("probe_slot_no_overlap", lambda: slot(-10, 0, ends_at=TEN + timedelta(microseconds=1)))
    assert Slot.objects.count() == 2


def test_a_clash_is_also_known_before_the_database_is_asked() -> None:
    kept = slot(0, 60)
    with pytest.raises(ValidationError, match="占用"):
        Slot(resource_id=ROOM, starts_at=TEN, ends_at=TEN + timedelta(minutes=5)).validate_constraints()
    kept.validate_constraints()
    line = Line.objects.create(text="first")
    with pytest.raises(ValidationError, match="只能新增"):
        line.validate_constraints()


def test_a_nullable_key_is_found_by_the_system_check() -> None:
    class Loose(models.Model):
        room = models.IntegerField(null=True)
        starts_at = models.DateTimeField()
        ends_at = models.DateTimeField()
        released_at = models.DateTimeField(null=True)

        class Meta:
            app_label = "probe"
            apps = probes.registry
            constraints = [NoOverlap(name="loose", keys=["room"])]

    assert [error.id for error in Loose._meta.constraints[0]._check(Loose, connection)] == ["core.E001"]


@pytest.mark.parametrize(
    "constraint",
    [
        AppendOnly(name="a"),
        AppendOnly(name="a", deletable=True, allow=["b"]),
        FrozenOnce(name="f", field="closed_at"),
        NoOverlap(name="n", keys=["room"], start="s", end="e", where_null="r"),
    ],
)
def test_a_constraint_survives_being_written_to_a_migration(constraint: Any) -> None:
    text, imports = MigrationWriter.serialize(constraint)
    space: dict[str, Any] = {}
    exec("\n".join(imports), space)
    again = eval(text, space)
    assert again == constraint
    assert hash(again) == hash(constraint)
    assert again != AppendOnly(name="another")


@pytest.mark.django_db(transaction=True)
def test_guards_follow_the_table_through_every_migration_of_it() -> None:
    guard = FrozenOnce(name="moving_frozen", allow=["note"])
    state = ProjectState()
    steps: list[operations.base.Operation] = [
        CreateModel(
            "Moving",
            [
                ("id", models.AutoField(primary_key=True)),
                ("text", models.CharField(max_length=9)),
                ("note", models.TextField(default="")),
                ("signed_at", models.DateTimeField(null=True)),
            ],
            {"constraints": [guard]},
        ),
        AddField("Moving", "plain", models.CharField(max_length=5, null=True)),
        AddField("Moving", "extra", models.CharField(max_length=5, default="x")),
        AlterField("Moving", "text", models.CharField(max_length=200)),
        RenameField("Moving", "text", "body"),
        RemoveField("Moving", "plain"),
        RemoveConstraint("Moving", "moving_frozen"),
        AddConstraint("Moving", guard),
    ]
    for number, step in enumerate(steps):
        before, state = state, state.clone()
        step.state_forwards("moving", state)
        with connection.schema_editor() as editor:
            step.database_forwards("moving", editor, before, state)
        model = state.apps.get_model("moving", "Moving")
        if number == 0:
            model._default_manager.create(text="v1", signed_at=TEN)
        if isinstance(step, RemoveConstraint):
            continue
        free = {"id", "note", "signed_at"}
        for column in [f.column for f in model._meta.local_concrete_fields if f.name not in free]:
            refused("moving_frozen", sql(f"UPDATE moving_moving SET {column} = 'y'"))
        refused("moving_frozen", sql("DELETE FROM moving_moving"))
        sql(f"UPDATE moving_moving SET note = '{number}'")()
    row = model._default_manager.get()
    assert (row.body, row.note) == ("v1", str(len(steps) - 1))
    with connection.schema_editor() as editor:
        editor.delete_model(model)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Line, Draft, Slot])
def test_a_guard_may_be_taken_away_and_put_back_by_a_migration(model: type[models.Model]) -> None:
    guard = model._meta.constraints[0]
    values: dict[str, Any] = {"signed_at": TEN} if model is Draft else {}
    if model is Slot:
        values = {"starts_at": TEN, "ends_at": TEN + timedelta(hours=1), "resource_id": ROOM}

    def break_it() -> None:
        if model is Slot:
            model.objects.create(**values)  # type: ignore[attr-defined]
        else:
            model.objects.update(text="other")  # type: ignore[attr-defined]

    model.objects.create(**values)  # type: ignore[attr-defined]
    refused(guard.name, break_it)
    _without_guard(model, break_it, lambda: model.objects.all().delete())  # type: ignore[attr-defined]
    model.objects.create(**values)  # type: ignore[attr-defined]
    refused(guard.name, break_it)
    _without_guard(model, lambda: model.objects.all().delete())  # type: ignore[attr-defined]
    assert not model.objects.exists()  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_flush_empties_guarded_tables_and_leaves_their_guards_awake() -> None:
    from tests.factories.audit import EntryFactory
    from yimei.audit.models import Entry

    EntryFactory()
    call_command("flush", interactive=False, verbosity=0)
    assert not Entry.objects.exists()
    EntryFactory()
    refused("audit_entry_append_only", lambda: Entry.objects.all().delete())


def _without_guard(model: type[models.Model], *steps: Callable[[], Any]) -> None:
    guard = model._meta.constraints.pop()
    try:
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, guard)
        for step in steps:
            step()
    finally:
        model._meta.constraints.append(guard)
        with connection.schema_editor() as editor:
            editor.add_constraint(model, guard)
