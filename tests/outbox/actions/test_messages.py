import smtplib
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from tests.factories.hospital import CampusFactory
from tests.factories.outbox import DeliveryFactory, MessageFactory
from tests.factories.people import PatientFactory, StaffFactory
from tests.outbox.conftest import Channelled
from yimei.audit.models import Entry
from yimei.core import jobs
from yimei.core.clock import SHANGHAI
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.models import Job
from yimei.hospital.models import Campus
from yimei.outbox import registry
from yimei.outbox.actions import batches, messages, reference
from yimei.outbox.enums import Channel, MessageStatus, Verdict
from yimei.outbox.gateways.base import GatewayRefused, OutcomeUnknown
from yimei.outbox.models import Delivery, Message, Template
from yimei.outbox.rules.texts import places
from yimei.people.models import Patient
from yimei.privacy.actions import consents
from yimei.privacy.models import Purpose
from yimei.vault.keys import destroy

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BOOKED = {
    "when": "6月18日 10:00",
    "place": "上海院区三楼",
    "phone": "021-00000000",
    "link": "https://example.test/my/visit/x/",
}
SPRING = {"sender": "颐美示范医院", "when": "6月", "phone": "021-00000000"}


@pytest.fixture(autouse=True)
def frozen(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


def confirm(patient: Patient, now: datetime, key: str = "booking:1") -> Message:
    return messages.send("booking.confirmed", patient=patient, params=BOOKED, key=key, now=now)


def advertise(patient: Patient, now: datetime, key: str = "spring:1") -> Message:
    return messages.send("campaign.spring", patient=patient, params=SPRING, key=key, now=now)


def fresh(message: Message) -> Message:
    return Message.objects.select_related("patient__person__vault_key").get(pk=message.pk)


def test_a_confirmed_booking_reaches_the_phone_once(
    patient: Patient, now: datetime, line: Channelled
) -> None:
    message = confirm(patient, now)
    assert (message.status, message.verdict) == (MessageStatus.QUEUED, Verdict.SEND)
    assert jobs.run_waiting() == 1
    assert line.sent == [(patient.person.phone, "预约确认", fresh(message).body)]
    assert "6月18日 10:00" in fresh(message).body
    assert fresh(message).status == MessageStatus.SENT
    assert fresh(message).sent_at == now
    assert message.deliveries.get().gateway_ref == "ref-1"


def test_the_same_key_sends_one_message(patient: Patient, now: datetime, line: Channelled) -> None:
    first, second = confirm(patient, now), confirm(patient, now)
    assert first == second
    jobs.run_waiting()
    assert len(line.sent) == 1


def test_the_decision_is_kept_and_on_record(patient: Patient, now: datetime) -> None:
    message = confirm(patient, now)
    assert message.reason == "服务通知消息，可以发送。"
    entry = Entry.objects.get(action="outbox.message.decided")
    assert entry.result == "send"
    assert entry.object_id == str(message.public_id)


def test_the_body_lies_encrypted_and_the_job_holds_ids_only(patient: Patient, now: datetime) -> None:
    message = confirm(patient, now)
    assert Job.objects.get().payload == {"messages": [str(message.public_id)]}
    destroy(patient.person.vault_key, at=now)
    assert "6月18日" not in fresh(message).body


def test_a_missing_word_is_refused_and_leaves_no_trace(patient: Patient, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="place、link、phone"):
        messages.send("booking.confirmed", patient=patient, params={"when": "明天"}, key="k", now=now)
    assert not Message.objects.exists()


def test_an_unknown_template_says_what_to_do(patient: Patient, now: datetime) -> None:
    with pytest.raises(RuleBroken, match="载入基础资料"):
        messages.send("nothing.such", patient=patient, params={}, key="k", now=now)


def test_marketing_without_consent_is_refused_with_its_article(
    patient: Patient, campaign: Template, now: datetime, line: Channelled
) -> None:
    message = advertise(patient, now)
    assert (message.status, message.article) == (MessageStatus.REFUSED, "《广告法》第四十三条")
    assert jobs.run_waiting() == 0
    assert line.sent == []


def test_marketing_with_consent_goes_out_up_to_the_cap(
    patient: Patient, campaign: Template, now: datetime, line: Channelled
) -> None:
    consents.give(patient, "marketing", now=now)
    statuses = [advertise(patient, now, key=f"spring:{n}").status for n in range(3)]
    assert statuses == [MessageStatus.QUEUED, MessageStatus.QUEUED, MessageStatus.REFUSED]
    assert confirm(patient, now).status == MessageStatus.QUEUED
    assert advertise(patient, now + 31 * DAY, key="summer:1").status == MessageStatus.QUEUED


def test_taking_consent_back_stops_what_is_already_queued(
    patient: Patient, campaign: Template, now: datetime, line: Channelled
) -> None:
    consents.give(patient, "marketing", now=now - DAY)
    marketing, booking = advertise(patient, now), confirm(patient, now)
    consents.withdraw(patient, "marketing", now=now)
    jobs.run_waiting()
    assert fresh(marketing).status == MessageStatus.REFUSED
    assert "退订" in fresh(marketing).reason
    assert fresh(booking).status == MessageStatus.SENT
    assert len(line.sent) == 1


def test_marketing_at_night_waits_for_the_morning(
    patient: Patient, campaign: Template, now: datetime, line: Channelled
) -> None:
    consents.give(patient, "marketing", now=now)
    night = datetime(2026, 6, 16, 22, 30, tzinfo=SHANGHAI)
    morning = datetime(2026, 6, 17, 8, 0, tzinfo=SHANGHAI)
    message = advertise(patient, night)
    assert (message.status, message.not_before) == (MessageStatus.HELD, morning)
    assert batches.release_held(now=morning - timedelta(minutes=1)) == 0
    with time_machine.travel(morning, tick=False):
        assert batches.release_held(now=morning) == 1
        jobs.run_waiting()
    assert fresh(message).status == MessageStatus.SENT
    assert confirm(patient, night).status == MessageStatus.QUEUED


def test_a_held_message_is_decided_again_before_it_goes(
    patient: Patient, campaign: Template, now: datetime, line: Channelled
) -> None:
    consents.give(patient, "marketing", now=now)
    message = advertise(patient, datetime(2026, 6, 16, 22, 30, tzinfo=SHANGHAI))
    morning = datetime(2026, 6, 17, 8, 0, tzinfo=SHANGHAI)
    consents.withdraw(patient, "marketing", now=morning - timedelta(hours=1))
    assert batches.release_held(now=morning) == 0
    assert fresh(message).status == MessageStatus.REFUSED


def test_a_part_above_may_say_that_this_is_no_time_for_marketing(
    patient: Patient, campaign: Template, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_quiet_reasons", [])
    registry.quiet_reason(lambda asked, at: {patient.pk: "术后十四天内。"} if patient.pk in asked else {})
    consents.give(patient, "marketing", now=now)
    refused = advertise(patient, now)
    assert refused.status == MessageStatus.REFUSED
    assert "术后十四天内。" in refused.reason
    assert confirm(patient, now).status == MessageStatus.QUEUED
    other = PatientFactory(campus=patient.campus)
    consents.give(other, "marketing", now=now)
    assert advertise(other, now, key="spring:2").status == MessageStatus.QUEUED


def test_minors_get_appointments_and_no_marketing(campaign: Template, campus: Campus, now: datetime) -> None:
    child = PatientFactory(campus=campus, person__birth_date=date(2010, 1, 1))
    assert "未成年人" in advertise(child, now).reason
    assert confirm(child, now).status == MessageStatus.QUEUED


def test_nothing_goes_to_somebody_who_was_erased(patient: Patient, now: datetime, line: Channelled) -> None:
    queued = confirm(patient, now)
    destroy(patient.person.vault_key, at=now)
    patient.refresh_from_db()
    assert confirm(patient, now, key="booking:2").status == MessageStatus.REFUSED
    jobs.run_waiting()
    assert fresh(queued).status == MessageStatus.REFUSED
    assert line.sent == []


@pytest.mark.parametrize("channel", [Channel.FILE, Channel.EMAIL])
def test_without_an_address_the_reason_says_so(campus: Campus, now: datetime, channel: Channel) -> None:
    patient = PatientFactory(campus=campus, person__phone="")
    message = messages.send(
        "booking.confirmed", patient=patient, params=BOOKED, key="k", now=now, channel=channel
    )
    assert message.status == MessageStatus.REFUSED
    assert "联系方式" in message.reason


def test_a_channel_that_says_no_leaves_a_failure_and_its_code(
    patient: Patient, now: datetime, line: Channelled
) -> None:
    message = confirm(patient, now)
    line.error = GatewayRefused("content-forbidden")
    jobs.run_waiting()
    assert fresh(message).status == MessageStatus.FAILED
    assert message.deliveries.get().error_code == "content-forbidden"


def test_a_broken_line_is_unknown_and_never_sent_again_by_itself(
    patient: Patient, now: datetime, line: Channelled
) -> None:
    message = confirm(patient, now)
    line.error = OutcomeUnknown("timeout")
    jobs.run_waiting()
    line.error = None
    batches.deliver_some([message.public_id], now=now)
    assert fresh(message).status == MessageStatus.UNKNOWN
    assert fresh(message).status == MessageStatus.UNKNOWN
    assert line.sent == []


def test_a_worker_that_dies_while_sending_leaves_unknown_not_two_messages(
    patient: Patient, now: datetime, line: Channelled
) -> None:
    message = confirm(patient, now)
    line.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        batches.deliver_some([message.public_id], now=now)
    assert fresh(message).status == MessageStatus.SENDING
    line.error = None
    assert jobs.run_waiting() == 1
    assert fresh(message).status == MessageStatus.UNKNOWN
    assert message.deliveries.get().error_code == "interrupted"
    assert line.sent == []


def test_a_person_may_send_again_what_failed(patient: Patient, now: datetime, line: Channelled) -> None:
    staff = StaffFactory(campus=patient.campus)
    message = confirm(patient, now)
    with pytest.raises(RuleBroken, match="重新发送"):
        messages.send_again(message.public_id, by=staff, now=now)
    line.error = OutcomeUnknown(smtplib.SMTPServerDisconnected.__name__)
    jobs.run_waiting()
    line.error = None
    messages.send_again(message.public_id, by=staff, now=now + timedelta(minutes=5))
    jobs.run_waiting()
    assert fresh(message).status == MessageStatus.SENT
    assert [delivery.status for delivery in message.deliveries.all()] == ["unknown", "sent"]


def test_messages_of_another_campus_are_not_there(patient: Patient, now: datetime) -> None:
    message = confirm(patient, now)
    with pytest.raises(NotFound):
        messages.send_again(message.public_id, by=StaffFactory(campus=CampusFactory()), now=now)


def test_every_template_serves_a_purpose_that_is_registered(campus: Campus) -> None:
    wanted = set(Template.objects.values_list("purpose_code", flat=True))
    assert wanted <= set(Purpose.objects.values_list("code", flat=True))


def test_templates_load_once_and_name_nothing_medical(campus: Campus, now: datetime) -> None:
    assert reference.load(now) == 0
    for template in Template.objects.all():
        assert places(template.body)
        for word in ("整形", "美容", "手术", "医疗", "鼻", "眼"):
            assert word not in template.body


def test_the_database_refuses_to_edit_a_delivery() -> None:
    delivery = DeliveryFactory(message=MessageFactory())
    with pytest.raises(IntegrityError, match="delivery_append_only"), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(status=MessageStatus.FAILED)
