"""Closed lists of words about personal information (PIPL 个人信息保护法)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Basis(models.TextChoices):
    """The seven legal bases of PIPL art. 13."""

    CONSENT = "consent", _("取得个人同意")
    CONTRACT = "contract", _("订立、履行合同或人力资源管理所必需")
    DUTY = "duty", _("履行法定职责或法定义务所必需")
    EMERGENCY = "emergency", _("突发公共卫生事件或紧急情况")
    NEWS = "news", _("公共利益的新闻报道、舆论监督")
    PUBLIC = "public", _("处理已合法公开的信息")
    OTHER = "other", _("法律、行政法规规定的其他情形")


class ConsentMode(models.TextChoices):
    GENERAL = "general", _("同意")
    SEPARATE = "separate", _("单独同意")
    WRITTEN = "written", _("书面同意")


class ConsentAct(models.TextChoices):
    """What a consent row records; a withdrawal is a new row (append-only)."""

    SHOWN = "shown", _("已告知未答复")
    GIVEN = "given", _("同意")
    REFUSED = "refused", _("拒绝")
    WITHDRAWN = "withdrawn", _("撤回")


class ConsentChannel(models.TextChoices):
    PAPER = "paper", _("纸质签署")
    TABLET = "tablet", _("平板签署")
    PORTAL = "portal", _("手机门户")
    PHONE = "phone", _("电话录音")
    IMPORT = "import", _("迁移")


class Audience(models.TextChoices):
    ADULT = "adult", _("成年人")
    MINOR = "minor", _("未成年人与监护人")


class Anchor(models.TextChoices):
    """The event from which a retention period runs."""

    CREATED = "created", _("自产生之日")
    LAST_VISIT = "last_visit", _("自最后一次就诊")
    LAST_DISCHARGE = "last_discharge", _("自最后一次出院")
    LAST_CONTACT = "last_contact", _("自最后一次联系")
    PURPOSE_MET = "purpose_met", _("自目的实现")
    LEFT = "left", _("自离职")


class AfterEnd(models.TextChoices):
    ERASE = "erase", _("删除")
    ANONYMISE = "anonymise", _("匿名化")


class Mark(models.TextChoices):
    """How far a rule's text was verified."""

    READ = "read", _("已核对原文")
    SECONDARY = "secondary", _("二手资料")
    UNVERIFIED = "unverified", _("未核实")


class Unit(models.TextChoices):
    DAYS = "days", _("天")
    HOUR = "hour", _("点")
    MESSAGES = "messages", _("条")


class Sensitivity(models.TextChoices):
    """How private a field is; the words of each model's PRIVACY."""

    PLAIN = "plain", _("一般")
    PERSONAL = "personal", _("个人信息")
    HEALTH = "health", _("敏感个人信息（医疗健康）")
    SECRET = "secret", _("密钥与凭据")


class ChipState(models.TextChoices):
    """Where one purpose stands with one person today."""

    GIVEN = "given", _("已同意")
    REFUSED = "refused", _("已拒绝")
    WITHDRAWN = "withdrawn", _("已撤回")
    OUTDATED = "outdated", _("告知已变更，须重新同意")
    EXPIRED = "expired", _("已过期")
    UNASKED = "unasked", _("未征求")


NEVER_NECESSARY = (
    "automated",
    "image.publicity",
    "image.teaching",
    "marketing",
    "research",
    "sharing.partner",
    "survey",
)
"""Purposes that may never be a condition of treatment (PIPL 16)."""
