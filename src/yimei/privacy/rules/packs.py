"""Packs of rules as files: what a file must hold, and what a new one changes (regulations §0)."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import yaml
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.privacy.enums import Mark, Profile, Unit

MAX_BYTES = 400_000
MAX_RULES = 500
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where the wheel has it."""
REFS = ("limits", "retention", "deadlines")


@dataclass(frozen=True)
class Number:
    """One number of a rule; it becomes a row of the limits, where the program reads it."""

    code: str
    name: str
    value: int
    unit: str
    mark: str


@dataclass(frozen=True)
class RuleFacts:
    """One rule as a file says it."""

    code: str
    law: str
    article: str
    title: str
    what: str
    source: str
    mark: str
    effective_from: date
    effective_to: date | None = None
    numbers: tuple[Number, ...] = ()
    refs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True)
class PackFacts:
    code: str
    version: str
    title: str
    profile: str
    sha256: str
    rules: tuple[RuleFacts, ...]


@dataclass(frozen=True)
class Change:
    """One difference between the rules in force and those of a new pack."""

    code: str
    kind: str
    title: str
    article: str
    before: str = ""
    after: str = ""
    mark: str = ""


KINDS = {"added": 0, "changed": 1, "number": 2, "removed": 3}
WORDS = ("law", "article", "title", "what", "mark", "effective_from", "effective_to")


