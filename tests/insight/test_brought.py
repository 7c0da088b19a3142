"""Tables that were brought reach the mart with their source, and leave it with their import or person."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import shipped
from tests.factories.hospital import CampusFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.factories.ui import sign_in
from tests.insight.test_imports import again
from tests.insight.test_mart import contents
from yimei.core.models import Job
from yimei.insight.actions import imports, mart, rejects
from yimei.insight.actions.reports import drafts
from yimei.insight.enums import BuildKind
from yimei.insight.gateways import reader
from yimei.insight.holdings import erase_imported
from yimei.insight.models import ImportBatch, Pseudonym, RejectedRow
from yimei.insight.queries import mart as served
from yimei.insight.queries.dashboards import brought
from yimei.insight.queries.drill import drill
from yimei.insight.queries.figures import answer
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.imports.templates import TEMPLATES
from yimei.insight.rules.mart.brought import BROUGHT, RENAMED, facts_of
from yimei.insight.rules.questions import parse
from yimei.insight.rules.reports import content
from yimei.people.models import Staff
from yimei.privacy.actions import erasure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_mart")]

PATIENTS = "姓名,电话,性别,生日,来源,城市,首次到店,到店次数,消费金额\n" + "".join(
    f"客户{n},1380013{n:04d},女,1990-05-01,抖音,杭州,2026-03-{n % 28 + 1:02d},{n % 4 + 1},{n * 100}\n"
    for n in range(12)
)
FINANCE = (
    "日期,院区,类别,项目,金额,电话\n"
    + "".join(f"2026-05-{n % 28 + 1:02d},{{campus}},收入,双眼皮,1000,1380013{n:04d}\n" for n in range(12))
    + "2026-05-03,别处,退款,双眼皮,400,\n2026-05-04,{campus},房租,,9000,\n"
)
DAYS = (
    "日期,院区,预约数,到诊数,爽约数,手术台数\n2026-05-01,{campus},40,30,4,6\n2026-05-02,{campus},60,50,6,8\n"
)
MARKET = (
    "类型,日期,渠道,花费,曝光,点击,线索,院区\n"
    "广告,2026-05-01,抖音,1000,10000,200,10,{campus}\n"
    "广告,2026-05-02,百度,200,5000,50,5,{campus}\n"
    "广告,2026-05-03,百度,300,,,,{campus}\n"
)
MORE = (
    "钱四,13900139008,女,1990-05-01,抖音,杭州,2026-03-01,1,1\n赵三,1,女,1990-05-01,抖音,杭州,2026-03-01,1,1\n"
)


@pytest.fixture
def by() -> Staff:
    made: Staff = StaffFactory(role="analyst")
    return made


def taken(template: str, text: str, by: Staff, now: datetime) -> ImportBatch:
    batch = imports.receive(text.encode(), name="旧.csv", template=template, by=by, now=now)
    imports.check(batch.public_id, mapping=batch.mapping, by=by, now=now)
    imports.work(batch.public_id, now=now)
    imports.run(batch.public_id, by=by, now=now)
    imports.work(batch.public_id, now=now)
    return again(batch)


def figure(code: str, by: Staff, now: datetime) -> Any:
    asked = {"m": code, "span": "own", "from": "2026-01-01", "to": now.date().isoformat()}
    return answer(parse(asked, today=now.date()), by=by).total.value


def all_of(by: Staff, now: datetime) -> dict[str, ImportBatch]:
    name = by.campus.name
    return {
        template: taken(template, text.replace("{campus}", name), by, now)
        for template, text in (
            ("patient", PATIENTS), ("finance", FINANCE), ("operations", DAYS), ("market", MARKET),
        )
    }  # fmt: skip


def test_every_kept_column_of_a_template_has_a_place_in_a_fact() -> None:
    for template in TEMPLATES.values():
        kept = {column.name for column in template.columns if not column.identifies}
        there = {RENAMED.get(name, name) for table in facts_of(template.code) for name in table.names}
        assert kept <= there | {"campus", "procedure", "room", "staff", "channel", "index"}
        for table in facts_of(template.code):
            assert {RENAMED.get(name, name) for name in table.names} - {
                "row",
                "batch",
                "person",
                "is_filled",
            } <= kept
    assert len(BROUGHT) == 5


@pytest.mark.slow(reason="takes in four tables and builds the mart")
def test_rows_from_elsewhere_become_figures_with_their_source(by: Staff, now: datetime) -> None:
    known = PatientFactory(campus=by.campus, person__phone="+8613800130003")
    made, elsewhere = all_of(by, now), CampusFactory()
    mart.build(now=now)
    director: Staff = StaffFactory(role="director", campus=by.campus)
    said = {
        code: figure(code, director, now)
        for code in (
            "ext_customers", "ext_visits_mean", "ext_spent_mean", "ext_receipts", "ext_refund_rate",
            "ext_costs", "ext_bookings", "ext_no_show_rate", "ext_operations", "ad_spend", "ad_click_rate",
            "cost_per_lead", "acquisition_cost", "roi",
        )
    }  # fmt: skip
    # One person was refunded: not told. In the month of the spend nobody came first: compared with nothing.
    assert said == pytest.approx(
        {
            "ext_customers": 12, "ext_visits_mean": 2.5, "ext_spent_mean": 550, "ext_receipts": 11_600,
            "ext_refund_rate": None, "ext_costs": 9000, "ext_bookings": 100, "ext_no_show_rate": 0.1,
            "ext_operations": 14, "ad_spend": 1500, "ad_click_rate": 250 / 15_000, "cost_per_lead": 80,
            "acquisition_cost": None, "roi": None,
        }
    )  # fmt: skip
    assert Pseudonym.objects.get(patient=known)
    rows = served.ask(
        "SELECT DISTINCT r.customer, b.name FROM brought_receipt r JOIN batch b USING (batch)"
        " JOIN customer c USING (customer)"
    ).rows
    name = f"财务 {now:%Y-%m-%d} #{made['finance'].pk}"
    mine = served.ask("SELECT customer FROM customer").rows[0][0]
    assert rows == [(mine, name)], "whoever is known here bears one number in all tables"
    where = {row[0]: row[1] for row in served.ask("SELECT campus_name, campus FROM brought_receipt").rows}
    assert where[by.campus.name] == by.campus_id
    readers: list[Staff] = [StaffFactory(role="marketing", campus=one) for one in (by.campus, elsewhere)]
    told = [[figure(code, one, now) for code in ("ad_spend", "ext_customers")] for one in readers]
    assert told == [[1500, 0], [0, 0]], "a row that names its campus is told there, one without to the group"
    found = drill(parse({"m": "ext_costs", "span": "365"}, today=now.date()), by=by)
    assert (found.counted, found.lines[0].batch) == (1, made["finance"].public_id)
    assert "9000" in found.lines[0].what
    assert "房租" in found.lines[0].what, "in words, not in codes"
    assert_pages_tell_it_apart(director, now)
    reader.forget()
    assert "1380013" not in str(contents())


def assert_pages_tell_it_apart(director: Staff, now: datetime) -> None:
    """What was brought stands beneath what is our own, as far as each reader's right reaches."""
    today = now.date()
    shown = brought(READY["director"], by=director, today=today)
    assert [tile.question.metric.code for tile in shown] == [
        "ext_receipts", "ext_visits", "ext_operations", "ext_receipts", "ext_visits", "ext_receipts",
        "ext_operations",
    ], "of satisfaction nothing was brought"  # fmt: skip
    client = Client()
    sign_in(client, director)
    with time_machine.travel(now, tick=False):
        text = client.get(reverse("desk:insight-ready", args=["director"])).content.decode()
    assert '<div class="tiles tiles-3">' in text.split("从别的系统导入的数据")[1], "three numbers fill a row"
    assert '<p class="tile-value">80</p>' in text, "a sum of counts has no places"
    nurse: Staff = StaffFactory(role="aftercare", campus=director.campus)
    stranger: Staff = StaffFactory(role="aftercare")
    seen = {
        reader: [
            tile.answer.total.value
            for tile in brought(READY["service"], by=reader, today=today)
            if tile.answer
        ]
        for reader in (nurse, stranger)
    }
    assert seen == {nurse: [80, 0.1, 80], stranger: []}
    report = drafts.begin(
        "marketing-month",
        title="",
        starts_on=date(2026, 5, 1),
        last_day=date(2026, 5, 31),
        by=director,
        now=now,
    )
    titles = [page.title for page in content.read(report.versions.get().pages)]
    assert titles[-2:] == ["从别的系统导入的数据", "建议"]


