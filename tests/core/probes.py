"""Tables that exist only to be attacked; in a registry of their own, so that no migration sees them."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps.registry import Apps
from django.db import connection, models

from yimei.core.database.constraints import AppendOnly, FrozenOnce, NoOverlap

registry = Apps()


class Line(models.Model):
    text = models.CharField(max_length=20)

    class Meta:
        app_label = "probe"
        apps = registry
        constraints = [AppendOnly(name="probe_line_append_only")]


class Draft(models.Model):
    text = models.CharField(max_length=20)
    note = models.CharField(max_length=20, default="")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "probe"
        apps = registry
        constraints = [FrozenOnce(name="probe_draft_frozen", allow=["note"])]


class Slot(models.Model):
    kind = models.CharField(max_length=10, default="room")
    resource_id = models.UUIDField(default=uuid.uuid4)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "probe"
        apps = registry
        constraints = [NoOverlap(name="probe_slot_no_overlap", keys=["kind", "resource_id"])]


@contextmanager
def tables(*wanted: type[models.Model]) -> Iterator[None]:
    with connection.schema_editor() as editor:
        for model in wanted:
            editor.create_model(model)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(wanted):
                editor.delete_model(model)
