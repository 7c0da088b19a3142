"""A public answer does not say that its reader was a patient, nor anything about her (民法典 1226)."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.privacy.rules import pii

PRIVATE = "《民法典》第一千二百二十六条；《个人信息保护法》第二十五条"
ADS = "《广告法》第十六条；《医疗广告管理办法》第七条"
GIVEN = "《反不正当竞争法》第八条"
BETRAYS = re.compile(
    r"(?:[您你她他](?:的|在我院|在本院|于|来|到)?[^，。！？；\n]{0,8}?"
    r"(?:手术|治疗|病历|档案|面诊|就诊|复诊|复查|预约|诊断|病情|注射|住院|用药|缴费|付款|消费|报告|照片|方案))"
    r"|(?:手术|治疗|就诊|面诊|复查|预约)(?:当天|当日|那天|之后|前后|后|前)"
    r"|(?:术前|术中|术后|恢复期|换药|拆线|病历号|档案号|主刀|主诊)"
    r"|(?:[您你]是我(?:们|院)的?(?:顾客|客户|患者|会员))"
    r"|(?:感谢[您你](?:选择|光临|到院|来院|信任))"
)
"""What tells the reader of a platform that its writer was treated here."""
PROMISES = re.compile(
    r"保证|包(?:好|满意|成功)|根治|治愈率|有效率|成功率|零风险|无风险|绝对(?:安全|有效)|100%|百分之百|最(?:好|佳|先进|专业)|第一"
)
BRIBES = re.compile(r"(?:删|改|撤).{0,4}(?:评|差评)|好评.{0,6}(?:返|送|赠|优惠|红包)|(?:返现|红包).{0,6}评")


def faults(text: str, *, names: Iterable[str] = ()) -> list[Missing]:
    """What must leave a text before anybody may read it on a platform; names are procedures and staff."""
    found: list[Missing] = []
    if hit := BETRAYS.search(text):
        what = _("「%(words)s」等于说明写评价的人是患者；请只谈医院的做法，请对方致电院方")
        found.append(Missing(what % {"words": hit[0]}, PRIVATE))
    found += [
        Missing(_("出现「%(name)s」，会与写评价的人连在一起") % {"name": name}, PRIVATE)
        for name in names
        if len(name) > 1 and name in text
    ]
    if pii.find(_without_hotlines(text)):
        found.append(Missing(_("含有姓名、电话、日期一类能认出个人的内容"), PRIVATE))
    if hit := PROMISES.search(text):
        found.append(
            Missing(_("「%(words)s」是对效果或安全的断言、保证或绝对化用语") % {"words": hit[0]}, ADS)
        )
    return found + bribes(text)


def bribes(text: str) -> list[Missing]:
    """What offers something for an opinion, or asks to change one, said in public or not."""
    hit = BRIBES.search(text)
    text = _("「%(words)s」是以利益换取评价或要求删改评价")
    return [Missing(text % {"words": hit[0]}, GIVEN)] if hit else []


def check(text: str, *, is_public: bool, names: Iterable[str] = ()) -> None:
    wrong = faults(text, names=names) if is_public else bribes(text)
    if wrong:
        said = _("公开回复还不能用：") if is_public else _("答复还不能用：")
        raise RuleBroken(said, missing=wrong, code="text")


def _without_hotlines(text: str) -> str:
    """The hospital's own landline may stand in an answer; a mobile number may not."""
    return re.sub(r"(?<!\d)(?:0\d{2,3}-?\d{7,8}|400-?\d{3}-?\d{4})(?!\d)", "", text)
