"""The screens of figures: what each role sees, how a question travels, what leaves the house and how."""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.hospital import CampusFactory
from tests.factories.journey import TEN, BookingFactory
from tests.factories.marts import with_mart
from tests.factories.people import StaffFactory
from tests.factories.ui import sign_in
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.models import Job
from yimei.insight.actions import mart
from yimei.insight.enums import BuildKind
from yimei.insight.gateways import reader
from yimei.insight.models import AnsweredQuestion, Build, Dashboard, Tile
from yimei.insight.queries import figures
from yimei.insight.queries.dashboards import tiles
from yimei.insight.queries.figures import answer
from yimei.insight.rules.dashboards import READY
from yimei.insight.rules.questions import parse
from yimei.people.models import Staff
from yimei.privacy.models import Export

pytestmark = pytest.mark.django_db
NOON = TEN + timedelta(hours=2)
EXPLORE = reverse("desk:insight-explore")


@pytest.fixture(autouse=True)
def own_mart(tmp_path: Path, settings: Any) -> Iterator[None]:
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    with time_machine.travel(NOON, tick=False):
        yield
    reader.forget()
    figures.forget()


@pytest.fixture
def crowd() -> Staff:
    """Twelve who came from Douyin and three by telephone, on two campuses; the director of one."""

    def built() -> Staff:
        here, there = CampusFactory(), CampusFactory()
        for number in range(15):
            campus = there if number < 2 else here
            source = "phone" if number > 11 else "douyin"
            came_by = {"case__patient__campus": campus, "case__patient__source": source}
            BookingFactory(arrived=True, starts_at=TEN - timedelta(days=number + 1), **came_by)
        mart.build(now=NOON)
        return StaffFactory(role="director", campus=here, name="郭院长")

    return with_mart(built, __name__, "crowd")


def page(staff: Staff, url: str) -> str:
    client = Client()
    sign_in(client, staff)
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


