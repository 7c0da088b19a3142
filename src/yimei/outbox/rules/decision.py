"""May this message go out, now, to this person? One decision, one reason (design: promise 6)."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from yimei.core.clock import end_of_night
from yimei.outbox.enums import MessageClass, Verdict

AD_LAW = "《广告法》第四十三条"
OF_AGE = "《民法典》第十七条、第十八条"


@dataclass(frozen=True)
class Limits:
    """The numbers in force; hours are local."""

    quiet_from: int
    quiet_until: int
    cap: int
    cap_days: int
    enquiry_cap: int = 3
    """Messages of any kind to somebody who only asked, in the same days."""


@dataclass(frozen=True)
class Facts:
    """What is known about the person at the moment of the decision."""

    now: datetime
    is_erased: bool = False
    is_stopped: bool = False
    """A restriction has stopped what this message is for (PIPL 44)."""
    has_address: bool = True
    is_minor: bool = False
    is_outgrown: bool = False
    """To a guardian, about somebody who answers for herself by now."""
    has_guardians_number: bool = False
    """To somebody of age, at the number that a guardian had given for her."""
    needs_consent: bool = False
    has_consent: bool = False
    has_opted_out: bool = False
    quiet_reason: str = ""
    marketing_sent: int = 0


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    reason: str
    article: str = ""
    not_before: datetime | None = None


def decide(message_class: MessageClass, facts: Facts, limits: Limits) -> Decision:
    """Ask in one fixed order; the first no is the reason. Caps and quiet times hit only marketing."""
    no = _refused_to_all(message_class, facts)
    if no is not None:
        return no
    if message_class != MessageClass.MARKETING:
        return Decision(
            Verdict.SEND, _("%(kind)s消息，可以发送。") % {"kind": MessageClass(message_class).label}
        )
    if facts.quiet_reason:
        return _no(_("正处于医疗静默期：%(why)s") % {"why": facts.quiet_reason}, _("院方规则"))
    if facts.marketing_sent >= limits.cap:
        text = _("%(days)s 天内已发送 %(sent)s 条营销消息，达到上限。")
        return _no(text % {"days": limits.cap_days, "sent": facts.marketing_sent}, _("院方规则"))
    opens_at = end_of_night(facts.now, from_hour=limits.quiet_from, until_hour=limits.quiet_until)
    if opens_at is not None:
        text = _("%(start)02d:00 至次日 %(end)02d:00 不发送营销消息，推迟到静默结束。")
        words = {"start": limits.quiet_from, "end": limits.quiet_until}
        return Decision(Verdict.HOLD, text % words, _("短信服务商规则"), opens_at)
    return Decision(Verdict.SEND, _("本人已同意接收，可以发送。"), AD_LAW)


def _refused_to_all(message_class: MessageClass, facts: Facts) -> Decision | None:
    is_marketing = message_class == MessageClass.MARKETING
    if facts.is_erased:
        return _no(_("此人的资料已删除或限制处理。"), "《个人信息保护法》第四十七条")
    if facts.is_stopped and message_class != MessageClass.MEDICAL:
        return _no(_("本人已要求限制处理，这个用途已经停止。"), "《个人信息保护法》第四十四条")
    if not facts.has_address:
        return _no(_("没有登记可用的联系方式。"))
    if facts.is_outgrown:
        return _no(_("本人已成年，不再发给监护人。"), OF_AGE)
    if facts.has_guardians_number:
        text = _("登记的号码是原监护人的：请本人登记自己的号码，或确认继续使用。")
        return _no(text, OF_AGE)
    if is_marketing and facts.is_minor:
        return _no(_("未成年人或出生日期未核实，不发送营销消息。"), "《互联网广告管理办法》第十二条")
    if (is_marketing or facts.needs_consent) and not facts.has_consent:
        article = AD_LAW if is_marketing else "《个人信息保护法》第十三条"
        if facts.has_opted_out:
            return _no(_("本人已退订或拒绝，立即停止发送。"), article)
        return _no(_("没有取得本人对此目的的有效同意。"), article)
    return None


def _no(reason: str, article: str = "") -> Decision:
    return Decision(Verdict.REFUSE, reason, article)
