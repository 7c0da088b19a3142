"""What was taken in is doubted, judged and filled; beneath it stays as it is."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.people import StaffFactory
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.insight.actions import cleaning as actions
from yimei.insight.actions import imports, rejects
from yimei.insight.enums import CheckKind, DoubtKind, DoubtStatus, FillMethod, Severity
from yimei.insight.models import Doubt, Filling, ImportBatch, MarkShelf, RejectedRow, RuleSet
from yimei.insight.queries import cleaning as queries
from yimei.insight.queries import imports as imported
from yimei.insight.queries.facts import brought
from yimei.insight.rules.imports.checks import Check
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
HEAD = "日期,类别,项目,金额,数量\n"


@pytest.fixture
def analyst() -> Staff:
    made: Staff = StaffFactory(role="analyst")
    return made


def finance(rows: int = 40, more: str = "") -> str:
    lines = [
        f"2024-03-{n % 28 + 1:02},收入,双眼皮,{1000 + n % 9}.00,{'' if n % 4 else 2}" for n in range(rows)
    ]
    return HEAD + "\n".join(lines) + "\n" + more


def taken(by: Staff, now: datetime, text: str) -> ImportBatch:
    batch = imports.receive(text.encode(), name="a.csv", template="finance", by=by, now=now)
    imports.check(batch.public_id, mapping=batch.mapping, by=by, now=now)
    imports.work(batch.public_id, now=now)
    imports.run(batch.public_id, by=by, now=now)
    imports.work(batch.public_id, now=now)
    actions.look_for_outliers(batch.public_id, now=now)
    found: ImportBatch = ImportBatch.objects.select_related("vault_key", "file_key").get(pk=batch.pk)
    return found


def amounts(batch: ImportBatch) -> list[object]:
    return [said[4] for _line, _person, said in imported.facts(batch)]


def test_an_excluded_value_is_out_of_every_figure_and_comes_back_when_taken_back(
    analyst: Staff, now: datetime
) -> None:
    batch = taken(analyst, now, finance(more="2024-03-05,收入,双眼皮,990000,2\n"))
    [doubt] = Doubt.objects.select_related("batch__vault_key")
    assert (doubt.number, doubt.column, doubt.value, doubt.kind) == (42, "amount", "990000", DoubtKind.GROUP)
    assert actions.look_for_outliers(batch.public_id, now=now) == 0, "found once only"
    actions.settle(doubt.public_id, status=DoubtStatus.EXCLUDED, by=analyst, now=now)
    assert "990000.00" not in amounts(batch)
    assert len(amounts(batch)) == 40, "a row says nothing without the column it needs"
    with pytest.raises(RuleBroken, match="先撤回"):
        actions.settle(doubt.public_id, status=DoubtStatus.KEPT, by=analyst, now=now)
    actions.settle(doubt.public_id, status=DoubtStatus.WAITING, by=analyst, now=now)
    assert "990000.00" in amounts(batch)
    batch.refresh_from_db(fields=["treated"])
    assert batch.treated == 2
    with pytest.raises(NotFound):
        actions.settle(doubt.public_id, status=DoubtStatus.KEPT, by=StaffFactory(role="director"), now=now)


def test_rules_are_versions_and_hold_at_the_next_trial(analyst: Staff, now: datetime) -> None:
    strict = Check(CheckKind.RANGE, ("amount",), Severity.REJECT, low=0, high=5000)
    loose = Check(CheckKind.SET, ("procedure",), words=("双眼皮",))
    first = actions.save_rules("finance", rules=[strict], based_on=0, by=analyst, now=now)
    with pytest.raises(RuleBroken, match="刷新"):
        actions.save_rules("finance", rules=[], based_on=0, by=analyst, now=now)
    with pytest.raises(RuleBroken, match="已经有了"):
        actions.save_rules("finance", rules=[strict, strict], based_on=1, by=analyst, now=now)
    actions.save_rules("finance", rules=[strict, loose], based_on=first.version, by=analyst, now=now)
    more = "2024-03-05,收入,双眼皮,6000,2\n2024-03-05,收入,隆鼻,1000,2\n"
    batch = taken(analyst, now, finance(more=more))
    assert batch.rules is not None
    assert batch.rules.version == 2
    row = RejectedRow.objects.select_related("batch__file_key").get()
    assert "金额 在 0 到 5000 之间" in row.reason
    [doubt] = Doubt.objects.select_related("batch__vault_key").filter(kind=DoubtKind.RULE)
    assert (doubt.column, doubt.value) == ("procedure", "隆鼻")
    assert batch.quality["valid"] < 100 > batch.quality["consistent"]
    assert RuleSet.objects.count() == 2, "the older version can still be read"
    with pytest.raises(NotFound):
        actions.save_rules("finance", rules=[], based_on=2, by=StaffFactory(role="surgeon"), now=now)


def test_gaps_are_filled_with_a_mark_and_the_rows_beneath_stay(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now, finance())

    def fill(**said: Any) -> Filling:
        said = {"column": "quantity", "method": FillMethod.GROUP, "group": "procedure"} | said
        return actions.fill(batch.public_id, by=analyst, now=now, **said)

    for wrong, why in (
        ({"column": "amount"}, "有空缺"),
        ({"group": "quantity"}, "哪一列"),
        ({"column": "phone"}, "有空缺"),
    ):
        with pytest.raises(RuleBroken, match=why):
            fill(**wrong)
    filling = fill()
    assert (filling.count, filling.values) == (30, {"双眼皮": "2"})
    with pytest.raises(RuleBroken, match="先撤回"):
        fill()
    assert [said[5] for _line, _person, said in imported.facts(batch)].count(None) == 30
    rows = list(queries.filled(batch, imported.facts(batch)))
    assert {said[5] for _line, _person, said, _marks in rows} == {"2"}
    assert sum(5 in marks for *_row, marks in rows) == 30
    actions.unfill(filling.public_id, by=analyst, now=now)
    assert not any(marks for *_row, marks in queries.filled(batch, imported.facts(batch)))
    assert Filling.objects.get().undone_by == analyst
    rows_of = [(t.name, row[t.names.index("is_filled")]) for t, row in brought.rows_of(batch, ())]
    assert not any(is_filled for _name, is_filled in rows_of)
    fill()
    assert not any(row[t.names.index("is_filled")] for t, row in brought.rows_of(batch, ()))
    actions.unfill(Filling.objects.last().public_id, by=analyst, now=now)  # type: ignore[union-attr]
    fill(in_figures=True)
    counted = [row for table, row in brought.rows_of(batch, ()) if row[table.names.index("is_filled")]]
    assert len(counted) == 30, "filled values count where the analyst chose so, and each row says it"


def test_one_mark_is_looked_up_without_the_others(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now, finance(more="2024-03-05,收入,双眼皮,x,2\n2024-03-05,收入,双眼皮,y,2\n"))
    assert MarkShelf.objects.filter(batch=batch).count() > 10
    first, second = RejectedRow.objects.order_by("number")
    with CaptureQueriesContext(
        connection,
    ) as seen:
        rejects.mend(first.public_id, cells={"amount": "77"}, by=analyst, now=now)
    read = [one["sql"] for one in seen if "_marks" in one["sql"] or '"marks"' in one["sql"]]
    read = [sql for sql in read if sql.startswith("SELECT")]
    assert read
    assert all('"first" =' in sql or "IS NULL" in sql for sql in read), "only those that begin like it"
    rejects.mend(second.public_id, cells={"amount": "77"}, by=analyst, now=now)
    batch.refresh_from_db(fields=["accepted", "known"])
    assert (batch.accepted, batch.known) == (41, 1), "the same row twice is one row"


def test_undoing_takes_doubts_and_shelves_with_it(analyst: Staff, now: datetime) -> None:
    batch = taken(analyst, now, finance(more="2024-03-05,收入,双眼皮,990000,2\n"))
    assert jobs.run_waiting()
    imports.undo(batch.public_id, by=analyst, now=now)
    assert not Doubt.objects.exists()
    assert not MarkShelf.objects.exists()
