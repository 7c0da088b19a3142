"""Reads: what is known before a decision, messages of a patient, notices of a member of staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.outbox import registry
from yimei.outbox.enums import Channel, MessageClass, MessageStatus
from yimei.outbox.models import Message, Notification, Template
from yimei.outbox.rules.decision import Facts, Limits
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy.enums import ChipState
from yimei.privacy.queries import chip, limit

GONE_OUT = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.UNKNOWN)
"""Statuses that count towards the cap: the person has it, will have it, or may have it."""


@dataclass(frozen=True)
class Ground:
    """Facts and numbers of one decision."""

    facts: Facts
    limits: Limits


def ground_of(
    template: Template,
    patient: Patient,
    *,
    channel: Channel,
    now: datetime,
    besides: int = 0,
    guardian: Guardian | None = None,
) -> Ground:
    """Collect what the decision asks; ``besides`` is the message itself when it is decided again."""
    person, day = patient.person, local_date(now)
    is_erased = person.vault_key.is_destroyed or patient.is_sealed
    limits = Limits(
        quiet_from=limit("marketing.quiet_from", day),
        quiet_until=limit("marketing.quiet_until", day),
        cap=limit("marketing.cap", day),
        cap_days=limit("marketing.cap_days", day),
    )
    if is_erased:
        return Ground(Facts(now=now, is_erased=True), limits)
    standing = chip(patient, template.purpose_code, now)
    is_marketing = template.message_class == MessageClass.MARKETING
    facts = Facts(
        now=now,
        has_address=bool(address_of(patient, channel, guardian=guardian)),
        is_minor=needs_guardian(person.birth_date, day),
        needs_consent=standing is not None,
        has_consent=standing is not None and standing.is_given,
        has_opted_out=standing is not None and standing.state in {ChipState.WITHDRAWN, ChipState.REFUSED},
        quiet_reason=registry.reason_to_be_quiet(patient, now) if is_marketing else "",
        marketing_sent=_marketing_sent(patient, now, limits.cap_days, besides) if is_marketing else 0,
    )
    return Ground(facts, limits)


def address_of(patient: Patient, channel: Channel, *, guardian: Guardian | None = None) -> str:
    """Where this channel reaches the person, or who answers for her; empty when it cannot."""
    if channel == Channel.IN_APP:
        return str((guardian or patient).public_id)
    if channel == Channel.FILE:
        return str((guardian or patient).person.phone)
    return ""


def template(code: str) -> Template:
    found = Template.objects.filter(code=code, is_active=True).first()
    if found is None:
        text = _("没有启用的消息模板「%(code)s」，请先载入基础资料。")
        raise RuleBroken(text % {"code": code}, code="template-missing")
    return found


def messages_of(patient: Patient) -> QuerySet[Message]:
    """Messages to one patient, newest first, ready for a list."""
    rows = Message.objects.filter(patient=patient)
    return rows.select_related("template", "by", "patient__person__vault_key")


def message_counts(patient: Patient) -> Mapping[str, int]:
    """How many messages of each status."""
    rows = (
        Message.objects.filter(patient=patient).order_by().values_list("status").annotate(count=Count("pk"))
    )
    return dict(rows)


def notifications(staff: Staff, *, size: int = 20) -> QuerySet[Notification]:
    """The newest lines of a bell."""
    return Notification.objects.visible_to(staff)[:size]


def unread_count(staff: Staff) -> int:
    return Notification.objects.visible_to(staff).unread().count()


def _marketing_sent(patient: Patient, now: datetime, days: int, besides: int) -> int:
    recent = Message.objects.filter(
        patient=patient,
        message_class=MessageClass.MARKETING,
        status__in=GONE_OUT,
        created_at__gt=now - timedelta(days=days),
    )
    return recent.exclude(pk=besides).count()
