"""Small, valid pieces of the outbox."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from tests.factories.people import PatientFactory, StaffFactory
from yimei.outbox.enums import Channel, MessageClass, MessageStatus, Verdict
from yimei.outbox.models import Delivery, Message, Notification, Template


class TemplateFactory(DjangoModelFactory[Template]):
    """A booking confirmation, unless a trait says otherwise."""

    class Meta:
        model = Template
        django_get_or_create = ("code",)

    code = "booking.confirmed"
    name = "预约确认"
    message_class = MessageClass.TRANSACTIONAL
    purpose_code = "care.identity"
    subject = "预约确认"
    body = "您的预约已确认：{when}。"

    class Params:
        medical = factory.Trait(
            code="visit.reminder",
            name="就诊前提醒",
            message_class=MessageClass.MEDICAL,
            body="提醒您 {when}。",
        )
        marketing = factory.Trait(
            code="campaign.spring",
            name="春季活动",
            message_class=MessageClass.MARKETING,
            purpose_code="marketing",
            body="{sender}春季活动 {when}，详询 {phone}。拒收请回复R",
        )


class MessageFactory(DjangoModelFactory[Message]):
    class Meta:
        model = Message

    patient = factory.SubFactory(PatientFactory)
    template = factory.SubFactory(TemplateFactory)
    message_class = factory.SelfAttribute("template.message_class")
    channel = Channel.FILE
    status = MessageStatus.QUEUED
    verdict = Verdict.SEND
    reason = "服务通知，可以发送。"
    params = factory.LazyFunction(lambda: {"when": "6月18日 10:00"})
    body = "您的预约已确认：6月18日 10:00。"
    key = factory.Sequence(lambda n: f"message-{n}")
    created_at = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    message = factory.SubFactory(MessageFactory)
    at = datetime(2026, 6, 16, 2, 1, tzinfo=UTC)
    status = MessageStatus.SENT


class NotificationFactory(DjangoModelFactory[Notification]):
    class Meta:
        model = Notification

    staff = factory.SubFactory(StaffFactory)
    text = "有一位客户到院。"
    key = factory.Sequence(lambda n: f"notice-{n}")
    created_at = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
