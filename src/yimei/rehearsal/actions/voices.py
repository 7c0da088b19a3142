"""What people say of the hospital: by codes in the house, on platforms, and what it changes."""

from datetime import datetime, timedelta

from yimei.core.clock import local_date
from yimei.growth.actions import feedback, hearing, improvements
from yimei.growth.enums.feedback import (
    FeedbackKind,
    Finding,
    Platform,
    ReplyWay,
    Severity,
    Theme,
)
from yimei.growth.models import Feedback
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World

K, S, T = FeedbackKind, Severity, Theme
PLACES = ("候诊区", "换药室", "前台")
SAID = (
    (0, 26.0, "等了一个多小时才叫到我，中间没有人解释。", 2, (K.COMPLAINT, S.NORMAL, T.WAITING)),
    (1, 20.0, "护士换药很轻，讲得也清楚，谢谢。", 5, (K.PRAISE, S.LOW, T.NURSING)),
    (0, 9.0, "又等了快一个小时，预约的时间没有意义。", 1, (K.COMPLAINT, S.HIGH, T.WAITING)),
    (2, 6.0, "收费单上有一项没有提前说明。", 2, (K.COMPLAINT, S.NORMAL, T.PRICE)),
    (1, 0.12, "换药时旁边的帘子拉不严，别人能看到。", 2, (K.COMPLAINT, S.HIGH, T.PRIVACY)),
    (0, 0.06, "想问一下停车券在哪里领。", None, None),
    (1, 0.01, "昨天拆的线，今天伤口有点出血，不知道正不正常。", None, None),
)
REVIEWS = (
    "评价编号,昵称,评分,评价内容,评价日期\n"
    "dp-1001,爱喝茶的猫,5,前台很热情，环境干净。,{early}\n"
    "dp-1002,momo,2,电话里说的价格和到店不一样。,{late}\n"
    "dp-1003,晴天,1,客服一直不回消息。,{late}\n"
)


def speak(world: World, *, now: datetime) -> int:
    """Let people speak in the order of time, and the house answer most of them."""
    keeper, nurse = world.first(RoleCode.AFTERCARE), world.first(RoleCode.NURSE)
    begun = now - timedelta(days=40)
    places = [hearing.open_place(name=name, by=keeper, now=begun) for name in PLACES]
    for n, (place, days, words, stars, sorted_as) in enumerate(SAID):
        at = now - timedelta(days=days)
        row = hearing.say_here(
            places[place].code,
            words=words,
            stars=stars,
            name="",
            phone="",
            may_answer=False,
            ip=f"127.0.0.{n}",
            now=at,
        )
        if sorted_as is None:
            continue
        kind, severity, theme = sorted_as
        feedback.triage(
            row.public_id,
            kind=kind,
            severity=severity,
            theme=theme,
            owner=(nurse if theme in {T.NURSING, T.PRIVACY} else keeper).public_id,
            note="",
            by=keeper,
            now=at + timedelta(minutes=20),
        )
        if days > 1:
            _answer(world, row, kind, at=at)
    early, late = (local_date(now - timedelta(days=days)) for days in (12, 1))
    file = REVIEWS.format(early=early, late=late).encode()
    hearing.bring_in(file, platform=Platform.DIANPING, by=keeper, now=now - timedelta(hours=1))
    return Feedback.objects.count()


def _answer(world: World, row: Feedback, kind: FeedbackKind, *, at: datetime) -> None:
    keeper = world.first(RoleCode.AFTERCARE)
    when = at + timedelta(minutes=70)
    feedback.reply(
        row.public_id,
        way=ReplyWay.RECEIPT,
        text="谢谢您告诉我们，已转到负责的同事处理。",
        by=keeper,
        now=when,
    )
    if row.stars == 1:
        made = improvements.begin(
            row.public_id,
            what="预约按半小时分段放号，超时二十分钟由前台主动说明",
            owner=keeper.public_id,
            due_on=local_date(at + timedelta(days=21)),
            by=keeper,
            now=when,
        )
        improvements.finish(made.public_id, evidence="放号规则第二版与前台话术单", by=keeper, now=when)
    elif kind == K.PRAISE:
        feedback.close(row.public_id, finding=Finding.OPINION, conclusion="已转告本人", by=keeper, now=when)
