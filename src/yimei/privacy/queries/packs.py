"""Rules in force, what a new pack would change here, and what the hospital declared about itself."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.privacy import registry
from yimei.privacy.enums import Mark, Profile, Unit
from yimei.privacy.models import (
    Choice,
    DeadlineRule,
    Limit,
    Notice,
    Purpose,
    RetentionRule,
    RightsRequest,
    Rule,
    RulePack,
)
from yimei.privacy.rules import choices
from yimei.privacy.rules import packs as rules
from yimei.privacy.rules.packs import Change, PackFacts, read_pack

SHIPPED = ("cn", "gdpr", "hipaa")


@dataclass(frozen=True)
class Impact:
    """One change with everything of this hospital that it touches."""

    change: Change
    uses: tuple[registry.Use, ...]
    note: str = ""


@cache
def shipped(name: str) -> PackFacts:
    """Return a pack that comes with the program."""
    path = resources.files("yimei.privacy") / "data" / "packs" / f"{name}.yaml"
    return read_pack(path.read_bytes())


def choice(code: str) -> str:
    """What the hospital declared, or what a new hospital starts with."""
    row = Choice.objects.filter(code=code).order_by("-id").values_list("value", flat=True).first()
    return row or choices.QUESTIONS[code].default


def chosen_at(code: str) -> datetime | None:
    return Choice.objects.filter(code=code).order_by("-id").values_list("at", flat=True).first()


def profiles() -> frozenset[str]:
    """The bodies of law that apply here; the Chinese one always does."""
    found = {Profile.CN.value}
    for profile in (Profile.GDPR, Profile.HIPAA):
        if choice(f"profile.{profile.value}") == choices.ON:
            found.add(profile.value)
    return frozenset(found)


def packs() -> QuerySet[RulePack]:
    return RulePack.objects.select_related("loaded_by", "decided_by").order_by("profile", "-id")


def proposed() -> QuerySet[RulePack]:
    return packs().filter(decided_at=None)


def accepted() -> QuerySet[RulePack]:
    """The newest accepted version of each pack."""
    newest = RulePack.objects.filter(is_accepted=True).order_by().values("code").annotate(last=Max("id"))
    return RulePack.objects.filter(pk__in=newest.values("last"))


def rules_in_force(on: date, *, every_profile: bool = False) -> QuerySet[Rule]:
    """Return the rules of the accepted packs that hold on a day for the profiles that apply."""
    found = (
        Rule.objects.of(accepted())
        .select_related("pack")
        .filter(Q(effective_to=None) | Q(effective_to__gte=on), effective_from__lte=on)
    )
    return found if every_profile else found.filter(pack__profile__in=profiles())


def rule_named(code: str, on: date) -> Rule | None:
    return rules_in_force(on, every_profile=True).filter(code=code).order_by("-effective_from").first()


def article_of(code: str, on: date) -> str:
    """The law and article of a rule, for refusals and reminders."""
    rule = rule_named(code, on)
    return rule.cited if rule else ""


def numbers_of(found: Iterable[Rule], on: date) -> Mapping[int, list[Limit]]:
    """The numbers on which each rule stands, as they hold on a day: one query for all rules."""
    codes = {rule.pk: [n["code"] for n in rule.numbers] + rule.refs.get("limits", []) for rule in found}
    wanted = {code for each in codes.values() for code in each}
    rows = limits_on(wanted, on)
    return {pk: [rows[code] for code in each if code in rows] for pk, each in codes.items()}


def limits_on(codes: Collection[str], on: date) -> dict[str, Limit]:
    rows = Limit.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on), code__in=codes, effective_from__lte=on
    )
    return {row.code: row for row in rows.order_by("effective_from")}


def facts_of(pack: RulePack, on: date) -> list[rules.RuleFacts]:
    """What a pack says, its later versions of a rule before the earlier ones."""
    found: dict[str, rules.RuleFacts] = {}
    for row in pack.rules.order_by("effective_from"):
        fact = rules.loaded(row)
        if fact.code not in found or fact.in_force(on):
            found[fact.code] = fact
    return list(found.values())


def previous(pack: RulePack) -> RulePack | None:
    return accepted().filter(code=pack.code).exclude(pk=pack.pk).first()


def impact(pack: RulePack, now: datetime) -> list[Impact]:
    """规则更新影响清单: what changes for this hospital when the pack is accepted."""
    on, before = local_date(now), previous(pack)
    old = facts_of(before, on) if before else []
    new = facts_of(pack, on)
    kept = own_numbers(old, on)
    found = []
    for change in rules.compare(old, new):
        found.append(
            Impact(
                change=change,
                uses=tuple(registry.uses([change.code], now)),
                note=_note(change, kept, new),
            )
        )
    return found


def own_numbers(old: Iterable[rules.RuleFacts], on: date) -> Mapping[str, Limit]:
    """Numbers that the hospital set itself, differently from the pack: a new pack leaves them alone."""
    shipped_values = {number.code: number.value for rule in old for number in rule.numbers}
    held = limits_on(shipped_values, on)
    return {
        code: held[code]
        for code, value in shipped_values.items()
        if code in held and rules.keeps_own(shipped=value, in_force=held[code].value)
    }


def as_json(found: Iterable[Impact]) -> list[dict[str, object]]:
    return [
        {**asdict(one.change), "uses": [asdict(use) for use in one.uses], "note": one.note} for one in found
    ]


def stored_impact(pack: RulePack) -> list[Impact]:
    """The list as it stood when the pack was decided."""
    return [
        Impact(
            Change(**{name: row[name] for name in Change.__dataclass_fields__}),
            tuple(registry.Use(**use) for use in row["uses"]),
            row["note"],
        )
        for row in pack.impact
    ]


def _note(change: Change, kept: Mapping[str, Limit], new: Iterable[rules.RuleFacts]) -> str:
    if change.kind != "number":
        return _("未核实：作为可调整的院方默认，不称为法律规定") if change.mark == Mark.UNVERIFIED else ""
    codes = {n.name: n.code for rule in new if rule.code == change.code for n in rule.numbers}
    own = kept.get(codes.get(change.title, ""))
    if own is None:
        return ""
    return _("院方已改为 %(value)d %(unit)s，保留不动") % {
        "value": own.value,
        "unit": Unit(own.unit).label,
    }


# ---- what stands on a rule ----------------------------------------------------------------------


@registry.uses_of_rules
def register_rows(codes: Collection[str], now: datetime) -> Iterator[registry.Use]:
    """Periods, deadlines, numbers, and the notices that tell people about the article."""
    on = local_date(now)
    found = [rule for rule in rules_in_force(on, every_profile=True) if rule.code in codes]
    refs: dict[str, set[str]] = {"limits": set(), "retention": set(), "deadlines": set()}
    for rule in found:
        for name, listed in rule.refs.items():
            refs[name] |= set(listed)
        refs["limits"] |= {number["code"] for number in rule.numbers}
    for limit in limits_on(refs["limits"], on).values():
        yield registry.Use(_("参数"), f"{limit.name}：{limit.value} {limit.get_unit_display()}", "desk:rules")
    for period in RetentionRule.objects.filter(code__in=refs["retention"]):
        yield registry.Use(_("保存期限"), f"{period.name}：{period.months} {_('个月')}", "desk:privacy")
    for deadline in DeadlineRule.objects.filter(code__in=refs["deadlines"]):
        open_ones = deadline_running(deadline)
        text = _("%(name)s：%(n)d 件请求正在计时") % {"name": deadline.name, "n": open_ones}
        yield registry.Use(_("时钟"), text, "desk:requests", is_running=open_ones > 0)
    yield from _notices(found)


def deadline_running(deadline: DeadlineRule) -> int:
    return RightsRequest.objects.open().filter(rule=deadline).count()


def _notices(found: Iterable[Rule]) -> Iterator[registry.Use]:
    """Notices that tell of a purpose resting on one of these articles."""
    articles = {
        (rule.law, first)
        for rule in found
        for first in re.findall(r"第[一二三四五六七八九十百]+条", rule.article)
    }
    if not articles:
        return
    purposes = [
        p
        for p in Purpose.objects.all()
        if any(law in p.article and art in p.article for law, art in articles)
    ]
    if not purposes:
        return
    newest: dict[str, Notice] = {}
    for notice in Notice.objects.filter(purposes__in=purposes).order_by("code", "version").distinct():
        newest[notice.code] = notice
    for notice in newest.values():
        yield registry.Use(_("告知"), f"{notice.title} v{notice.version}", f"desk:notice:{notice.public_id}")


def needs_load() -> list[PackFacts]:
    """Packs that ship with the program and were never loaded."""
    known = set(RulePack.objects.values_list("code", "version"))
    return [pack for pack in map(shipped, SHIPPED) if (pack.code, pack.version) not in known]


def unverified_limits(on: date) -> list[Limit]:
    """Numbers in force that nobody has checked: shown as defaults of the house."""
    rows = Limit.objects.filter(Q(effective_to=None) | Q(effective_to__gte=on), effective_from__lte=on)
    return list(rows.filter(mark=Mark.UNVERIFIED).order_by("code"))