@pytest.mark.long(reason="takes in four tables and builds the mart six times")
def test_increments_agree_with_a_whole_build_through_mending_undoing_and_erasing(
    by: Staff, now: datetime
) -> None:
    shipped.register(now)
    goes = PatientFactory(campus=by.campus, person__phone="+8613800130003")
    stays = PatientFactory(campus=by.campus, person__phone="+8613800130004")
    made = all_of(by, now)
    mart.build(now=now)
    assert len(contents()["brought_customer"]) == 12
    bad = taken("patient", PATIENTS + MORE, by, now)
    row = RejectedRow.objects.get(batch=bad)
    rejects.mend(row.public_id, cells={"phone": "13900139009"}, by=by, now=now)
    agree(now, customers=14, receipts=13)
    erasure.restrict(stays, now=now)
    agree(now, customers=13, receipts=12)
    erasure.lift(stays, now=now, by=by)
    before = Job.objects.filter(name="insight.mart.build").count()
    assert erase_imported(goes, now + timedelta(minutes=1)) == 2
    agree(now, customers=13, receipts=12)
    imports.undo(made["finance"].public_id, by=by, now=now)
    agree(now, customers=13, receipts=0)
    assert Job.objects.filter(name="insight.mart.build").count() >= before + 1


def agree(now: datetime, *, customers: int, receipts: int) -> None:
    """What the increment made is what a whole build makes."""
    assert mart.build(now=now).kind is BuildKind.INCREMENT
    grown = contents()
    assert mart.build(now=now, full=True).kind is BuildKind.FULL
    assert grown == contents()
    assert (len(grown["brought_customer"]), len(grown["brought_receipt"])) == (customers, receipts)


