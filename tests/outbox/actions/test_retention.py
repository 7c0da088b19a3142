"""The words of what was sent go with their period; that it was sent, and why, stays as proof."""

from datetime import datetime, timedelta

import pytest

from tests.factories import shipped
from tests.factories.outbox import MessageFactory, NotificationFactory
from yimei.outbox.actions import retention
from yimei.outbox.models import Message, Notification
from yimei.outbox.queries import words_of_messages_go

pytestmark = pytest.mark.django_db


def test_a_message_loses_its_words_after_three_years_and_keeps_its_decision(now: datetime) -> None:
    shipped.register(now)
    old = MessageFactory(created_at=now.replace(year=2023) - timedelta(days=1))
    young = MessageFactory(created_at=now.replace(year=2023) + timedelta(days=1))
    assert words_of_messages_go(now).state == "good"
    assert words_of_messages_go(now + timedelta(days=4)).state == "bad"
    assert retention.forget_old(now=now) == 1
    assert retention.forget_old(now=now) == 0
    kept = Message.objects.select_related("patient__person__vault_key").get(pk=old.pk)
    assert (kept.body, kept.params, kept.link_token) == (None, None, "")
    assert (kept.verdict, kept.status) == (old.verdict, old.status)
    young = Message.objects.select_related("patient__person__vault_key").get(pk=young.pk)
    assert young.body


def test_lines_of_a_bell_go_after_half_a_year(now: datetime) -> None:
    shipped.register(now)
    gone = NotificationFactory(created_at=now - timedelta(days=200))
    kept = NotificationFactory(created_at=now - timedelta(days=100))
    assert retention.forget_old(now=now) == 1
    assert list(Notification.objects.values_list("pk", flat=True)) == [kept.pk]
    assert gone.pk != kept.pk
