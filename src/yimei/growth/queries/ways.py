"""By whose code a visitor of the website comes, as she may read it: never who gave it to her."""

from dataclasses import dataclass
from datetime import datetime

from yimei.core.clock import local_date
from yimei.growth.enums.referrals import ThanksSide
from yimei.growth.queries import partners, referrals
from yimei.growth.rules.referrals import Policy


@dataclass(frozen=True)
class Friend:
    """A friend's code that stands, with what she herself may get."""

    policy: Policy
    gift: str


@dataclass(frozen=True)
class Way:
    """What a code is; nothing for one that does not stand."""

    friend: Friend | None = None
    partner: str = ""


def describe(text: str, *, now: datetime) -> Way:
    today = local_date(now)
    version = referrals.version_on(today)
    if version is None or referrals.code_behind(text, now=now) is None:
        sent = partners.code_behind(text)
        return Way(partner=sent.partner.name if sent else "")
    return Way(
        Friend(version.rules, referrals.promises(version.rules, today=today).get(ThanksSide.FRIEND, ""))
    )
