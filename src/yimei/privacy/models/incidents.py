"""Incidents: what happened, one clock for each duty, who is affected, what they are told."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.constraints import AppendOnly
from yimei.people.models import Guardian, Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.enums.incidents import DutyState, IncidentKind, IncidentLevel, IncidentStatus, LetterState
from yimei.vault.fields import EncryptedText


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, staff: Staff) -> Self:
        if staff.may(Permission.PRIVACY_VIEW) or staff.may(Permission.PRIVACY_WRITE):
            return self
        return self.filter(reported_by=staff)

    def running(self) -> Self:
        return self.filter(status__in=[IncidentStatus.REPORTED, IncidentStatus.OPEN])

    def with_people(self) -> Self:
        return self.select_related("reported_by__vault_key", "triaged_by", "closed_by", "account")


class Incident(models.Model):
    """One actual or possible leak, change or loss of personal information; its words are sealed."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "source", "kind", "title", "system", "is_drill", "status", "level",
            "discovered_at", "reported_by", "reported_at", "triaged_by", "triaged_at", "is_sensitive",
            "is_crime", "loss_wan", "persons", "minors", "unnamed_rows", "account", "since", "until",
            "categories", "scoped_at", "handled_at", "closed_by", "closed_at",
        },
        "personal": {"what", "cause", "harm", "measures", "advice", "report"},
    }  # fmt: skip
    HOLDING = "privacy.incident"
    VAULT: ClassVar[str] = "reported_by.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(_("来源"), max_length=80, unique=True, null=True, blank=True)
    kind = models.CharField(_("类别"), max_length=10, choices=IncidentKind.choices)
    title = models.CharField(_("标题"), max_length=80, help_text=_("不写任何人的姓名、电话"))
    what = EncryptedText(_("经过"))
    system = models.CharField(_("涉及系统"), max_length=80, blank=True)
    is_drill = models.BooleanField(_("演练"), default=False)
    status = models.CharField(
        _("状态"), max_length=10, choices=IncidentStatus.choices, default=IncidentStatus.REPORTED
    )
    level = models.CharField(
        _("级别"), max_length=8, choices=IncidentLevel.choices, default=IncidentLevel.MINOR
    )
    discovered_at = models.DateTimeField(_("发现时间"))
    reported_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", verbose_name=_("报告人"))
    reported_at = models.DateTimeField(_("报告时间"))
    triaged_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("研判人")
    )
    triaged_at = models.DateTimeField(_("研判时间"), null=True, blank=True)
    is_sensitive = models.BooleanField(_("涉及敏感个人信息"), default=False)
    is_crime = models.BooleanField(_("涉嫌犯罪"), default=False)
    loss_wan = models.PositiveIntegerField(_("直接损失（万元）"), default=0)
    persons = models.PositiveIntegerField(_("涉及人数"), default=0)
    minors = models.PositiveIntegerField(_("其中未成年人"), default=0)
    unnamed_rows = models.PositiveIntegerField(_("未能对应到人的记录数"), default=0)
    account = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("涉及账号")
    )
    since = models.DateTimeField(_("起"), null=True, blank=True)
    until = models.DateTimeField(_("止"), null=True, blank=True)
    categories = models.JSONField(_("涉及的信息"), default=list)
    scoped_at = models.DateTimeField(_("范围计算时间"), null=True, blank=True)
    cause = EncryptedText(_("原因"), blank=True, default="")
    harm = EncryptedText(_("可能造成的危害"), blank=True, default="")
    measures = EncryptedText(_("已采取的措施"), blank=True, default="")
    advice = EncryptedText(_("个人可以采取的措施"), blank=True, default="")
    report = EncryptedText(_("总结报告"), blank=True, default="")
    handled_at = models.DateTimeField(_("处置结束时间"), null=True, blank=True)
    closed_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("结案人")
    )
    closed_at = models.DateTimeField(_("结案时间"), null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-discovered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=IncidentStatus.values), name="incident_status_known"
            ),
            models.CheckConstraint(
                condition=Q(minors__lte=F("persons")), name="incident_minors_among_persons"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["closed", "dismissed"])
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="incident_closed_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(since=None, until=None) | Q(until__gt=F("since")), name="incident_window_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return str(self.public_id)[:8].upper()

    @property
    def is_running(self) -> bool:
        return self.status in {IncidentStatus.REPORTED, IncidentStatus.OPEN}


