# ruff: noqa: E501
"""Reports through their actions: begun, edited by two, signed for good, shared, discussed, written by themselves."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from tests.factories.hospital import CampusFactory
from tests.factories.journey import TEN, BookingFactory
from tests.factories.marts import with_mart
from tests.factories.people import RoleFactory, StaffFactory
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.insight import tasks
from yimei.insight.actions import mart
from yimei.insight.actions.reports import drafts, releases, schedules, sharing, signing, talk
from yimei.insight.enums import BlockKind, Cadence, DownloadPurpose, ReportShape, ReportStatus
from yimei.insight.gateways import reader
from yimei.insight.models import Report, ReportComment, ReportLink
from yimei.insight.queries import figures
from yimei.insight.queries.reports import reports
from yimei.insight.rules.metrics.metric import Need
from yimei.insight.rules.questions import parse
from yimei.insight.rules.reports import content
from yimei.insight.rules.reports.content import Block, Item, Page, Pages
from yimei.outbox.models import Notification
from yimei.people.models import Role, Staff
from yimei.privacy.models import Export

pytestmark = pytest.mark.django_db
slow = pytest.mark.slow(reason="makes thirty customers and a mart")
MAY = {"starts_on": date(2026, 5, 1), "last_day": date(2026, 5, 31)}
NOW = TEN + timedelta(hours=2)


@pytest.fixture(autouse=True)
def own_mart(tmp_path: Path, settings: Any) -> Iterator[None]:
    reader.forget()
    figures.forget()
    settings.VAR_DIR = tmp_path
    yield
    reader.forget()
    figures.forget()


@pytest.fixture
def director() -> Staff:
    """The director of a house in which nothing happened yet; roles that a report may go to."""

    def built() -> Staff:
        for role in ("marketing", "surgeon", "analyst"):
            RoleFactory(code=role)
        mart.build(now=NOW)
        return StaffFactory(role="director", name="郭院长")

    return with_mart(built, __name__, "director")


@pytest.fixture
def busy(director: Staff) -> Staff:
    """Twenty came in May, twelve of them from Douyin; twelve in April."""

    def built() -> None:
        for number in range(32):
            month = 5 if number < 20 else 4
            at = datetime.fromisoformat(f"2026-{month:02d}-{number % 20 + 3:02d}T10:00:00+08:00")
            came_by = {"campus": director.campus, "source": "douyin" if number % 20 < 12 else "phone"}
            came_by = {f"case__patient__{name}": value for name, value in came_by.items()}
            BookingFactory(arrived=True, starts_at=at, **came_by)
        mart.build(now=NOW)

    with_mart(built, __name__, "busy")
    figures.forget()
    return director


def begin(by: Staff, template: str = "week", **changes: Any) -> Report:
    return drafts.begin(template, title="", **{**MAY, **changes}, by=by, now=NOW)


def pages_of(report: Report) -> Pages:
    return content.read(reports.last_version(report).pages)


def text_page(text: str) -> Pages:
    return (Page("一", (Block(BlockKind.TEXT, text=text), Block(BlockKind.NUMBERS, metrics=("visits",)))),)


def save(report: Report, by: Staff, pages: Pages, base: int = 1) -> None:
    asked = {"title": report.title, "pages": pages, "readers": ["director", "marketing"]}
    drafts.save(report.public_id, base=base, **asked, by=by, now=NOW)  # type: ignore[arg-type]


@slow
def test_a_report_begins_with_its_figures(busy: Staff) -> None:
    report = begin(busy)
    assert report.title == "经营周报 · 2026 年 5 月"
    assert report.campus is None
    document = reports.document(report, by=busy, now=NOW)
    numbers = {one.title: one for one in document.numbers}
    assert (numbers["到诊人次"].value, numbers["到诊人次"].before) == (20, 12)
    said = " ".join(
        line
        for sheet in document.sheets
        for part in sheet.parts
        for one in part.findings
        for line in one.sentences
    )
    assert "较上期（2026 年 4 月）的 12 变化 +8" in said
    assert "在偶然波动范围内" in said


@slow
def test_small_cells_stay_hidden_in_every_part(busy: Staff) -> None:
    """Eight came by telephone: neither a bar, nor a row, nor a sentence may say so, nor may the total."""
    report = begin(busy)
    pages = (
        Page(
            "一",
            (
                Block(BlockKind.FIGURE, question="m=visits&by1=source&c=bar"),
                Block(BlockKind.FINDINGS, metrics=("visits",)),
            ),
        ),
    )
    save(report, busy, pages)
    document = reports.document(Report.objects.get(), by=busy, now=NOW)
    figure = document.figures[0]
    assert figure.series == []
    assert all(value is None for row in figure.rows for value in row[1:])
    assert "电话" not in json.dumps(
        [one.sentences for s in document.sheets for p in s.parts for one in p.findings], ensure_ascii=False
    )


@slow
def test_a_week_of_nobody_beside_hidden_ones_is_no_chart(busy: Staff) -> None:
    """Twenty came, never ten in a week: a line of the week to which nobody came would say less than their total."""
    late = datetime.fromisoformat("2026-05-28T10:00:00+08:00")
    BookingFactory(starts_at=late, case__patient__campus=busy.campus)
    mart.build(now=NOW)
    figures.forget()
    report = begin(busy)
    question = Block(BlockKind.FIGURE, question="m=visits&by1=week&c=line")
    save(report, busy, (Page("一", (question,)),))
    document = reports.document(Report.objects.get(), by=busy, now=NOW)
    part = document.sheets[0].parts[0]
    assert part.says == ["拆开后各组人数过少，不分组显示。", "不拆开为 20。"]
    assert (document.figures[0].series, document.figures[0].rows) == ([], [])


def test_of_two_editors_the_later_is_told(director: Staff) -> None:
    report, other = begin(director), StaffFactory(role="analyst", name="林澈")
    save(report, other, text_page("林澈写的"))
    with pytest.raises(Conflict, match="林澈 已于"):
        save(report, director, text_page("院长写的"))
    assert "林澈写的" in str(reports.last_version(report).pages)
    save(report, director, text_page("院长写的"), base=2)
    assert report.versions.count() == 3


@pytest.mark.parametrize("evil", ["她的电话 13812345678 打过了", "身份证 110101199003074477"])
def test_no_words_of_a_report_lead_to_a_person(director: Staff, evil: str) -> None:
    report = begin(director)
    with pytest.raises(RuleBroken, match="可识别个人"):
        save(report, director, text_page(evil))
    with pytest.raises(RuleBroken, match="可识别个人"):
        talk.comment(report.public_id, evil, about="", mentions=[], by=director, now=NOW)
    assert report.versions.count() == 1
    assert not ReportComment.objects.exists()


def test_rights_decide_who_sees_and_writes(director: Staff) -> None:
    report = begin(director, "director-month")
    assert report.needs_finance
    marketing = StaffFactory(role="marketing", campus=director.campus)
    surgeon = StaffFactory(role="surgeon", campus=director.campus)
    with pytest.raises(RuleBroken, match="收入"):
        begin(marketing, "director-month")
    for stranger in (marketing, surgeon):
        assert not Report.objects.visible_to(stranger).exists()
        with pytest.raises(NotFound):
            signing.sign(report.public_id, by=stranger, now=NOW)
    own = begin(marketing)
    assert own.campus == director.campus
    with pytest.raises(RuleBroken, match="权限"):
        save(own, marketing, (Page("一", (Block(BlockKind.NUMBERS, metrics=("net_receipts",)),)),))
    elsewhere = StaffFactory(role="marketing", campus=CampusFactory())
    assert not Report.objects.visible_to(elsewhere).filter(pk=own.pk).exists()
    assert Report.objects.visible_to(StaffFactory(role="analyst")).count() == 2


@slow
def test_what_is_signed_never_changes_again(busy: Staff) -> None:
    report = begin(busy)
    report.readers.add(RoleFactory(code="director"))
    signing.sign(report.public_id, by=busy, now=NOW)
    report.refresh_from_db()
    assert report.status == ReportStatus.SIGNED
    assert report.sha256 == hashlib.sha256(report.content.encode()).hexdigest()
    _row, pdf = releases.release(
        report.public_id, shape=ReportShape.PDF, purpose=DownloadPurpose.MEETING, by=busy, now=NOW
    )
    assert hashlib.sha256(pdf).hexdigest() == report.file_sha256
    BookingFactory(arrived=True, starts_at=datetime.fromisoformat("2026-05-04T12:00:00+08:00"))
    mart.build(now=NOW + timedelta(hours=1))
    figures.forget()
    assert {
        one.value for one in reports.document(report, by=busy, now=NOW).numbers if one.title == "到诊人次"
    } == {20}
    for again in (
        lambda: signing.sign(report.public_id, by=busy, now=NOW),
        lambda: save(report, busy, text_page("x")),
        lambda: drafts.advise(report.public_id, by=busy, now=NOW),
    ):
        with pytest.raises(RuleBroken, match="冻结"):
            again()
    for changed in ({"content": "{}"}, {"title": "x"}, {"status": "draft"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**changed)
    with pytest.raises(IntegrityError), transaction.atomic():
        report.versions.update(pages={})


@slow
def test_a_file_leaves_by_the_gate_and_is_in_the_ledger(busy: Staff) -> None:
    report = begin(busy)
    for shape in ReportShape:
        _row, data = releases.release(
            report.public_id, shape=shape, purpose=DownloadPurpose.MEETING, by=busy, now=NOW
        )
        line = Export.objects.latest("pk")
        assert (line.source, line.query["shape"]) == ("report:week", shape.value)
        assert line.sha256 == hashlib.sha256(data).hexdigest()
    assert Entry.objects.filter(action="insight.report.downloaded").count() == len(ReportShape)
    with pytest.raises(NotFound):
        releases.release(
            report.public_id, shape=ReportShape.PDF, purpose=DownloadPurpose.MEETING,
            by=StaffFactory(role="surgeon"), now=NOW,
        )  # fmt: skip


def signed(busy: Staff, template: str = "week") -> Report:
    report = begin(busy, template)
    return signing.sign(report.public_id, by=busy, now=NOW)


def test_a_link_opens_for_its_roles_until_it_ends(director: Staff) -> None:
    draft, report = begin(director), signed(director)
    with pytest.raises(RuleBroken, match="草稿不能共享"):
        sharing.share(draft.public_id, roles=["surgeon"], days=7, by=director, now=NOW)
    wide = {"is_for_campuses": True, "reason": " 全院手术质量会 "}
    _report, secret = sharing.share(report.public_id, roles=["surgeon"], days=7, by=director, now=NOW, **wide)
    link = ReportLink.objects.get()
    assert secret not in (link.secret_hash, str(link.pk))
    assert Entry.objects.get(action="insight.report.shared").reason == link.reason == "全院手术质量会"
    surgeon, nurse = StaffFactory(role="surgeon"), StaffFactory(role="nurse")
    assert sharing.open_shared(secret, by=surgeon, now=NOW) == report
    assert ReportLink.objects.get().opened == 1
    assert Entry.objects.filter(action="insight.report.opened", actor=surgeon.public_id).exists()
    late = NOW + timedelta(days=7)
    for who, word, when in (
        (nurse, secret, NOW),
        (surgeon, secret, late),
        (surgeon, "guess" * 8, NOW),
        (director, "", NOW),
    ):
        with pytest.raises(NotFound):
            sharing.open_shared(word, by=who, now=when)
    sharing.take_back(link.public_id, by=director, now=NOW)
    with pytest.raises(NotFound):
        sharing.open_shared(secret, by=surgeon, now=NOW)
    with pytest.raises(NotFound):
        sharing.take_back(link.public_id, by=nurse, now=NOW)


def test_no_link_reaches_beyond_a_readers_campus_unless_somebody_who_sees_all_says_why(
    director: Staff,
) -> None:
    whole = signed(director)
    for how, refusal in (
        ({}, "只看本院区"),
        ({"is_for_campuses": True, "reason": "  "}, "请写明为什么"),
        ({"is_for_campuses": True, "reason": "长" * 201}, "最多 200 字"),
        ({"is_for_campuses": True, "reason": "她的电话 13812345678"}, "可识别个人"),
    ):
        with pytest.raises(RuleBroken, match=refusal):
            sharing.share(whole.public_id, roles=["marketing"], days=7, by=director, now=NOW, **how)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportLink.objects.create(
            report=whole, secret_hash="x", by=director, at=NOW, expires_at=TEN.replace(year=2030),
            is_for_campuses=True,
        )  # fmt: skip
    analyst: Staff = StaffFactory(role="analyst", campus=CampusFactory(name="江北院区"))
    _report, secret = sharing.share(whole.public_id, roles=["analyst"], days=7, by=director, now=NOW)
    assert sharing.open_shared(secret, by=analyst, now=NOW) == whole
    analyst.role.grants.filter(permission="insight.view").update(scope="campus")
    narrowed = Staff.objects.get(pk=analyst.pk)
    with pytest.raises(
        RuleBroken, match="算的是「全集团」的数字，您能看的是「江北院区」：请向分享人郭院长要"
    ):
        sharing.open_shared(secret, by=narrowed, now=NOW)
    writer: Staff = StaffFactory(role="marketing", campus=director.campus)
    own = begin(writer)
    signing.sign(own.public_id, by=director, now=NOW)
    with pytest.raises(RuleBroken, match="只有看全集团数字的人"):
        sharing.share(
            own.public_id, roles=["marketing"], days=7, by=writer, now=NOW, is_for_campuses=True, reason="x"
        )
    _report, secret = sharing.share(own.public_id, roles=["marketing"], days=7, by=writer, now=NOW)
    assert sharing.open_shared(secret, by=StaffFactory(role="marketing", campus=director.campus), now=NOW)
    with pytest.raises(RuleBroken, match="您能看的是「江北院区」"):
        sharing.open_shared(secret, by=StaffFactory(role="marketing", campus=analyst.campus), now=NOW)
    assert [link.opened for link in ReportLink.objects.order_by("pk")] == [1, 1]


def test_no_link_shows_a_role_what_it_may_not_see(director: Staff) -> None:
    report = signed(director, "director-month")
    for role in ("surgeon", "marketing"):
        with pytest.raises(RuleBroken, match="查看收入指标"):
            sharing.share(report.public_id, roles=[role], days=7, by=director, now=NOW)
    assert "surgeon" not in [role.code for role in reports.roles_for(report)]
    _report, secret = sharing.share(report.public_id, roles=["analyst"], days=7, by=director, now=NOW)
    analyst: Staff = StaffFactory(role="analyst")
    assert sharing.open_shared(secret, by=analyst, now=NOW) == report
    analyst.role.grants.filter(permission="insight.finance").delete()
    with pytest.raises(RuleBroken, match="现在无权看"):
        sharing.open_shared(secret, by=Staff.objects.get(pk=analyst.pk), now=NOW)
    for days in (0, 91):
        with pytest.raises(RuleBroken, match="90 天"):
            sharing.share(report.public_id, roles=["analyst"], days=days, by=director, now=NOW)


def test_whoever_is_spoken_to_is_told_and_nobody_else_can_be(director: Staff) -> None:
    report = begin(director)
    analyst, nurse = StaffFactory(role="analyst", name="林澈"), StaffFactory(role="nurse")
    talk.comment(report.public_id, "请看第二页", about="", mentions=[analyst.public_id], by=director, now=NOW)
    told = Notification.objects.get(staff=analyst)
    assert "提到了您" in told.text
    assert told.where == f"desk:insight-report:{report.public_id}"
    with pytest.raises(RuleBroken, match="看得到这份报告"):
        talk.comment(report.public_id, "x", about="", mentions=[nurse.public_id], by=director, now=NOW)
    with pytest.raises(NotFound):
        talk.comment(report.public_id, "x", about="", mentions=[], by=nurse, now=NOW)


def test_decisions_stay_with_the_report(director: Staff) -> None:
    report, analyst = signed(director), StaffFactory(role="analyst")
    due = date(2026, 6, 30)
    row = talk.decide(
        report.public_id, "核对抖音线索", owner=analyst.public_id, due=due, by=director, now=NOW
    )
    assert Notification.objects.filter(staff=analyst, text__contains="由您负责").exists()
    with pytest.raises(RuleBroken, match="期限"):
        talk.decide(
            report.public_id, "x", owner=director.public_id, due=date(2026, 1, 1), by=director, now=NOW
        )
    with pytest.raises(NotFound):
        talk.finish(row.public_id, by=StaffFactory(role="analyst"), now=NOW)
    talk.finish(row.public_id, by=analyst, now=NOW)
    row.refresh_from_db()
    assert row.done_by == analyst
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.update(text="x")


def plan(by: Staff, **changes: Any) -> Any:
    asked = {"name": "", "day": 2, "recipients": ["director", "analyst"], "is_automatic": False, **changes}
    return schedules.plan("marketing-month", **asked, by=by, now=NOW)


def test_a_schedule_writes_one_report_of_each_period_and_mails_no_figure(
    director: Staff, settings: Any
) -> None:
    director.email = "guo@example.com"
    director.save(update_fields=["email"])
    plan(director)
    assert [schedules.run_due(now=NOW), schedules.run_due(now=NOW + timedelta(hours=1))] == [1, 0]
    report = Report.objects.get()
    assert (report.starts_on, report.ends_on, report.status) == (date(2026, 5, 1), date(2026, 6, 1), "draft")
    note = Notification.objects.get(staff=director)
    assert settings.REPORT_LINK.format(report=report.public_id) in note.text
    jobs.run_waiting()
    (letter,) = mail.outbox
    assert str(report.public_id) in str(letter.body)
    assert "%" not in str(letter.body)
    assert str(letter.body).startswith(f"《{report.title}》"), "its name is that of the template, said once"
    assert schedules.run_due(now=NOW.replace(month=7, day=1)) == 0
    assert schedules.run_due(now=NOW.replace(month=7, day=3)) == 1


def test_a_mail_says_which_line_of_the_timetable_it_is_and_never_loses_its_link(
    director: Staff, settings: Any
) -> None:
    director.email = "guo@example.com"
    director.save(update_fields=["email"])
    plan(director, name="周一院务会" * 12, is_automatic=True)
    assert schedules.run_due(now=NOW) == 1
    report = Report.objects.get()
    jobs.run_waiting()
    (letter,) = mail.outbox
    assert str(letter.body).startswith(f"「{'周一院务会' * 4}周一院…」《{report.title}》")
    assert str(letter.body).endswith(settings.REPORT_LINK.format(report=report.public_id))


def test_a_timetable_offers_only_roles_that_it_reaches_and_no_name_of_a_person(director: Staff) -> None:
    marketing = StaffFactory(role="marketing", campus=director.campus)
    StaffFactory(role="analyst")
    offered = {role.code for role in reports.roles_reached(director)}
    assert {"director", "analyst"} <= offered
    assert "marketing" not in offered, "it sees one campus"
    assert "marketing" in {role.code for role in reports.roles_reached(marketing)}
    Role.objects.get(code="analyst").grants.filter(permission="insight.finance").delete()
    assert "analyst" not in {role.code for role in reports.roles_reached(director, Need.FINANCE)}
    with pytest.raises(RuleBroken, match="个人"):
        plan(director, name="13800138000 的月报")


def test_a_question_of_the_explorer_is_taken_into_a_draft_or_begins_one(director: Staff) -> None:
    asked = parse(
        {"m": "visits", "by1": "source", "c": "bar", "span": "365", "f.sex": "female"}, today=NOW.date()
    )
    made = drafts.take_up(asked, report=None, title="", by=director, now=NOW)
    assert made.title == "到诊人次 · 2026 年 5 月"
    again = drafts.take_up(asked, report=made.public_id, title="来源", by=director, now=NOW)
    assert again == made
    last = pages_of(made)[-1].blocks[-1]
    assert (last.title, last.reach) == ("来源", "12m")
    assert last.question == "m=visits&c=bar&by1=source&f.sex=female"
    for _n in range(content.MOST_BLOCKS):
        drafts.take_up(asked, report=made.public_id, title="", by=director, now=NOW)
    assert len(pages_of(made)) == 2, "a full page is followed by another"
    with pytest.raises(RuleBroken, match="可识别个人"):
        drafts.take_up(asked, report=made.public_id, title="13800138000", by=director, now=NOW)
    analyst, money = StaffFactory(role="marketing"), parse({"m": "net_receipts"}, today=NOW.date())
    with pytest.raises(RuleBroken, match="权限"):
        drafts.take_up(money, report=None, title="", by=analyst, now=NOW)
    other = StaffFactory(role="cashier")
    with pytest.raises(NotFound):
        drafts.take_up(asked, report=made.public_id, title="", by=other, now=NOW)


def test_a_scheduled_question_is_answered_in_a_report_of_its_own(director: Staff) -> None:
    asked = parse({"m": "visits", "by1": "source", "c": "bar"}, today=NOW.date())
    row = schedules.plan_question(
        asked, name="", cadence=Cadence.MONTH, day=2, recipients=["director"], by=director, now=NOW
    )
    assert (row.name, row.template) == ("到诊人次", "")
    assert [schedules.run_due(now=NOW), schedules.run_due(now=NOW)] == [1, 0]
    report = Report.objects.get()
    assert [block.kind for block in pages_of(report)[0].blocks] == ["numbers", "findings", "figure"]
    assert Notification.objects.filter(staff=director, text__contains="签发").exists()
    with pytest.raises(RuleBroken, match="收件角色"):
        schedules.plan_question(
            asked, name="", cadence=Cadence.WEEK, day=2, recipients=[], by=director, now=NOW
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.update(template="week")


def test_an_automatic_report_says_that_nobody_signed_it(director: Staff) -> None:
    reader = StaffFactory(role="director", campus=director.campus)
    plan(director, is_automatic=True)
    assert tasks.schedules.run_due(now=NOW) == 1
    report = Report.objects.get()
    assert (report.status, report.signed_by) == ("issued", None)
    assert "未经人工签发" in report.content
    assert Notification.objects.filter(staff=reader).exists()
    with pytest.raises(RuleBroken, match="签发权限"):
        plan(StaffFactory(role="analyst"), is_automatic=True)
    for changes in ({"day": 29}, {"recipients": []}):
        with pytest.raises(RuleBroken):
            plan(director, **changes)


def test_nothing_is_promised_to_a_role_that_could_not_read_it(director: Staff) -> None:
    marketing = StaffFactory(role="marketing", campus=director.campus)
    StaffFactory(role="nurse")
    StaffFactory(role="analyst")
    for recipients, right in (["marketing"], "全集团"), (["nurse"], "查看经营数据"):
        with pytest.raises(RuleBroken, match=right):
            plan(director, recipients=["director", *recipients])
    assert plan(marketing, recipients=["marketing"]).pk
    Role.objects.get(code="analyst").grants.filter(permission="insight.finance").delete()
    with pytest.raises(RuleBroken, match="收入"):
        schedules.plan(
            "director-month",
            name="",
            day=2,
            recipients=["analyst"],
            is_automatic=False,
            by=director,
            now=NOW,
        )


def test_an_owner_who_lost_the_right_writes_nothing(director: Staff) -> None:
    row = plan(director)
    row.owner.role.grants.filter(permission="insight.report").delete()
    assert schedules.run_due(now=NOW) == 0
    assert not Report.objects.exists()
    assert Notification.objects.filter(text__contains="没有写成").count() == 1


def test_a_stopped_schedule_writes_nothing(director: Staff) -> None:
    row = plan(director)
    schedules.switch(row.public_id, by=director, now=NOW)
    assert schedules.run_due(now=NOW) == 0
    with pytest.raises(NotFound):
        schedules.switch(row.public_id, by=StaffFactory(role="marketing"), now=NOW)
    with pytest.raises(NotFound):
        schedules.switch(uuid4(), by=director, now=NOW)


def test_advice_may_be_drafted_anew(director: Staff) -> None:
    report = begin(director)
    pages = pages_of(report)
    own = tuple(
        replace(
            page,
            blocks=tuple(
                replace(b, items=(Item("自己写的", ("visits",)),)) if b.kind == BlockKind.ADVICE else b
                for b in page.blocks
            ),
        )
        for page in pages
    )
    save(report, director, own)
    assert "自己写的" in str(reports.last_version(report).pages)
    drafts.advise(report.public_id, by=director, now=NOW)
    assert "自己写的" not in str(reports.last_version(report).pages)
    save(report, director, text_page("没有建议"), base=3)
    with pytest.raises(RuleBroken, match="建议与依据"):
        drafts.advise(report.public_id, by=director, now=NOW)
