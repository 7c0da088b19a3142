"""Closed lists of words about whoever else handles personal information, here and abroad."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PartyKind(models.TextChoices):
    PROCESSOR = "processor", _("受托处理者")
    RECIPIENT = "recipient", _("接收方")
    JOINT = "joint", _("共同处理者")


class DutySide(models.TextChoices):
    """Which of two joint handlers does what they agreed on (PIPL 20)."""

    OURS = "ours", _("本院")
    THEIRS = "theirs", _("对方")
    BOTH = "both", _("双方各自")


class SuccessionKind(models.TextChoices):
    """Why personal information goes over to another handler (PIPL 22)."""

    MERGER = "merger", _("合并")
    SPLIT = "split", _("分立")
    DISSOLUTION = "dissolution", _("解散")
    BANKRUPTCY = "bankruptcy", _("被宣告破产")


class SuccessionState(models.TextChoices):
    DRAFT = "draft", _("待批准")
    TELLING = "telling", _("正在告知")
    CLOSED = "closed", _("已告知完毕")
    DROPPED = "dropped", _("已撤销")


class PartyState(models.TextChoices):
    DRAFT = "draft", _("待审核")
    ACTIVE = "active", _("合作中")
    SUSPENDED = "suspended", _("已暂停")
    ENDED = "ended", _("已终止")


class TransferGround(models.TextChoices):
    """Why data may leave the country at all (NDR 35)."""

    CONSENT = "consent", _("本人单独同意")
    CONTRACT = "contract", _("为履行与本人的合同所必需")
    STAFF = "staff", _("跨境人力资源管理所必需")
    DUTY = "duty", _("履行法定职责或义务")
    EMERGENCY = "emergency", _("紧急情况下保护生命健康和财产")


class Route(models.TextChoices):
    """The gate of PIPL 38 through which data leave the country."""

    EXEMPT = "exempt", _("免予申报")
    CONTRACT = "contract", _("标准合同备案")
    CERTIFICATION = "certification", _("个人信息保护认证")
    ASSESSMENT = "assessment", _("数据出境安全评估")


class TransferState(models.TextChoices):
    DRAFT = "draft", _("未放行")
    ACTIVE = "active", _("已放行")
    STOPPED = "stopped", _("已停止")
