"""Tables that are fetched: which machines may be asked, how to get in, each fetching as an import."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.insight.access import open_host, open_source
from yimei.insight.actions import imports
from yimei.insight.enums import SourceType
from yimei.insight.gateways.remote import databases, web
from yimei.insight.models import AllowedHost, DataSource, ImportBatch
from yimei.insight.queries import own
from yimei.insight.queries import sources as queries
from yimei.insight.rules import sources as rules
from yimei.insight.rules.imports.templates import TEMPLATES
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.vault import keys


@transaction.atomic
def allow(name: str, *, by: Staff, now: datetime) -> AllowedHost:
    """Let tables be fetched from a machine; the administrator's word, not the analyst's."""
    need(by, Permission.CATALOGUE_WRITE)
    found = rules.clean_host(name)
    host, is_new = AllowedHost.objects.get_or_create(name=found, defaults={"by": by, "at": now})
    if is_new:
        log.record("insight.host.allowed", target=host, by=by, at=now, detail={"host": found})
    return host


@transaction.atomic
def forbid(host_id: UUID, *, by: Staff, now: datetime) -> None:
    host = open_host(host_id, by=by)
    log.record("insight.host.forbidden", target=host, by=by, at=now, detail={"host": host.name})
    host.delete()


@transaction.atomic
def connect(
    *,
    name: str,
    kind: SourceType,
    template: str,
    way: Mapping[str, Any],
    column: str = "",
    by: Staff,
    now: datetime,
) -> DataSource:
    """Keep a source with its way in sealed; nothing is fetched yet."""
    need(by, Permission.INSIGHT_IMPORT)
    if template not in TEMPLATES:
        raise RuleBroken(_("请选择数据类型。"), code="template")
    if not name.strip():
        raise RuleBroken(_("请给来源起个名字。"), code="name")
    if DataSource.objects.filter(name=name.strip(), closed_at=None).exists():
        raise RuleBroken(_("已经有叫这个名字的来源。"), code="name")
    source = DataSource.objects.create(
        name=name.strip()[:40],
        kind=kind,
        template=template,
        vault_key=keys.new_key(),
        way=rules.clean_way(kind, way),
        column=column.strip()[:80] if kind in {SourceType.POSTGRES, SourceType.MYSQL} else "",
        by=by,
        at=now,
    )
    log.record("insight.source.connected", target=source, by=by, at=now, detail={"kind": kind})
    return source


@transaction.atomic
def ask(source_id: UUID, *, by: Staff, now: datetime) -> DataSource:
    """Have the worker fetch the table; what comes is an import that is mapped and tried like any other."""
    source = open_source(source_id, by=by, lock=True)
    if source.attempt and queries.is_fetching(source):
        raise RuleBroken(_("正在取数，请等它完成。"), code="busy")
    source.attempt += 1
    source.fault, source.asked_by, source.asked_at = "", by, now
    source.save(update_fields=["attempt", "fault", "asked_by", "asked_at"])
    jobs.enqueue("insight.source.fetch", {"source": str(source.public_id)}, key=queries.job_key(source))
    log.record("insight.source.asked", target=source, by=by, at=now)
    return source


def fetch(source_id: UUID, *, now: datetime) -> ImportBatch | None:
    """What the worker does; a refusal is kept for whoever asked, and done twice it is the same import."""
    rows = DataSource.objects.select_related("vault_key", "asked_by")
    source = only(rows.filter(closed_at=None), source_id)
    if source.asked_by is None:
        return None
    try:
        data, until = _fetched(source, now)
        kind = "xlsx" if data.startswith(b"PK\x03\x04") else "csv"
        return imports.receive(
            data,
            name=f"{source.name}.{kind}",
            template=source.template,
            by=source.asked_by,
            now=now,
            source=source,
            until=until,
        )
    except RuleBroken as refusal:
        DataSource.objects.filter(pk=source.pk).update(fault=refusal.message[:300])
        return None


def _fetched(source: DataSource, now: datetime) -> tuple[bytes, str]:
    allowed, way = queries.allowed(), source.way
    if source.kind == SourceType.OWN:
        return own.csv_of(source.template, today=local_date(now)), ""
    if source.kind == SourceType.SHEET:
        return web.fetch(way["url"], allowed=allowed), ""
    said = {name: way[name] for name in ("host", "port", "database", "user", "password")}
    found = databases.fetch(
        databases.Way(kind=source.kind, **said),
        way["query"],
        column=source.column,
        since=queries.until(source),
        allowed=allowed,
    )
    return found.data, found.until


@transaction.atomic
def close(source_id: UUID, *, by: Staff, now: datetime) -> None:
    """Stop fetching: the key of the way in goes at once; what was brought stays."""
    source = open_source(source_id, by=by, lock=True)
    keys.destroy(source.vault_key, at=now)
    source.closed_at = now
    source.save(update_fields=["closed_at"])
    log.record("insight.source.closed", target=source, by=by, at=now)
