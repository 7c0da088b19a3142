"""Refusals of questionnaires, photographs, maps and expectations, each through its action and its screen."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.desk.both import Ask, assert_absent, assert_both
from tests.desk.ward import signature
from tests.factories.people import GuardianFactory, StaffFactory
from tests.factories.photos import NOW, Studio, drawn
from tests.journey.clinic import TEN
from tests.journey.test_expectations import Room as Promising
from tests.journey.test_maps import POINT
from tests.journey.test_photos import operate
from tests.journey.test_questionnaires import HABITS, MARKED, Room
from yimei.journey.actions import expectations, maps, photos, questionnaires, referrals
from yimei.journey.actions import questionnaire_links as links
from yimei.journey.enums import AgreedHow, CaseStage, MapKind, PhotoMoment, PhotoUse, Reach, ReferralOutcome
from yimei.journey.models import Questionnaire, Referral
from yimei.journey.rules.drafts import Page
from yimei.journey.rules.expectations import Goal
from yimei.people.models import Staff

pytestmark = [pytest.mark.django_db, pytest.mark.slow(reason="tries many refusals on one customer")]
HABIT = "smoking-medication"


@pytest.fixture
def at_ten() -> Iterator[None]:
    with time_machine.travel(TEN, tick=False):
        yield


# ---- questionnaires -------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_ten")
def test_a_questionnaire_is_whole_once_and_nobody_overtakes_it() -> None:
    room = Room()
    case, by = room.case.public_id, room.consultant
    assert_both(
        Ask(
            "没有同意处理健康信息",
            lambda: questionnaires.begin(case, code=HABIT, by=by, now=TEN),
            "questionnaire-begin",
            (case, HABIT),
            by,
        )
    )
    room.agrees()
    row = room.begin()
    open_now = {**HABITS, "revision": "0"}
    scant = HABITS | {"alcohol": []}

    def complete(raw: dict[str, list[str]], revision: int = 0) -> Callable[[], object]:
        page = Page(revision)
        return lambda: questionnaires.complete(
            row.public_id, raw=raw, page=page, signature=signature(), by=by, now=TEN
        )

    def save() -> object:
        return questionnaires.save(row.public_id, raw=HABITS, page=Page(0), by=by, now=TEN)

    args = (row.public_id,)
    assert_both(
        Ask(
            "还有",
            complete(scant),
            "questionnaire-fill",
            args,
            by,
            {**scant, "revision": "0", "signature": signature()},
            shown="请作答",
        )
    )
    row.refresh_from_db()
    stale = Ask("另一处保存得更晚", save, "questionnaire-save", args, by, open_now, is_layer=True)
    assert_both(stale)
    complete(HABITS, row.revision)()
    done = "这份问卷已经完成"

    def discard() -> object:
        return questionnaires.discard(row.public_id, by=by, now=TEN)

    assert_both(
        Ask(done, save, "questionnaire-save", args, by, open_now, is_layer=True),
        Ask(done, discard, "questionnaire-discard", args, by),
    )


@pytest.mark.usefixtures("at_ten")
def test_a_link_goes_to_who_may_answer_it_and_is_answered_once() -> None:
    room = Room().agrees()
    case, by = room.case.public_id, room.consultant

    def invite(*codes: str) -> Ask:
        return Ask(
            "",
            lambda: links.invite(case, codes=list(codes), by=by, now=TEN),
            "questionnaire-invite",
            (case,),
            by,
            {"codes": list(codes)},
        )

    def says(words: str, ask: Ask) -> Ask:
        return Ask(words, ask.act, ask.page, ask.args, ask.by, ask.data)

    assert_both(says("请选要客户填写的问卷", invite()))
    token = room.invite(HABIT)
    draft = room.begin()

    def post(words: str) -> Ask:
        return Ask(
            words,
            lambda: links.begin(token, code=HABIT, now=TEN),
            "portal:form",
            (token, HABIT),
            None,
            {**HABITS, "revision": "0", "signature": signature()},
            is_layer=True,
        )

    assert_both(post("医护人员正在为您填写"))
    questionnaires.discard(draft.public_id, by=by, now=TEN)
    begun = links.begin(token, code=HABIT, now=TEN)
    links.complete(token, code=HABIT, raw=HABITS, page=Page(begun.revision), signature=signature(), now=TEN)
    assert_both(post("已经填完，谢谢"))
    person = room.patient.person
    person.birth_date = date(2010, 1, 8)
    person.save()
    assert_both(says("须由监护人陪同", invite(HABIT)))
    room.case.stage, room.case.closed_at, room.case.loss_reason = CaseStage.LOST, TEN, "price"
    room.case.save()
    assert_both(says("诊疗已经结束", invite(HABIT)))


@pytest.mark.usefixtures("at_ten")
def test_a_screening_is_decided_with_grounds_and_a_version_says_something_new() -> None:
    room = Room().agrees()
    room.complete("body-image", MARKED)
    referral, by = Referral.objects.get().public_id, room.surgeon

    def decide(reason: str) -> Callable[[], object]:
        kind = ReferralOutcome.values[0]
        return lambda: referrals.decide(
            referral, outcome=ReferralOutcome(kind), reason=reason, by=by, now=TEN
        )

    def page(words: str, reason: str, shown: str = "") -> Ask:
        data = {"outcome": ReferralOutcome.values[0], "reason": reason}
        return Ask(
            words, decide(reason), "referral-decide", (referral,), by, data, shown=shown, is_layer=True
        )

    assert_both(page("至少 4 个字", "好"), page("依据不超过", "字" * 2001, shown="2000"))
    admin = StaffFactory(role="admin")
    known = dict(Questionnaire.objects.get(code="expectations").content)

    def publish(words: str, content: dict[str, Any]) -> Ask:
        return Ask(
            words,
            lambda: questionnaires.publish(content, by=admin, now=TEN),
            "questionnaire-publish",
            (),
            admin,
            {"content": json.dumps(content)},
        )

    assert_both(
        publish("完全相同", known),
        publish("需要授权的量表", known | {"code": "breast-q"}),
    )


# ---- photographs ----------------------------------------------------------------------------------


def shown_through(studio: Studio, by: Staff) -> Callable[..., Ask]:
    """Return how one picture is tried: the action and the page with its file."""
    case = studio.case.public_id

    def ask(words: str, data: bytes = b"", /, *, shown: str = "", **changes: Any) -> Ask:
        values = {"angle": "front", "moment": "before"} | changes
        sent = data or drawn()
        given = {**values, "moment": PhotoMoment(values["moment"])}
        given = {name: value for name, value in given.items() if name != "side"}
        return Ask(
            words,
            lambda: photos.take(case, data=b"" if data == b"-" else sent, by=by, now=NOW, **given),
            "photo-take",
            (case,),
            by,
            {
                **{name: str(value) for name, value in values.items()},
                "origin": "upload",
                "picture": SimpleUploadedFile("a.jpg", b"" if data == b"-" else sent),
            },
            shown=shown,
            is_layer=True,
        )

    return ask


def one_colour(width: int, height: int) -> bytes:
    """Few bytes, many pixels."""
    kept = io.BytesIO()
    Image.new("1", (width, height)).save(kept, "PNG")
    return kept.getvalue()


def test_a_photo_is_one_of_its_series_at_a_moment_that_has_been() -> None:
    with time_machine.travel(NOW, tick=False):
        studio = Studio()
        by, ask = studio.surgeon, shown_through(studio, studio.surgeon)
        tomorrow, yesterday = (NOW + timedelta(days=1)).date(), (NOW - timedelta(days=1)).date()
        assert_both(
            ask("没有这个角度", angle="knee", shown="不在可用的选项中"),
            ask("像素过大", one_colour(8000, 6500)),
            ask("照片太小", drawn(120, 90)),
            ask("文件是空的", b"-"),
            ask("不能晚于今天", taken_on=tomorrow),
            ask("还没有手术记录", moment="after"),
        )
        nurse = shown_through(studio, studio.nurse)
        assert_both(nurse("私密部位影像只向", is_intimate=True))
        operate(studio, days_ago=2)
        assert_both(
            ask("拍的不是术前照片", taken_on=yesterday),
            ask("拍摄日期早于手术", moment="after", taken_on=(NOW - timedelta(days=5)).date()),
        )
        shot = studio.take(is_intimate=True, moment=PhotoMoment.AFTER).public_id

        def release(words: str, use: PhotoUse) -> Ask:
            act: Callable[[], object] = lambda: photos.release(shot, use=use, is_on=True, by=by, now=NOW)
            return Ask(words, act, "photo-release", (shot, use.value), by)

        assert_both(
            release("不得用于公开宣传", PhotoUse.PUBLICITY),
            release("没有同意影像用于", PhotoUse.TEACHING),
        )
        photos.void(shot, reason="角度标错了", by=by, now=NOW)
        again = Ask(
            "",
            lambda: photos.void(shot, reason="再作废一次", by=by, now=NOW),
            "photo-void",
            (shot,),
            by,
            {"reason": "再作废一次"},
        )
        assert_absent(again)
        sided = Studio(has_side=True)
        assert_both(shown_through(sided, sided.surgeon)("请选部位侧"))


# ---- maps -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_ten")
def test_a_map_holds_points_with_a_dose_and_is_finished_once() -> None:
    room = Room().agrees()
    by, case = room.surgeon, room.case.public_id
    row = maps.begin(case, kind=MapKind.PLANNED, by=by, now=TEN).public_id

    def ask(words: str, points: str, *, page: str = "map-save") -> Ask:
        at = Page(0, "a")
        act = maps.save if page == "map-save" else maps.finish
        return Ask(
            words,
            lambda: act(row, points=points, note="", page=at, by=by, now=TEN),
            page,
            (row,),
            by,
            {"points": points, "note": "", "revision": "0", "writer": "a"},
            is_layer=True,
        )

    def marked(*points: dict[str, Any]) -> str:
        return json.dumps(points)

    assert_both(
        ask("没有完整收到", "{}"),
        ask("没有完整收到", marked(POINT | {"view": "moon"})),
        ask("最多 200 个点", marked(*[POINT] * 201)),
        ask("不是数字", marked(POINT | {"amount": "四"})),
        ask("不超过 500", marked(POINT | {"amount": "501"})),
        ask("文字过长", marked(POINT | {"product": "字" * 61})),
        ask("没有完整收到", "[" * 5000, page="map-edit"),
    )
    maps.finish(row, points=marked(POINT), note="", page=Page(0, "a"), by=by, now=TEN)
    assert_both(ask("这张图已经完成", marked(POINT)))


# ---- expectations ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("at_ten")
def test_a_promise_to_a_minor_is_signed_by_one_guardian_and_scored_in_range() -> None:
    room = Promising()
    case, by, person = room.case.public_id, room.surgeon, room.case.patient.person
    typed = {"goal0-text": "自然一点", "goal0-reach": "cannot", "unreachable": "疤", "written_against": "0"}

    def agree(words: str, *, how: str = "spoken", shown: str = "", goals: Any = None, **data: str) -> Ask:
        given = goals or [Goal("自然一点", Reach.CANNOT)]
        drawn_now = signature() if how == "signed" else ""
        return Ask(
            words,
            lambda: expectations.agree(
                case,
                goals=given,
                unreachable="疤",
                how=AgreedHow(how),
                signature=drawn_now,
                by=by,
                now=TEN,
            ),
            "case-expectations",
            (case,),
            by,
            typed | {"how": how, "signature": drawn_now} | data,
            shown=shown,
        )

    long = "自" * 301
    assert_both(
        agree("不超过 300", goals=[Goal(long, Reach.CANNOT)], shown="300", **{"goal0-text": long}),
    )
    born, person.birth_date = person.birth_date, date(2010, 1, 8)
    person.save()
    assert_both(
        agree("须由监护人签名确认"),
        agree("先核对监护人的身份", how="signed"),
    )
    GuardianFactory(patient=room.case.patient)
    GuardianFactory(patient=room.case.patient)
    assert_both(agree("哪一位监护人", how="signed"))
    person.birth_date = born
    person.save()
    room.agree()
    goals = 2

    def score(words: str, shown: str, month: int = 1, scores: tuple[int, ...] = (5, 5), **data: str) -> Ask:
        told = {"month": str(month), "overall": "5", "score0": "5", "score1": "5"}
        return Ask(
            words,
            lambda: expectations.score(
                case, month=month, scores=scores, overall=5, by=by, now=TEN + 100 * timedelta(days=1)
            ),
            "expectation-score",
            (case,),
            by,
            {name: value for name, value in (told | data).items() if value},
            shown=shown,
        )

    assert goals == len(room.case.expectations.get().goals)
    with time_machine.travel(TEN + 100 * timedelta(days=1), tick=False):
        assert_both(
            score("第 1、3、6、12", "不在可用的选项中", month=2),
            score("还不到第 6 个月", "", month=6),
            score("每个目标都要打分", "这个字段是必填项", scores=(5,), score1=""),
            score("0 到 10 之间", "小于或等于", scores=(5, 11), score1="11"),
        )
