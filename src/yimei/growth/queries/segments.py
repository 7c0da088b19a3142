"""Who is in a segment: the tree as a filter, its count, and the reasons of one person."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from yimei.core import phone
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.enums import FieldKind, Operator, SegmentUse
from yimei.growth.models import Lead, Profile, Segment, Tag, Tagging
from yimei.growth.models.profiles import ProfileQuerySet
from yimei.growth.queries.numbers import TOKEN
from yimei.growth.rules import segments as rules
from yimei.growth.rules.segment_fields import FIELDS, RELATIVE
from yimei.people.models import Patient, Staff
from yimei.vault import blind

ANYBODY = Q(pk__isnull=False)
NOBODY = Q(pk__isnull=True)
WHOLE = frozenset({"touches", "visits", "no_shows", "paid_times", "score"})
"""Columns of whole numbers, asked with a figure that may have a fraction."""


@dataclass(frozen=True)
class Tally:
    """How many fit the rules, and how many of them may be in a segment of this use."""

    fitting: int
    inside: int

    @property
    def left_out(self) -> int:
        return self.fitting - self.inside


@dataclass(frozen=True)
class Answer:
    """Why one person is in or out: first what the law asks, then each rule."""

    is_in: bool
    law: list[rules.Reason]
    lines: list[rules.Reason]
    read_at: datetime
    is_customer: bool


def people(
    node: rules.Node, use: SegmentUse, *, on: date, by: Staff | None = None, campus: int | None = None
) -> ProfileQuerySet:
    """Return everybody who is in; only within the reader's scope when a reader is given."""
    rows = Profile.objects.within(by) if by else Profile.objects.living()
    if campus is not None:
        rows = rows.filter(campus=campus)
    return rows.filter(fitting(node, on), allowed(node, use))


def members(segment: Segment, *, on: date, by: Staff | None = None) -> ProfileQuerySet:
    node = rules.parse(segment.rules)
    return people(node, SegmentUse(segment.use), on=on, by=by, campus=segment.campus_id)


def count(
    node: rules.Node, use: SegmentUse, *, on: date, by: Staff | None = None, campus: int | None = None
) -> Tally:
    """Count live: two queries over one table."""
    inside = people(node, use, on=on, by=by, campus=campus).count()
    rows = Profile.objects.within(by) if by else Profile.objects.living()
    if campus is not None:
        rows = rows.filter(campus=campus)
    return Tally(rows.filter(fitting(node, on)).count(), inside)


def allowed(node: rules.Node, use: SegmentUse) -> Q:
    """What the law asks of everybody in a segment, whatever its rules say."""
    if use == SegmentUse.MARKETING:
        return Q(agrees_marketing=True, is_adult=True, refuses_profiling=False)
    return Q(agrees_care=True) if rules.sensitive_fields(node) else ANYBODY


def fitting(node: rules.Node, on: date) -> Q:
    """The tree as a filter of profiles; what is not known fits no test, as in ``rules.holds``."""
    if isinstance(node, rules.Not):
        return ~fitting(node.part, on)
    if isinstance(node, rules.Test):
        return _test(node, on)
    if not node.parts:
        return ANYBODY
    found = fitting(node.parts[0], on)
    for part in node.parts[1:]:
        found = found & fitting(part, on) if node.is_all else found | fitting(part, on)
    return found


def facts_of(profile: Profile) -> dict[str, Any]:
    """The plain values of one profile, as ``rules.holds`` reads them."""
    found = {code: getattr(profile, code) for code in FIELDS if code != "tags"}
    found["tags"] = set(profile.taggings.values_list("tag__code", flat=True))
    return found


def explain(segment: Segment, profile: Profile, *, now: datetime) -> Answer:
    """Say why somebody is in or out, line by line."""
    on, use = local_date(now), SegmentUse(segment.use)
    node = rules.parse(segment.rules)
    law = list(_law(node, use, profile))
    if segment.campus_id is not None:
        law.insert(0, rules.Reason(_("属于这个院区"), profile.campus_id == segment.campus_id, 0))
    lines = rules.explain(node, facts_of(profile), on=on, labels=tag_labels())
    is_in = all(line.holds for line in law) and lines[0].holds
    return Answer(is_in, law, lines, profile.read_at, profile.is_customer)


