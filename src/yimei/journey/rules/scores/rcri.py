"""Revised Cardiac Risk Index (Lee et al., Circulation 1999;100:1043)."""

from django.utils.translation import gettext_lazy as _

from yimei.journey.rules.scores.base import Band, Item, Score

RCRI = Score(
    code="rcri",
    name=_("RCRI 心脏风险"),
    items=(
        Item("high_risk_surgery", _("高风险手术（胸腔、腹腔或大血管）"), 1),
        Item("ischaemic", _("缺血性心脏病"), 1),
        Item("failure", _("心力衰竭史"), 1),
        Item("cerebral", _("脑卒中或短暂脑缺血史"), 1),
        Item("insulin", _("用胰岛素的糖尿病"), 1),
        Item("creatinine", _("血肌酐高于 177 μmol/L"), 1),
    ),
    bands=(
        Band(0, _("I 级"), _("主要心脏事件约 0.4 %。"), tone="good"),
        Band(1, _("II 级"), _("主要心脏事件约 0.9 %。"), _("建议查心电图并询问活动耐量。")),
        Band(2, _("III 级"), _("主要心脏事件约 6.6 %。"), _("建议心内科会诊后再定择期手术。"), tone="warn"),
        Band(
            3,
            _("IV 级"),
            _("主要心脏事件约 11 %。"),
            _("建议不做择期美容手术，先请心内科评估。"),
            tone="danger",
        ),
    ),
    source=_("Lee 等，Circulation 1999；100：1043（非心脏手术，原始队列的发生率）"),
)
