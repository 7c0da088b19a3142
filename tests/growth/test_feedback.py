"""Feedback from anybody to its end: who may see it, its clock, its answer, what is changed because of it."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import shipped
from tests.factories.ui import sign_in
from tests.growth.house import House
from tests.journey.clinic import EIGHT, TEN
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.actions import feedback as actions
from yimei.growth.actions import feedback_erasing, hearing, improvements
from yimei.growth.enums.feedback import (
    Effect,
    FeedbackKind,
    FeedbackStatus,
    Finding,
    ImprovementStatus,
    Platform,
    ReplyWay,
    Severity,
    Theme,
)
from yimei.growth.models import Feedback, FeedbackPlace, FeedbackStep, Improvement, ReviewFile
from yimei.growth.queries import feedback as queries
from yimei.growth.queries import today
from yimei.journey.models import Case, Survey
from yimei.journey.queries import flags
from yimei.journey.queries.reading import Reading
from yimei.outbox.models import Message, Notification, NumberMessage
from yimei.people.models import Staff
from yimei.privacy.queries.holds import held

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


class Desk(House):
    def __init__(self) -> None:
        super().__init__()
        shipped.register(EIGHT.replace(month=1))
        self.keeper = self.staff("aftercare", "客服小郑")
        self.nurse = self.staff("nurse", "护士小何")
        self.director = self.staff("director", "院长")
        self.place = hearing.open_place(name="换药室", by=self.keeper, now=EIGHT)

    def said(self, words: str = "等了一个小时", **values: Any) -> Feedback:
        asked = {
            "words": words, "stars": 2, "name": "", "phone": "", "may_answer": False, "ip": "10.0.0.1",
            "now": TEN,
        } | values  # fmt: skip
        return hearing.say_here(self.place.code, **asked)

    def triaged(self, row: Feedback | None = None, *, owner: Staff | None = None, **values: Any) -> Feedback:
        asked = {
            "kind": FeedbackKind.COMPLAINT, "severity": Severity.HIGH, "theme": Theme.WAITING,
            "owner": (owner or self.nurse).public_id, "note": "", "by": self.keeper, "now": TEN,
        } | values  # fmt: skip
        return actions.triage((row or self.said()).public_id, **asked)

    def improved(self, row: Feedback, **values: Any) -> Improvement:
        asked = {
            "what": "换药室增加一名护士", "owner": self.nurse.public_id, "due_on": date(2026, 6, 30),
            "by": self.keeper, "now": TEN,
        } | values  # fmt: skip
        return improvements.begin(row.public_id, **asked)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_words_without_a_name_have_an_owner_a_clock_an_answer_and_an_end(desk: Desk) -> None:
    row = desk.triaged()
    assert (row.name, row.phone, row.patient, row.owner) == ("", "", None, desk.nurse)
    assert row.due_at == TEN + timedelta(hours=2)
    with pytest.raises(RuleBroken, match="不能用这种方式"):
        actions.reply(row.public_id, way=ReplyWay.MESSAGE, text="好", by=desk.nurse, now=TEN)
    actions.reply(row.public_id, way=ReplyWay.RECEIPT, text="已加派人手。", by=desk.nurse, now=TEN)
    with pytest.raises(RuleBroken, match="改进措施"):
        actions.close(row.public_id, finding=Finding.FOUNDED, conclusion="属实", by=desk.nurse, now=TEN)
    desk.improved(row)
    done = actions.close(row.public_id, finding=Finding.FOUNDED, conclusion="属实", by=desk.nurse, now=TEN)
    assert (done.status, done.closed_at) == (FeedbackStatus.CLOSED, TEN)
    kinds = list(FeedbackStep.objects.filter(feedback=row).values_list("kind", flat=True))
    assert kinds == ["received", "triaged", "answered", "linked", "closed"]
    with pytest.raises(NotFound):
        actions.reopen(row.public_id, why="她又来说", by=desk.nurse, now=TEN)
    again = actions.reopen(row.public_id, why="她又来说", by=desk.keeper, now=TEN)
    assert (again.status, again.closed_at, again.finding) == (FeedbackStatus.OPEN, None, "")
    last = FeedbackStep.objects.filter(feedback=row).order_by("pk").last()
    assert last is not None
    assert (last.kind, last.note) == ("reopened", "她又来说")
    with pytest.raises(RuleBroken, match="还在处理中"):
        actions.reopen(row.public_id, why="再来", by=desk.keeper, now=TEN)


def test_a_name_is_kept_only_to_answer_and_a_number_only_with_her_yes(desk: Desk) -> None:
    assert desk.said(name="王女士").name == ""
    kept = desk.said(name="王女士", phone="12900000009", may_answer=True)
    assert (kept.name, kept.phone) == ("王女士", "+8612900000009")
    with pytest.raises(RuleBroken, match="愿意收到答复"):
        desk.said(phone="12900000009")


def test_a_complaint_of_a_known_customer_is_a_flag_on_her_page_until_it_is_answered(desk: Desk) -> None:
    patient = desk.patient()
    said = hearing.say_own(patient, words="等了一个小时", stars=1, may_answer=False, now=TEN)
    assert held([patient.pk]) == {}, "nobody has said yet that it is a complaint"
    row = desk.triaged(said)
    assert [flag.text for flag in flags.flags(Reading(patient), by=desk.nurse, now=TEN)] == ["投诉处理中"]
    assert held([desk.patient().pk]) == {}
    actions.reply(row.public_id, way=ReplyWay.RECEIPT, text="已加派人手。", by=desk.nurse, now=TEN)
    assert held([patient.pk]) == {}


def test_the_badge_on_every_page_asks_for_no_persons_key(desk: Desk) -> None:
    desk.triaged(owner=desk.keeper)
    desk.triaged()
    desk.said()
    with CaptureQueriesContext(connection) as asked:
        mine = list(today.feedback_to_answer(desk.keeper, TEN + DAY))
        others = list(today.feedback_to_hand_out(desk.keeper, TEN + DAY))
    assert [item.who for item in (*mine, *others)] == ["换药室", "换药室", "护士小何"]
    assert len(asked) == 3
    assert not [query["sql"] for query in asked if "vault_" in query["sql"].partition(" FROM ")[2]]


def test_medical_safety_rises_before_anybody_has_read_it(desk: Desk) -> None:
    row = desk.said("拆线后一直流脓")
    assert (row.severity, row.risen_at) == (Severity.URGENT, TEN)
    assert row.due_at == TEN + timedelta(minutes=30)
    told = set(
        Notification.objects.filter(where__endswith=str(row.public_id)).values_list("staff", flat=True)
    )
    assert told == {desk.keeper.pk, desk.director.pk}
    with pytest.raises(RuleBroken, match="不能判为无效"):
        actions.void(row.public_id, why="误触", by=desk.keeper, now=TEN)


def test_owners_see_their_own_and_strangers_nothing(desk: Desk) -> None:
    row, other = desk.triaged(), Desk()
    assert queries.open_feedback(row.public_id, by=desk.nurse) == row
    for stranger in (desk.reception, desk.online, other.keeper, other.nurse):
        with pytest.raises(NotFound):
            actions.note(row.public_id, text="x", by=stranger, now=TEN)
    with pytest.raises(NotFound):
        desk.triaged(row, by=desk.nurse)
    with pytest.raises(RuleBroken, match="不在本院区"):
        desk.triaged(row, owner=other.nurse)
    assert queries.open_feedback(row.public_id, by=other.director).campus == desk.campus


def test_the_answer_goes_by_a_neutral_message_to_the_number_that_was_left(desk: Desk) -> None:
    row = desk.triaged(desk.said(phone="129 0000 0009", name="林女士", may_answer=True))
    actions.reply(row.public_id, way=ReplyWay.MESSAGE, text="已退差价。", by=desk.nurse, now=TEN)
    sent = NumberMessage.objects.get()
    assert (sent.phone, "退差价" in (sent.body or "")) == ("+8612900000009", False)
    assert queries.receipt_path(row) in (sent.body or "")
    patient = desk.patient()
    own = hearing.say_own(patient, words="停车难", stars=None, may_answer=True, now=TEN)
    desk.triaged(own)
    actions.reply(own.public_id, way=ReplyWay.MESSAGE, text="已开放后院。", by=desk.nurse, now=TEN)
    assert Message.objects.get().patient == patient


def test_reviews_come_in_once_their_names_sealed_and_their_answers_checked(desk: Desk) -> None:
    lines = (
        "编号,昵称,评分,内容,日期\n1,小鱼儿,1,态度很差,2026-06-10\n2,大白,5,很好,2026-06-11\n3,x,5,好,将来\n"
    )
    file = hearing.bring_in(lines.encode(), platform=Platform.DIANPING, by=desk.keeper, now=TEN)
    assert (file.created, file.known, [line for line, _why in file.refused]) == (2, 0, [4])
    again = hearing.bring_in((lines + "\n").encode(), platform=Platform.DIANPING, by=desk.keeper, now=TEN)
    assert (again.created, again.known) == (0, 2)
    with pytest.raises(RuleBroken, match="已经导入过"):
        hearing.bring_in(lines.encode(), platform=Platform.DIANPING, by=desk.keeper, now=TEN)
    assert (ReviewFile.objects.count(), Feedback.objects.count()) == (2, 2)
    bad = Feedback.objects.get(stars=1)
    assert (bad.severity, bad.name) == (Severity.HIGH, "小鱼儿")
    desk.triaged(bad)
    with pytest.raises(RuleBroken, match="公开回复") as refused:
        actions.reply(bad.public_id, way=ReplyWay.PUBLIC, text="您的手术很成功", by=desk.nurse, now=TEN)
    assert "第一千二百二十六条" in refused.value.missing[0].why
    with pytest.raises(RuleBroken, match="不能用这种方式"):
        actions.reply(bad.public_id, way=ReplyWay.MESSAGE, text="抱歉", by=desk.nurse, now=TEN)
    actions.reply(bad.public_id, way=ReplyWay.PUBLIC, text="抱歉，请致电本院核实。", by=desk.nurse, now=TEN)
    with pytest.raises(RuleBroken, match="昵称不能证明"):
        actions.link_patient(bad.public_id, who="x", by=desk.keeper, now=TEN)


def test_owners_are_reminded_and_those_above_told_once_each_clock(desk: Desk) -> None:
    row = desk.triaged()
    assert actions.watch(now=TEN) == 0
    assert [actions.watch(now=TEN + timedelta(minutes=n)) for n in (61, 62)] == [1, 0]
    assert [actions.watch(now=TEN + timedelta(minutes=n)) for n in (121, 130)] == [1, 0]
    row.refresh_from_db()
    assert Notification.objects.filter(staff=desk.nurse, text__contains="快到答复期限").count() == 1
    assert Notification.objects.filter(staff=desk.director, text__contains="超过期限").count() == 1
    actions.reply(row.public_id, way=ReplyWay.TALK, text="已当面说明", by=desk.nurse, now=TEN + DAY)
    assert queries.figures(by=desk.keeper, now=TEN + DAY).late == 0


def test_an_improvement_ends_only_with_evidence_and_after_the_count(desk: Desk) -> None:
    made = desk.improved(desk.triaged())
    for n in range(8):
        desk.triaged(desk.said(now=TEN - DAY, ip=str(n)))
    with pytest.raises(RuleBroken, match="不能变为"):
        improvements.close(made.public_id, note="好了", by=desk.keeper, now=TEN)
    improvements.finish(made.public_id, evidence="排班表 2026-07 版", by=desk.nurse, now=TEN + DAY)
    with pytest.raises(RuleBroken, match="看到效果"):
        improvements.close(made.public_id, note="好了", by=desk.keeper, now=TEN + 2 * DAY)
    assert improvements.count_due(now=TEN + 30 * DAY) == 0
    assert improvements.count_due(now=TEN + 31 * DAY) == 1
    with pytest.raises(NotFound):
        improvements.close(made.public_id, note="好了", by=desk.nurse, now=TEN + 31 * DAY)
    done = improvements.close(made.public_id, note="有效", by=desk.keeper, now=TEN + 31 * DAY)
    assert (done.before, done.after, done.effect) == (9, 0, Effect.FEWER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Improvement.objects.filter(pk=made.pk).update(evidence="")
    with pytest.raises(IntegrityError), transaction.atomic():
        Improvement.objects.create(
            campus=desk.campus, what="x", theme="waiting", owner=desk.nurse, due_on=date(2026, 7, 1),
            status=ImprovementStatus.CLOSED, created_at=TEN, created_by=desk.keeper,
        )  # fmt: skip


def test_whoever_said_it_takes_it_back_by_the_receipt_and_an_erasure_takes_it_too(desk: Desk) -> None:
    row = desk.said("我叫林小雨", phone="12900000009", name="林小雨", may_answer=True)
    with pytest.raises(NotFound):
        actions.withdraw(row.public_id, "0" * 32, now=TEN)
    actions.withdraw(row.public_id, queries.mark_of(row), now=TEN)
    row = Feedback.objects.select_related("vault_key").get(pk=row.pk)
    assert (str(row.words), row.vault_key.is_destroyed, row.status) == (
        "（已删除）",
        True,
        FeedbackStatus.VOID,
    )
    with pytest.raises(NotFound):
        queries.behind(row.public_id, queries.mark_of(row))
    patient = desk.patient()
    own = desk.triaged(hearing.say_own(patient, words="停车难", stars=1, may_answer=True, now=TEN))
    assert feedback_erasing.erase_feedback(patient, TEN) == 1
    own = Feedback.objects.select_related("vault_key").get(pk=own.pk)
    assert (own.patient, own.stars, own.vault_key.is_destroyed, own.theme) == (
        None,
        None,
        True,
        Theme.WAITING,
    )
    assert feedback_erasing.forget_again(own.vault_key.public_id, TEN) is False
    old = desk.said(now=TEN)
    assert feedback_erasing.erase_due(now=TEN + 1127 * DAY) == 1
    assert Feedback.objects.get(pk=old.pk).erased_at is not None


def test_addresses_are_forgotten_after_a_day(desk: Desk) -> None:
    desk.said()
    assert hearing.forget_addresses(now=TEN + DAY + timedelta(minutes=1)) == 1
    assert Feedback.objects.get().origin is None


def scored(case: Case, score: int) -> Survey:
    answered = {"score": score, "answered_at": TEN, "dimensions": {}, "comment": "等太久"}
    return Survey.objects.create(
        case=case, token_hash=str(score), created_at=EIGHT, expires_at=TEN + DAY, **answered
    )


def test_low_scores_become_somebodys_once(desk: Desk) -> None:
    case = desk.arrived(desk.patient()).case
    low, high = (scored(case, score) for score in (3, 9))
    assert [hearing.take_surveys(now=TEN + DAY) for _n in range(2)] == [1, 0]
    row = Feedback.objects.get()
    assert (row.survey, row.words, row.said, row.patient) == (low, "", "等太久", case.patient)
    assert not Feedback.objects.filter(survey=high).exists()


# ---- screens ----------------------------------------------------------------------------------------


def say(place: FeedbackPlace, **values: Any) -> Any:
    asked = {"words": "等太久", "stars": "2", "name": "", "phone": "", "website": ""} | values
    with time_machine.travel(TEN, tick=False):
        return Client().post(reverse("site:say", args=[place.code]), asked)


def test_whoever_scans_says_it_without_a_name_and_reads_the_answer(desk: Desk) -> None:
    assert "换药室" in Client().get(reverse("site:say", args=[desk.place.code])).content.decode()
    receipt = say(desk.place).headers["Location"]
    row = Feedback.objects.get()
    assert row.found == []
    desk.triaged(row)
    actions.reply(row.public_id, way=ReplyWay.RECEIPT, text="已加派人手。", by=desk.nurse, now=TEN)
    page = Client().get(receipt)
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "已加派人手" in page.content.decode()
    assert Client().get(receipt.replace(queries.mark_of(row), "0" * 32)).status_code == 404
    assert Client().post(f"{receipt}withdraw/").status_code == 302
    assert Client().get(receipt).status_code == 404


@pytest.mark.parametrize(
    ("values", "status", "kept"),
    [
        ({"words": " "}, 422, 0),
        ({"words": "很" * 1001}, 422, 0),
        ({"stars": "9"}, 422, 0),
        ({"phone": "12900000001"}, 422, 0),
        ({"phone": "123", "may_answer": "on"}, 422, 0),
        ({"website": "x"}, 302, 0),
        ({"words": "𠮷野家😀", "stars": ""}, 302, 1),
    ],
)
def test_what_cannot_be_kept_says_why(desk: Desk, values: dict[str, str], status: int, kept: int) -> None:
    assert (say(desk.place, **values).status_code, Feedback.objects.count()) == (status, kept)


def test_a_flood_and_a_stopped_place_are_turned_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "PER_PLACE", 2)
    assert [say(desk.place).status_code for _n in range(3)] == [302, 302, 422]
    hearing.stop_place(desk.place.public_id, by=desk.keeper, now=TEN)
    assert say(desk.place).status_code == 404


def test_the_desk_leads_from_the_list_to_the_end(desk: Desk) -> None:
    row = desk.said("我的电话 13800138000，等太久")
    client = Client()
    with time_machine.travel(TEN, tick=False):
        sign_in(client, desk.keeper)
        page = client.get(reverse("desk:feedback")).content.decode()
        assert "13800138000" not in page
        assert "电话" in str(row.found)
        shown = client.get(reverse("desk:feedback-one", args=[row.public_id]))
        assert "13800138000" in shown.content.decode()
        asked = {"kind": "complaint", "severity": "normal", "theme": "waiting", "note": ""}
        address = reverse("desk:feedback-triage", args=[row.public_id])
        assert client.post(address, asked).status_code == 422
        done = client.post(address, asked | {"owner": str(desk.nurse.public_id)})
        assert done.headers["Location"] == reverse("desk:feedback-one", args=[row.public_id])
        for name in ("feedback-places", "feedback-reviews", "feedback-new", "improvements", "today"):
            assert client.get(reverse(f"desk:{name}")).status_code == 200
        assert client.get(reverse("desk:feedback-poster", args=[desk.place.public_id])).status_code == 200
        made = desk.improved(Feedback.objects.get())
        assert client.get(reverse("desk:improvement", args=[made.public_id])).status_code == 200
        sign_in(client, desk.online)
        assert client.get(reverse("desk:feedback-one", args=[row.public_id])).status_code == 404
        assert client.get(reverse("desk:feedback-places")).status_code == 404


def test_a_list_costs_the_same_whatever_its_length(desk: Desk) -> None:
    client = Client()
    with time_machine.travel(TEN, tick=False):
        sign_in(client, desk.keeper)
    counts = []
    for n in (1, 6):
        for each in range(n):
            desk.said(ip=f"{n}.{each}")
        with time_machine.travel(TEN, tick=False), CaptureQueriesContext(connection) as met:
            client.get(reverse("desk:feedback"))
        counts.append(len(met))
    assert counts[1] <= counts[0]
