"""Credit (业绩归属): the versions of its rules, appeals against a result, rulings on them."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.billing.models import Order
from yimei.core.database.constraints import AppendOnly
from yimei.growth.enums import CreditParty, CreditVerdict
from yimei.growth.models.policies import PolicyVersion
from yimei.growth.rules import credit_rules
from yimei.people.models import Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedText


class CreditPolicy(PolicyVersion):
    """One version of the rules of credit, for deals from a day on; never edited."""

    class Meta(PolicyVersion.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="credit_policy_append_only")]

    @property
    def rules(self) -> credit_rules.CreditRules:
        return credit_rules.read(self.content)


class CreditAppealQuerySet(models.QuerySet["CreditAppeal"]):
    def visible_to(self, staff: Staff, permission: Permission = Permission.CREDIT_VIEW) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(order__patient__sealed_at=None),
            staff,
            permission,
            own=Q(staff=staff),
            campus=Q(order__campus=staff.campus_id),
        )

    def waiting(self) -> Self:
        return self.filter(ruling=None)


class CreditAppeal(models.Model):
    """Somebody says that a share of a deal is hers; append-only, its words go with the customer's key."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "order", "staff", "party", "at"},
        "personal": {"words"},
    }
    HOLDING: ClassVar[str] = "growth.credit"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"words": ("money", "staff")}
    VAULT: ClassVar[str] = "order.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="credit_appeals")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="credit_appeals")
    party = models.CharField(_("申诉哪一方"), max_length=8, choices=CreditParty.choices)
    words = EncryptedText(_("理由"), null=True)
    at = models.DateTimeField()

    objects = CreditAppealQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="credit_appeal_append_only", erasable=["words"]),
            models.UniqueConstraint(fields=["order", "staff", "party"], name="credit_appeal_once"),
            models.CheckConstraint(condition=Q(party__in=["online", "onsite"]), name="credit_appeal_party"),
        ]


class CreditRuling(models.Model):
    """What was decided about an appeal, by somebody else, with its reason; append-only, one for each."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "appeal", "order", "appellant", "verdict", "shares", "by", "at"},
        "personal": {"why"},
    }
    HOLDING: ClassVar[str] = "growth.credit"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"why": ("money", "staff")}
    VAULT: ClassVar[str] = "order.patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appeal = models.OneToOneField(CreditAppeal, models.PROTECT, related_name="ruling")
    order = models.ForeignKey(Order, models.PROTECT, related_name="credit_rulings")
    appellant = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    verdict = models.CharField(_("裁定"), max_length=8, choices=CreditVerdict.choices)
    shares = models.JSONField(_("改判后的比例"), default=list)
    why = EncryptedText(_("裁定理由"), null=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnly(name="credit_ruling_append_only", erasable=["why"]),
            models.CheckConstraint(condition=~Q(by=F("appellant")), name="credit_ruling_by_another"),
            models.CheckConstraint(
                condition=Q(verdict="kept", shares=[]) | (Q(verdict="changed") & ~Q(shares=[])),
                name="credit_ruling_whole",
            ),
        ]
