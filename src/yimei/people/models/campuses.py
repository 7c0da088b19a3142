"""Who may work at which other campus."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.hospital.models import Campus
from yimei.people.models.staff import Staff


class CampusAccessQuerySet(models.QuerySet["CampusAccess"]):
    def open(self) -> Self:
        return self.filter(until=None, campus__is_active=True)


class CampusAccess(models.Model):
    """A member of staff may also work at another campus than her own (可到院区), until it is taken back."""

    PRIVACY = {"plain": {"id", "public_id", "staff", "campus", "since", "granted_by", "until", "ended_by"}}
    HOLDING = "people.access"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="campus_accesses")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+", verbose_name=_("院区"))
    since = models.DateTimeField()
    granted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = CampusAccessQuerySet.as_manager()

    class Meta:
        ordering = ["since"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "campus"], condition=Q(until=None), name="campus_access_once"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="campus_access_ends_after_start"
            ),
        ]
