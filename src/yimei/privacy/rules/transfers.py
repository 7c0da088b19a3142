"""Which gate leads abroad, and what must be there before anything leaves (PIPL 38, 39; regulations §10)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yimei.core.errors import Missing
from yimei.privacy.enums.parties import Route, TransferGround

CONDITIONS = "《个人信息保护法》第三十八条、第三十九条"
NUMBERS_LAW = "《促进和规范数据跨境流动规定》第五条、第七条、第八条"
NUMBERS = ("abroad.plain_free", "abroad.plain_assess", "abroad.spi_assess")
EVERY = frozenset(Route)
AT_LEAST_CONTRACT = EVERY - {Route.EXEMPT}
ONLY_ASSESSMENT = frozenset({Route.ASSESSMENT})


@dataclass(frozen=True)
class Counts:
    """Distinct persons since 1 January, all transfers together: numbers may not be split (X-7)."""

    plain: int
    sensitive: int


@dataclass(frozen=True)
class Facts:
    """What is known of one transfer when it is released or used."""

    ground: TransferGround
    is_sensitive: bool
    is_important: bool
    operator: str
    route: Route | None
    evidence: str
    rights: str
    holdings: Collection[str]
    consent_purpose: str
    is_consent_for_abroad: bool
    effective_on: date | None
    valid_to: date | None


def routes(counts: Counts, facts: Facts, numbers: Mapping[str, int]) -> frozenset[Route]:
    """The gates that are open for these numbers of persons (X-5); the counts include those to be sent."""
    if facts.is_important or facts.operator != "ordinary":
        return ONLY_ASSESSMENT
    if facts.ground != TransferGround.CONSENT:
        return EVERY
    found = EVERY
    if facts.is_sensitive or counts.sensitive:
        found = ONLY_ASSESSMENT if counts.sensitive >= numbers["abroad.spi_assess"] else AT_LEAST_CONTRACT
    if counts.plain >= numbers["abroad.plain_assess"]:
        return ONLY_ASSESSMENT
    return found & AT_LEAST_CONTRACT if counts.plain >= numbers["abroad.plain_free"] else found


def missing_to_release(
    facts: Facts, counts: Counts, numbers: Mapping[str, int], *, on: date, where: str = ""
) -> list[Missing]:
    """What keeps a transfer from being lawful; the default is no (X-8)."""
    found = []
    open_routes = routes(counts, facts, numbers)
    if facts.route is None or facts.route not in open_routes:
        words = "、".join(str(route.label) for route in Route if route in open_routes)
        found.append(Missing(_("出境路径，可选：%(all)s") % {"all": words}, NUMBERS_LAW, where))
    elif facts.route != Route.EXEMPT and not facts.evidence:
        found.append(Missing(_("合同、认证或评估编号"), CONDITIONS, where))
    if facts.route != Route.EXEMPT and (facts.effective_on is None or facts.effective_on > on):
        found.append(Missing(_("已经生效的日期"), CONDITIONS, where))
    if facts.valid_to is not None and facts.valid_to < on:
        found.append(Missing(_("在有效期内的认证或评估"), NUMBERS_LAW, where))
    if not facts.holdings:
        found.append(Missing(_("出境的信息种类"), "《个人信息保护法》第三十九条", where))
    if not facts.rights:
        found.append(Missing(_("个人向境外接收方行使权利的途径"), "《个人信息保护法》第三十九条", where))
    if facts.ground == TransferGround.CONSENT and not facts.consent_purpose:
        found.append(Missing(_("单独同意的目的"), "《个人信息保护法》第三十九条", where))
    elif facts.ground == TransferGround.CONSENT and not facts.is_consent_for_abroad:
        what = _("专为向境外提供而征求的单独同意；境内用途的同意不能代替")
        found.append(Missing(what, "《个人信息保护法》第三十九条", "desk:purposes"))
    return found


def without_consent(count: int) -> Missing:
    what = _("%(n)d 人没有对出境的单独同意，或同意时的告知没有写明这个接收方")
    return Missing(what % {"n": count}, "《个人信息保护法》第三十九条", "desk:transfers")
