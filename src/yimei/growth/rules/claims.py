"""Words that no text of the hospital to the public may hold, each with its article; a first look, no verdict.

It finds the plain cases. Whoever publishes still reads the text, and an advertisement still needs its
《医疗广告审查证明》.
"""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from yimei.core.errors import Missing

SUPERLATIVE, EFFECT, PROOF = "《广告法》第九条", "《广告法》第十六条", "《医疗广告管理办法》第七条"
ANXIETY = "《医疗美容广告执法指南》"
FORMS: tuple[tuple[str, str], ...] = (
    (r"国家级|最高级|最佳|最好|最先进|最专业|最权威|顶级|唯一|首选|领先", SUPERLATIVE),
    (r"最低价|(?:全网|全城|史上)最", SUPERLATIVE),
    (r"第一(?!次|场|期|步|天|位|个|名额|千|百|十|周|月|年|晚|夜|眼|时间|反应|部分|条)", SUPERLATIVE),
    (r"保证|包(?:好|满意|成功|效果)|根治|治愈|有效率|成功率|满意率|永久|100\s*%|百分之百", EFFECT),
    (r"零风险|无风险|绝对(?:安全|有效)|安全无(?:痛|副作用|创)|无副作用|无痕", EFFECT),
    (r"无恢复期|不反弹|立竿见影", EFFECT),
    (r"推荐官|体验官|代言|明星同款|网红同款", EFFECT),
    (r"(?:术前|治疗前)[^。]{0,6}(?:术后|治疗后)?对比|前后对比|对比照|案例(?:图|照)|素人改造", PROOF),
    (r"亲身(?:经历|体验)|患者(?:见证|分享)|真实案例", PROOF),
    (r"丑|难看的人|逆袭|变美才|颜值(?:低|焦虑)|不美就", ANXIETY),
)
NEEDS_PERMIT = "《广告法》第四十六条；《医疗广告管理办法》第三条"
MEDICAL = re.compile(
    r"手术|注射|针剂|玻尿酸|肉毒|激光|光子|热玛吉|超声|吸脂|填充|双眼皮|隆[鼻胸乳]|植发|项目优惠|疗效|治疗"
)
PERMIT = re.compile(r"[一-鿿]{1,4}[（(]?[一-鿿]{0,4}[)）]?医广[【〔\[（(]?\d{4}[】〕\])）]?第?[\d-]{4,20}号?")


def faults(text: str) -> list[Missing]:
    """Each forbidden wording that the text holds, with the article that forbids it."""
    found = []
    for form, article in FORMS:
        if hit := re.search(form, text):
            found.append(Missing(_("「%(words)s」不得使用") % {"words": hit[0]}, article))
    return found


def is_medical(text: str, *, names: Iterable[str] = ()) -> bool:
    """Whether the text advertises treatment, so that it needs a certificate of review."""
    return bool(MEDICAL.search(text)) or any(len(name) > 1 and name in text for name in names)


def permit_faults(text: str, permit: str, *, names: Iterable[str] = ()) -> list[Missing]:
    """A text about treatment carries its certificate number; a number is one by its form."""
    if permit and not PERMIT.fullmatch(permit):
        return [Missing(_("审查证明文号写作「浙（杭）医广〔2026〕第0001-01号」这样的形式"), NEEDS_PERMIT)]
    if not permit and is_medical(text, names=names):
        return [Missing(_("文案介绍了诊疗项目，属于医疗广告，须填《医疗广告审查证明》文号"), NEEDS_PERMIT)]
    return []
