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


class OrderStatus(models.TextChoices):
    OPEN = "open", _("待收款")
    PAID = "paid", _("已付清")
    CANCELLED = "cancelled", _("已取消")


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
