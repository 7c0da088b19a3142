"""Messages to people who asked and are no customers: decided, held, sent, stopped, forgotten like any other.

Whoever keeps the enquiry tells what is known of it (`registry.use_enquiries`); the number is read from there
when the channel is called and stands nowhere else.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from yimei.core.clock import local_date
from yimei.outbox import registry
from yimei.outbox.access import link_of
from yimei.outbox.actions import engine
from yimei.outbox.enums import MessageClass, MessageStatus, Verdict
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.models import EnquiryMessage, Template
from yimei.outbox.queries import enquiry_facts, limits_of, number_token
from yimei.outbox.rules.decision import Decision, Limits
from yimei.outbox.rules.enquiries import Facts, decide
from yimei.people.models import Patient
from yimei.vault.models import DataKey


class _ToEnquirers(engine.Kind[EnquiryMessage]):
    model = EnquiryMessage
    people = ("template", "vault_key")
    event = "outbox.enquiry.decided"

    def locks(self, messages: Collection[EnquiryMessage], *, now: datetime) -> set[str]:
        known = registry.enquiries({one.vault_key_id for one in messages}, now)
        return {engine.number_lock(one.phone) for one in known.values() if one.phone}

    def ask(self, messages: Sequence[EnquiryMessage], *, now: datetime) -> list[engine.Asked]:
        """Her number's mark, by which one cap holds for one number, is written down on the way."""
        limits = limits_of(local_date(now))
        known = enquiry_facts({one.vault_key_id for one in messages}, now, limits.cap_days)
        found = []
        for one in messages:
            facts, counted = known[one.vault_key_id]
            one.token = number_token(facts.enquiry.phone) if facts.enquiry and facts.enquiry.phone else None
            if one.pk in counted:
                facts = replace(
                    facts, sent=facts.sent - 1, marketing_sent=facts.marketing_sent - counted[one.pk]
                )
            judge = partial(_judge, MessageClass(one.message_class), facts, limits)
            found.append(engine.Asked(one.token, judge))
        return found

    def reach(self, message: EnquiryMessage, *, now: datetime) -> tuple[str, str]:
        known = registry.enquiries([message.vault_key_id], now).get(message.vault_key_id)
        return known.phone if known else "", link_of(message)

    def keep(self, message: EnquiryMessage, *, now: datetime, ref: str, error_code: str) -> Sequence[str]:
        message.gateway_ref, message.error_code = ref, error_code
        return ("gateway_ref", "error_code")


def _judge(
    message_class: MessageClass, facts: Facts, limits: Limits, marketing: int, of_any_kind: int
) -> Decision:
    more = replace(facts, marketing_sent=facts.marketing_sent + marketing, sent=facts.sent + of_any_kind)
    return decide(message_class, more, limits)


KIND = _ToEnquirers()


def prepare(template: Template, *, vault_key: DataKey, params: Mapping[str, str], key: str) -> EnquiryMessage:
    """One message that somebody means to send to whoever asked: its text is whole, nothing is decided."""
    message = EnquiryMessage(vault_key=vault_key, template=template, key=key)
    return engine.fill(message, params, is_gone=False)


@transaction.atomic
def became(vault_key: DataKey, patient: Patient, *, now: datetime) -> None:
    """She is a customer now: what she got on her enquiry counts for her. Part of a larger action."""
    EnquiryMessage.objects.filter(vault_key=vault_key).update(patient=patient)
    stop_waiting(vault_key, now=now)


@transaction.atomic
def stop_waiting(vault_key: DataKey, *, now: datetime) -> int:
    """Her enquiry is over, or another's now: what waits for her and may go no more stops at once."""
    return engine.refuse_waiting(KIND, EnquiryMessage.objects.filter(vault_key=vault_key), now=now)


@transaction.atomic
def forget(vault_key: DataKey) -> int:
    """The enquiry is erased: what waits goes no more, words and marks are gone. Part of a larger action."""
    return _forget(EnquiryMessage.objects.filter(vault_key=vault_key))


def erase_enquiry_messages(patient: Patient, now: datetime) -> int:
    """The same of everything that a customer got when she only asked."""
    return _forget(EnquiryMessage.objects.filter(patient=patient))


def _forget(rows: QuerySet[EnquiryMessage]) -> int:
    rows.filter(status__in=engine.WAITING).update(
        status=MessageStatus.REFUSED,
        verdict=Verdict.REFUSE,
        reason=gettext_noop("咨询记录已删除。"),
        not_before=None,
    )
    FileGateway.forget(set(rows.exclude(gateway_ref="").values_list("gateway_ref", flat=True)))
    return rows.update(body=None, params=None, token=None)
