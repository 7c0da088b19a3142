"""The house's own costs: a table of them, their days in the mart, and figures that count nothing twice."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.people import StaffFactory
from tests.insight.ledger import ledger
from tests.insight.test_brought import FINANCE, MARKET, taken
from tests.insight.test_mart import contents
from yimei.billing.actions import costs
from yimei.billing.models import Cost
from yimei.core.errors import RuleBroken
from yimei.insight.actions import mart
from yimei.insight.actions.costs import bring
from yimei.insight.enums import BuildKind
from yimei.insight.queries import mart as served
from yimei.insight.queries.drill import drill
from yimei.insight.queries.figures import answer
from yimei.insight.rules.questions import parse
from yimei.people.models import Staff

pytestmark = pytest.mark.django_db
TABLE = (
    "类别,投放渠道,期间起,期间止,金额,依据,单据号,数量,单位,责任人\n"
    '广告,抖音,2026/5/1,2026年5月31日,"3,100.00",平台账单,DY-5,,,\n'
    "人力,,2026-05-01,2026-05-31,2.1万,工资表,,310,小时,{owner}\n"
    "房租,,二〇二六年五月一日,,12000,,,,,\n"
)


@pytest.fixture
def cashier() -> Staff:
    made: Staff = StaffFactory(role="cashier", name="唐雯")
    return made


def test_a_table_of_costs_is_taken_once_however_often_it_is_brought(cashier: Staff, now: datetime) -> None:
    text = TABLE.format(owner="唐雯")
    assert bring(text.encode("gbk"), name="支出.csv", by=cashier, now=now) == (3, 0)
    assert bring(text.encode(), name="支出.csv", by=cashier, now=now) == (0, 3)
    more = text + "药品,,2026-05-03,,88,,,,,\n"
    assert bring(more.encode(), name="支出.csv", by=cashier, now=now) == (1, 3)
    rent, wages = Cost.objects.get(account="rent"), Cost.objects.get(account="staff")
    assert (rent.starts_on, rent.ends_on, rent.origin) == (rent.ends_on, rent.starts_on, "estimate")
    assert (wages.amount, wages.quantity, wages.owner) == (Decimal(21000), Decimal(310), cashier)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("广告,,2026-05-01,,10,,,,,", "投放渠道"),
        ("房租,,2026-05-01,2026-04-01,10,,,,,", "早于起日"),
        ("房租,,2026-02-30,,10,,,,,", "期间起"),
        ("房租,,2026-05-01,,-10,,,,,", "金额"),
        ("收入,,2026-05-01,,10,,,,,", "类别"),
        ("人力,,2026-05-01,,10,,,8,,", "单位"),
        ("人力,,2026-05-01,,10,,,,,没有的人", "责任人"),
    ],
)
def test_one_wrong_line_keeps_the_whole_table_out_and_is_named(
    line: str, why: str, cashier: Staff, now: datetime
) -> None:
    text = TABLE.format(owner="") + line + "\n"
    with pytest.raises(RuleBroken) as refusal:
        bring(text.encode(), name="支出.csv", by=cashier, now=now)
    assert len(refusal.value.missing) == 1
    assert "第 5 行" in refusal.value.missing[0].what
    assert why in refusal.value.missing[0].what
    assert not Cost.objects.exists()


def test_a_file_of_another_kind_is_refused_in_words(cashier: Staff, now: datetime) -> None:
    for data, name in ((b"%PDF-1.7", "a.csv"), (b"", "a.csv"), ("姓名,电话\n王,1\n".encode(), "a.csv")):
        with pytest.raises(RuleBroken):
            bring(data, name=name, by=cashier, now=now)


def figure(code: str, by: Staff, now: datetime, since: str = "2026-05-01", until: str = "2026-05-31") -> Any:
    asked = {"m": code, "span": "own", "from": since, "to": until}
    return answer(parse(asked, today=now.date()), by=by).total.value


@pytest.mark.slow(reason="takes in two tables and builds the mart four times")
@pytest.mark.usefixtures("own_mart")
def test_the_ledger_counts_and_what_was_brought_only_where_it_is_silent(
    cashier: Staff, now: datetime
) -> None:
    analyst = StaffFactory(role="analyst", campus=cashier.campus)
    director = StaffFactory(role="director", campus=cashier.campus)
    taken("finance", FINANCE.replace("{campus}", cashier.campus.name), analyst, now)
    taken("market", MARKET, analyst, now)
    mart.build(now=now)
    before = served.ask("SELECT SUM(cost), (SELECT SUM(spend) FROM acquisition) FROM profit").rows[0]
    assert before == (Decimal(9000), Decimal(1500))
    for code in ("gross_margin", "margin", "ad_cost_share", "acquisition_cost", "cost_per_buyer", "roi"):
        assert figure(code, director, now) is None, "what only was spent is compared with nothing"
    made = ledger(cashier, now)
    assert mart.build(now=now).kind is BuildKind.INCREMENT
    grown = contents()
    mart.build(now=now, full=True)
    assert grown == contents()
    shares = served.ask("SELECT total, SUM(amount), COUNT(*) FROM cost GROUP BY total ORDER BY total").rows
    assert all(total == whole for total, whole, _days in shares), "to the fen"
    assert [days for _total, _whole, days in shares] == [31, 31, 31, 36, 31, 31]
    of_may = 1000 - int(100_000 * 16 / 36) / 100
    whole = Decimal("21000.01") + 3100 + 100
    assert figure("costs", director, now) == pytest.approx(float(whole) + of_may)
    assert figure("costs", director, now, "2026-05-10", "2026-05-10") == pytest.approx(808.42, abs=0.02)
    assert (figure("spend", director, now), figure("staff_hours", director, now)) == pytest.approx(
        (3100, 310)
    )
    spent = served.ask("SELECT SUM(spend) FROM acquisition").rows[0][0]
    assert spent == 3100 + 500, "Douyin as the ledger says, Baidu as it was brought"
    kept = served.ask("SELECT SUM(cost) FROM profit WHERE account = 'rent'").rows[0][0]
    assert kept == 9000, "the ledger has no rent in May"
    found = drill(parse({"m": "spend", "span": "365"}, today=now.date()), by=director)
    assert (found.counted, len(found.lines)) == (31, 1)
    assert "抖音" in found.lines[0].what
    costs.reverse(made[0].public_id, reason="平台退回", by=cashier, now=now)
    mart.build(now=now)
    spent = served.ask("SELECT SUM(spend) FROM acquisition").rows[0][0]
    assert spent == 1500, "taken back, so that what was brought counts again"


def test_figures_of_costs_are_for_readers_of_money_only(cashier: Staff) -> None:
    from yimei.insight.queries.rights import may_see
    from yimei.insight.rules.metrics import BY_CODE

    marketing = StaffFactory(role="marketing", campus=cashier.campus)
    assert may_see(BY_CODE["spend"], marketing)
    for code in ("costs", "staff_cost_share", "staff_hours", "margin"):
        assert not may_see(BY_CODE[code], marketing)
