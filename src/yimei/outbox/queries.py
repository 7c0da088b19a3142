"""Reads: what is known before a decision, messages of a patient, notices of a member of staff."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.clock import local_date, local_day
from yimei.core.errors import RuleBroken
from yimei.outbox import registry
from yimei.outbox.enums import Channel, MessageClass, MessageStatus
from yimei.outbox.models import EnquiryMessage, Message, Notification, NumberStop, Template
from yimei.outbox.rules import enquiries
from yimei.outbox.rules.decision import Facts, Limits
from yimei.people.enums import TokenKind
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.queries.merges import files_by_person
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy.enums import Basis, ChipState, ProofState
from yimei.privacy.models import Limit, Purpose
from yimei.privacy.queries import has_consent, limits_on, majority, standings
from yimei.privacy.queries.erasure import periods
from yimei.privacy.queries.register import facts_of
from yimei.privacy.registry import Proof, control
from yimei.privacy.rules.erasure import add_months
from yimei.privacy.rules.majority import Phase
from yimei.privacy.rules.restriction import stops
from yimei.vault import blind

MARKETING, ENQUIRY_CAP = "marketing", "enquiry.cap"
MESSAGES, UNTIL_LOADED = "message", 36
"""The period of what was sent, and its months while it is not in the register yet."""
GONE_OUT = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.UNKNOWN)
"""Statuses that count towards the cap: the person has it, will have it, or may have it."""


TO_FORMER_GUARDIANS = frozenset({"privacy.majority.ended"})
"""What tells a guardian that her rights have ended goes to her after they have."""


NOS = frozenset({ChipState.WITHDRAWN, ChipState.REFUSED})


@dataclass(frozen=True)
class Ground:
    """Facts and numbers of one decision."""

    facts: Facts
    limits: Limits


@dataclass(frozen=True)
class Question:
    """May this template go to this person on this channel? `besides` is the message decided again."""

    template: Template
    patient: Patient
    channel: Channel
    guardian: Guardian | None = None
    besides: int = 0

    @property
    def is_marketing(self) -> bool:
        return self.template.message_class == MessageClass.MARKETING


def ground_of(template: Template, patient: Patient, *, channel: Channel, now: datetime) -> Ground:
    """Collect what the decision asks."""
    return grounds_of([Question(template, patient, channel)], now=now)[0]


def grounds_of(questions: Sequence[Question], *, now: datetime) -> list[Ground]:
    """The same for many messages at once, in a fixed number of queries; people come with their keys."""
    day = local_date(now)
    limits = limits_of(day)
    codes = {one.template.purpose_code for one in questions}
    purposes = list(Purpose.objects.filter(code__in=codes))
    asking = {one.code for one in purposes if one.is_active and one.basis == Basis.CONSENT}
    optional = {one.code for one in purposes if stops(facts_of(one))}
    states = standings({one.patient for one in questions}, asking, now) if asking else {}
    advertised = {one.patient.pk for one in questions if one.is_marketing}
    quiet = registry.reasons_to_be_quiet(advertised, now) if advertised else {}
    sent = _sent_to_person(advertised, now, limits.cap_days) if advertised else {}
    asked = sent_as_enquirer([one.patient for one in questions if one.is_marketing], now, limits.cap_days)
    stopped = _stopped({one.patient for one in questions if one.is_marketing}, now)
    guarded = {one.patient.pk for one in questions if one.guardian is not None}
    outgrown = _of_age([one.patient for one in questions if one.guardian], now) if guarded else set()
    borrowed = _at_guardians_number(questions, now)
    found = []
    for one in questions:
        person, pk = one.patient.head.person, one.patient.pk
        if person.vault_key.is_destroyed or one.patient.is_sealed:
            found.append(Ground(Facts(now=now, is_erased=True), limits))
            continue
        state = states.get((pk, one.template.purpose_code))
        facts = Facts(
            now=now,
            is_stopped=one.patient.is_restricted
            and (one.is_marketing or one.template.purpose_code in optional),
            has_address=bool(address_of(one.patient, one.channel, guardian=one.guardian)),
            is_minor=needs_guardian(person.birth_date, day),
            is_outgrown=one.guardian is not None
            and pk in outgrown
            and one.template.code not in TO_FORMER_GUARDIANS,
            has_guardians_number=one.guardian is None and one.channel == Channel.FILE and pk in borrowed,
            needs_consent=one.template.purpose_code in asking,
            has_consent=state == ChipState.GIVEN and not (one.is_marketing and pk in stopped),
            has_opted_out=state in NOS or (one.is_marketing and pk in stopped),
            quiet_reason=quiet.get(pk, "") if one.is_marketing else "",
            marketing_sent=len(sent.get(pk, set()) - {one.besides}) + asked.get(pk, 0)
            if one.is_marketing
            else 0,
        )
        found.append(Ground(facts, limits))
    return found


def limits_of(day: date) -> Limits:
    """The numbers in force on a day."""
    names = {name: f"marketing.{name}" for name in ("quiet_from", "quiet_until", "cap", "cap_days")}
    numbers = limits_on(names.values(), day)
    found = {name: numbers[code] for name, code in names.items()}
    rows = Limit.objects.filter(Q(effective_to=None) | Q(effective_to__gte=day), code=ENQUIRY_CAP)
    cap = (
        rows.filter(effective_from__lte=day).order_by("effective_from").values_list("value", flat=True).last()
    )
    return Limits(**found, enquiry_cap=Limits.enquiry_cap if cap is None else cap)


def address_of(patient: Patient, channel: Channel, *, guardian: Guardian | None = None) -> str:
    """Where this channel reaches the person, or who answers for her; empty when it cannot."""
    if channel == Channel.IN_APP:
        return str((guardian or patient.head).public_id)
    if channel == Channel.FILE:
        if guardian is not None:
            return "" if guardian.person.vault_key.is_destroyed else str(guardian.person.phone)
        return str(patient.head.person.phone or patient.person.phone)
    return ""


def old_messages(on: date) -> QuerySet[Message]:
    """Messages whose period is over on a day and that still hold their words."""
    spoken = Q(body__isnull=False) | Q(params__isnull=False) | ~Q(link_token="")
    return Message.objects.filter(spoken, created_at__lt=_over_before(on)).order_by()


def old_enquiry_messages(on: date) -> QuerySet[EnquiryMessage]:
    """The same of people who only asked."""
    spoken = Q(body__isnull=False) | Q(params__isnull=False)
    return EnquiryMessage.objects.filter(spoken, created_at__lt=_over_before(on)).order_by()


def _over_before(on: date) -> datetime:
    rule = periods(on).get(MESSAGES)
    return local_day(add_months(on, -(rule.months if rule else UNTIL_LOADED)))[0]


@control("retention.messages", gettext_lazy("期满的消息已清空正文"), measure=2, rules=("D-2",))
def words_of_messages_go(now: datetime) -> Proof:
    """The night empties them; two nights later none may be left."""
    day = local_date(now - timedelta(days=2))
    late = old_messages(day).count() + old_enquiry_messages(day).count()
    if late:
        return Proof(ProofState.BAD, _("%(n)d 条消息期满仍有正文") % {"n": late}, late)
    return Proof(ProofState.GOOD, _("没有期满仍有正文的消息"))


def template(code: str) -> Template:
    found = Template.objects.filter(code=code, is_active=True).first()
    if found is None:
        text = _("没有启用的消息模板「%(code)s」，请先载入基础资料。")
        raise RuleBroken(text % {"code": code}, code="template-missing")
    return found


def messages_of(patient: Patient) -> QuerySet[Message]:
    """Messages to one person, under whichever file, newest first, ready for a list."""
    rows = Message.objects.filter(patient__in=Patient.objects.files_of(patient))
    return rows.select_related("template", "by", "patient__person__vault_key")


def message_counts(patient: Patient) -> Mapping[str, int]:
    """How many messages of each status."""
    rows = Message.objects.filter(patient__in=Patient.objects.files_of(patient))
    return dict(rows.order_by().values_list("status").annotate(count=Count("pk")))


def notifications(staff: Staff, *, size: int = 20) -> QuerySet[Notification]:
    """The newest lines of a bell."""
    return Notification.objects.visible_to(staff)[:size]


def unread_count(staff: Staff) -> int:
    return Notification.objects.visible_to(staff).unread().count()


def messages_of_enquiry(key: int) -> QuerySet[EnquiryMessage]:
    """Messages to somebody who asked, newest first, ready for a list."""
    return EnquiryMessage.objects.filter(vault_key=key).select_related("template", "by", "vault_key")


def number_token(number: str) -> bytes:
    """The keyed mark of a number: the same for whoever asked and for a customer."""
    return blind.token(TokenKind.PHONE.value, number)


def stops_of(tokens: Collection[bytes], now: datetime) -> dict[bytes, datetime]:
    """The last no at each of these numbers."""
    rows = NumberStop.objects.filter(token__in=tokens, at__lte=now).order_by("at")
    return {bytes(token): at for token, at in rows.values_list("token", "at")}


def enquiry_facts(
    keys: Collection[int], now: datetime, days: int
) -> dict[int, tuple[enquiries.Facts, dict[int, bool]]]:
    """Facts of each enquiry, with the messages counted in them: number and whether it is an advertisement.

    Whose number it is decides: what customers at the same number got counts as hers.
    """
    known = registry.enquiries(keys, now)
    tokens = {key: number_token(one.phone) for key, one in known.items() if one.phone}
    stops = stops_of(set(tokens.values()), now)
    since = now - timedelta(days=days)
    counted: dict[bytes, dict[int, bool]] = defaultdict(dict)
    rows = EnquiryMessage.objects.filter(
        token__in=set(tokens.values()), status__in=GONE_OUT, created_at__gt=since
    )
    for token, pk, message_class in rows.order_by().values_list("token", "pk", "message_class"):
        counted[bytes(token or b"")][pk] = message_class == MessageClass.MARKETING
    to_customers = _advertised_at(set(tokens.values()), now, days)
    found = {}
    for key in keys:
        token = tokens.get(key, b"")
        mine = counted[token]
        facts = enquiries.Facts(
            now=now,
            enquiry=known.get(key),
            stopped_at=stops.get(token),
            marketing_sent=sum(mine.values()) + to_customers.get(token, 0),
            sent=len(mine),
        )
        found[key] = (facts, mine)
    return found


def sent_as_enquirer(patients: Collection[Patient], now: datetime, days: int) -> dict[int, int]:
    """The advertisements that each of these got as somebody who asked: by her number, or by her file."""
    if not patients:
        return {}
    living = [one for one in patients if not one.is_sealed and not one.person.vault_key.is_destroyed]
    numbers = {one.pk: number_token(number) for one in living if (number := address_of(one, Channel.FILE))}
    families = files_by_person([one.pk for one in living])
    files = {one.pk: families.get(one.pk, frozenset({one.pk})) for one in living}
    rows = EnquiryMessage.objects.filter(
        Q(token__in=set(numbers.values())) | Q(patient__in=set().union(*files.values())),
        message_class=MessageClass.MARKETING,
        status__in=GONE_OUT,
        created_at__gt=now - timedelta(days=days),
    )
    sent = [(bytes(token or b""), one) for token, one in rows.order_by().values_list("token", "patient")]
    return {
        pk: sum(token == numbers.get(pk) or patient in mine for token, patient in sent)
        for pk, mine in files.items()
    }


def _advertised_at(tokens: Collection[bytes], now: datetime, days: int) -> dict[bytes, int]:
    """How many advertisements the customers at each number got, under whichever of their files."""
    people = Patient.objects.filter(person__tokens__token__in=tokens).order_by()
    at: dict[bytes, set[int]] = defaultdict(set)
    for token, pk in people.values_list("person__tokens__token", "pk"):
        if bytes(token) in tokens:
            at[bytes(token)].add(pk)
    sent = _sent_to_person(set().union(*at.values()), now, days) if at else {}
    return {token: len(set().union(*(sent.get(pk, set()) for pk in pks))) for token, pks in at.items()}


def _stopped(patients: Collection[Patient], now: datetime) -> set[int]:
    """Those at whose number somebody refused advertisements after they agreed to them."""
    living = [
        one for one in patients if not one.person.vault_key.is_destroyed and address_of(one, Channel.FILE)
    ]
    if not living:
        return set()
    numbers = [address_of(one, Channel.FILE) for one in living]
    tokens = blind.tokens(TokenKind.PHONE.value, numbers)
    stops = stops_of(tokens, now)
    found = set()
    for one, token in zip(living, tokens, strict=True):
        if token in stops:
            consent = has_consent(one, MARKETING, now)
            if consent is None or consent.at <= stops[token]:
                found.add(one.pk)
    return found


def _of_age(patients: Collection[Patient], now: datetime) -> set[int]:
    """Those of these who answer for themselves: no guardian is told about them any more."""
    living = [one for one in patients if not one.head.person.vault_key.is_destroyed]
    known = majority.phases(living, on=local_date(now))
    return {one.pk for one in living if known[one.head_id] == Phase.OF_AGE}


def _at_guardians_number(questions: Sequence[Question], now: datetime) -> set[int]:
    """Those of age whom this channel would reach at a number that was their guardian's."""
    hers = {one.patient.pk: one.patient for one in questions if one.guardian is None}
    living = [
        one for one in hers.values() if not one.is_sealed and not one.head.person.vault_key.is_destroyed
    ]
    return majority.with_guardians_number(living, on=local_date(now)) if living else set()


def _sent_to_person(patients: Collection[int], now: datetime, days: int) -> dict[int, set[int]]:
    """The same for the person, under whichever of her files they were sent."""
    families = files_by_person(patients)
    sent = _marketing_sent(set(patients).union(*families.values()), now, days)
    return {pk: set().union(*(sent.get(file, set()) for file in families.get(pk, (pk,)))) for pk in patients}


def _marketing_sent(patients: Collection[int], now: datetime, days: int) -> dict[int, set[int]]:
    """The advertisements that each of these has got, or will get, within so many days."""
    recent = Message.objects.filter(
        patient__in=patients,
        message_class=MessageClass.MARKETING,
        status__in=GONE_OUT,
        created_at__gt=now - timedelta(days=days),
    )
    found: dict[int, set[int]] = defaultdict(set)
    for patient, pk in recent.order_by().values_list("patient", "pk"):
        found[patient].add(pk)
    return found
