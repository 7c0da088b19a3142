"""Caprini risk of venous thromboembolism, 2005 model (Caprini, Dis Mon 2005;51:70)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from yimei.journey.rules.scores.base import Band, Item, Score

AGES = ((75, "age_75"), (61, "age_61"), (41, "age_41"))
MAJOR_MINUTES = 45
STOUT = 25

CAPRINI = Score(
    code="caprini",
    name=_("Caprini 静脉血栓风险"),
    items=(
        Item("age_41", _("41–60 岁"), 1, group="age", is_derived=True),
        Item("age_61", _("61–74 岁"), 2, group="age", is_derived=True),
        Item("age_75", _("75 岁及以上"), 3, group="age", is_derived=True),
        Item("stout", _("BMI 大于 25"), 1, is_derived=True),
        Item("minor", _("小手术（不超过 45 分钟）"), 1, group="surgery", is_derived=True),
        Item("major", _("大手术（超过 45 分钟）"), 2, group="surgery", is_derived=True),
        Item("hormones", _("口服避孕药或雌激素"), 1, is_derived=True),
        Item("legs", _("下肢水肿"), 1),
        Item("varicose", _("静脉曲张"), 1),
        Item("postpartum", _("妊娠或产后一个月内"), 1),
        Item("stillbirth", _("不明原因死产或反复流产史"), 1),
        Item("sepsis", _("一个月内脓毒症"), 1),
        Item("lung", _("一个月内严重肺病（含肺炎）"), 1),
        Item("copd", _("肺功能异常或慢阻肺"), 1),
        Item("infarction", _("急性心肌梗死"), 1),
        Item("heart_failure", _("一个月内心力衰竭"), 1),
        Item("bowel", _("炎症性肠病史"), 1),
        Item("bed_rest", _("卧床的内科病人"), 1),
        Item("cancer", _("恶性肿瘤（现在或既往）"), 2),
        Item("confined", _("卧床超过 72 小时"), 2),
        Item("plaster", _("一个月内石膏固定"), 2),
        Item("central_line", _("中心静脉置管"), 2),
        Item("vte", _("静脉血栓栓塞史"), 3),
        Item("family_vte", _("静脉血栓家族史"), 3),
        Item("thrombophilia", _("已知易栓症（因子 V Leiden、凝血酶原 20210A、狼疮抗凝物等）"), 3),
        Item("hit", _("肝素诱导的血小板减少症"), 3),
        Item("stroke", _("一个月内脑卒中"), 5),
        Item("fracture", _("一个月内髋、骨盆或下肢骨折"), 5),
        Item("trauma", _("一个月内多发创伤或急性脊髓损伤"), 5),
    ),
    bands=(
        Band(0, _("低危"), _("0–1 分。"), _("尽早下床活动。"), tone="good"),
        Band(2, _("中危"), _("2 分。"), _("间歇充气加压或弹力袜。")),
        Band(
            3,
            _("高危"),
            _("3–4 分。整形手术后 60 天内发生血栓约 0.6 %。"),
            _("间歇充气加压；由医师决定是否加用低分子肝素。"),
            tone="warn",
        ),
        Band(
            5,
            _("极高危"),
            _("5 分及以上。整形手术后 60 天内发生血栓约 1.3 %（5–6 分）到 11 %（8 分以上）。"),
            _("先讨论推迟手术或缩小范围；低分子肝素加间歇充气加压，用药时间由医师定。"),
            tone="danger",
        ),
    ),
    source=_("Caprini，Dis Mon 2005；51：70；整形外科发生率：Pannucci 等，J Am Coll Surg 2011；212：105"),
)


def derived(*, age: int | None, bmi: float, minutes: int, on_hormones: bool) -> Iterator[str]:
    """Return the items that the program knows already and therefore never asks."""
    if age is not None and (code := next((code for limit, code in AGES if age >= limit), "")):
        yield code
    if bmi > STOUT:
        yield "stout"
    yield "major" if minutes > MAJOR_MINUTES else "minor"
    if on_hormones:
        yield "hormones"
