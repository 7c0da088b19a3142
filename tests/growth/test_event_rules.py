"""Words of an event, its ticket, its clock, its money."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.journey.clinic import TEN
from yimei.core.errors import RuleBroken
from yimei.growth.enums.events import EventStatus, ScanResult, SeatStatus
from yimei.growth.rules import claims
from yimei.growth.rules import events as rules

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("全国最好的团队", "第九条"),
        ("行业第一", "第九条"),
        ("保证效果", "第十六条"),
        ("手术成功率 99%", "第十六条"),
        ("无痕无恢复期", "第十六条"),
        ("招募体验官", "第十六条"),
        ("全网最低价", "第九条"),
        ("现场展示前后对比", "第七条"),
        ("听患者分享", "第七条"),
        ("告别容貌，逆袭人生", "执法指南"),
    ],
)
def test_forbidden_words_are_found_with_their_article(text: str, article: str) -> None:
    assert any(article in one.why for one in claims.faults(text))


@pytest.mark.parametrize(
    "text", ["第一次到院怎么准备", "第一场 14:00 开始", "护肤讲座：防晒与保湿", "免费停车"]
)
def test_plain_words_may_stand(text: str) -> None:
    assert claims.faults(text) == []


def test_a_text_about_treatment_carries_a_certificate() -> None:
    assert claims.permit_faults("了解双眼皮手术", "") != []
    assert claims.permit_faults("了解双眼皮手术", "浙（杭）医广〔2026〕第0001-01号") == []
    assert claims.permit_faults("防晒讲座", "") == []
    assert claims.permit_faults("防晒讲座", "随便写的") != []
    assert claims.permit_faults("水光项目介绍", "", names=["水光"]) != []


def test_a_ticket_says_no_name_and_is_read_back() -> None:
    seat, mark = uuid4(), "0123456789abcdef" * 2
    text = rules.ticket(seat, mark)
    assert rules.read_ticket(f" {text}\n") == (seat, mark[:16])
    assert rules.is_genuine(mark[:16], mark)
    assert not rules.is_genuine("f" * 16, mark)
    for wrong in (
        "",
        "x",
        f"YME2.{seat.hex}.{mark[:16]}",
        f"YME1.zz.{mark[:16]}",
        f"YME1.{seat.hex}.abc",
        "😀.😀.😀",
    ):
        assert rules.read_ticket(wrong) is None


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (SeatStatus.HELD, ScanResult.CAME),
        (SeatStatus.ABSENT, ScanResult.CAME),
        (SeatStatus.CAME, ScanResult.AGAIN),
        (SeatStatus.WAITING, ScanResult.WAITING),
        (SeatStatus.CANCELLED, ScanResult.CANCELLED),
    ],
)
def test_what_a_scan_means_follows_from_the_seat(status: SeatStatus, result: ScanResult) -> None:
    assert rules.result_of(status) == result


def test_a_clock_that_cannot_be_right_is_not_believed() -> None:
    frame = {"starts_at": TEN, "ends_at": TEN + 2 * HOUR}
    now = TEN + 3 * HOUR
    assert rules.arrived_at(TEN + HOUR, **frame, now=now) == TEN + HOUR
    assert rules.arrived_at(TEN - 400 * HOUR, **frame, now=now) == TEN + 2 * HOUR
    assert rules.arrived_at(TEN + 400 * HOUR, **frame, now=now) == TEN + 2 * HOUR


def test_money_is_of_new_people_only_and_refunds_have_counted_back() -> None:
    money = rules.Money(cost=Decimal(2000), fresh=Decimal(5000), known=Decimal(9000), came=8)
    assert (money.each, money.back) == (Decimal("250.00"), 1.5)
    nothing = rules.Money(cost=Decimal(0), fresh=Decimal(0), known=Decimal(0), came=0)
    assert (nothing.each, nothing.back) == (None, None)


def test_a_frame_is_sane_and_moves_are_a_table() -> None:
    frame = {"starts_at": TEN + HOUR, "ends_at": TEN + 2 * HOUR, "capacity": 1, "waits": 0, "now": TEN}
    rules.check_frame(**frame)
    for wrong in (
        {"starts_at": TEN - HOUR},
        {"ends_at": TEN},
        {"ends_at": TEN + 40 * HOUR},
        {"capacity": 0},
        {"waits": -1},
    ):
        with pytest.raises(RuleBroken):
            rules.check_frame(**(frame | wrong))
    with pytest.raises(RuleBroken, match="已取消"):
        rules.check_move(EventStatus.CANCELLED, EventStatus.OPEN)
