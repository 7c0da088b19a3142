"""The numbers that growth ships with."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from importlib import resources

from django.db.models import Model

from yimei.growth.models import CreditPolicy, Flow, MemberPolicy, ReferralPolicy
from yimei.growth.rules import flow_files
from yimei.growth.rules.flows import reading
from yimei.privacy.actions import reference

POLICIES: Mapping[type[Model], str] = {
    MemberPolicy: "members.json",
    CreditPolicy: "credit.json",
    ReferralPolicy: "referrals.json",
}


def load(*, at: datetime) -> int:
    limits = json.loads(_shipped("limits.json"))
    first = sum(_first(model, name, at) for model, name in POLICIES.items())
    return reference.add_limits(limits, at=at) + first + _flows(at)


def _first(model: type[Model], name: str, at: datetime) -> int:
    """The first version of some rules, unless the hospital has one; a default, and labelled so."""
    if model._default_manager.exists():
        return 0
    content = json.loads(_shipped(name))
    model._default_manager.create(
        version=1,
        source=content.pop("source"),
        content=content,
        effective_from=date(2021, 11, 1),
        published_at=at,
    )
    return 1


def _flows(at: datetime) -> int:
    """The flows that ship, as drafts of the whole group: nothing runs until somebody publishes it."""
    folder = resources.files("yimei.growth") / "data" / "flows"
    added = 0
    for one in sorted(folder.iterdir(), key=str):
        name, draft = flow_files.read(one.read_text(encoding="utf-8"))
        if not Flow.objects.filter(name=name, campus=None).exists():
            graph = reading.parse(draft)
            Flow.objects.create(name=name, use=graph.use, draft=reading.plain(graph), created_at=at)
            added += 1
    return added


def _shipped(name: str) -> str:
    return (resources.files("yimei.growth") / "data" / name).read_text(encoding="utf-8")
