"""One version of the rules of credit (业绩归属), read from plain data; shares make a hundred."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.growth.enums import CreditOrigin, CreditParty
from yimei.people.enums import SourceKind

Origin, Party = CreditOrigin, CreditParty
OCCASIONS = ("first", "again")
ONLINE_BY, ONSITE_BY = ("booked", "first", "last"), ("closing", "first")
DEPOSITS, UNCLAIMED = ("at_once", "when_paid"), ("house", "others")
SHARED = (Party.ONLINE, Party.ONSITE, Party.CHANNEL, Party.REFERRAL)
ONLY_FROM: Mapping[CreditParty, CreditOrigin] = {
    Party.CHANNEL: Origin.CHANNEL,
    Party.REFERRAL: Origin.REFERRAL,
}
"""A channel earns from whom it brought, and so does whoever referred."""
DAYS = (1, 3650)


@dataclass(frozen=True)
class CreditRules:
    percents: Mapping[tuple[str, CreditOrigin], Mapping[CreditParty, int]]
    sources: Mapping[str, CreditOrigin]
    online_by: str
    online_days: int
    onsite_by: str
    onsite_days: int
    channel_days: int
    referral_days: int
    deposits: str
    unclaimed: str
    appeal_days: int

    def origin_of(self, source: str) -> CreditOrigin:
        return self.sources.get(source, Origin.ONLINE)

    def plain(self) -> dict[str, Any]:
        """The version as it is kept and as its file says it."""
        shares = {
            occasion: {
                str(origin): {
                    str(party): part for party, part in self.percents[occasion, origin].items() if part
                }
                for origin in Origin
            }
            for occasion in OCCASIONS
        }
        return {
            **shares,
            "sources": {key: str(value) for key, value in self.sources.items()},
            "online": {"by": self.online_by, "days": self.online_days},
            "onsite": {"by": self.onsite_by, "days": self.onsite_days},
            "channel_days": self.channel_days,
            "referral_days": self.referral_days,
            "deposits": self.deposits,
            "unclaimed": self.unclaimed,
            "appeal_days": self.appeal_days,
        }


def read(content: Mapping[str, Any]) -> CreditRules:
    """Return the rules of a version; refuse in one sentence what cannot be meant."""
    percents = {
        (occasion, origin): _row(content, occasion, origin) for occasion in OCCASIONS for origin in Origin
    }
    online, onsite = _part(content, "online"), _part(content, "onsite")
    return CreditRules(
        percents=percents,
        sources=_sources(_part(content, "sources")),
        online_by=_choice(online, "by", ONLINE_BY),
        online_days=_days(online, "days"),
        onsite_by=_choice(onsite, "by", ONSITE_BY),
        onsite_days=_days(onsite, "days"),
        channel_days=_days(content, "channel_days"),
        referral_days=_days(content, "referral_days"),
        deposits=_choice(content, "deposits", DEPOSITS),
        unclaimed=_choice(content, "unclaimed", UNCLAIMED),
        appeal_days=_days(content, "appeal_days"),
    )


def _row(content: Mapping[str, Any], occasion: str, origin: CreditOrigin) -> dict[CreditParty, int]:
    words = {"occasion": occasion_label(occasion), "origin": origin.label}
    row = _part(_part(content, occasion), str(origin))
    unknown = set(map(str, row)) - {str(one) for one in SHARED}
    if unknown:
        text = _("「%(occasion)s · %(origin)s」里没有「%(name)s」这一方。")
        raise RuleBroken(text % {**words, "name": sorted(unknown)[0]}, code="percents")
    found = {party: row.get(str(party), 0) for party in SHARED}
    if any(type(one) is not int or one < 0 for one in found.values()):
        text = _("「%(occasion)s · %(origin)s」的比例应为 0 到 100 的整数。")
        raise RuleBroken(text % words, code="percents")
    for party, only in ONLY_FROM.items():
        if found[party] and origin != only:
            text = _("「%(occasion)s · %(origin)s」不能分给%(party)s：只有从那里来的客户才有。")
            raise RuleBroken(text % {**words, "party": party.label}, code="percents")
    if (total := sum(found.values())) != 100:
        text = _("「%(occasion)s · %(origin)s」合计 %(total)d%%，应为 100%%。")
        raise RuleBroken(text % {**words, "total": total}, code="percents")
    return found


def occasion_label(occasion: str) -> str:
    return _("初次成交") if occasion == "first" else _("再次成交")


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = content.get(name) if isinstance(content, Mapping) else None
    if not isinstance(found, Mapping):
        raise RuleBroken(_("规则缺少「%(name)s」一节。") % {"name": name}, code="content")
    return found


def _sources(found: Mapping[str, Any]) -> dict[str, CreditOrigin]:
    known = {}
    for source in SourceKind.values:
        origin = found.get(source, "online")
        if origin not in Origin.values:
            raise RuleBroken(_("来源「%(name)s」归到了不存在的类别。") % {"name": source}, code="sources")
        known[source] = Origin(origin)
    return known


def _choice(found: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = found.get(name)
    if value not in allowed:
        words = {"name": name, "allowed": "、".join(allowed)}
        raise RuleBroken(_("「%(name)s」应为 %(allowed)s 之一。") % words, code=name)
    return str(value)


def _days(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name)
    low, high = DAYS
    if type(value) is not int or not low <= value <= high:
        words = {"name": name, "low": low, "high": high}
        raise RuleBroken(_("「%(name)s」应为 %(low)d 到 %(high)d 天。") % words, code=name)
    return value
