"""What stands in the way of giving a list to somebody outside (PIPL 21, 23, 38, 39)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.core.language import in_house
from yimei.people.models import Patient
from yimei.privacy.enums.parties import PartyKind, PartyState, TransferState
from yimei.privacy.models import Party, Transfer
from yimei.privacy.queries import parties
from yimei.privacy.queries.consents import told_of
from yimei.privacy.rules import parties as rules


def recipients() -> list[tuple[str, str]]:
    """Whom an export may name: the approved parties by their codes."""
    rows = Party.objects.filter(state=PartyState.ACTIVE)
    return [(party.code, f"{party.name}（{party.service[:20]}）") for party in rows]


def need(code: str, holdings: Collection[str], subjects: Collection[UUID], now: datetime) -> Party:
    """Return the party, or refuse: unlisted, lapsed, not for these data, or without the persons' consent."""
    parties.need(code, now)
    party = Party.objects.get(code=code)
    missing = rules.not_agreed(
        [parties.titles([one])[0] for one in sorted(set(holdings) - set(party.holdings))], name=party.name
    )
    if party.kind == PartyKind.RECIPIENT:
        people = people_of(subjects)
        with in_house():
            words = parties.words_of(party)
        absent = len(people) - len(told_of(people, party.consent_purpose, words, now))
        missing += rules.not_consented(absent, name=party.name)
    if missing:
        raise RuleBroken(_("不能向这个接收方发送个人信息。"), missing=missing, code="party")
    return party


def transfer_for(party: Party, holdings: Iterable[str]) -> str:
    """The code of the released transfer under which these data go to a party abroad; none is a refusal."""
    wanted = set(holdings)
    for transfer in Transfer.objects.filter(party=party, state=TransferState.ACTIVE):
        if wanted <= set(transfer.holdings):
            return transfer.code
    what = _("「%(name)s」没有涵盖这些信息的、已放行的出境活动") % {"name": party.name}
    why = "《个人信息保护法》第三十八条、第三十九条"
    raise RuleBroken(_("这些信息不得出境。"), missing=[Missing(what, why, "desk:transfers")], code="abroad")


def people_of(subjects: Collection[UUID]) -> list[Patient]:
    """The customers behind these keys; the decoys among them agreed to nothing and are asked nothing."""
    keys, found = sorted(subjects), list[Patient]()
    for start in range(0, len(keys), 500):
        found += Patient.objects.with_person().filter(
            person__vault_key__public_id__in=keys[start : start + 500], canary=None
        )
    return found