@pytest.mark.slow(reason="makes fifteen customers, a mart and every ready page")
def test_every_ready_page_opens_and_hides_the_few(crowd: Staff) -> None:
    for code in READY:
        text = page(crowd, reverse("desk:insight-ready", args=[code]))
        assert 5 <= text.count('class="card tile') <= len(READY[code].tiles) >= 10, code
        assert "tile-full" not in text or text.count("tile-wide") % 2, "none stands alone beside a gap"
        assert (
            text.count("少于 10 人") == text.count("少于 10 人的数字，以及能推算出它们的数字，不显示。") == 1
        ), code
    marketing = StaffFactory(role="marketing", campus=crowd.campus)
    client = Client()
    sign_in(client, marketing)
    assert client.get(reverse("desk:insight-ready", args=["finance"])).status_code == 404
    assert client.get(f"{EXPLORE}?m=net_receipts").status_code == 404


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_a_question_lives_in_its_address(crowd: Staff) -> None:
    text = page(crowd, f"{EXPLORE}?m=visits&by1=source&span=30&vs=previous&c=bar")
    assert '<option value="visits" selected>' in text
    assert '<option value="source" selected>' in text
    assert "为保护隐私不显示" in text
    assert "不能画图" in text, "three by telephone hide the twelve beside them"
    assert "data-ym-chart" in page(crowd, f"{EXPLORE}?m=visits&by1=month&span=30")
    assert "到诊人次" in text
    odd = "m=nothing&by1=evil&span=9&c=x&f.source=%27%3B--&f.campus=abc&f.room=99999999999999999999&from=x"
    assert "到诊人次" in page(crowd, f"{EXPLORE}?{odd}")
    for chart in ("pie", "funnel", "table", "histogram", "box", "scatter"):
        assert page(crowd, f"{EXPLORE}?m=visits&by1=source&span=30&c={chart}")
    for chart in ("histogram", "box"):
        shown = page(crowd, f"{EXPLORE}?m=visits&span=30&c={chart}&x=hour")
        assert "图中的数字" in shown, chart
        assert '<tr><td class="nowrap">' in shown, "the name of a group stands on one line on a telephone"
    assert "不能画图" in page(crowd, f"{EXPLORE}?m=visits&by1=source&by2=sex&c=sankey&span=30&f.source=phone")
    for pair in ("by1=weekday&by2=hour&c=heat", "by1=source&by2=sex&c=sankey", "by1=day&c=calendar"):
        assert page(crowd, f"{EXPLORE}?m=visits&{pair}&span=30")


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_a_campus_sees_its_own_figures(crowd: Staff) -> None:
    marketing = StaffFactory(role="marketing", campus=crowd.campus)
    whole, own = page(crowd, f"{EXPLORE}?m=visits&span=30"), page(marketing, f"{EXPLORE}?m=visits&span=30")
    assert '<span class="tile-value">15</span>' in whole
    assert '<span class="tile-value">13</span>' in own


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_a_figure_leads_to_the_records_the_reader_may_open(crowd: Staff) -> None:
    rows = reverse("desk:insight-rows")
    text = page(crowd, f"{rows}?m=visits&span=30&f.source=phone")
    assert text.count("<tr>") == 4
    analyst = page(StaffFactory(role="analyst"), f"{rows}?m=visits&span=30")
    assert "不能打开这些记录" in analyst
    assert "计入 15 行" in analyst


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_figures_leave_with_a_purpose_and_a_line_in_the_log(crowd: Staff) -> None:
    client = Client()
    sign_in(client, crowd)
    asked = {"question": "m=visits&by1=source&span=30", "shape": "xlsx", "purpose": "meeting"}
    url = reverse("desk:insight-download")
    response = client.post(url, asked)
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    assert [row[1] for row in sheet.iter_rows(values_only=True)][-1] == 15
    assert "为保护隐私不显示" in [row[1] for row in sheet.iter_rows(values_only=True)]
    entry = Entry.objects.filter(action="insight.figures.downloaded").latest("seq")
    assert (entry.purpose, entry.detail["metric"]) == ("meeting", "visits")
    kept = Export.objects.get()
    assert (kept.kind, kept.source, kept.sha256) == (
        "figures",
        "visits",
        hashlib.sha256(response.content).hexdigest(),
    )
    officer = Client()
    sign_in(officer, StaffFactory(role="privacy"))
    assert "汇总数据" in officer.get(reverse("desk:exports")).content.decode()
    assert client.post(url, asked | {"shape": "csv"}).content.startswith(b"\xef\xbb\xbf")
    assert client.post(url, asked | {"purpose": ""}).status_code == 422


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_a_page_of_ones_own_is_shared_with_a_role_and_shows_each_reader_his_own(crowd: Staff) -> None:
    client = Client()
    sign_in(client, crowd)
    pin = {"question": "m=visits&span=30", "title": "到诊", "page": "", "name": "晨会"}
    client.post(reverse("desk:insight-pin"), pin)
    client.post(
        reverse("desk:insight-pin"),
        pin | {"question": "m=net_receipts", "page": str(Dashboard.objects.get().public_id)},
    )
    board = Dashboard.objects.get()
    assert [tile.position for tile in board.tiles.all()] == [0, 1]
    marketing = StaffFactory(role="marketing", campus=crowd.campus)
    other = Client()
    sign_in(other, marketing)
    url = reverse("desk:insight-mine", args=[board.public_id])
    assert other.get(url).status_code == 404
    client.post(reverse("desk:insight-share", args=[board.public_id]), {"roles": ["marketing"]})
    text = other.get(url).content.decode()
    assert '<p class="tile-value">13</p>' in text
    assert "您没有查看这个指标的权限" in text
    tile = Tile.objects.first()
    assert tile
    assert other.post(reverse("desk:insight-unpin", args=[tile.public_id])).status_code == 404
    assert other.post(reverse("desk:insight-share", args=[board.public_id]), {"roles": []}).status_code == 404
    client.post(reverse("desk:insight-unpin", args=[tile.public_id]))
    client.post(reverse("desk:insight-remove", args=[board.public_id]))
    assert not Dashboard.objects.exists()


def test_before_the_first_mart_one_is_asked_for(client: Client) -> None:
    sign_in(client, StaffFactory(role="director"))
    assert "正在建立" in client.get(reverse("desk:insight")).content.decode()
    assert "正在建立" in client.get(EXPLORE).content.decode()
    assert Job.objects.filter(name="insight.mart.build").count() == 1


