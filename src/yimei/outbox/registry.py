"""What upper parts tell the outbox, and which gateway serves which channel."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from yimei.outbox.enums import Channel
from yimei.outbox.gateways.base import Gateway, GatewayRefused
from yimei.outbox.gateways.console import FileGateway
from yimei.outbox.gateways.inapp import InAppGateway
from yimei.outbox.gateways.mail import MailGateway
from yimei.outbox.rules.enquiries import Enquiry
from yimei.people.models import Patient
from yimei.people.queries.merges import files_by_person
from yimei.privacy.queries import parties

QuietReason = Callable[[Collection[int], datetime], Mapping[int, str]]
"""Customers' keys and now → a Chinese sentence for each of them who is to be left in peace."""

Enquiries = Callable[[Collection[int], datetime], Mapping[int, Enquiry]]
"""Numbers of enquiries' keys and now → what is known of each; an erased one is left out."""

_quiet_reasons: list[QuietReason] = []
_enquiries: list[Enquiries] = []
_gateways: dict[Channel, Gateway] = {
    Channel.FILE: FileGateway(),
    Channel.EMAIL: MailGateway(),
    Channel.IN_APP: InAppGateway(),
}


def quiet_reason(asked: QuietReason) -> QuietReason:
    """Register a function that says, as Chinese sentences, which of these customers get no marketing now."""
    if asked not in _quiet_reasons:
        _quiet_reasons.append(asked)
    return asked


def reason_to_be_quiet(patient: Patient, now: datetime) -> str:
    """Return the first sentence that any part gives, or nothing."""
    return reasons_to_be_quiet([patient.pk], now).get(patient.pk, "")


def reasons_to_be_quiet(patients: Collection[int], now: datetime) -> dict[int, str]:
    """The same for many at once: each part asks its tables a fixed number of times.

    What speaks for leaving one file of a person in peace speaks for all of them.
    """
    families = files_by_person(patients)
    wanted = set(patients).union(*families.values())
    found: dict[int, str] = {}
    for ask in _quiet_reasons:
        found = {**ask(wanted, now), **found}
    said = {pk: [found[file] for file in families.get(pk, (pk,)) if file in found] for pk in patients}
    return {pk: reasons[0] for pk, reasons in said.items() if reasons}


def use_enquiries(tell: Enquiries) -> Enquiries:
    """Register whoever keeps the enquiries of people who are no customers."""
    if tell not in _enquiries:
        _enquiries.append(tell)
    return tell


def enquiries(keys: Collection[int], now: datetime) -> dict[int, Enquiry]:
    """What is known of these enquiries, in a fixed number of queries."""
    found: dict[int, Enquiry] = {}
    for tell in _enquiries:
        found.update(tell(keys, now))
    return found


def gateway(channel: Channel) -> Gateway:
    return _gateways[channel]


def refuse_unlisted(gateway: Gateway, now: datetime) -> None:
    """Let nothing out to a party that the register does not list, or no longer (P-3)."""
    code = getattr(gateway, "party", "undeclared")
    if code and parties.refusal(code, now) is not None:
        raise GatewayRefused(f"party-refused:{code}")


def use_gateway(channel: Channel, gateway: Gateway) -> Gateway:
    """Put a gateway behind a channel; returns the one that stood there."""
    before = _gateways[channel]
    _gateways[channel] = gateway
    return before