def read_pack(data: bytes) -> PackFacts:
    """Read a file that a stranger may have written; say where it is wrong."""
    if len(data) > MAX_BYTES:
        raise RuleBroken(_("规则包超过 400 KB，请拆分后再载入。"), code="file")
    try:
        text = data.decode("utf-8")
        if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text, LOADER)):
            raise RuleBroken(_("规则包不得使用 YAML 的锚与引用。"), code="file")
        body = yaml.load(text, LOADER)
    except (UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as problem:
        mark = getattr(problem, "problem_mark", None)
        place = _("第 %(line)d 行") % {"line": mark.line + 1} if mark else _("文件开头")
        raise RuleBroken(_("规则包看不懂：%(place)s 不是 YAML。") % {"place": place}, code="file") from None
    if not isinstance(body, dict) or not isinstance(body.get("rules"), list):
        raise RuleBroken(_("规则包须有 code、version、title、profile 与 rules。"), code="file")
    head = {name: _text(body, name, 80, _("规则包开头")) for name in ("code", "version", "title", "profile")}
    if head["profile"] not in Profile.values:
        raise RuleBroken(_("profile 只能是：%(all)s。") % {"all": "、".join(Profile.values)}, code="file")
    if not 0 < len(body["rules"]) <= MAX_RULES:
        raise RuleBroken(_("规则包须有 1 至 %(most)d 条规则。") % {"most": MAX_RULES}, code="file")
    rules = tuple(_rule(row, place) for place, row in enumerate(body["rules"], 1))
    seen = [(rule.code, rule.effective_from) for rule in rules]
    twice = sorted({code for code, since in seen if seen.count((code, since)) > 1})
    if twice:
        raise RuleBroken(_("规则编号重复：%(codes)s。") % {"codes": "、".join(twice)}, code="file")
    return PackFacts(**head, sha256=hashlib.sha256(data).hexdigest(), rules=rules)


def compare(old: Iterable[RuleFacts], new: Iterable[RuleFacts]) -> list[Change]:
    """Say rule by rule what a new pack adds, changes and takes away, and which numbers move."""
    before, after = {rule.code: rule for rule in old}, {rule.code: rule for rule in new}
    changes: list[Change] = []
    for code, rule in after.items():
        known = before.get(code)
        if known is None:
            changes.append(Change(code, "added", rule.title, cited(rule), after=rule.what, mark=rule.mark))
            changes += [_number(rule, None, number) for number in rule.numbers]
            continue
        if any(getattr(known, word) != getattr(rule, word) for word in WORDS):
            changes.append(
                Change(code, "changed", rule.title, cited(rule), _said(known), _said(rule), rule.mark)
            )
        values = {number.code: number for number in known.numbers}
        changes += [
            _number(rule, values.get(number.code), number)
            for number in rule.numbers
            if values.get(number.code) != number
        ]
    changes += [
        Change(code, "removed", rule.title, cited(rule), before=rule.what)
        for code, rule in before.items()
        if code not in after
    ]
    return sorted(changes, key=lambda one: (KINDS[one.kind], one.code))


def cited(rule: RuleFacts) -> str:
    return f"《{rule.law}》{rule.article}" if rule.article else rule.law


def dumped(rule: RuleFacts) -> dict[str, Any]:
    """The rule as a row keeps it."""
    return {
        "numbers": [asdict(number) for number in rule.numbers],
        "refs": {name: list(codes) for name, codes in rule.refs.items()},
    }


def loaded(row: Any) -> RuleFacts:
    """The facts of a stored rule."""
    return RuleFacts(
        code=row.code,
        law=row.law,
        article=row.article,
        title=row.title,
        what=row.what,
        source=row.source,
        mark=row.mark,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        numbers=tuple(Number(**number) for number in row.numbers),
        refs={name: tuple(codes) for name, codes in row.refs.items()},
    )


def keeps_own(*, shipped: int | None, in_force: int | None) -> bool:
    """Whether the hospital has set a number of its own, which a new pack leaves alone."""
    return shipped is not None and in_force is not None and shipped != in_force


def _said(rule: RuleFacts) -> str:
    until = _("至 %(day)s") % {"day": rule.effective_to} if rule.effective_to else ""
    words = [cited(rule), rule.title, rule.what, str(Mark(rule.mark).label), until]
    return " · ".join(word for word in words if word)


def _number(rule: RuleFacts, old: Number | None, new: Number) -> Change:
    return Change(
        code=rule.code,
        kind="number",
        title=new.name,
        article=cited(rule),
        before=_value(old) if old else "",
        after=_value(new),
        mark=new.mark,
    )


def _value(number: Number) -> str:
    return f"{number.value} {Unit(number.unit).label}"


def _rule(row: Any, place: int) -> RuleFacts:
    where = _("第 %(n)d 条规则") % {"n": place}
    if not isinstance(row, dict):
        raise RuleBroken(_("%(where)s 不是一组键值。") % {"where": where}, code="file")
    code = _text(row, "id", 16, where)
    where = f"{where}（{code}）"
    mark = _text(row, "mark", 12, where)
    if mark not in Mark.values:
        raise RuleBroken(
            _("%(where)s 的 mark 只能是 read、secondary、unverified。") % {"where": where}, code="file"
        )
    since, until = _day(row, "effective_from", where), _day(row, "effective_to", where, optional=True)
    assert since is not None
    if until is not None and until < since:
        raise RuleBroken(_("%(where)s 的失效日早于生效日。") % {"where": where}, code="file")
    numbers = row.get("numbers") or []
    refs = row.get("refs") or {}
    if not isinstance(numbers, list) or not isinstance(refs, dict) or set(refs) - set(REFS):
        raise RuleBroken(_("%(where)s 的 numbers 或 refs 写法不对。") % {"where": where}, code="file")
    return RuleFacts(
        code=code,
        law=_text(row, "law", 60, where),
        article=_text(row, "article", 60, where, optional=True),
        title=_text(row, "title", 80, where),
        what=_text(row, "what", 500, where),
        source=_text(row, "source", 160, where),
        mark=mark,
        effective_from=since,
        effective_to=until,
        numbers=tuple(_number_of(number, mark, where) for number in numbers),
        refs={name: tuple(str(code) for code in codes) for name, codes in refs.items()},
    )


def _number_of(row: Any, mark: str, where: str) -> Number:
    if not isinstance(row, dict):
        raise RuleBroken(_("%(where)s 的 numbers 写法不对。") % {"where": where}, code="file")
    value, unit = row.get("value"), row.get("unit")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 2_000_000_000:
        raise RuleBroken(_("%(where)s 的数值须为不小于 0 的整数。") % {"where": where}, code="file")
    if unit not in Unit.values:
        raise RuleBroken(_("%(where)s 的单位不认识。") % {"where": where}, code="file")
    own = str(row.get("mark") or mark)
    if own not in Mark.values:
        raise RuleBroken(
            _("%(where)s 的 mark 只能是 read、secondary、unverified。") % {"where": where}, code="file"
        )
    return Number(_text(row, "code", 40, where), _text(row, "name", 80, where), value, str(unit), own)


def _text(row: Mapping[str, Any], name: str, longest: int, where: str, *, optional: bool = False) -> str:
    value = row.get(name)
    text = "" if value is None else str(value).strip()
    if (not text and not optional) or len(text) > longest or "\0" in text:
        wanted = {"where": where, "name": name, "longest": longest}
        raise RuleBroken(_("%(where)s 缺 %(name)s，或超过 %(longest)d 字。") % wanted, code="file")
    return text


def _day(row: Mapping[str, Any], name: str, where: str, *, optional: bool = False) -> date | None:
    value = row.get(name)
    if value is None and optional:
        return None
    if type(value) is not date:
        raise RuleBroken(
            _("%(where)s 的 %(name)s 须为日期，例如 2026-01-01。") % {"where": where, "name": name},
            code="file",
        )
    return value
