"""Figures of one page as SQL views in a database of the hospital's: through the gate, into the ledger.

What stands there is put there anew after each build of the mart, as long as its publisher may export.
"""

import hashlib
import json
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.insight.actions import downloads
from yimei.insight.enums import DownloadPurpose
from yimei.insight.gateways.remote import views
from yimei.insight.models import PublishedPage
from yimei.insight.queries import feeds, mart
from yimei.insight.queries.exchange import table_of
from yimei.insight.queries.figures import Answer, answer
from yimei.insight.queries.views import published_page
from yimei.insight.rules.exchange import Table
from yimei.insight.rules.feeds import prefix
from yimei.outbox.actions.notifications import notify
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

MOST_FAULT = 300


@transaction.atomic
def publish(page: str, *, by: Staff, now: datetime) -> list[str]:
    """Put the figures of a ready page, or of one's own, as far as one's rights reach, where SQL clients read.

    Only figures leave, no row of the mart: each passes the gate and is a line of the ledger. When the other
    database refuses, nothing was noted here either.
    """
    need(by, Permission.INSIGHT_EXPORT)
    told = _told(page, by, now)
    if not told:
        raise RuleBroken(_("这块看板上没有图，没有可以发布的数字。"), code="page")
    row = PublishedPage.objects.select_for_update().filter(page=page).first() or PublishedPage(page=page)
    row.title, row.owner, row.published_at = dict(feeds.pages(by))[page][:60], by, now
    row.noted = {}
    _send(row, told, now)
    log.record("insight.views.published", by=by, at=now, rows=len(told), detail={"page": page})
    return list(told)


@transaction.atomic
def withdraw(page: str, *, by: Staff, now: datetime) -> None:
    """Take the views of a page away; programs that read them find nothing from this moment on."""
    need(by, Permission.INSIGHT_EXPORT)
    row = published_page(page, by=by)
    if row is None and page not in dict(feeds.pages(by)):
        raise RuleBroken(_("请选择一块看板。"), code="page")
    log.record("insight.views.withdrawn", by=by, at=now, detail={"page": page})
    if row is not None:
        row.delete()
    views.publish(settings.VIEWS_URL, prefix(page), {})


def ask_for_refresh(version: str) -> None:
    """Let the queue put the figures of a new mart where views of older ones stand."""
    if settings.VIEWS_URL and PublishedPage.objects.exists():
        jobs.enqueue("insight.views.refresh", {"version": version}, key=f"insight.views:{version}")


def refresh(*, now: datetime) -> int:
    """Put the newest figures of every published page in place; one that fails leaves the others standing."""
    return sum(_refresh(pk, now=now) for pk in PublishedPage.objects.values_list("pk", flat=True))


def _refresh(pk: int, *, now: datetime) -> bool:
    """Refresh one page by its publisher's rights of today; who has none any more has nothing standing."""
    try:
        with transaction.atomic():
            rows = PublishedPage.objects.select_for_update(of=("self",)).select_related("owner__role")
            row = rows.filter(pk=pk).first()
            if row is None:
                return False
            if not _may_stand(row):
                views.publish(settings.VIEWS_URL, prefix(row.page), {})
                _fault(row, _("发布人已没有导出这块看板的权限，或看板已删除；视图已撤下。"), now)
                return False
            _send(row, _told(row.page, row.owner, now), now)
            return True
    except RuleBroken as refusal:
        with transaction.atomic():
            row = PublishedPage.objects.select_for_update().filter(pk=pk).first()
            if row is not None:
                _fault(row, refusal.message, now)
        return False


def _may_stand(row: PublishedPage) -> bool:
    owner = row.owner
    return owner.is_active and owner.may(Permission.INSIGHT_EXPORT) and row.page in dict(feeds.pages(owner))


@in_house()
def _told(page: str, by: Staff, now: datetime) -> dict[str, tuple[Answer, Table]]:
    """The figures of a page by the names of their views, in the language of the house."""
    asked = feeds.page_questions(page, by, local_date(now))
    answers = {f"{prefix(page)}{name}": answer(question, by=by) for name, question in asked.items()}
    return {name: (found, table_of(found)) for name, found in answers.items()}


def _send(row: PublishedPage, told: dict[str, tuple[Answer, Table]], now: datetime) -> None:
    """Note what is new, then put all in place; what stands there as it is stays untouched."""
    fresh = mart.freshness()
    marks: dict[str, list[str]] = {}
    for name, (found, table) in told.items():
        data = json.dumps(table.rows, ensure_ascii=False).encode()
        marks[name] = [local_date(now).isoformat(), hashlib.sha256(data).hexdigest()]
        if row.noted.get(name) != marks[name]:
            downloads.note(found, data, shape="views", purpose=DownloadPurpose.REPORT, by=row.owner, now=now)
    same = {name: mark[1] for name, mark in marks.items()} == {name: m[1] for name, m in row.noted.items()}
    row.noted, row.refreshed_at = marks, now
    row.figures_at = fresh.at if fresh else now
    row.fault, row.fault_at = "", None
    row.save()
    if not same or not told.keys() <= set(views.names(settings.VIEWS_URL)):
        views.publish(
            settings.VIEWS_URL, prefix(row.page), {name: table for name, (_a, table) in told.items()}
        )


def _fault(row: PublishedPage, text: str, now: datetime) -> None:
    """Say once that a page stands still, on the screen and in its publisher's bell."""
    if row.fault != text[:MOST_FAULT]:
        row.fault, row.fault_at = text[:MOST_FAULT], row.fault_at or now
        row.save(update_fields=["fault", "fault_at"])
        log.record("insight.views.stalled", target=row, at=now, detail={"page": row.page})
    if row.owner.is_active:
        said = _("SQL 视图「%(title)s」没有更新：%(why)s") % {"title": row.title, "why": text}
        key = f"insight.views.stalled:{row.public_id}:{row.fault_at:%Y%m%d%H%M}"
        notify(row.owner, said[:200], key=key, now=now, where="desk:insight-feeds")
