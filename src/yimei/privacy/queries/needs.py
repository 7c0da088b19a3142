"""Whether a purpose in force needs a column: what none needs is neither asked nor kept (PIPL 6, 19)."""

from collections.abc import Iterable, Mapping

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy import registry
from yimei.privacy.models import Purpose

ARTICLE = "《个人信息保护法》第六条、第十九条"


def purposes_of(model: type[Model], field: str) -> tuple[str, ...]:
    """Return the purposes of a column: its own, or those of the activity in which its table stands."""
    own: Mapping[str, tuple[str, ...]] = getattr(model, "PURPOSES", {})
    return own.get(field, registry.for_model(model).purpose_codes)


def unneeded(label: str, fields: Iterable[str]) -> frozenset[str]:
    """Return those of a table's columns all of whose purposes are stopped; one query."""
    model = apps.get_model(label)
    ties = {field: purposes_of(model, field) for field in fields}
    wanted = {code for codes in ties.values() for code in codes}
    stopped = set(Purpose.objects.filter(code__in=wanted, is_active=False).values_list("code", flat=True))
    return frozenset(field for field, codes in ties.items() if codes and stopped.issuperset(codes))


def is_needed(label: str) -> bool:
    """Whether any purpose of a table is in force."""
    return not unneeded(label, [""])


def need(label: str) -> None:
    """Refuse to collect into a table for which nobody has a purpose now."""
    if not is_needed(label):
        raise refusal(registry.for_model(apps.get_model(label)).title)


def refusal(what: str) -> RuleBroken:
    text = _("「%(what)s」只用于已停用的目的，现在不收集。") % {"what": what}
    return RuleBroken(text, missing=[Missing(_("启用中的目的"), ARTICLE, "desk:assessments")], code="purpose")
