"""Closed lists of words about what is taken out, and what in the log looks wrong."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportKind(models.TextChoices):
    FILE = "file", _("导出文件")
    LOOKS = "looks", _("超量查看")
    FIGURES = "figures", _("汇总数据")


class ExportState(models.TextChoices):
    """Where an export stands."""

    ASKED = "asked", _("等待批准")
    GRANTED = "granted", _("可以生成")
    REFUSED = "refused", _("已驳回")
    READY = "ready", _("有效")
    GIVEN = "given", _("已放行")
    EXPIRED = "expired", _("已到期")
    REVOKED = "revoked", _("已撤回")


class AlarmKind(models.TextChoices):
    """What a pattern in the log is called; each is a rule that can be explained."""

    RATE = "rate", _("短时间大量查看")
    BREADTH = "breadth", _("一天内查看人数过多")
    HOURS = "hours", _("非工作时间查看")
    NOT_OWN = "not_own", _("查看没有业务往来的客户")
    DRIP = "drip", _("每天少量、长期查看没有业务往来的客户")
    SEQUENCE = "sequence", _("按顺序逐个翻看")
    REVEAL = "reveal", _("集中显示电话")
    EXPORT = "export", _("集中导出")
    CANARY = "canary", _("打开了诱饵档案")
    GLASS = "glass", _("紧急访问")


class AlarmSeverity(models.TextChoices):
    NOTE = "note", _("知悉")
    WARN = "warn", _("须核查")
    SEVERE = "severe", _("须立即处置")


class AlarmVerdict(models.TextChoices):
    """What the officer found."""

    WORK = "work", _("正常工作")
    MISTAKE = "mistake", _("误操作，已提醒")
    MISUSE = "misuse", _("违规查看")
    INCIDENT = "incident", _("转为安全事件")
