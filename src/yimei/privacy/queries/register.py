"""Purposes, notices, retention rules and numbers: those shipped with the program and those in force."""

import json
from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.people.models import Patient
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy.enums import Audience, Basis, ConsentMode
from yimei.privacy.models import Limit, Notice, Purpose, RetentionRule
from yimei.privacy.rules.consents import PurposeFacts


@cache
def field_labels() -> Mapping[str, str]:
    """Return the Chinese words for fields and tables whose model gives them none."""
    path = resources.files("yimei.privacy") / "data" / "labels.json"
    labels: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return labels


def shipped(name: str) -> list[dict[str, Any]]:
    """Return the seed rows that come with the program."""
    path = resources.files("yimei.privacy") / "data" / f"{name}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def limit(code: str, on: date) -> int:
    """Return the number of this code that holds on a day; one that is not loaded yet counts as shipped."""
    return limits_on([code], on)[code]


def limits_on(codes: Collection[str], on: date) -> Mapping[str, int]:
    """The same for several codes, in one query."""
    rows = Limit.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), code__in=codes, effective_from__lte=on
    )
    found = dict(rows.order_by("effective_from").values_list("code", "value"))
    for code in set(codes) - found.keys():
        given = [one for one in shipped("limits") if one["code"] == code and one["effective_from"] <= str(on)]
        if not given:
            text = _("还没有登记参数「%(code)s」，请先载入基础资料。")
            raise RuleBroken(text % {"code": code}, code="limit-missing")
        found[code] = int(given[-1]["value"])
    return found


def retention_on(on: date) -> Mapping[str, RetentionRule]:
    """Return the rule of each code that holds on a day."""
    rows = RetentionRule.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), effective_from__lte=on
    )
    return {rule.code: rule for rule in rows.order_by("effective_from")}


def audience_of(patient: Patient, on: date) -> Audience:
    """Which notice this person reads; an unknown birth date counts as a minor."""
    return Audience.MINOR if needs_guardian(patient.head.person.birth_date, on) else Audience.ADULT


def notices_in_force() -> list[Notice]:
    """Return the newest version of each notice; older ones stay readable by id."""
    newest: dict[str, Notice] = {}
    for notice in Notice.objects.order_by("code", "version"):
        newest[notice.code] = notice
    return list(newest.values())


def current_notice(purpose_code: str, audience: Audience) -> Notice | None:
    """Return the newest notice in force that tells this audience about a purpose as it is now."""
    as_it_is = Q(purposes__changed_at=None) | Q(published_at__gte=F("purposes__changed_at"))
    covering = Notice.objects.filter(as_it_is, purposes__code=purpose_code, audience=audience)
    notice = covering.order_by("-published_at", "-version").first()
    if notice is None or Notice.objects.filter(code=notice.code, version__gt=notice.version).exists():
        return None
    return notice


def facts_of(purpose: Purpose) -> PurposeFacts:
    return PurposeFacts(
        code=purpose.code,
        name=purpose.name,
        basis=Basis(purpose.basis),
        mode=ConsentMode(purpose.mode) if purpose.mode else None,
        is_sensitive=purpose.is_sensitive,
        is_necessary=purpose.is_necessary,
    )
