"""The gates from an id in a URL to a table that was brought, and to a row of it."""

from uuid import UUID

from yimei.core.database.rows import only
from yimei.core.errors import NotFound
from yimei.insight.enums import RowStatus
from yimei.insight.models import ImportBatch, RejectedRow
from yimei.people.models import Staff


def open_import(public_id: UUID, *, by: Staff, lock: bool = False) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(by).select_related("vault_key", "file_key", "file__key", "by")
    return only(rows, public_id, lock=lock)


def open_reject(public_id: UUID, *, by: Staff, lock: bool = False) -> RejectedRow:
    """Return a row that waits to be mended; one of a file whose key is gone is gone with it."""
    mine = ImportBatch.objects.visible_to(by).filter(cleared_at=None, undone_at=None)
    rows = RejectedRow.objects.filter(batch__in=mine, status=RowStatus.WAITING)
    row = only(rows.select_related("batch__file_key", "batch__vault_key"), public_id, lock=lock)
    if row.batch.file_key.is_destroyed:
        raise NotFound
    return row
