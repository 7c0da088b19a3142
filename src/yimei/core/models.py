import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from yimei.core.enums import JobStatus


class Job(models.Model):
    """One piece of background work, written in the transaction that asked for it."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id", "public_id", "key", "name", "payload", "status", "attempts", "lease_until", "delivered_at",
            "enqueued_at", "started_at", "finished_at", "error", "progress_done", "progress_total",
        },
    }  # fmt: skip
    HOLDING: ClassVar[str] = "core.jobs"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(_("幂等键"), max_length=200, unique=True)
    name = models.CharField(_("任务"), max_length=100)
    payload = models.JSONField(_("参数"), default=dict, help_text=_("只放编号，不放姓名、电话等个人信息"))
    status = models.CharField(_("状态"), max_length=10, choices=JobStatus.choices, default=JobStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(_("已尝试次数"), default=0)
    lease_until = models.DateTimeField(_("占用至，或此前不再尝试"), null=True)
    delivered_at = models.DateTimeField(_("交给队列的时间"), null=True)
    enqueued_at = models.DateTimeField(_("登记时间"))
    started_at = models.DateTimeField(_("开始时间"), null=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True)
    error = models.CharField(_("错误类型"), max_length=200, blank=True)
    progress_done = models.PositiveIntegerField(_("已完成"), default=0)
    progress_total = models.PositiveIntegerField(_("总数"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("后台任务")
        indexes = [
            models.Index(
                fields=["enqueued_at"],
                name="core_job_open",
                condition=models.Q(status__in=[JobStatus.WAITING, JobStatus.RUNNING]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=JobStatus.values), name="core_job_status_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.key}"
