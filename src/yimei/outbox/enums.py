"""Closed lists of words about messages."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageClass(models.TextChoices):
    """Medical before transactional before marketing; caps and quiet hours hit only marketing."""

    MEDICAL = "medical", _("医疗")
    TRANSACTIONAL = "transactional", _("服务通知")
    MARKETING = "marketing", _("营销")


class Channel(models.TextChoices):
    FILE = "file", _("开发通道（写入文件）")
    EMAIL = "email", _("电子邮件")
    IN_APP = "in_app", _("站内")


class MessageStatus(models.TextChoices):
    HELD = "held", _("等待发送时间")
    QUEUED = "queued", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发送")
    FAILED = "failed", _("发送失败")
    UNKNOWN = "unknown", _("结果未知")
    REFUSED = "refused", _("不得发送")


class Verdict(models.TextChoices):
    SEND = "send", _("可以发送")
    HOLD = "hold", _("推迟发送")
    REFUSE = "refuse", _("不得发送")