@pytest.mark.slow(reason="builds the mart three times")
def test_of_several_imports_one_build_brings_all_and_what_is_taken_back_asks_for_another(
    by: Staff, now: datetime
) -> None:
    made = all_of(by, now)
    assert mart.follow(now=now)
    assert mart.follow(now=now) is None, "a build that began later holds them all"
    imports.undo(made["finance"].public_id, by=by, now=now)
    assert mart.follow(now=now)
    assert len(contents()["brought_receipt"]) == 0


@pytest.mark.slow(reason="builds the mart twice")
def test_whoever_looked_up_a_version_that_was_replaced_reads_the_newer(by: Staff, now: datetime) -> None:
    mart.build(now=now)
    looked_up = served.path()
    PatientFactory(campus=by.campus)
    mart.build(now=now)
    assert not looked_up.exists()
    assert reader.run(looked_up, "SELECT COUNT(*) FROM customer").rows[0][0] == 1
    with pytest.raises(reader.faults()):
        reader.run(served.path().parent / "of-another-house" / "v1", "SELECT 1")


@pytest.mark.slow(reason="builds the mart twice")
def test_records_beside_a_version_that_goes_in_between_are_read_of_the_newer(
    by: Staff, now: datetime
) -> None:
    mart.build(now=now)
    looked_up, tried = served.path(), []

    def count(con: Any, base: Path) -> tuple[int, int]:
        """Another process builds between the figure and its records."""
        (figure,) = con.execute("SELECT COUNT(*) FROM served.customer").fetchone()
        if not tried:
            PatientFactory(campus=by.campus)
            mart.build(now=now)
        tried.append(base)
        (records,) = con.execute(f"SELECT COUNT(*) FROM read_parquet('{base}/customer.parquet')").fetchone()
        return figure, records

    assert reader.beside_base(looked_up, count) == (1, 1)
    assert [base.parent for base in tried] == [looked_up, served.path()]


@pytest.mark.slow(reason="takes in a table and builds the mart")
def test_rows_of_another_kind_make_no_group_of_their_own(by: Staff, now: datetime) -> None:
    """A trend has no channel and an ad no competitor: that is nothing somebody left out."""
    text = (
        "类型,日期,渠道,花费,项目,指数,竞品机构,竞品价格\n广告,2026-05-01,抖音,1000,,,,\n"
        "广告,2026-05-02,百度,500,,,,\n趋势,2026-05-01,,,双眼皮,80,,\n竞品,2026-05-01,,,双眼皮,,示范丙,5800\n"
    )
    assert taken("market", text, by, now).accepted == 4
    mart.build(now=now)
    span = {"span": "own", "from": "2026-05-01", "to": "2026-05-03"}
    for code, dim, groups in (("ad_spend", "ad_channel", 2), ("competitor_price", "competitor", 1)):
        asked = parse({"m": code, **span, "by1": dim}, today=now.date())
        told = [cell.keys[0] for cell in answer(asked, by=by).cells]
        assert len(told) == groups
        assert None not in told
        assert drill(asked, by=by).counted == groups, "no record of another kind is counted"
