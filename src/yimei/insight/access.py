"""The gates from an id in a URL to a table that was brought, to a row of it, and to a report."""

from uuid import UUID

from yimei.core.database.rows import only
from yimei.core.errors import NotFound
from yimei.insight.enums import RowStatus
from yimei.insight.models import (
    AllowedHost,
    DataSource,
    Doubt,
    FeedToken,
    Filling,
    ImportBatch,
    RejectedRow,
    Report,
    ReportLink,
    ReportSchedule,
)
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope


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


def open_report(public_id: UUID, *, by: Staff, lock: bool = False) -> Report:
    rows = Report.objects.visible_to(by).select_related("owner__campus", "campus", "signed_by", "file__key")
    return only(rows, public_id, lock=lock)


def open_draft(public_id: UUID, *, by: Staff) -> Report:
    """Return a report for one who writes reports, locked; what is out is for nobody to write in."""
    need(by, Permission.INSIGHT_REPORT)
    return open_report(public_id, by=by, lock=True)


def open_link(public_id: UUID, *, by: Staff) -> ReportLink:
    """Return a link of a report that one may write, locked."""
    need(by, Permission.INSIGHT_REPORT)
    links = ReportLink.objects.filter(report__in=Report.objects.visible_to(by)).select_related("report")
    return only(links, public_id, lock=True)


def open_schedule(public_id: UUID, *, by: Staff) -> ReportSchedule:
    """Return one's own schedule, or anybody's for whoever signs for the group, locked."""
    need(by, Permission.INSIGHT_REPORT)
    rows = ReportSchedule.objects.select_related("owner")
    if by.scope_of(Permission.INSIGHT_SIGN) != Scope.GROUP:
        rows = rows.filter(owner=by)
    return only(rows, public_id, lock=True)


def open_feed(public_id: UUID, *, by: Staff) -> FeedToken:
    need(by, Permission.INSIGHT_EXPORT)
    return only(FeedToken.objects.filter(owner=by), public_id, lock=True)


def open_doubt(public_id: UUID, *, by: Staff, lock: bool = False) -> Doubt:
    mine = ImportBatch.objects.visible_to(by).filter(undone_at=None)
    return only(Doubt.objects.filter(batch__in=mine).select_related("batch__vault_key"), public_id, lock=lock)


def open_filling(public_id: UUID, *, by: Staff, lock: bool = False) -> Filling:
    mine = ImportBatch.objects.visible_to(by).filter(undone_at=None)
    rows = Filling.objects.filter(batch__in=mine).select_related("batch__vault_key")
    return only(rows, public_id, lock=lock)


def open_source(public_id: UUID, *, by: Staff, lock: bool = False) -> DataSource:
    rows = DataSource.objects.visible_to(by).filter(closed_at=None).select_related("vault_key")
    return only(rows, public_id, lock=lock)


def open_host(public_id: UUID, *, by: Staff, lock: bool = False) -> AllowedHost:
    need(by, Permission.CATALOGUE_WRITE)
    return only(AllowedHost.objects.all(), public_id, lock=lock)