class IncidentDuty(models.Model):
    """One duty of one law with its own clock; the end is absolute and never moves (T-1)."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "incident", "code", "rule_code", "article", "trigger_at", "due_at",
            "is_immediate", "state", "asked_by", "asked_at", "done_by", "done_at", "started_at",
        },
        "personal": {"evidence"},
    }  # fmt: skip
    HOLDING = "privacy.incident"
    VAULT: ClassVar[str] = "incident.reported_by.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="duties", verbose_name=_("事件"))
    code = models.CharField(_("义务"), max_length=24)
    rule_code = models.CharField(_("规则编号"), max_length=16)
    article = models.CharField(_("依据"), max_length=160, blank=True)
    trigger_at = models.DateTimeField(_("起算"))
    due_at = models.DateTimeField(_("期限"))
    is_immediate = models.BooleanField(_("立即"), default=False)
    started_at = models.DateTimeField(_("登记时间"))
    state = models.CharField(_("状态"), max_length=10, choices=DutyState.choices, default=DutyState.OPEN)
    evidence = EncryptedText(_("证据或说明"), blank=True, default="")
    asked_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("提请人")
    )
    asked_at = models.DateTimeField(_("提请时间"), null=True, blank=True)
    done_by = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("办理人")
    )
    done_at = models.DateTimeField(_("办结时间"), null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["state", "due_at"], name="incident_duty_due")]
        constraints = [
            models.UniqueConstraint(fields=["incident", "code"], name="incident_duty_once"),
            models.CheckConstraint(condition=Q(state__in=DutyState.values), name="incident_duty_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", done_at=None)
                | Q(~Q(state="open"), done_at__isnull=False, done_by__isnull=False),
                name="incident_duty_done_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="exempt") | (Q(asked_by__isnull=False) & ~Q(asked_by=F("done_by"))),
                name="incident_exempt_by_two_people",
            ),
        ]


class IncidentEvent(models.Model):
    """One line of an incident's timeline; append-only."""

    PRIVACY = {"plain": {"id", "public_id", "incident", "word", "by", "at"}, "personal": {"text"}}
    HOLDING = "privacy.incident"
    VAULT: ClassVar[str] = "incident.reported_by.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="events", verbose_name=_("事件"))
    word = models.CharField(_("动作"), max_length=24)
    text = EncryptedText(_("内容"), blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    at = models.DateTimeField(_("时间"))

    class Meta:
        ordering = ["at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [AppendOnly(name="incident_event_append_only")]


class Affected(models.Model):
    """One customer whose data an incident touches, as the log and the data map say."""

    PRIVACY = {"plain": {"id", "incident", "patient", "looks", "is_minor", "added_at"}}
    HOLDING = "privacy.incident"

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="affected", verbose_name=_("事件"))
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name=_("客户"))
    looks = models.PositiveIntegerField(_("查看次数"), default=0)
    is_minor = models.BooleanField(_("未成年"), default=False)
    added_at = models.DateTimeField(_("列入时间"))

    class Meta:
        ordering = ["incident_id", "-looks", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["incident", "patient"], name="affected_once")
        ]


class Letter(models.Model):
    """What one affected person, or her guardian, is told about an incident."""

    PRIVACY = {
        "plain": {
            "id", "public_id", "incident", "patient", "guardian", "state", "drafted_at", "handed_at",
            "handed_by", "message", "problem",
        },
        "personal": {"body"},
    }  # fmt: skip
    HOLDING = "privacy.incident"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="letters", verbose_name=_("事件"))
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", verbose_name=_("客户"))
    guardian = models.ForeignKey(
        Guardian, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("监护人")
    )
    body = EncryptedText(_("告知内容"))
    state = models.CharField(
        _("状态"), max_length=10, choices=LetterState.choices, default=LetterState.DRAFTED
    )
    drafted_at = models.DateTimeField(_("起草时间"))
    handed_at = models.DateTimeField(_("送出时间"), null=True, blank=True)
    handed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    message = models.UUIDField(_("消息编号"), null=True, blank=True)
    problem = models.CharField(_("未能发送的原因"), max_length=200, blank=True)

    class Meta:
        ordering = ["incident_id", "id"]
        indexes = [models.Index(fields=["incident", "state"], name="letter_incident_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "patient"], condition=Q(guardian=None), name="letter_to_person_once"
            ),
            models.UniqueConstraint(
                fields=["incident", "patient", "guardian"],
                condition=Q(guardian__isnull=False),
                name="letter_to_guardian_once",
            ),
            models.CheckConstraint(condition=Q(state__in=LetterState.values), name="letter_state_known"),
        ]
