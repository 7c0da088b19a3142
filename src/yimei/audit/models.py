from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.vault.enums import Algorithm


class Entry(models.Model):
    """One line of the log: who did what to which row, from where, what for; chained to the line before."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "seq", "at", "actor", "role", "on_behalf_of", "session", "device", "action", "object_type",
            "object_id", "level", "fields", "purpose", "reason", "rows", "result", "detail", "algorithm",
            "prev_hash", "hash",
        },
        "personal": {"subject_key", "ip"},
    }  # fmt: skip
    HOLDING: ClassVar[str] = "audit.log"

    seq = models.BigIntegerField(_("序号"), unique=True)
    at = models.DateTimeField(_("时间"))
    actor = models.UUIDField(_("操作人编号"), null=True)
    role = models.CharField(_("角色"), max_length=60, blank=True)
    on_behalf_of = models.UUIDField(_("代表谁操作"), null=True)
    session = models.CharField(_("会话（摘要）"), max_length=32, blank=True)
    device = models.CharField(_("设备"), max_length=200, blank=True)
    ip = models.CharField(_("IP 地址"), max_length=45, blank=True)
    action = models.CharField(_("动作"), max_length=100)
    subject_key = models.UUIDField(_("当事人密钥编号"), null=True)
    object_type = models.CharField(_("对象类型"), max_length=100, blank=True)
    object_id = models.CharField(_("对象编号"), max_length=64, blank=True)
    level = models.CharField(_("数据级别"), max_length=20, blank=True)
    fields = models.JSONField(_("涉及字段"), default=list)
    purpose = models.CharField(_("目的"), max_length=100, blank=True)
    reason = models.CharField(_("理由"), max_length=500, blank=True, help_text=_("不写任何人的姓名、电话"))
    rows = models.PositiveIntegerField(_("行数"), default=1)
    result = models.CharField(_("结果"), max_length=20, default="ok")
    detail = models.JSONField(_("细节"), default=dict)
    algorithm = models.CharField(_("摘要算法"), max_length=20, choices=Algorithm.choices)
    prev_hash = models.CharField(_("上一条摘要"), max_length=64)
    hash = models.CharField(_("本条摘要"), max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("审计记录")
        indexes = [
            models.Index(fields=["subject_key", "-seq"], name="audit_subject"),
            models.Index(fields=["actor", "-at"], name="audit_actor"),
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["at"], name="audit_at"),
        ]
        constraints = [
            AppendOnly(name="audit_entry_append_only"),
            models.CheckConstraint(condition=models.Q(seq__gte=1), name="audit_entry_seq_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class Seal(models.Model):
    """A stretch of the log, closed: the root over its lines under a key that the database does not hold."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "number", "first", "last", "root", "at", "algorithm", "mac"}
    }
    HOLDING: ClassVar[str] = "audit.log"

    number = models.PositiveBigIntegerField(_("序号"), unique=True)
    first = models.BigIntegerField(_("首条"), unique=True)
    last = models.BigIntegerField(_("末条"))
    root = models.CharField(_("根摘要"), max_length=64)
    at = models.DateTimeField(_("封签时间"))
    algorithm = models.CharField(_("摘要算法"), max_length=20, choices=Algorithm.choices)
    mac = models.CharField(_("签名"), max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = _("审计封签")
        ordering = ["number"]
        constraints = [
            AppendOnly(name="audit_seal_append_only"),
            models.CheckConstraint(
                condition=models.Q(first__gte=1, last__gte=models.F("first"), number__gte=1),
                name="audit_seal_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.first}-{self.last}"
