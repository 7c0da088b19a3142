"""Who receives personal information, and whether anything may be sent there now."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.errors import Missing, RuleBroken
from yimei.privacy import registry
from yimei.privacy.enums.parties import DutySide, PartyKind, PartyState, TransferState
from yimei.privacy.models import JointPass, Party, RightsRequest, Transfer
from yimei.privacy.rules import parties as rules

SOON = timedelta(days=30)


def listed(*, state: str = "", text: str = "") -> QuerySet[Party]:
    rows = Party.objects.select_related("approved_by")
    if state:
        rows = rows.filter(state=state)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(code__icontains=text) | Q(service__icontains=text))
    return rows


def facts_of(party: Party, on: date) -> rules.Facts:
    return rules.Facts(
        name=party.name,
        kind=PartyKind(party.kind),
        state=PartyState(party.state),
        country=party.country,
        valid_to=party.valid_to,
        next_review_on=party.next_review_on,
        has_transfer=party.is_abroad
        and Transfer.objects.filter(party=party, state=TransferState.ACTIVE)
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .exists(),
    )


def refusal(code: str, now: datetime) -> Missing | None:
    """Why nothing may be sent to the party of this code now; nothing when it may."""
    on = local_date(now)
    party = Party.objects.filter(code=code).first()
    return rules.reason_not_to_send(facts_of(party, on) if party else None, code=code, on=on)


def need(code: str, now: datetime) -> None:
    """The gate of every outgoing interface and export: refuse an unlisted or lapsed party (P-3, X-8)."""
    why = refusal(code, now)
    if why is not None:
        raise RuleBroken(_("不能向这个接收方发送个人信息。"), missing=[why], code="party")


def titles(codes: list[str]) -> list[str]:
    """The words of the data map for what is sent."""
    return [holding.title if (holding := registry.find(code)) else code for code in codes]


def choices() -> list[tuple[str, str]]:
    """What can be sent: the holdings about persons."""
    return [(one.code, one.title) for one in registry.all_holdings() if one.subjects]


def lapsing(now: datetime) -> list[tuple[Party, str]]:
    """Contracts and reviews that end within a month or are over, and relations that ended without proof."""
    on = local_date(now)
    found = []
    for party in Party.objects.filter(state__in=[PartyState.ACTIVE, PartyState.SUSPENDED]):
        why = rules.reason_not_to_send(facts_of(party, on), code=party.code, on=on)
        if party.state == PartyState.SUSPENDED:
            found.append((party, _("已暂停：恢复合作，或取得返还、删除证明后终止")))
        elif why is not None:
            found.append((party, why.what))
        elif party.valid_to and party.valid_to < on + SOON:
            found.append((party, _("合同 %(day)s 到期") % {"day": party.valid_to}))
        elif party.next_review_on and party.next_review_on < on + SOON:
            found.append((party, _("复核 %(day)s 到期") % {"day": party.next_review_on}))
    return found


def receivers(consent_purposes: Collection[str], on: date) -> Mapping[str, list[str]]:
    """Who receives data under each of these purposes, with all that PIPL 23 asks to tell: one query."""
    rows = Party.objects.filter(
        kind=PartyKind.RECIPIENT, state=PartyState.ACTIVE, consent_purpose__in=consent_purposes
    )
    found: dict[str, list[str]] = {code: [] for code in consent_purposes}
    for party in rows.filter(Q(valid_to=None) | Q(valid_to__gte=on), country="CN").order_by("code"):
        found[party.consent_purpose].append(words_of(party))
    return found


def words_of(party: Party) -> str:
    """How a notice names a receiver; who agrees must have read these words."""
    words = _("%(name)s（%(contact)s），%(service)s，%(method)s，%(what)s")
    return words % {
        "name": party.name,
        "contact": party.contact,
        "service": party.service,
        "method": party.method,
        "what": "、".join(titles(party.holdings)),
    }


def joint_handlers(on: date) -> QuerySet[Party]:
    """Those with whom purposes and means are decided together, while the agreement is in force (PIPL 20)."""
    rows = Party.objects.filter(kind=PartyKind.JOINT, state=PartyState.ACTIVE)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=on)).order_by("name")


def duties_of(party: Party) -> list[tuple[str, str]]:
    """Who does what, as the agreement says."""
    agreed = {code: DutySide(side) for code, side in party.duties.items() if side in DutySide}
    return [(str(label), str(agreed[code].label)) for code, label in rules.DUTIES.items() if code in agreed]


def passes_of(request: RightsRequest, *, on: date) -> list[tuple[Party, JointPass | None]]:
    """Which joint handlers a request concerns, and whether they were told of it."""
    told = {one.party_id: one for one in request.passes.select_related("by")}
    return [(party, told.get(party.pk)) for party in joint_handlers(on)]
