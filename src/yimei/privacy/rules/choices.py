"""What a hospital declares about itself once; closed lists, each with what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import RuleBroken

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

OFF, ON = "off", "on"


@dataclass(frozen=True)
class Question:
    """One thing to declare: its words, the answers that exist, the answer of a new hospital."""

    label: "_StrOrPromise"
    answers: "Mapping[str, _StrOrPromise]"
    default: str
    why: "_StrOrPromise"


SWITCH: "Mapping[str, _StrOrPromise]" = {OFF: gettext_lazy("不适用"), ON: gettext_lazy("适用")}
QUESTIONS: Mapping[str, Question] = {
    "operator.kind": Question(
        gettext_lazy("网络运营者类型"),
        {
            "ordinary": gettext_lazy("一般网络运营者"),
            "critical": gettext_lazy("关键信息基础设施运营者"),
            "central": gettext_lazy("中央和国家机关"),
        },
        "ordinary",
        gettext_lazy("决定较大以上事件的报告期限（B-4）与出境路径（X-5）"),
    ),
    "profile.gdpr": Question(gettext_lazy("GDPR"), SWITCH, OFF, gettext_lazy("向欧盟境内的人提供服务时适用")),
    "profile.hipaa": Question(gettext_lazy("HIPAA"), SWITCH, OFF, gettext_lazy("受美国健康信息法约束时适用")),
    "training.gate": Question(
        gettext_lazy("培训逾期不得访问四级以上信息"),
        {OFF: gettext_lazy("只提醒"), ON: gettext_lazy("拦截")},
        OFF,
        gettext_lazy("新医院先完成首轮培训再启用；启用后有宽限期（P-8）"),
    ),
}


def check(code: str, value: str) -> None:
    question = QUESTIONS.get(code)
    if question is None or value not in question.answers:
        raise RuleBroken(_("没有这个选项。"), code="value")
