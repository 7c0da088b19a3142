"""Closed lists of words about partners of the channel (渠道合作方)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartnerKind(models.TextChoices):
    BEAUTY = "beauty", _("美容院")
    FITNESS = "fitness", _("健身房")
    PHOTO = "photo", _("摄影、婚庆")
    MALL = "mall", _("商场、社区")
    OTHER = "other", _("其他")


class PaperKind(models.TextChoices):
    """What a partner shows of itself before it may have a code."""

    LICENCE = "licence", _("营业执照")
    HYGIENE = "hygiene", _("公共场所卫生许可证")
    PROMISE = "promise", _("不做医疗导诊与返佣的承诺书")


class PartnerBasis(models.TextChoices):
    """What a partner is paid for; a share of what customers pay is not in this list on purpose."""

    FIXED = "fixed", _("固定服务费或广告发布费（按月）")
    LEAD = "lead", _("每条有效咨询的推广费")
    VISIT = "visit", _("每位首次付款到诊的推广费")


class AgreementStatus(models.TextChoices):
    DRAFT = "draft", _("待批准")
    APPROVED = "approved", _("已批准")
    ENDED = "ended", _("已终止")


class PartnerWay(models.TextChoices):
    SCAN = "scan", _("客户自己扫码")
    PASSED = "passed", _("合作方转来")


class NotCounted(models.TextChoices):
    """Why a customer who came by a partner is served but stands in no statement."""

    NONE = "", _("计入结算")
    LAPSED = "lapsed", _("合同或资质不在有效期")
    BASIS = "basis", _("院方当时不允许按人数付费")
    KNOWN = "known", _("已是本院的客户或线索")
    STAFF = "staff", _("涉及本院员工")


class ConsentWay(models.TextChoices):
    """How the customer agreed that a partner passes her name and number on (个人信息保护法 23)."""

    WRITTEN = "written", _("书面签字")
    MESSAGE = "message", _("本人短信或微信确认")
    PRESENT = "present", _("本人在场，电话里亲口确认")


class StatementStatus(models.TextChoices):
    PROPOSED = "proposed", _("待批准")
    APPROVED = "approved", _("待付款")
    REFUSED = "refused", _("已退回")
    PAID = "paid", _("已付款")


class LineKind(models.TextChoices):
    FIXED = "fixed", _("固定费用")
    LEAD = "lead", _("有效咨询")
    VISIT = "visit", _("首次付款到诊")
    BACK = "back", _("扣回")
