"""Keeps questions on pages, and shares pages with roles."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.insight.models import Dashboard, Tile
from yimei.insight.queries.rights import campus_of, may_see
from yimei.insight.rules.questions import Question
from yimei.people.models import Role, Staff
from yimei.privacy.queries.mentions import check_words

MOST_TILES = 20


@transaction.atomic
def pin(
    question: Question, *, title: str, dashboard: UUID | None, name: str, by: Staff, now: datetime
) -> Tile:
    """Put a question on one of the reader's own pages, or on a new one."""
    campus_of(by)
    check_words(title, name, code="title")
    if not may_see(question.metric, by):
        raise RuleBroken(_("您没有查看这个指标的权限。"), code="forbidden")
    page = _own(dashboard, by) if dashboard else _new(name, by, now)
    if page.tiles.count() >= MOST_TILES:
        raise RuleBroken(_("一块看板最多放 20 个图块，请先移除一个或新建看板。"), code="full")
    last = page.tiles.aggregate(last=Max("position"))["last"]
    tile = Tile.objects.create(
        dashboard=page,
        position=0 if last is None else last + 1,
        title=(title or str(question.metric.words))[:60],
        question=question.query()[:600],
    )
    log.record("insight.tile.pinned", target=tile, by=by, at=now)
    return tile


@transaction.atomic
def unpin(tile_id: UUID, *, by: Staff, now: datetime) -> Dashboard:
    tile = only(Tile.objects.filter(dashboard__owner=by).select_related("dashboard"), tile_id, lock=True)
    page = tile.dashboard
    log.record("insight.tile.unpinned", target=tile, by=by, at=now)
    tile.delete()
    return page


@transaction.atomic
def share(dashboard_id: UUID, *, roles: Collection[str], by: Staff, now: datetime) -> Dashboard:
    """Let roles open a page; each reader sees in it only what his own rights reach."""
    page = _own(dashboard_id, by)
    found = list(Role.objects.filter(code__in=roles))
    page.shared_with.set(found)
    log.record(
        "insight.dashboard.shared",
        target=page,
        by=by,
        at=now,
        detail={"roles": [role.code for role in found]},
    )
    return page


@transaction.atomic
def remove(dashboard_id: UUID, *, by: Staff, now: datetime) -> None:
    page = _own(dashboard_id, by)
    log.record("insight.dashboard.removed", target=page, by=by, at=now)
    page.delete()


def _own(dashboard_id: UUID, by: Staff) -> Dashboard:
    return only(Dashboard.objects.filter(owner=by), dashboard_id, lock=True)


def _new(name: str, by: Staff, now: datetime) -> Dashboard:
    name = name.strip()[:40]
    if not name:
        raise RuleBroken(_("请给看板起一个名称。"), code="nameless")
    try:
        with transaction.atomic():
            return Dashboard.objects.create(name=name, owner=by, created_at=now)
    except IntegrityError:
        raise RuleBroken(_("您已有同名的看板，请换一个名称。"), code="name-taken") from None
