"""Cleaning of tables that were brought: rules, doubts, gaps. What was taken in stays as it is beneath."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from math import nan
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database import locks
from yimei.core.database.rows import only
from yimei.core.errors import RuleBroken
from yimei.insight.access import open_doubt, open_filling, open_import
from yimei.insight.enums import DoubtKind, DoubtStatus, FillMethod, ImportStatus
from yimei.insight.models import Doubt, Filling, ImportBatch, RuleSet
from yimei.insight.queries import cleaning as queries
from yimei.insight.queries import imports as imported
from yimei.insight.rules.imports import checks, outliers, quality
from yimei.insight.rules.imports.checks import FIGURES, Check
from yimei.insight.rules.imports.templates import TEMPLATES, Kind
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

MOST_OF_A_RULE = 200
"""So many rows of one rule become doubts one by one; how many there are in all is counted."""
Flag = tuple[int, Check, str]


@transaction.atomic
def save_rules(template: str, *, rules: Sequence[Check], based_on: int, by: Staff, now: datetime) -> RuleSet:
    """Write the next version; whoever saw an older one is told and changes nothing."""
    need(by, Permission.INSIGHT_IMPORT)
    kind = TEMPLATES.get(template)
    if kind is None:
        raise RuleBroken(_("请选择数据类型。"), code="template")
    if len(rules) > checks.MOST:
        raise RuleBroken(_("规则最多 %(most)d 条。") % {"most": checks.MOST})
    cleaned = [checks.clean(one, kind) for one in rules]
    if len({(one.kind, one.columns) for one in cleaned}) < len(cleaned):
        raise RuleBroken(_("这条规则已经有了。"), code="twice")
    locks.lock(f"insight.rules:{template}")
    newest = queries.rules_of(template)
    version = newest.version if newest else 0
    if version != based_on:
        raise RuleBroken(_("规则刚刚被同事修改，请刷新后再改。"), code="stale")
    made = RuleSet.objects.create(
        template=template, version=version + 1, checks=[one.as_data() for one in cleaned], by=by, at=now
    )
    log.record(
        "insight.rules.saved",
        target=made,
        by=by,
        at=now,
        detail={"template": template, "version": made.version, "count": len(cleaned)},
    )
    return made


def finish(batch: ImportBatch, *, flags: Sequence[Flag], flagged: int, good: int, now: datetime) -> None:
    """Keep what the rules doubted, and how good the table is. Part of taking it in, which writes the log."""
    there = set(batch.doubts.values_list("number", "column"))
    template = imported.template_of(batch)
    made: dict[tuple[int, str], Doubt] = {}
    for line, check, value in flags:
        if (line, check.columns[0]) not in there:
            made.setdefault(
                (line, check.columns[0]),
                Doubt(
                    batch=batch,
                    number=line,
                    column=check.columns[0],
                    kind=DoubtKind.RULE,
                    value=value[:200],
                    why=check.sentence(template)[:300],
                ),
            )
    Doubt.objects.bulk_create(made.values(), batch_size=200)
    profile = (batch.report or {}).get("profile") or []
    days = [one["last"] for one in profile if one["column"] == "day" and one.get("last")]
    batch.quality = quality.of(
        template,
        profile,
        good=good,
        known=batch.known,
        bad=batch.rejected,
        flagged=flagged,
        last=date.fromisoformat(days[0]) if days else None,
        today=local_date(now),
    )


def look_for_outliers(import_id: UUID, *, now: datetime) -> int:
    """What the worker does after a table was taken in; done twice it finds the same values once."""
    batch = ImportBatch.objects.select_related("vault_key").get(public_id=import_id)
    if batch.status != ImportStatus.DONE:
        return 0
    found = list(_outliers(batch))
    with transaction.atomic():
        batch = only(ImportBatch.objects.select_related("vault_key"), import_id, lock=True)
        if batch.status != ImportStatus.DONE:
            return 0
        there = set(batch.doubts.values_list("number", "column"))
        fresh = {(one.number, one.column): one for one in found if (one.number, one.column) not in there}
        for one in fresh.values():
            one.batch = batch
        Doubt.objects.bulk_create(fresh.values(), batch_size=200)
        log.record("insight.import.doubted", target=batch, at=now, detail={"values": len(fresh)})
    return len(fresh)


def _outliers(batch: ImportBatch) -> Iterator[Doubt]:
    columns = queries.kept(imported.template_of(batch))
    places = {column.name: at for at, column in enumerate(columns) if column.name in batch.mapping}
    figures = {
        column.name: array("d")
        for column in columns
        if column.name in places and column.kind in FIGURES and column.kind != Kind.YEAR
    }
    by = [places[name] for name in outliers.GROUPS.get(batch.template, ()) if name in places]
    lines, groups, days = array("q"), [], []
    known: dict[tuple[object, ...], tuple[object, ...]] = {}
    for line, _person, said in imported.facts(batch):
        lines.append(line)
        for name, kept in figures.items():
            value = said[places[name]]
            kept.append(nan if value is None else float(value))  # type: ignore[arg-type]
        if by:
            group = tuple(said[at] for at in by)
            groups.append(known.setdefault(group, group))
        if batch.template in outliers.SEASONAL:
            days.append(said[places["day"]])
    kind = DoubtKind.SEASON if days else DoubtKind.GROUP if by else DoubtKind.FAR
    least = {column.name: float(column.low) for column in columns if column.low is not None}
    for name, kept in figures.items():
        for one in outliers.find(kept, groups or None, days or None):  # type: ignore[arg-type]
            low = max(one.low, least.get(name, one.low))
            words = {"low": f"{low:,.2f}", "high": f"{one.high:,.2f}"}
            yield Doubt(
                number=lines[one.at],
                column=name,
                kind=kind,
                value=f"{kept[one.at]:g}" if abs(kept[one.at]) < 1e6 else f"{kept[one.at]:.2f}",
                why=_("同类的值在 %(low)s 到 %(high)s 之间") % words,
                score=one.score,
            )


@transaction.atomic
def settle(doubt_id: UUID, *, status: DoubtStatus, by: Staff, now: datetime) -> Doubt:
    """Keep or exclude a doubted value, or take that decision back; the row beneath stays."""
    doubt = open_doubt(doubt_id, by=by, lock=True)
    if doubt.status == status:
        return doubt
    if doubt.status != DoubtStatus.WAITING and status != DoubtStatus.WAITING:
        raise RuleBroken(_("这个值已经判断过，请先撤回。"), code="settled")
    is_back = status == DoubtStatus.WAITING
    doubt.status = status
    doubt.settled_by, doubt.settled_at = (None, None) if is_back else (by, now)
    doubt.save(update_fields=["status", "settled_by", "settled_at"])
    ImportBatch.objects.filter(pk=doubt.batch_id).update(treated=F("treated") + 1)
    log.record(f"insight.doubt.{status}", target=doubt, by=by, at=now, fields=[doubt.column])
    return doubt


@transaction.atomic
def fill(
    import_id: UUID,
    *,
    column: str,
    method: FillMethod,
    group: str,
    in_figures: bool = False,
    by: Staff,
    now: datetime,
) -> Filling:
    """Fill the gaps of a column by a stated method, laid over the rows and marked wherever they are shown.

    Figures leave out what was filled, unless the analyst chooses ``in_figures``; they split by it then.
    """
    batch = open_import(import_id, by=by, lock=True)
    if batch.status != ImportStatus.DONE:
        raise RuleBroken(_("这个导入还没有完成，请稍后再改。"), code="move")
    names = {one.name: at for at, one in enumerate(queries.kept(imported.template_of(batch)))}
    found = imported.template_of(batch).column(column)
    if found is None or column not in names or column not in batch.mapping or found.is_needed:
        raise RuleBroken(_("请选择有空缺的列。"), code="column")
    if method != FillMethod.COMMON and found.kind not in FIGURES:
        raise RuleBroken(_("不是数字的列只能用最常见的值来补。"), code="method")
    if method == FillMethod.GROUP and (group not in names or group == column or group not in batch.mapping):
        raise RuleBroken(_("请选择按哪一列分类。"), code="group")
    if batch.fillings.filter(column=column, undone_at=None).exists():
        raise RuleBroken(_("这一列已经补过，请先撤回。"), code="twice")
    by_group = names[group] if method == FillMethod.GROUP else None
    rows = [said for _line, _person, said in imported.facts(batch)]
    values, count = queries.fillers(rows, at=names[column], method=method, group=by_group)
    if not count:
        raise RuleBroken(_("没有可以补的空缺：这一列没有空，或者同类里没有一个值。"), code="nothing")
    made = Filling.objects.create(
        batch=batch,
        column=column,
        method=method,
        group=group if by_group is not None else "",
        values=values,
        count=count,
        in_figures=in_figures,
        by=by,
        at=now,
    )
    _touch(batch)
    log.record(
        "insight.import.filled",
        target=made,
        by=by,
        at=now,
        fields=[column],
        rows=count,
        detail={"method": method, "in_figures": in_figures},
    )
    return made


@transaction.atomic
def unfill(filling_id: UUID, *, by: Staff, now: datetime) -> Filling:
    """Take a filling back: the gaps are gaps again, and that it was stays."""
    filling = open_filling(filling_id, by=by, lock=True)
    if filling.undone_at is not None:
        raise RuleBroken(_("已经撤回了。"), code="undone")
    filling.undone_by, filling.undone_at = by, now
    filling.save(update_fields=["undone_by", "undone_at"])
    _touch(filling.batch)
    log.record("insight.import.unfilled", target=filling, by=by, at=now, fields=[filling.column])
    return filling


def _touch(batch: ImportBatch) -> None:
    """Say that its rows read otherwise from now on: the mart takes them anew."""
    ImportBatch.objects.filter(pk=batch.pk).update(treated=F("treated") + 1)


def of_data(data: Mapping[str, Any]) -> Check:
    return checks.read([data])[0]
