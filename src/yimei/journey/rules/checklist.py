"""The surgical safety check: three moments, every item answered, three signatures (卫办医政发〔2010〕41号).

No moment is skipped, none begins before the one before it is complete, and the counts must agree before the
patient leaves the theatre.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import Missing, RuleBroken
from yimei.journey.enums import Part, Phase

SOURCE = "手术安全核查制度（卫办医政发〔2010〕41号）"


@dataclass(frozen=True)
class Item:
    """One line of the check. ``may_skip``: 「不适用」 is an answer; ``is_count``: a number is the answer."""

    code: str
    title: str | Promise
    may_skip: bool = False
    is_count: bool = False


ITEMS: Mapping[Phase, tuple[Item, ...]] = {
    Phase.SIGN_IN: (
        Item("identity", gettext_lazy("核对姓名、性别、年龄、档案号与腕带")),
        Item("procedure", gettext_lazy("核对手术名称")),
        Item("consent", gettext_lazy("知情同意书已签")),
        Item("site", gettext_lazy("手术部位与标识正确")),
        Item("anaesthesia", gettext_lazy("麻醉设备与药品检查完成")),
        Item("skin", gettext_lazy("皮肤完整")),
        Item("skin_prep", gettext_lazy("术野皮肤准备正确")),
        Item("iv", gettext_lazy("静脉通道已建立"), may_skip=True),
        Item("allergy", gettext_lazy("过敏史已核对")),
        Item("skin_test", gettext_lazy("抗菌药物皮试结果已核对"), may_skip=True),
        Item("blood", gettext_lazy("备血"), may_skip=True),
        Item("implant", gettext_lazy("假体与植入物型号、批号已核对"), may_skip=True),
        Item("imaging", gettext_lazy("影像资料已核对"), may_skip=True),
    ),
    Phase.TIME_OUT: (
        Item("identity", gettext_lazy("再次核对姓名、性别、年龄")),
        Item("procedure", gettext_lazy("再次核对手术名称")),
        Item("site", gettext_lazy("再次核对部位与标识")),
        Item("surgeon_risk", gettext_lazy("手术医师说明预计时间、出血与关注点")),
        Item("anaesthesia_risk", gettext_lazy("麻醉关注点已说明")),
        Item("nurse_risk", gettext_lazy("护士报告器械物品与灭菌合格")),
        Item("antibiotic", gettext_lazy("预防性抗菌药物已按时给予"), may_skip=True),
        Item("count_start", gettext_lazy("清点：术前器械敷料总数"), is_count=True),
    ),
    Phase.SIGN_OUT: (
        Item("identity", gettext_lazy("核对姓名、性别、年龄")),
        Item("procedure", gettext_lazy("核对实际手术名称")),
        Item("drugs", gettext_lazy("术中用药、输血已核对")),
        Item("count_cavity", gettext_lazy("清点：关闭体腔前"), is_count=True),
        Item("count_closed", gettext_lazy("清点：关闭体腔后"), is_count=True),
        Item("count_skin", gettext_lazy("清点：缝合皮肤后"), is_count=True),
        Item("specimen", gettext_lazy("标本已确认"), may_skip=True),
        Item("skin", gettext_lazy("皮肤完整")),
        Item("lines", gettext_lazy("各种管路已核对"), may_skip=True),
        Item("destination", gettext_lazy("去向已确认")),
    ),
}
ORDER: tuple[Phase, ...] = (Phase.SIGN_IN, Phase.TIME_OUT, Phase.SIGN_OUT)
SIGNERS: tuple[Part, ...] = (Part.SURGEON, Part.ANAESTHETIST, Part.NURSE)
COUNTS_AFTER = ("count_cavity", "count_closed", "count_skin")
COUNT_LIMIT = 999

Answers = Mapping[str, str]


def signers(*, has_anaesthetist: bool) -> tuple[Part, ...]:
    """Who signs: surgeon, anaesthetist and nurse; without an anaesthetist (local) the assistant stands in."""
    return SIGNERS if has_anaesthetist else (Part.SURGEON, Part.ASSISTANT, Part.NURSE)


def check_answers(phase: Phase, answers: Answers, *, count_start: int | None) -> None:
    """Refuse an incomplete check; ``count_start`` is the count before the operation, for the last phase."""
    missing = [
        Missing(str(item.title), SOURCE)
        for item in ITEMS[phase]
        if not _is_answered(item, answers.get(item.code, ""))
    ]
    if missing:
        text = _("「%(phase)s」核查还有 %(count)d 项没有确认。")
        raise RuleBroken(
            text % {"phase": phase.label, "count": len(missing)}, missing=missing, code="checklist"
        )
    if phase is Phase.SIGN_OUT:
        _check_counts(answers, count_start)


def _is_answered(item: Item, answer: str) -> bool:
    if item.is_count:
        return answer.isascii() and answer.isdigit() and int(answer) <= COUNT_LIMIT
    return answer == "yes" or (answer == "na" and item.may_skip)


def _check_counts(answers: Answers, count_start: int | None) -> None:
    """Four counts agree (清点四次): before, before closing, after closing, after skin."""
    counts = [int(answers[code]) for code in COUNTS_AFTER]
    if count_start is None or any(count != count_start for count in counts):
        shown = " / ".join(str(count) for count in [count_start, *counts])
        raise RuleBroken(
            _("器械敷料清点不一致（%(shown)s）：请停止离室，重新清点并查找。") % {"shown": shown},
            code="count",
        )


def check_order(phase: Phase, *, completed: Sequence[Phase]) -> None:
    for earlier in ORDER[: ORDER.index(phase)]:
        if earlier not in completed:
            text = _("「%(earlier)s」核查还没有全部签名，不能进行「%(phase)s」核查。")
            raise RuleBroken(text % {"earlier": earlier.label, "phase": phase.label}, code="checklist")


def unsigned(*, signed: Sequence[Part], has_anaesthetist: bool) -> tuple[Part, ...]:
    return tuple(part for part in signers(has_anaesthetist=has_anaesthetist) if part not in signed)
