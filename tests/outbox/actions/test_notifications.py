from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from tests.factories.outbox import NotificationFactory
from tests.factories.people import StaffFactory
from tests.outbox.conftest import Channelled
from yimei.core import jobs
from yimei.core.errors import NotFound
from yimei.outbox import registry
from yimei.outbox.actions import notifications
from yimei.outbox.enums import Channel
from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown
from yimei.outbox.queries import notifications as bell_of
from yimei.outbox.queries import unread_count

pytestmark = pytest.mark.django_db


def test_a_line_rings_once_for_its_key(now: datetime) -> None:
    staff = StaffFactory()
    first = notifications.notify(staff, "有一位客户到院。", key="arrival:1", now=now, where="desk:patient:1")
    again = notifications.notify(staff, "有一位客户到院。", key="arrival:1", now=now)
    assert first == again
    assert unread_count(staff) == 1


def test_reading_is_of_ones_own_bell_only(now: datetime) -> None:
    mine, yours = NotificationFactory(), NotificationFactory()
    with pytest.raises(NotFound):
        notifications.read(yours.public_id, by=mine.staff, now=now)
    read = notifications.read(mine.public_id, by=mine.staff, now=now)
    later = notifications.read(mine.public_id, by=mine.staff, now=now + timedelta(hours=1))
    assert (read.read_at, later.read_at) == (now, now)
    assert (unread_count(mine.staff), unread_count(yours.staff)) == (0, 1)


def test_reading_all_leaves_the_bells_of_others(now: datetime) -> None:
    mine, yours = NotificationFactory(), NotificationFactory()
    NotificationFactory(staff=mine.staff)
    assert notifications.read_all(by=mine.staff, now=now) == 2
    assert unread_count(yours.staff) == 1


def test_the_bell_shows_the_newest_first_at_one_query(now: datetime, django_assert_num_queries: Any) -> None:
    staff = StaffFactory()
    for n in range(30):
        notifications.notify(staff, f"第 {n} 条。", key=str(n), now=now + timedelta(minutes=n))
    with django_assert_num_queries(1):
        assert [line.text for line in bell_of(staff, size=2)] == ["第 29 条。", "第 28 条。"]


def test_a_line_may_also_go_by_mail(now: datetime) -> None:
    staff = StaffFactory(email="officer@example.test")
    notifications.notify(staff, "有一次紧急访问待复核。", key="glass:1", now=now, also_by_mail=True)
    assert jobs.run_waiting() == 1
    assert [(letter.to, letter.subject) for letter in mail.outbox] == [
        (["officer@example.test"], "有一次紧急访问待复核。")
    ]


def test_who_has_no_mailbox_gets_the_line_only(now: datetime) -> None:
    notifications.notify(StaffFactory(), "有一次紧急访问待复核。", key="glass:1", now=now, also_by_mail=True)
    assert jobs.run_waiting() == 0


def test_a_doubtful_mail_is_not_sent_twice_and_a_refused_one_may_be(now: datetime) -> None:
    line = Channelled()
    before = registry.use_gateway(Channel.EMAIL, line)
    try:
        notice = NotificationFactory(staff=StaffFactory(email="officer@example.test"))
        line.error = GatewayRefused("451")
        with pytest.raises(GatewayRefused):
            notifications.mail(notice.public_id, now=now)
        line.error = OutcomeUnknown("timeout")
        with pytest.raises(OutcomeUnknown):
            notifications.mail(notice.public_id, now=now)
        line.error = None
        assert not notifications.mail(notice.public_id, now=now)
        assert line.sent == []
    finally:
        registry.use_gateway(Channel.EMAIL, before)
