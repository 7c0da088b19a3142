from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

import pytest

from tests.factories.crowd import at_once
from tests.factories.people import PatientFactory
from tests.outbox.conftest import Channelled
from yimei.audit.chain import verify
from yimei.core.clock import SHANGHAI
from yimei.core.models import Job
from yimei.outbox.actions import batches, messages
from yimei.outbox.enums import MessageStatus
from yimei.outbox.models import Message, Template
from yimei.people.models import Patient
from yimei.privacy.actions import consents

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")
CONTENDERS = 8
SPRING = {"sender": "颐美示范医院", "when": "6月", "phone": "021-00000000"}


def by_all(act: Callable[[int], T]) -> list[T]:
    """Let every worker do the same thing at once; nobody fails."""
    done = at_once([partial(act, worker) for worker in range(CONTENDERS)])
    failed = [one for one in done if isinstance(one, BaseException)]
    assert not failed
    return done  # type: ignore[return-value]


def test_one_key_is_one_message_however_many_ask(patient: Patient, campaign: Template, now: datetime) -> None:
    consents.give(patient, "marketing", now=now)
    sent = by_all(
        lambda _n: messages.send("campaign.spring", patient=patient, params=SPRING, key="k", now=now)
    )
    assert len({message.pk for message in sent}) == 1
    assert Message.objects.count() == Job.objects.count() == 1


def test_the_cap_holds_when_campaigns_start_together(
    patient: Patient, campaign: Template, now: datetime
) -> None:
    consents.give(patient, "marketing", now=now)
    sent = by_all(
        lambda n: messages.send("campaign.spring", patient=patient, params=SPRING, key=f"k{n}", now=now)
    )
    queued = [message for message in sent if message.status == MessageStatus.QUEUED]
    assert len(queued) == 2


def test_two_workers_with_one_message_send_it_once(
    patient: Patient, campaign: Template, now: datetime, line: Channelled
) -> None:
    consents.give(patient, "marketing", now=now)
    message = messages.send("campaign.spring", patient=patient, params=SPRING, key="k", now=now)
    by_all(lambda _n: batches.deliver_some([message.public_id], now=now))
    assert len(line.sent) == 1
    assert Message.objects.get().status == MessageStatus.SENT


def test_the_cap_holds_when_workers_release_the_night_together(
    patient: Patient, campaign: Template, now: datetime
) -> None:
    """Five messages wait for the morning; six workers let them go at once, two may."""
    consents.give(patient, "marketing", now=now)
    night = datetime(2026, 6, 16, 22, 30, tzinfo=SHANGHAI)
    for n in range(5):
        messages.send("campaign.spring", patient=patient, params=SPRING, key=f"k{n}", now=night)
    morning = datetime(2026, 6, 17, 8, 0, tzinfo=SHANGHAI)
    by_all(lambda _n: batches.release_held(now=morning, size=2))
    batches.release_held(now=morning)
    statuses = list(Message.objects.values_list("status", flat=True))
    assert statuses.count(MessageStatus.QUEUED) == 2
    assert statuses.count(MessageStatus.REFUSED) == 3


def test_the_cap_holds_when_eight_workers_decide_about_the_same_people(
    patient: Patient, campaign: Template, now: datetime
) -> None:
    """Each worker brings two advertisements for everybody, in an order of its own; two a week may go."""
    people = [patient, *(PatientFactory(campus=patient.campus) for _n in range(3))]
    for one in people:
        consents.give(one, "marketing", now=now)

    def decide(worker: int) -> None:
        wanted = [
            messages.prepare(campaign, patient=one, params=SPRING, key=f"{worker}:{one.pk}:{n}")
            for one in people
            for n in range(2)
        ]
        batches.send_many(wanted if worker % 2 else wanted[::-1], now=now)

    by_all(decide)
    going = Message.objects.filter(status=MessageStatus.QUEUED).values_list("patient", flat=True)
    assert Counter(going) == {one.pk: 2 for one in people}
    assert Message.objects.count() == CONTENDERS * 2 * len(people)
    assert verify().is_sound
