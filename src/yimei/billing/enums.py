"""Closed lists of words about money."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class QuoteStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    OFFERED = "offered", _("已报价")
    ACCEPTED = "accepted", _("客户已选")
    DECLINED = "declined", _("未选")


class CutKind(models.TextChoices):
    """What takes something off a whole quote, beside the prices of its lines."""

    COUPON = "coupon", _("优惠券")
    POINTS = "points", _("积分抵扣")


class OrderPurpose(models.TextChoices):
    BILL = "bill", _("诊疗费用")
    BOOKING = "booking", _("预约定金")


class OrderStatus(models.TextChoices):
    OPEN = "open", _("待收款")
    PAID = "paid", _("已付清")
    CANCELLED = "cancelled", _("已取消")
    KEPT = "kept", _("定金不退")


class PaymentKind(models.TextChoices):
    DEPOSIT = "deposit", _("定金")
    BALANCE = "balance", _("尾款")
    REFUND = "refund", _("退款")


class PaymentMethod(models.TextChoices):
    CASH = "cash", _("现金")
    CARD = "card", _("银行卡")
    WECHAT = "wechat", _("微信支付")
    ALIPAY = "alipay", _("支付宝")
    TRANSFER = "transfer", _("转账")


class CostAccount(models.TextChoices):
    """What money was spent on; the same words as in tables that are brought."""

    DRUG = "drug", _("药品")
    MATERIAL = "material", _("耗材")
    DEVICE = "device", _("设备")
    STAFF = "staff", _("人力")
    RENT = "rent", _("房租")
    ADVERTISING = "advertising", _("广告")
    OTHER = "other", _("其他")


class AdChannel(models.TextChoices):
    """Where advertising ran; the same words as in tables that are brought."""

    DOUYIN = "douyin", _("抖音")
    XIAOHONGSHU = "xiaohongshu", _("小红书")
    MEITUAN = "meituan", _("美团")
    SOYOUNG = "soyoung", _("新氧")
    GENGMEI = "gengmei", _("更美")
    BAIDU = "baidu", _("百度")
    WECHAT = "wechat", _("微信")
    WEBSITE = "website", _("官网")
    PHONE = "phone", _("电话")
    WALK_IN = "walk_in", _("自然到店")
    REFERRAL = "referral", _("老带新")
    PARTNER = "partner", _("渠道合作")
    OTHER = "other", _("其他")


class CostUnit(models.TextChoices):
    HOUR = "hour", _("小时")
    DAY = "day", _("天")
    PIECE = "piece", _("件")


class CostOrigin(models.TextChoices):
    """What the amount was taken from."""

    INVOICE = "invoice", _("发票")
    PAYROLL = "payroll", _("工资表")
    PLATFORM = "platform", _("平台账单")
    CONTRACT = "contract", _("合同")
    COUNT = "count", _("盘点")
    ESTIMATE = "estimate", _("估算")
