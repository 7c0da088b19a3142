"""May this message go to somebody who asked and is no customer? She asked: her question may be answered.

Nothing else rests on that. Advertising rests on what she agreed to with her enquiry, a medical message on a
treatment that she does not have, and one no ends both until she asks, or agrees, anew.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.clock import end_of_night
from yimei.outbox.enums import MessageClass, Verdict
from yimei.outbox.rules.decision import AD_LAW, Decision, Limits

CONTRACT = "《个人信息保护法》第十三条"
HOUSE = "院方规则"


@dataclass(frozen=True)
class Enquiry:
    """What whoever keeps the enquiry says of it now."""

    phone: str
    asked_at: datetime
    """The last time that she asked."""
    over: str = ""
    """Why nobody writes to her on this enquiry at all, as a sentence."""
    ended: str = ""
    """Why her question needs no answer any more, as a sentence."""
    agreed_at: datetime | None = None
    """When she, of full age by her own word, agreed to advertisements."""


@dataclass(frozen=True)
class Facts:
    """What is known at the moment of the decision; no enquiry means that it is erased."""

    now: datetime
    enquiry: Enquiry | None
    stopped_at: datetime | None = None
    """The last time that somebody at her number said no."""
    marketing_sent: int = 0
    """Advertisements to her number, hers and those of customers who have it."""
    sent: int = 0
    """Messages of every kind to her as somebody who asked."""


def decide(message_class: MessageClass, facts: Facts, limits: Limits) -> Decision:
    """Ask in one fixed order; the first no is the reason."""
    is_marketing = message_class == MessageClass.MARKETING
    enquiry = facts.enquiry
    if enquiry is None:
        return _no(_("咨询记录已删除。"), "《个人信息保护法》第四十七条")
    if not enquiry.phone:
        return _no(_("没有登记可用的联系方式。"))
    if message_class == MessageClass.MEDICAL:
        return _no(_("只来咨询过，没有诊疗关系，不发医疗消息。"), CONTRACT)
    if enquiry.over:
        return _no(enquiry.over, CONTRACT)
    if is_marketing and enquiry.agreed_at is None:
        return _no(_("咨询时没有同意接收营销信息。"), AD_LAW)
    since = enquiry.agreed_at if is_marketing and enquiry.agreed_at else enquiry.asked_at
    if facts.stopped_at is not None and facts.stopped_at >= since:
        return _no(_("本人已退订或拒绝，立即停止发送。"), AD_LAW if is_marketing else CONTRACT)
    if not is_marketing and enquiry.ended:
        return _no(enquiry.ended, CONTRACT)
    if is_marketing and facts.marketing_sent >= limits.cap:
        text = _("%(days)s 天内已发送 %(sent)s 条营销消息，达到上限。")
        return _no(text % {"days": limits.cap_days, "sent": facts.marketing_sent}, HOUSE)
    if facts.sent >= limits.enquiry_cap:
        text = _("%(days)s 天内已向这位咨询者发送 %(sent)s 条消息，达到上限。")
        return _no(text % {"days": limits.cap_days, "sent": facts.sent}, HOUSE)
    opens_at = end_of_night(facts.now, from_hour=limits.quiet_from, until_hour=limits.quiet_until)
    if opens_at is not None:
        text = _("%(start)02d:00 至次日 %(end)02d:00 不打扰咨询者，推迟到静默结束。")
        words = {"start": limits.quiet_from, "end": limits.quiet_until}
        return Decision(Verdict.HOLD, text % words, HOUSE, opens_at)
    if is_marketing:
        return Decision(Verdict.SEND, _("咨询时已同意接收，可以发送。"), AD_LAW)
    return Decision(Verdict.SEND, _("本人来咨询，回复其咨询，可以发送。"), CONTRACT)


def _no(reason: str, article: str = "") -> Decision:
    return Decision(Verdict.REFUSE, reason, article)
