"""Closed lists of words about incidents, the duties that follow, and drills."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class IncidentKind(models.TextChoices):
    LEAK = "leak", _("泄露")
    TAMPER = "tamper", _("篡改")
    LOSS = "loss", _("丢失")
    MISUSE = "misuse", _("违规查看或使用")
    PHISHING = "phishing", _("可疑消息或诈骗")
    OTHER = "other", _("其他")


class IncidentStatus(models.TextChoices):
    REPORTED = "reported", _("待研判")
    OPEN = "open", _("处置中")
    CLOSED = "closed", _("已结案")
    DISMISSED = "dismissed", _("不构成事件")


class IncidentLevel(models.TextChoices):
    """国家网络安全事件报告管理办法, annex (regulations B-7)."""

    MINOR = "minor", _("一般")
    LARGER = "larger", _("较大")
    MAJOR = "major", _("重大")
    GRAVE = "grave", _("特别重大")


class DutyState(models.TextChoices):
    OPEN = "open", _("未履行")
    DONE = "done", _("已履行")
    EXEMPT = "exempt", _("依法可不通知")
    EXPLAINED = "explained", _("说明不适用")


class LetterState(models.TextChoices):
    DRAFTED = "drafted", _("已起草")
    HANDED = "handed", _("已交发送")
    PRINTED = "printed", _("已寄送或当面告知")
    HELD = "held", _("演练，未发送")


class DrillOutcome(models.TextChoices):
    SENT = "sent", _("未处理")
    FELL = "fell", _("点了进去")
    REPORTED = "reported", _("识破并举报")
