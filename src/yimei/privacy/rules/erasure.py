"""What is erased, what is sealed and until when; the table is data, these are its arithmetic (D-3 to D-5)."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yimei.privacy.enums import Anchor, Answer


@dataclass(frozen=True)
class Period:
    """How long a kind of data stays after its anchor."""

    code: str
    months: int
    anchor: Anchor
    article: str = ""


@dataclass(frozen=True)
class Rule:
    """One line of the deletion table; the first group of periods of which one has begun decides."""

    holding: str
    answer: Answer
    periods: Sequence[Sequence[str]]
    article: str
    why: str


@dataclass(frozen=True)
class Verdict:
    answer: Answer
    until: date | None = None


def add_months(day: date, months: int) -> date:
    """Return the same day months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def keep_until(
    groups: Sequence[Sequence[str]], periods: Mapping[str, Period], dates: Mapping[Anchor, date]
) -> date | None:
    """Return the last day on which the law keeps the data; nothing when no period has begun."""
    for group in groups:
        ends = [
            add_months(dates[period.anchor], period.months)
            for period in (periods[code] for code in group)
            if period.anchor in dates
        ]
        if ends:
            return max(ends)
    return None


SHELLS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "growth.BenefitEntry",
            "growth.BenefitGrant",
            "growth.BudgetEntry",
            "growth.Coupon",
            "growth.CouponMove",
            "growth.CreditAppeal",
            "growth.CreditRuling",
            "growth.Member",
            "growth.PointEntry",
            "growth.Referral",
            "growth.ReferralCode",
            "growth.ReferralStep",
            "growth.Thanks",
            "growth.TierMove",
        ),
        "voucher",
    ),
    **dict.fromkeys(
        (
            "growth.Draw",
            "growth.Intake",
            "growth.Lead",
            "growth.LeadConsent",
            "growth.LeadFileLine",
            "growth.LeadStep",
            "growth.OwnerPeriod",
            "growth.PartnerLead",
            "growth.Touch",
            "outbox.Delivery",
            "outbox.EnquiryMessage",
            "outbox.Message",
        ),
        "ad",
    ),
    **dict.fromkeys(
        (
            "growth.Story",
            "growth.StoryPicture",
            "growth.StoryReview",
            "growth.StoryStand",
            "growth.StoryStep",
            "growth.StoryVersion",
        ),
        "consent.proof",
    ),
}
"""Rows of what is deleted that stay as numbers of nobody, and under which period: ledgers add up as long as
vouchers are kept, that something was sent or asked is proved as long as advertisements are (ADR 91)."""

HOLD_ARTICLE = "《个人信息保护法》第四十七条第二款；《医疗纠纷预防和处理条例》第二十四条"


def decide(
    rule: Rule,
    periods: Mapping[str, Period],
    dates: Mapping[Anchor, date],
    *,
    on: date,
    is_held: bool = False,
) -> Verdict:
    """Answer for one holding on a day; what was sealed is erased from the day after its period.

    A dispute, an order or an open complaint beats every period: only storing goes on, without an end.
    """
    if is_held and rule.answer != Answer.KEEP:
        return Verdict(Answer.HOLD)
    if rule.answer != Answer.SEAL:
        return Verdict(rule.answer)
    until = keep_until(rule.periods, periods, dates)
    if until is None or until < on:
        return Verdict(Answer.ERASE)
    return Verdict(Answer.SEAL, until)
