"""What a segment may ask about a person: every field, what it holds, and whether it is sensitive."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from yimei.growth.enums import AgeBand, FieldKind, LeadLoss, LeadStatus, Operator, RfmLayer
from yimei.hospital.enums import Category
from yimei.journey.enums import CaseStage, LossReason
from yimei.people.enums import Sex, SourceKind

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

K, Op = FieldKind, Operator

OPERATORS: Mapping[FieldKind, tuple[Operator, ...]] = {
    K.CHOICE: (Op.IN, Op.NOT_IN),
    K.NUMBER: (Op.GTE, Op.LTE, Op.EQ, Op.FILLED, Op.EMPTY),
    K.DATE: (Op.AGO, Op.LAST, Op.NEXT, Op.FILLED, Op.EMPTY),
    K.FLAG: (Op.YES, Op.NO),
    K.TAG: (Op.TAGGED, Op.UNTAGGED),
}
WITHOUT_VALUE = frozenset({Op.FILLED, Op.EMPTY, Op.YES, Op.NO})
RELATIVE = frozenset({Op.LAST, Op.AGO, Op.NEXT})
"""Operators whose answer changes with the day, though nothing happens to the person."""


@dataclass(frozen=True)
class FieldSpec:
    """One question about a person; its code is the column of the profile."""

    code: str
    label: "_StrOrPromise"
    group: "_StrOrPromise"
    kind: FieldKind
    choices: tuple[tuple[str, "_StrOrPromise"], ...] = ()
    unit: "_StrOrPromise" = ""
    is_sensitive: bool = False
    """Health (个人信息保护法第二十八条): only for care, and only about those who agreed to it."""

    @property
    def operators(self) -> tuple[Operator, ...]:
        return OPERATORS[self.kind]


PERSON, LEAD, VISIT = _("客户"), _("线索"), _("到诊")
TREATMENT, MONEY, VOICE = _("方案与治疗"), _("消费与 RFM"), _("评价、标签与同意")

_ALL = (
    FieldSpec("sex", _("性别"), PERSON, K.CHOICE, tuple(Sex.choices)),
    FieldSpec("age_band", _("年龄段"), PERSON, K.CHOICE, tuple(AgeBand.choices)),
    FieldSpec("source", _("首次来源"), PERSON, K.CHOICE, tuple(SourceKind.choices)),
    FieldSpec("is_vip", _("VIP"), PERSON, K.FLAG),
    FieldSpec("is_customer", _("已成为客户"), PERSON, K.FLAG),
    FieldSpec("known_on", _("首次联系日期"), PERSON, K.DATE),
    FieldSpec("lead_status", _("线索状态"), LEAD, K.CHOICE, tuple(LeadStatus.choices)),
    FieldSpec("lead_loss", _("线索流失原因"), LEAD, K.CHOICE, tuple(LeadLoss.choices)),
    FieldSpec("asked_on", _("最近一次咨询日期"), LEAD, K.DATE),
    FieldSpec("touched_on", _("最近一次联系日期"), LEAD, K.DATE),
    FieldSpec("touches", _("联系次数"), LEAD, K.NUMBER, unit=_("次")),
    FieldSpec("interest", _("意向部位"), LEAD, K.CHOICE, tuple(Category.choices), is_sensitive=True),
    FieldSpec("visits", _("到诊次数"), VISIT, K.NUMBER, unit=_("次")),
    FieldSpec("first_visit_on", _("首次到诊日期"), VISIT, K.DATE),
    FieldSpec("last_visit_on", _("最近到诊日期"), VISIT, K.DATE),
    FieldSpec("coming_on", _("已约的下次到诊日期"), VISIT, K.DATE),
    FieldSpec("no_shows", _("爽约次数"), VISIT, K.NUMBER, unit=_("次")),
    FieldSpec("last_no_show_on", _("最近爽约日期"), VISIT, K.DATE),
    FieldSpec(
        "stage", _("最近一次诊疗所在阶段"), TREATMENT, K.CHOICE, tuple(CaseStage.choices), is_sensitive=True
    ),
    FieldSpec("case_loss", _("未成交原因"), TREATMENT, K.CHOICE, tuple(LossReason.choices)),
    FieldSpec("planned_on", _("方案确定日期"), TREATMENT, K.DATE, is_sensitive=True),
    FieldSpec("surgery_on", _("最近手术日期"), TREATMENT, K.DATE, is_sensitive=True),
    FieldSpec("injection_on", _("最近注射日期"), TREATMENT, K.DATE, is_sensitive=True),
    FieldSpec("laser_on", _("最近光电治疗日期"), TREATMENT, K.DATE, is_sensitive=True),
    FieldSpec("category", _("最近治疗部位"), TREATMENT, K.CHOICE, tuple(Category.choices), is_sensitive=True),
    FieldSpec("quoted_on", _("最近报价日期"), MONEY, K.DATE),
    FieldSpec("paid_on", _("最近付款日期（R）"), MONEY, K.DATE),
    FieldSpec("paid_times", _("成交次数（F）"), MONEY, K.NUMBER, unit=_("次")),
    FieldSpec("paid_total", _("累计净付款（M）"), MONEY, K.NUMBER, unit=_("元")),
    FieldSpec("rfm", _("RFM 分层"), MONEY, K.CHOICE, tuple(RfmLayer.choices)),
    FieldSpec("score", _("最近评价推荐意愿（0–10）"), VOICE, K.NUMBER, unit=_("分")),
    FieldSpec("scored_on", _("最近评价日期"), VOICE, K.DATE),
    FieldSpec("tags", _("标签"), VOICE, K.TAG),
    FieldSpec("agrees_marketing", _("同意接收营销信息"), VOICE, K.FLAG),
    FieldSpec("agrees_profiling", _("同意个性化推荐"), VOICE, K.FLAG),
)
FIELDS: Mapping[str, FieldSpec] = {spec.code: spec for spec in _ALL}


def by_group() -> list[tuple["_StrOrPromise", list[FieldSpec]]]:
    """The fields as the editor offers them."""
    groups: dict[str, tuple[_StrOrPromise, list[FieldSpec]]] = {}
    for spec in _ALL:
        groups.setdefault(str(spec.group), (spec.group, []))[1].append(spec)
    return list(groups.values())
