"""The numbers that growth ships with."""

import json
from datetime import date, datetime
from importlib import resources

from yimei.growth.models import CreditPolicy, Flow, MemberPolicy, ReferralPolicy
from yimei.growth.rules import flow_files, flows
from yimei.privacy.actions import reference


def load(*, at: datetime) -> int:
    limits = json.loads(_shipped("limits.json"))
    first = _members(at) + _credit(at) + _referrals(at)
    return reference.add_limits(limits, at=at) + first + _flows(at)


def _members(at: datetime) -> int:
    """The first version of the members' rules, unless the hospital has one; a default, and labelled so."""
    if MemberPolicy.objects.exists():
        return 0
    content = json.loads(_shipped("members.json"))
    MemberPolicy.objects.create(
        version=1,
        source=content.pop("source"),
        content=content,
        effective_from=date(2021, 11, 1),
        published_at=at,
    )
    return 1


def _credit(at: datetime) -> int:
    """The first version of the rules of credit, unless the hospital has one; a default, and labelled so."""
    if CreditPolicy.objects.exists():
        return 0
    content = json.loads(_shipped("credit.json"))
    CreditPolicy.objects.create(
        version=1,
        source=content.pop("source"),
        content=content,
        effective_from=date(2021, 11, 1),
        published_at=at,
    )
    return 1


def _referrals(at: datetime) -> int:
    """The first version of the rules of thanks, unless the hospital has one; a default, and labelled so."""
    if ReferralPolicy.objects.exists():
        return 0
    content = json.loads(_shipped("referrals.json"))
    ReferralPolicy.objects.create(
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
            graph = flows.parse(draft)
            Flow.objects.create(name=name, use=graph.use, draft=flows.plain(graph), created_at=at)
            added += 1
    return added


def _shipped(name: str) -> str:
    return (resources.files("yimei.growth") / "data" / name).read_text(encoding="utf-8")