@pytest.mark.slow(reason="builds a mart twice")
def test_a_mart_of_an_older_shape_is_not_read_but_built_anew(client: Client) -> None:
    BookingFactory(arrived=True, starts_at=TEN - timedelta(days=3))
    mart.build(now=NOON)
    shelf = mart.store()
    assert shelf.current
    told = json.loads((shelf.current / "manifest.json").read_text("utf-8"))
    (shelf.current / "manifest.json").write_text(json.dumps(told | {"shape": told["shape"] - 1}), "utf-8")
    sign_in(client, StaffFactory(role="director"))
    for url in (reverse("desk:insight"), EXPLORE, reverse("desk:insight-statistics")):
        assert "正在建立" in client.get(url).content.decode(), url
    assert jobs.run_waiting() == 1
    text = client.get(reverse("desk:insight")).content.decode()
    assert ("正在建立" in text, 'class="tiles ' in text) == (False, True)
    assert Build.objects.filter(kind=BuildKind.FULL).count() == 2


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_no_page_hands_out_what_was_not_hidden(crowd: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the hiding itself at fault, the gate behind it refuses: on a page, in a tile, as a file."""
    monkeypatch.setattr(figures, "hidden_in_any", lambda parts: frozenset())
    client = Client()
    sign_in(client, crowd)
    refused = client.get(f"{EXPLORE}?m=visits&by1=source&span=90")
    assert refused.status_code == 422
    assert "不能放行" in refused.content.decode()
    one = replace(READY["director"], tiles=("m=visits&by1=source&span=90", "m=visits&span=90"))
    refused_tile, other = tiles(one, by=crowd, today=NOON.date())
    assert (refused_tile.answer, "不能放行" in refused_tile.refused) == (None, True)
    assert other.answer is not None, "the others stand"
    with pytest.raises(RuleBroken, match="不能放行"):
        answer(parse({"m": "visits", "by1": "source", "span": "90"}, today=NOON.date()), by=crowd)


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_a_page_asks_of_more_people_at_a_time_where_its_own_question_shows_too_few(crowd: Staff) -> None:
    asked = ("m=visits&by1=week&c=bar&span=30", "m=visits&by1=source&c=bar&span=730", "m=visits&span=30")
    analyst: Staff = StaffFactory(role="analyst")
    weeks, sources, number = tiles(replace(READY["director"], tiles=asked), by=analyst, today=NOON.date())
    assert weeks.answer is not None
    assert weeks.question.by[0].code == "month", "in no week were ten"
    assert [cell.value for cell in weeks.answer.cells] == [15]
    assert sources.answer is not None
    assert (sources.question.query(), sources.answer.hidden_count, sources.answer.total.value) == (
        "m=visits&c=bar&span=730&by1=source", 2, 15,
    )  # fmt: skip
    assert number.question.span == "30", "what is shown is not asked anew"
    told = [row.question for row in AnsweredQuestion.objects.filter(by=analyst)]
    assert told, "an analyst is watched"
    assert not any("by1=week" in text for text in told), "what was tried is not told"
    few = replace(READY["service"], tiles=("m=visits&by1=week&c=bar&span=30",))
    nurse: Staff = StaffFactory(role="aftercare", campus=crowd.campus)
    (own,) = tiles(few, by=nurse, today=NOON.date())
    assert own.answer is not None
    assert own.answer.total.value == 13, "her campus, on the page of her own work"


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_a_tile_of_which_no_group_is_shown_says_its_total(crowd: Staff) -> None:
    client = Client()
    sign_in(client, crowd)
    pin = {"question": "m=visits&by1=source&c=bar&span=30", "title": "", "page": "", "name": "晨会"}
    text = client.post(reverse("desk:insight-pin"), pin, follow=True).content.decode()
    assert '<p class="tile-value">15</p>' in text
    assert "拆开后各组人数过少" in text
    assert "data-ym-chart=" not in text


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_charts_that_fold_into_the_same_total_say_it_once(
    crowd: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (
        "m=visits&by1=source&c=bar&span=365",
        "m=visits&by1=source&c=pie&span=365",
        "m=visits&c=number&span=90",
        "m=visits&by1=month&c=line&span=365",
        "m=complication_rate&c=number&span=365",
        "m=complication_rate&by1=category&c=bar&span=730",
    )
    monkeypatch.setitem(READY, "director", replace(READY["director"], tiles=asked))
    text = page(crowd, reverse("desk:insight-ready", args=["director"]))
    assert text.count("拆开后各组人数过少") == 1, "a bar chart and a pie of the same fifteen"
    assert text.count('<p class="tile-value">15</p>') == 2, "of 90 days, and of a year"
    assert 'class="tiles tiles-4"' in text


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_a_map_of_nobody_placed_says_so(crowd: Staff) -> None:
    asked = "m=new_customers&by1=province&c=map&span=730"
    text = page(crowd, f"{EXPLORE}?{asked}")
    assert "都没有登记省份，画不了地图：新客数 15。" in text
    assert "这段时间没有数据" not in text


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_whoever_may_not_open_records_is_not_told_of_few(crowd: Staff) -> None:
    analyst: Staff = StaffFactory(role="analyst")
    rows = reverse("desk:insight-rows")
    assert "不足 10 人，不显示行数" in page(analyst, f"{rows}?m=visits&span=90&f.source=phone")
    assert "计入 12 行" in page(analyst, f"{rows}?m=visits&span=90&f.source=douyin")


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_an_analyst_asks_in_sql_and_reads_no_names(crowd: Staff) -> None:
    client = Client()
    sign_in(client, StaffFactory(role="analyst"))
    url = reverse("desk:insight-sql")
    assert client.get(url).status_code == 200
    text = client.post(
        url, {"text": "SELECT source, COUNT(*) AS n FROM booking GROUP BY source"}
    ).content.decode()
    assert "douyin" in text
    assert "phone" not in text.split("<tbody>")[1].split("</tbody>")[0], "three people are too few"
    assert "还可运行 59 次" in text
    for refused in ("DROP TABLE booking", "SELECT * FROM booking", "SELECT MAX(spent) FROM customer"):
        assert client.post(url, {"text": refused}).status_code == 422
    assert Entry.objects.filter(action="insight.sql.run").count() == 1
    by_staff = client.get(f"{EXPLORE}?m=visits&by1=staff&span=30").content.decode()
    names = [one.name for one in Staff.objects.filter(role__code="consultant")]
    assert not any(re.search(rf"{name}(?!\d)", by_staff) for name in names), (
        "nor 员工3 in the reader's own 员工32"
    )
    director = Client()
    sign_in(director, crowd)
    assert director.get(url).status_code == 404


@pytest.mark.slow(reason="makes fifteen customers and a mart, and loads the statistics")
def test_statistics_answer_or_say_why_not(crowd: Staff) -> None:
    client = Client()
    sign_in(client, crowd)
    url = reverse("desk:insight-statistics")
    assert client.get(url).status_code == 200
    few = client.get(f"{url}?go=on&kind=compare&fact=booking&span=365&outcome=lead_days&group=source")
    assert few.status_code == 422
    assert "各不少于 10 人" in few.content.decode()
    fit = client.get(f"{url}?go=on&kind=correlate&fact=booking&span=365&outcome=hour&predictors=weekday")
    assert "没有变化" in fit.content.decode()
    line = client.get(f"{url}?go=on&kind=regress&fact=booking&span=365&outcome=lead_days&predictors=weekday")
    assert line.status_code == 200
    assert "线性回归" in line.content.decode()
    assert client.get(f"{url}?go=on&kind=revisit&span=365&group=kind").status_code == 200


def test_the_dictionary_names_every_figure_the_reader_may_see(client: Client) -> None:
    sign_in(client, StaffFactory(role="marketing"))
    text = client.get(reverse("desk:insight-dictionary")).content.decode()
    assert "到诊率" in text
    assert "?m=visits" in text
    assert "?m=net_receipts" not in text


@pytest.mark.parametrize("role", ["reception", "consultant", "surgeon", "cashier", "admin"])
def test_others_find_nothing_there(client: Client, role: str, now: datetime) -> None:
    sign_in(client, StaffFactory(role=role))
    for name in ("insight", "insight-explore", "insight-statistics", "insight-sql", "insight-dictionary"):
        assert client.get(reverse(f"desk:{name}")).status_code == 404


@pytest.mark.parametrize(
    ("role", "mine", "others"),
    [("aftercare", "service", "finance"), ("cashier", "finance", "service")],
)
def test_a_desk_sees_the_page_of_its_own_work_and_nothing_beside(
    crowd: Staff, client: Client, role: str, mine: str, others: str
) -> None:
    staff: Staff = StaffFactory(role=role, campus=crowd.campus)
    text = page(staff, reverse("desk:insight-own"))
    assert f"<h1>{READY[mine].words}" in text.replace(' class="page-title"', "")
    assert EXPLORE not in text
    sign_in(client, staff)
    for url in (
        reverse("desk:insight"),
        EXPLORE,
        reverse("desk:insight-ready", args=[others]),
        reverse("desk:insight-ready", args=["director"]),
        reverse("desk:insight-rows") + "?m=net_receipts",
    ):
        assert client.get(url).status_code == 404
    with pytest.raises(NotFound):
        answer(parse({"m": "net_receipts"}, today=NOON.date()), by=staff, page=READY[mine])


@pytest.mark.slow(reason="makes fifteen customers and a mart")
def test_days_of_ones_own_stay_as_they_are_however_often_the_form_is_sent(crowd: Staff) -> None:
    asked = {"m": "visits", "span": "own", "from": "2026-05-01", "to": "2026-05-31"}
    shown = page(crowd, f"{EXPLORE}?{'&'.join(f'{name}={value}' for name, value in asked.items())}")
    assert "2026-05-01 – 2026-05-31" in shown
    assert 'name="to" value="2026-05-31"' in shown
    assert 'name="from" value="2026-05-01"' in shown
