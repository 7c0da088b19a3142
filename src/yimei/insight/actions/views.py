"""Figures of one page as SQL views in a database of the hospital's: through the gate, into the ledger."""

import json
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.insight.actions import downloads
from yimei.insight.enums import DownloadPurpose
from yimei.insight.gateways.remote import views
from yimei.insight.queries import feeds
from yimei.insight.queries.exchange import table_of
from yimei.insight.queries.figures import answer
from yimei.insight.rules.feeds import prefix
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def publish(page: str, *, by: Staff, now: datetime) -> list[str]:
    """Put the figures of a ready page, or of one's own, as far as one's rights reach, where SQL clients read.

    Only figures leave, no row of the mart: each passes the gate and is a line of the ledger. When the other
    database refuses, nothing was noted here either.
    """
    need(by, Permission.INSIGHT_EXPORT)
    tables = {}
    for name, question in feeds.page_questions(page, by, local_date(now)).items():
        found = answer(question, by=by)
        table = table_of(found)
        data = json.dumps(table.rows, ensure_ascii=False).encode()
        downloads.note(found, data, shape="views", purpose=DownloadPurpose.REPORT, by=by, now=now)
        tables[f"{prefix(page)}{name}"] = table
    if not tables:
        raise RuleBroken(_("这块看板上没有图，没有可以发布的数字。"), code="page")
    log.record("insight.views.published", by=by, at=now, rows=len(tables), detail={"page": page})
    views.publish(settings.VIEWS_URL, prefix(page), tables)
    return list(tables)


@transaction.atomic
def withdraw(page: str, *, by: Staff, now: datetime) -> None:
    """Take the views of a page away; programs that read them find nothing from this moment on."""
    need(by, Permission.INSIGHT_EXPORT)
    if page not in dict(feeds.pages(by)):
        raise RuleBroken(_("请选择一块看板。"), code="page")
    log.record("insight.views.withdrawn", by=by, at=now, detail={"page": page})
    views.publish(settings.VIEWS_URL, prefix(page), {})
