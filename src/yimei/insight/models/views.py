"""Pages whose figures stand as SQL views in a database of the hospital's."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.people.models import Staff


class PublishedPage(models.Model):
    """One page that stands there, by whose rights, and what came of putting the newest figures there."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "page", "title", "owner", "published_at", "figures_at", "refreshed_at",
            "fault", "fault_at", "noted",
        }
    }  # fmt: skip
    HOLDING = "insight.report"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    page = models.CharField(_("看板"), max_length=60, unique=True)
    title = models.CharField(_("标题"), max_length=60)
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("发布人"))
    published_at = models.DateTimeField(_("发布时间"))
    figures_at = models.DateTimeField(_("数据截至"))
    refreshed_at = models.DateTimeField(_("上次更新"))
    fault = models.CharField(_("为什么没有更新"), max_length=300, blank=True)
    fault_at = models.DateTimeField(_("从何时起没有更新"), null=True, blank=True)
    noted = models.JSONField(_("已记入台账的内容指纹"), default=dict)

    class Meta:
        ordering = ["page"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(fault="", fault_at=None) | (~Q(fault="") & Q(fault_at__isnull=False)),
                name="published_page_fault_since",
            )
        ]
