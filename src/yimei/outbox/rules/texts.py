"""Fill a template's places; a place without a word stops the message."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.outbox.enums import MessageClass

PLACE = re.compile(r"\{([a-z_]+)\}")
OPT_OUT = "拒收请回复R"
"""The only form of words that every large SMS provider accepts."""


def places(body: str) -> list[str]:
    """Return the names of a template's places in their order."""
    return list(dict.fromkeys(PLACE.findall(body)))


def check_template(message_class: MessageClass, body: str) -> None:
    """Refuse a text that no channel may carry."""
    if "【" in body or "】" in body:
        raise RuleBroken(_("正文不能含有【】：短信签名由通道添加。"), code="template-signature")
    if re.search(r"[{}]", PLACE.sub("", body)):
        raise RuleBroken(_("占位写作 {name}，只用小写字母与下划线。"), code="template-place")
    if message_class != MessageClass.MARKETING:
        return
    if not body.endswith(OPT_OUT):
        text = _("营销消息须以「%(words)s」结尾（广告法第四十三条）。")
        raise RuleBroken(text % {"words": OPT_OUT}, code="template-opt-out")
    if not {"sender", "phone"} <= set(places(body)):
        text = _("营销消息须含 {sender} 与 {phone}，明示发送者的真实身份与联系方式（广告法第四十三条）。")
        raise RuleBroken(text, code="template-sender")


def render(body: str, params: Mapping[str, str]) -> str:
    """Return the text; missing and unknown words are both refused, and a word never opens a new place."""
    names = places(body)
    missing = [name for name in names if not str(params.get(name, "")).strip()]
    if missing:
        text = _("消息缺少内容：%(names)s。") % {"names": "、".join(missing)}
        why = _("模板中的占位必须全部填写")
        raise RuleBroken(text, missing=[Missing(name, why) for name in missing], code="message-params")
    unknown = sorted(set(params) - set(names))
    if unknown:
        text = _("模板没有这些占位：%(names)s。") % {"names": "、".join(unknown)}
        raise RuleBroken(text, code="message-params")
    return PLACE.sub(lambda place: str(params[place[1]]), body)
