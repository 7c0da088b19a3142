"""Whether a purpose in force needs a column: what none needs is neither asked nor kept (PIPL 6, 19)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model, Q
from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.people.models import Patient
from yimei.privacy import registry
from yimei.privacy.enums import Basis
from yimei.privacy.models import Purpose
from yimei.privacy.queries.assessments import open_papers
from yimei.privacy.queries.consents import has_consent
from yimei.privacy.queries.register import shipped

ARTICLE = "《个人信息保护法》第六条、第十九条"
UNSIGNED = "《个人信息保护法》第五十五条、第五十六条"


def purposes_of(model: type[Model], field: str) -> tuple[str, ...]:
    """Return the purposes of a column: its own, or the one of the activity in which its table stands.

    Where an activity has several purposes, each column about people names its own (``Model.PURPOSES``).
    """
    own: Mapping[str, tuple[str, ...]] = getattr(model, "PURPOSES", {})
    return own.get(field, registry.for_model(model).purpose_codes)


def ties(columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the purposes of columns written as ``part.Model.column``; an unknown one is an error."""
    found = {}
    for column in columns:
        label, _dot, field = column.rpartition(".")
        model = apps.get_model(label)
        model._meta.get_field(field)
        found[column] = purposes_of(model, field)
    return found


def unneeded_columns(columns: Iterable[str]) -> frozenset[str]:
    """Return those columns all of whose purposes are stopped; one query, and none where nothing may stop."""
    return _without_purpose(ties(columns))


def unneeded(label: str, fields: Iterable[str]) -> frozenset[str]:
    """The same within one table, by the names of its columns."""
    model = apps.get_model(label)
    return _without_purpose({field: purposes_of(model, field) for field in fields})


def without_unneeded(label: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be kept of the values of a row: those that a purpose in force needs."""
    left_out = unneeded(label, values)
    return {name: value for name, value in values.items() if name not in left_out}


def is_needed(label: str) -> bool:
    """Whether any purpose of a table is in force."""
    codes = registry.for_model(apps.get_model(label)).purpose_codes
    return not codes or not stopped(codes).issuperset(codes)


def need(label: str) -> None:
    """Refuse to collect into a table that no purpose needs now, and name the paper that is missing."""
    if is_needed(label):
        return
    holding = registry.for_model(apps.get_model(label))
    unsigned = Purpose.objects.filter(code__in=holding.purpose_codes, is_active=True).order_by("id").first()
    raise unsigned_refusal(unsigned) if unsigned else refusal(holding.title)


def refusal(what: str) -> RuleBroken:
    text = _("「%(what)s」只用于已停用的目的，现在不收集。") % {"what": what}
    return RuleBroken(text, missing=[Missing(_("启用中的目的"), ARTICLE, "desk:purposes")], code="purpose")


def unsigned_refusal(purpose: Purpose) -> RuleBroken:
    """One sentence and the way to the paper that somebody must sign first (PIPL 55)."""
    text = _("「%(name)s」的影响评估还没有签署，现在不为它收集信息；请个人信息保护负责人阅读并签署。")
    subject = f"purpose:{purpose.code}"
    paper = open_papers([subject]).get(subject)
    where = f"desk:assessment:{paper}" if paper else "desk:assessments"
    what = _("影响评估：%(name)s") % {"name": purpose.name}
    return RuleBroken(
        text % {"name": purpose.name}, missing=[Missing(what, UNSIGNED, where)], code="assessment"
    )


@cache
def lasting() -> frozenset[str]:
    """Purposes that nobody may stop: what care needs and what the law bids."""
    rows = shipped("purposes")
    return frozenset(row["code"] for row in rows if row["is_necessary"] or row["basis"] == "duty")


def stopped(codes: Collection[str]) -> frozenset[str]:
    """Return which of these purposes are stopped, or wait for the signature under their assessment."""
    rows = Purpose.objects.filter(Q(is_active=False) | Q(closed_at__isnull=False), code__in=codes)
    return frozenset(rows.values_list("code", flat=True))


def in_force(codes: Collection[str], patient: Patient, at: datetime) -> frozenset[str]:
    """Which of these purposes hold for one person: not stopped, and agreed to where consent is the ground.

    What care needs always holds here: its own gate stands before it.
    """
    certain = lasting().intersection(codes)
    if certain.issuperset(codes):
        return certain
    rows = Purpose.objects.filter(code__in=set(codes) - certain)
    over = {
        one.code
        for one in rows
        if not one.is_in_force or (one.basis == Basis.CONSENT and has_consent(patient, one.code, at) is None)
    }
    return frozenset(codes) - over


def _without_purpose(tied: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    open_to_stop = {
        name: codes for name, codes in tied.items() if codes and not lasting().intersection(codes)
    }
    if not open_to_stop:
        return frozenset()
    over = stopped({code for codes in open_to_stop.values() for code in codes})
    return frozenset(name for name, codes in open_to_stop.items() if over.issuperset(codes))
