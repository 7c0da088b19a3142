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
from yimei.insight.rules.dashboards import READY
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission


@transaction.atomic
def publish(page: str, *, by: Staff, now: datetime) -> list[str]:
    """Put the figures of a ready page, as far as one's rights reach, where SQL clients read them.

    Only figures leave, no row of the mart: each passes the gate and is a line of the ledger. When the other
    database refuses, nothing was noted here either.
    """
    need(by, Permission.INSIGHT_EXPORT)
    if page not in READY or page not in dict(feeds.pages(by)):
        raise RuleBroken(_("请选择一块看板。"), code="page")
    tables = {}
    for name, question in feeds.asked(READY[page].tiles, by, local_date(now)).items():
        found = answer(question, by=by)
        table = table_of(found)
        data = json.dumps(table.rows, ensure_ascii=False).encode()
        downloads.note(found, data, shape="views", purpose=DownloadPurpose.REPORT, by=by, now=now)
        tables[f"{page}_{name}"] = table
    log.record("insight.views.published", by=by, at=now, rows=len(tables), detail={"page": page})
    views.publish(settings.VIEWS_URL, f"{page}_", tables)
    return list(tables)
