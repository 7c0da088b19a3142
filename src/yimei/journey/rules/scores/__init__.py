"""Risk scores of the assessment, each with its items and its source; worked out once and then frozen."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.errors import RuleBroken
from yimei.journey.enums import Asa
from yimei.journey.rules import assessments
from yimei.journey.rules.scores.base import Frozen, Score, Words
from yimei.journey.rules.scores.caprini import CAPRINI, derived
from yimei.journey.rules.scores.rcri import RCRI

SCORES: Mapping[str, Score] = {score.code: score for score in (RCRI, CAPRINI)}

ROMAN: Mapping[int, str] = {1: "I", 2: "II", 3: "III", 4: "IV"}
HORMONES = ("OCP", "OESTROGEN")
"""Stop rules whose yes counts in a score as well."""
MALLAMPATI: Mapping[int, tuple[Words, str]] = {
    1: (gettext_lazy("看得到软腭、咽腭弓和悬雍垂"), "good"),
    2: (gettext_lazy("看得到软腭和悬雍垂的大部分"), "good"),
    3: (gettext_lazy("只看得到软腭和悬雍垂根部"), "warn"),
    4: (gettext_lazy("只看得到硬腭"), "danger"),
}
"""Modified Mallampati class by what is seen (Samsoon & Young 1987)."""

ASA_READING: Mapping[Asa, tuple[Words, Words, str]] = {
    Asa.ONE: (gettext_lazy("健康，不吸烟，不饮酒或少量饮酒。"), "", "good"),
    Asa.TWO: (gettext_lazy("轻度系统疾病，不影响日常活动。"), "", ""),
    Asa.THREE: (
        gettext_lazy("重度系统疾病，活动受限。"),
        gettext_lazy("先控制原发病，请麻醉师会诊后再定。"),
        "warn",
    ),
    Asa.FOUR: (gettext_lazy("持续威胁生命的疾病。"), gettext_lazy("不做择期手术。"), "danger"),
}


def work_out(
    *,
    ticked: Mapping[str, Collection[str]],
    mallampati: int | None,
    asa: Asa,
    height_cm: Decimal,
    weight_kg: Decimal,
    age: int | None,
    minutes: int,
    on_hormones: bool,
) -> dict[str, Frozen]:
    """Return every score in words: asked items as ticked, known ones added, nothing left to guess."""
    bmi = assessments.bmi(height_cm, weight_kg)
    known = {"caprini": set(derived(age=age, bmi=float(bmi), minutes=minutes, on_hormones=on_hormones))}
    for code, codes in ticked.items():
        check_items(code, codes)
    reading, suggestion, tone = ASA_READING[asa]
    found = {
        "asa": Frozen(
            name=_("ASA 分级"),
            value=str(asa.label).split()[1],
            band="",
            tone=tone,
            reading=str(reading),
            suggestion=str(suggestion),
            items=[],
            source=_("美国麻醉医师学会体格状态分级（2020 年修订）"),
        ),
        "bmi": Frozen(
            name=_("体重指数"),
            value=str(bmi),
            band=assessments.bmi_words(bmi),
            tone="" if Decimal("18.5") <= bmi < Decimal(28) else "warn",
            reading=_("身高 %(height)s cm，体重 %(weight)s kg。")
            % {"height": height_cm, "weight": weight_kg},
            suggestion=_("肥胖者吸脂并发症约为常人的三倍，请评估减重后再做。") if bmi >= 28 else "",
            items=[],
            source=_("WS/T 428-2013 成人体重判定；肥胖与吸脂并发症：CosmetAssure 队列"),
        ),
    }
    if mallampati is not None:
        seen, tone = MALLAMPATI[mallampati]
        found["mallampati"] = Frozen(
            name=_("Mallampati 气道分级"),
            value=ROMAN[mallampati],
            band="",
            tone=tone,
            reading=str(seen) + "。",
            suggestion=_("可能插管困难：请麻醉师面看气道并备好困难气道用具。") if mallampati >= 3 else "",
            items=[],
            source=_("Mallampati 1985，Samsoon 与 Young 1987 改良"),
        )
    for code, score in SCORES.items():
        asked = {item.code for item in score.asked}
        found[code] = score.freeze({*ticked.get(code, ())} & asked | known.get(code, set()))
    return found


def check_items(code: str, codes: Collection[str]) -> None:
    score = SCORES.get(code)
    if score is None or not {*codes} <= {item.code for item in score.items}:
        raise RuleBroken(_("评分项目不在表内，请刷新后再填。"), code="scores")
