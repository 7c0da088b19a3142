"""Templates, messages with their decision, deliveries, and notices to staff."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.outbox.enums import Channel, MessageClass, MessageStatus, Verdict
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.models.scoping import scoped
from yimei.people.roles import Permission
from yimei.privacy.enums import ConsentChannel
from yimei.vault.fields import EncryptedJSON, EncryptedText
from yimei.vault.models import DataKey


class Template(models.Model):
    """A message text with named places; its class decides which rules apply."""

    PRIVACY = {
        "plain": {"id", "code", "name", "message_class", "purpose_code", "subject", "body", "is_active"}
    }
    HOLDING = "outbox.reference"

    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    message_class = models.CharField(_("性质"), max_length=14, choices=MessageClass.choices)
    purpose_code = models.CharField(_("目的"), max_length=40)
    subject = models.CharField(_("标题"), max_length=80, blank=True)
    body = models.TextField(_("正文"))
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, staff: Staff) -> Self:
        return scoped(  # type: ignore[return-value]
            self.filter(patient__sealed_at=None),
            staff,
            Permission.PATIENT_VIEW,
            own=Q(patient__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(patient__campus=staff.campus_id),
        )


class Message(models.Model):
    """One message to one patient: what was decided, why, and what became of it."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "guardian",
            "template",
            "message_class",
            "channel",
            "status",
            "verdict",
            "reason",
            "article",
            "key",
            "created_at",
            "not_before",
            "sent_at",
            "by",
        },
        "personal": {"params", "body", "link_token"},
    }
    HOLDING = "outbox.message"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(("params", "body"), ("care.identity", "marketing")),
        "link_token": ("care.identity",),
    }
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="messages")
    guardian = models.ForeignKey(
        Guardian,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("监护人"),
        help_text=_("发给为客户答复的监护人，而不是客户的号码"),
    )
    template = models.ForeignKey(Template, models.PROTECT, related_name="messages")
    message_class = models.CharField(max_length=14, choices=MessageClass.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    status = models.CharField(_("状态"), max_length=10, choices=MessageStatus.choices)
    verdict = models.CharField(_("决定"), max_length=8, choices=Verdict.choices)
    reason = models.CharField(_("理由"), max_length=200)
    article = models.CharField(_("依据"), max_length=120, blank=True)
    params = EncryptedJSON(null=True, default=None)
    body = EncryptedText(_("正文"), null=True, default=None, help_text=_("已删除的人没有正文"))
    link_token = models.CharField(max_length=64, blank=True)
    key = models.CharField(_("去重键"), max_length=120, unique=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["patient", "-created_at"], name="message_patient_recent"),
            models.Index(fields=["status", "not_before"], name="message_due"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MessageStatus.values), name="message_status_known"),
            models.CheckConstraint(
                condition=~Q(status=MessageStatus.HELD) | Q(not_before__isnull=False),
                name="message_held_until_a_time",
            ),
        ]


class Delivery(models.Model):
    """One attempt of a gateway; append-only."""

    PRIVACY = {"plain": {"id", "message", "at", "status", "gateway_ref", "error_code"}}
    HOLDING = "outbox.message"

    message = models.ForeignKey(Message, models.PROTECT, related_name="deliveries")
    at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=MessageStatus.choices)
    gateway_ref = models.CharField(max_length=120, blank=True)
    error_code = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="delivery_append_only")]


class NumberMessage(models.Model):
    """One code to a number that is not a customer's yet; number and text are forgotten once it is sent."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id",
            "public_id",
            "vault_key",
            "template",
            "channel",
            "status",
            "error_code",
            "key",
            "created_at",
            "settled_at",
        },
        "personal": {"phone", "body"},
    }
    HOLDING = "outbox.number"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("phone", "body"), ("care.identity", "security")
    )
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    template = models.ForeignKey(Template, models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    phone = EncryptedText(_("手机"), null=True, default=None, help_text=_("发出后即删除"))
    body = EncryptedText(_("正文"), null=True, default=None, help_text=_("发出后即删除"))
    status = models.CharField(_("状态"), max_length=10, choices=MessageStatus.choices)
    error_code = models.CharField(max_length=60, blank=True)
    key = models.CharField(_("去重键"), max_length=120, unique=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status__in=MessageStatus.values), name="number_message_status_known"
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(phone__isnull=True, body__isnull=True),
                name="number_message_forgotten",
            ),
        ]


class EnquiryMessage(models.Model):
    """One message to somebody who asked and is no customer: sealed under the key of her enquiry.

    Her number stays where she left it; here is only its keyed mark, by which one cap holds for one number.
    """

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {
            "id",
            "public_id",
            "vault_key",
            "patient",
            "template",
            "message_class",
            "channel",
            "status",
            "verdict",
            "reason",
            "article",
            "gateway_ref",
            "error_code",
            "key",
            "created_at",
            "not_before",
            "sent_at",
            "by",
        },
        "personal": {"params", "body"},
        "secret": {"token"},
    }
    HOLDING = "outbox.enquiry"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("params", "body"), ("care.identity", "marketing")
    )
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault_key = models.ForeignKey(DataKey, models.PROTECT, related_name="+")
    token = models.BinaryField(max_length=16, null=True, help_text=_("号码的带密钥标识，不能还原"))
    patient = models.ForeignKey(
        Patient,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("后来成为的客户"),
    )
    template = models.ForeignKey(Template, models.PROTECT, related_name="+")
    message_class = models.CharField(max_length=14, choices=MessageClass.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    status = models.CharField(_("状态"), max_length=10, choices=MessageStatus.choices)
    verdict = models.CharField(_("决定"), max_length=8, choices=Verdict.choices)
    reason = models.CharField(_("理由"), max_length=200)
    article = models.CharField(_("依据"), max_length=120, blank=True)
    params = EncryptedJSON(null=True, default=None)
    body = EncryptedText(_("正文"), null=True, default=None, help_text=_("已删除的人没有正文"))
    gateway_ref = models.CharField(max_length=120, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    key = models.CharField(_("去重键"), max_length=120, unique=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["token", "-created_at"], name="enquiry_message_number"),
            models.Index(fields=["status", "not_before"], name="enquiry_message_due"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(status__in=MessageStatus.values), name="enquiry_message_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=MessageStatus.HELD) | Q(not_before__isnull=False),
                name="enquiry_message_held_until_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(message_class=MessageClass.MEDICAL) | Q(status=MessageStatus.REFUSED),
                name="enquiry_message_never_medical",
            ),
        ]


class NumberStop(models.Model):
    """A number at which nobody wants advertisements, whoever it belongs to; append-only."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "channel", "ref", "at"},
        "secret": {"token"},
    }
    HOLDING = "outbox.stop"

    token = models.BinaryField(max_length=16, help_text=_("号码的带密钥标识，不能还原"))
    channel = models.CharField(_("渠道"), max_length=8, choices=ConsentChannel.choices)
    ref = models.CharField(_("去重键"), max_length=120, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["token", "-at"], name="number_stop_newest")]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="number_stop_append_only")]


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, staff: Staff) -> Self:
        return self.filter(staff=staff)

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notification(models.Model):
    """A line in a member of staff's bell; holds ids and plain words only."""

    PRIVACY = {
        "plain": {"id", "public_id", "staff", "text", "where", "created_at", "mailed_at", "read_at", "key"}
    }
    HOLDING = "outbox.notification"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="notifications")
    text = models.CharField(max_length=200)
    where = models.CharField(max_length=120, blank=True)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["staff", "read_at"], name="notification_unread")]
        constraints = [models.UniqueConstraint(fields=["staff", "key"], name="notification_once")]