def find_person(text: str, *, by: Staff) -> Profile:
    """Return the profile of a customer by 档案号, or of a lead by phone, whom the reader may see."""
    words = text.replace("\0", "").strip()[:40]
    rows = Profile.objects.living()
    known = Patient.objects.visible_to(by).filter(file_no=words.upper()).first() if words else None
    found = rows.filter(patient=known).first() if known else None
    if found is None and words:
        try:
            token = blind.token(TOKEN, phone.normalise(words))
        except RuleBroken:
            raise NotFound(_("没有找到。请输入您可以查看的客户的档案号，或线索的手机号。")) from None
        lead = Lead.objects.reachable(by).filter(phone_token=token, duplicate_of=None).first()
        if lead is not None:
            own = Q(patient=lead.patient_id) if lead.patient_id else Q(lead=lead)
            found = rows.filter(own).first()
    if found is None:
        raise NotFound(_("没有找到。请输入您可以查看的客户的档案号，或线索的手机号。"))
    return found


def listed(*, by: Staff) -> list[Segment]:
    return list(Segment.objects.visible_to(by).living().select_related("campus"))


def tag_labels() -> dict[str, str]:
    return dict(Tag.objects.values_list("code", "name"))


def taggings_of(patient: Patient) -> list[Tagging]:
    """The tags of one customer with from whom they are."""
    rows = Tagging.objects.filter(profile__patient=patient).select_related("tag", "by")
    return list(rows.order_by("tag__name"))


def tags() -> list[tuple[Tag, int]]:
    """Every tag in use with how many people bear it."""
    rows = Tag.objects.filter(is_active=True).annotate(n=Count("taggings")).order_by("name")
    return [(tag, tag.n) for tag in rows]


def _law(node: rules.Node, use: SegmentUse, profile: Profile) -> list[rules.Reason]:
    if use == SegmentUse.MARKETING:
        return [
            rules.Reason(_("本人同意接收营销信息（广告法第四十三条）"), profile.agrees_marketing, 0),
            rules.Reason(_("已成年（互联网广告管理办法第十二条）"), profile.is_adult, 0),
            rules.Reason(
                _("没有拒绝个性化推荐（个人信息保护法第二十四条）"), not profile.refuses_profiling, 0
            ),
        ]
    if rules.sensitive_fields(node):
        return [
            rules.Reason(_("单独同意处理诊疗健康信息（个人信息保护法第二十九条）"), profile.agrees_care, 0)
        ]
    return []


def _test(test: rules.Test, on: date) -> Q:
    column, op, value = test.field.code, test.op, test.value
    if test.field.kind == FieldKind.TAG:
        assert isinstance(value, tuple)
        tagged = Q(pk__in=Tagging.objects.filter(tag__code__in=value).order_by().values("profile"))
        return tagged if op == Operator.TAGGED else ~tagged
    if isinstance(value, tuple):
        chosen = Q((f"{column}__in", value))
        return chosen if op == Operator.IN else ~chosen
    if op in {Operator.FILLED, Operator.EMPTY}:
        return Q((f"{column}__isnull", op == Operator.EMPTY))
    if op in {Operator.YES, Operator.NO}:
        return Q((column, op == Operator.YES))
    if op in RELATIVE:
        assert isinstance(value, int)
        first, last = rules.span(op, value, on)
        found = ANYBODY
        if first is not None:
            found &= Q((f"{column}__gte", first))
        return found & Q((f"{column}__lte", last)) if last is not None else found
    assert isinstance(value, Decimal)
    return _number(column, op, value)


def _number(column: str, op: Operator, value: Decimal) -> Q:
    bound: Decimal | int = value
    if column in WHOLE:
        if op == Operator.EQ and value != int(value):
            return NOBODY
        bound = math.ceil(value) if op == Operator.GTE else math.floor(value)
    lookup = {Operator.GTE: "gte", Operator.LTE: "lte", Operator.EQ: "exact"}[op]
    return Q((f"{column}__{lookup}", bound))
