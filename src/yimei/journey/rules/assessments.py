"""Figures and questions of the pre-operative assessment."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise

NO_YES: Mapping[str, Words] = {"no": gettext_lazy("无"), "yes": gettext_lazy("有")}
QUESTIONS: Mapping[str, tuple[Words, Mapping[str, Words]]] = {
    "smoking": (
        gettext_lazy("吸烟"),
        {"never": gettext_lazy("从不"), "quit": gettext_lazy("已戒"), "now": gettext_lazy("现在吸")},
    ),
    "diabetes": (gettext_lazy("糖尿病"), NO_YES),
    "hypertension": (gettext_lazy("高血压"), NO_YES),
    "bleeding": (gettext_lazy("出血倾向"), NO_YES),
    "keloid": (gettext_lazy("瘢痕体质"), NO_YES),
    "surgery": (gettext_lazy("手术与麻醉史"), NO_YES),
    "pregnancy": (
        gettext_lazy("月经与妊娠"),
        {
            "none": gettext_lazy("未孕"),
            "menses": gettext_lazy("月经期"),
            "maybe": gettext_lazy("可能妊娠"),
            "nursing": gettext_lazy("哺乳期"),
        },
    ),
}
"""What is asked before every operation, with its answers; ``note`` beside them says more."""

NOTE = "note"
ONLY_WOMEN = frozenset({"pregnancy"})
CALM = frozenset({"never", "quit", "no", "none"})
"""Answers that need no second look."""

BMI_BANDS = (
    (Decimal("18.5"), gettext_lazy("偏瘦")),
    (Decimal("24"), gettext_lazy("正常")),
    (Decimal("28"), gettext_lazy("超重")),
)
"""Upper limits for Chinese adults (WS/T 428-2013)."""


def bmi(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """Body mass index in kg/m², one decimal (WHO)."""
    metres = height_cm / 100
    return (weight_kg / (metres * metres)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def bmi_words(value: Decimal) -> str:
    return next((str(words) for limit, words in BMI_BANDS if value < limit), _("肥胖"))


def history_lines(history: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Return question, answer and whether it wants a second look, in the order of asking."""
    lines = []
    for code, (question, answers) in QUESTIONS.items():
        answer = history.get(code, "")
        if answer:
            lines.append((str(question), str(answers.get(answer, answer)), answer not in CALM))
    return lines
