"""What a value of a dimension is called; staff by name only for those who may see names here."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from yimei.billing.enums import OrderStatus, PaymentKind, PaymentMethod, QuoteStatus
from yimei.growth.enums import LeadLoss, LeadStatus, Outcome, TouchKind
from yimei.hospital.enums import Anaesthesia, Category, Grade, StepKind
from yimei.insight.queries import mart
from yimei.insight.rules.imports.ledger import ORIGINS
from yimei.insight.rules.imports.templates import ACCOUNTS, MARKET_KINDS, METHODS, SEXES, SOURCES
from yimei.insight.rules.metrics.dims import Dim
from yimei.insight.rules.provinces import PROVINCES
from yimei.insight.rules.words import Words
from yimei.journey.enums import (
    BookingKind,
    BookingStatus,
    CaseStage,
    ClavienDindo,
    LossReason,
    SurgeryStatus,
    TaskStatus,
    TurnAwayReason,
    VisitKind,
    WaitingStatus,
)
from yimei.outbox.enums import Channel, MessageClass, MessageStatus, Verdict
from yimei.people.enums import Sex, SourceKind
from yimei.people.models import Staff
from yimei.people.roles import Permission

Labels = Callable[[object], str]
Choices = Iterable[tuple[object, object]]

CHOICES: Mapping[str, tuple[Choices, ...]] = {
    "source": (SourceKind.choices,),
    "sex": (Sex.choices,),
    "category": (Category.choices,),
    "grade": (Grade.choices,),
    "visit_kind": (VisitKind.choices,),
    "kind": (BookingKind.choices, StepKind.choices, PaymentKind.choices),
    "status": (
        WaitingStatus.choices,
        TaskStatus.choices,
        MessageStatus.choices,
        QuoteStatus.choices,
        SurgeryStatus.choices,
        OrderStatus.choices,
        BookingStatus.choices,
    ),
    "stage": (CaseStage.choices,),
    "old": (CaseStage.choices,),
    "new": (CaseStage.choices,),
    "loss_reason": (LossReason.choices,),
    "method": (PaymentMethod.choices,),
    "anaesthesia": (Anaesthesia.choices,),
    "complication": (ClavienDindo.choices,),
    "message_class": (MessageClass.choices,),
    "channel": (Channel.choices,),
    "verdict": (Verdict.choices,),
    "interest": (Category.choices,),
    "loss": (LeadLoss.choices,),
    "outcome": (Outcome.choices,),
    "reason": (TurnAwayReason.choices,),
}
BY_FACT: Mapping[tuple[str, str], Choices] = {
    ("booking", "status"): BookingStatus.choices,
    ("sale", "status"): OrderStatus.choices,
    ("surgery", "status"): SurgeryStatus.choices,
    ("quote", "status"): QuoteStatus.choices,
    ("aftercare", "status"): TaskStatus.choices,
    ("waiting", "status"): WaitingStatus.choices,
    ("message", "status"): MessageStatus.choices,
    ("payment", "kind"): PaymentKind.choices,
    ("aftercare", "kind"): StepKind.choices,
    ("lead", "status"): LeadStatus.choices,
    ("touch", "kind"): TouchKind.choices,
}
BROUGHT: Mapping[tuple[str, str], Sequence[tuple[str, str, str, str]]] = {
    ("brought_customer", "source"): SOURCES,
    ("brought_customer", "sex"): SEXES,
    ("brought_market", "ad_channel"): SOURCES,
    ("brought_market", "kind"): MARKET_KINDS,
    ("brought_receipt", "account"): ACCOUNTS,
    ("brought_cost", "account"): ACCOUNTS,
    ("cost", "account"): ACCOUNTS,
    ("cost", "ad_channel"): SOURCES,
    ("cost", "origin"): ORIGINS,
    ("spend", "ad_channel"): SOURCES,
    ("spend", "origin"): ORIGINS,
    ("profit", "account"): (("receipt", "收退款", "receipts and refunds", ""), *ACCOUNTS),
    ("brought_receipt", "method"): METHODS,
    ("brought_cost", "method"): METHODS,
}
"""Code lists of the templates: code, Chinese, English, other spellings."""
NAMED = {"procedure": "procedure", "room": "room", "campus": "campus", "staff": "staff", "surgeon": "staff"}


def labels(dim: Dim, fact: str, by: Staff) -> Labels:
    """Return what turns a value into words."""
    if dim.is_time:
        return _time(dim.span)
    if dim.code in NAMED:
        names = _names(NAMED[dim.code], by)
        return lambda value: names.get(value, str(value)) if value is not None else _("未填")
    if dim.code == "batch":
        batches = dict(mart.ask("SELECT batch, name FROM batch").rows)
        return lambda value: str(batches.get(value, value))
    if (fact, dim.code) in BROUGHT:
        words = {code: str(Words(zh, en)) for code, zh, en, _also in BROUGHT[fact, dim.code]}
        return lambda value: _("未填") if value is None else words.get(str(value), str(value))
    known = dict(BY_FACT.get((fact, dim.code)) or _merged(CHOICES.get(dim.code, ())))
    if dim.code == "weekday":
        days = [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]
        known = dict(enumerate(days, 1))
    if dim.code == "province":
        known = {code: str(words) for code, words in PROVINCES.items()}
    if dim.code == "filled":
        return lambda value: _("含补入的值") if value else _("原值")
    if dim.code == "hour":
        return lambda value: f"{value:02d}:00" if isinstance(value, int) else _("未填")
    return lambda value: _("未填") if value is None else str(known.get(value, value))


def _merged(choices: Iterable[Choices]) -> dict[object, object]:
    found: dict[object, object] = {}
    for each in choices:
        found |= dict(each)
    return found


def _time(span: str) -> Labels:
    def said(value: object) -> str:
        if not isinstance(value, date):
            return _("未填")
        day = value.date() if isinstance(value, datetime) else value
        if span == "month":
            return f"{day:%Y-%m}"
        if span == "year":
            return f"{day:%Y}"
        if span == "quarter":
            return f"{day:%Y} Q{(day.month + 2) // 3}"
        return f"{day:%Y-%m-%d}"

    return said


def _names(dimension: str, by: Staff) -> dict[object, str]:
    if dimension == "staff" and by.may(Permission.INSIGHT_STAFF):
        return _apart({pk: (name, f"{pk:02d}") for pk, name in Staff.objects.values_list("pk", "name")})
    if dimension == "staff":
        rows = mart.ask("SELECT staff, role FROM staff WHERE is_current ORDER BY staff").rows
        return {key: f"{role} {key:02d}" for key, role in rows}
    if dimension == "room":
        places = "SELECT campus, name FROM campus WHERE is_current"
        rows = mart.ask(
            f"SELECT r.room, r.name, c.name FROM room AS r LEFT JOIN ({places}) AS c ON c.campus = r.campus"
            " WHERE r.is_current"
        ).rows
        return _apart({key: (name, place or f"{key:02d}") for key, name, place in rows})
    rows = mart.ask(f"SELECT {dimension}, name FROM {dimension} WHERE is_current").rows
    return _apart({key: (name, f"{key:02d}") for key, name in rows})


def _apart(known: Mapping[object, tuple[str, str]]) -> dict[object, str]:
    """Names of which no two are alike: two of the same carry what tells them apart.

    A chart finds the records behind its parts, and the second of two dimensions its place, by the name.
    """
    counts = Counter(name for name, _more in known.values())
    return {key: f"{name}（{more}）" if counts[name] > 1 else name for key, (name, more) in known.items()}
