"""Customers: the person (identity, encrypted) and the patient (档案)."""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.core.database.links import OneStep
from yimei.hospital.models import Campus
from yimei.people.enums import AlertKind, CapacityKind, Relation, Sex, SourceKind, TokenKind
from yimei.people.models.scoping import scoped
from yimei.people.models.staff import Staff
from yimei.people.roles import Permission
from yimei.vault.fields import EncryptedDate, EncryptedText
from yimei.vault.models import DataKey


class Person(models.Model):
    """Who somebody is. Every identifying value is encrypted under this person's own key."""

    PRIVACY = {
        "plain": {"id", "public_id", "vault_key", "created_at"},
        "personal": {"name", "phone", "id_no", "birth_date", "sex"},
    }
    HOLDING = "people.identity"
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault_key = models.OneToOneField(DataKey, models.PROTECT, related_name="+")
    name = EncryptedText(_("姓名"))
    phone = EncryptedText(_("手机"), blank=True, default="")
    id_no = EncryptedText(_("证件号"), blank=True, default="")
    birth_date = EncryptedDate(_("出生日期"), null=True, blank=True)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex.choices, default=Sex.UNKNOWN)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(sex__in=Sex.values), name="person_sex_known")]


class SearchToken(models.Model):
    """A keyed token by which a patient is found (blind index); holds nothing readable.

    Read backwards, ``token_once`` gives the newest persons of the group, ``token_campus_recent`` of a campus.
    """

    PRIVACY = {"plain": {"id", "person", "campus", "kind"}, "secret": {"token"}}
    HOLDING = "people.search"

    person = models.ForeignKey(Person, models.CASCADE, related_name="tokens")
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=TokenKind.choices)
    token = models.BinaryField(max_length=16)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["token", "campus", "person"], name="token_campus_recent")]
        constraints = [
            models.UniqueConstraint(fields=["token", "person"], name="token_once"),
            models.UniqueConstraint(fields=["token"], condition=Q(kind=TokenKind.ID_NO), name="id_no_once"),
        ]


class FileSeries(models.Model):
    """The last file number given in a year; the row is locked while the next one is taken."""

    PRIVACY = {"plain": {"id", "year", "last"}}
    HOLDING = "people.patient"

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["year"]


WITH_PERSON = ("person__vault_key", "campus", "consultant", "surgeon")
"""What a customer is read together with to be named and placed."""


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, staff: Staff) -> Self:
        """Patients whom ``staff`` may find; own = cares for them now."""
        return self.within_reach(staff, Permission.PATIENT_VIEW)

    def within_reach(self, staff: Staff, permission: Permission) -> Self:
        return self.filter(sealed_at=None).reachable(staff, permission)

    def reachable(self, staff: Staff, permission: Permission) -> Self:
        """The same with those whose data are sealed; only for gates, which then refuse with the date."""
        return scoped(  # type: ignore[return-value]
            self,
            staff,
            permission,
            own=Q(pk__in=staff.care_relations.filter(until=None).values("patient")),
            campus=Q(campus=staff.campus_id),
        )

    def named_to(self, staff: Staff) -> Self:
        """Without those who are an alias to this reader: VIPs and colleagues for whom she does not care."""
        known = Q(pk__in=staff.care_relations.filter(until=None).values("patient"))
        alone = Q(is_vip=False, employee=None)
        head = Q(merged_into=None) | Q(merged_into__is_vip=False, merged_into__employee=None)
        return self.filter(known | (alone & head))

    def counted(self) -> Self:
        """Without those who do not exist: no list, count or report holds a canary."""
        return self.filter(canary=None)

    def kept(self) -> Self:
        """One file for each person: without those that were joined to another (并入)."""
        return self.filter(merged_into=None)

    def files_of(self, patient: "Patient") -> Self:
        """Every file of one person, for ``patient__in``: her own, the kept one, what was joined to it."""
        return self.filter(Q(pk=patient.head_id) | Q(merged_into=patient.head_id)).order_by()

    def with_person(self) -> Self:
        return self.select_related(*WITH_PERSON)


class Patient(models.Model):
    """A customer of the hospital; 档案号 is given at registration (建档), not before."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "person",
            "campus",
            "created_at",
            "created_by",
            "registered_at",
            "registered_by",
            "restricted_at",
            "sealed_at",
            "sealed_until",
            "merged_into",
            "merged_at",
        },
        "personal": {"file_no", "source", "is_vip", "employee", "consultant", "surgeon", "online"},
    }
    HOLDING = "people.patient"
    VAULT: ClassVar[str] = "person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.OneToOneField(Person, models.PROTECT, related_name="patient")
    file_no = models.CharField(_("档案号"), max_length=20, unique=True, null=True, blank=True)
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="patients", verbose_name=_("院区"))
    source = models.CharField(_("首次来源"), max_length=12, choices=SourceKind.choices)
    is_vip = models.BooleanField(_("VIP"), default=False)
    employee = models.OneToOneField(
        Staff,
        models.PROTECT,
        related_name="own_file",
        null=True,
        blank=True,
        verbose_name=_("本院员工"),
        help_text=_("员工本人是客户：同事的病历只对照护团队开放，本人通过患者端查看"),
    )
    online = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("归属开发")
    )
    consultant = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("归属现场")
    )
    surgeon = models.ForeignKey(
        Staff, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("主治医生")
    )
    created_at = models.DateTimeField(_("首次联系时间"))
    created_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    registered_at = models.DateTimeField(_("建档时间"), null=True, blank=True)
    registered_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    restricted_at = models.DateTimeField(
        _("限制处理时间"),
        null=True,
        blank=True,
        help_text=_("自此停止一切可选用途；封存的必先限制（个人信息保护法第四十四条）"),
    )
    sealed_at = models.DateTimeField(
        _("封存时间"),
        null=True,
        blank=True,
        help_text=_("只许存储，不再处理（个人信息保护法第四十七条第二款）"),
    )
    sealed_until = models.DateField(_("封存至"), null=True, blank=True, help_text=_("含当日；期满自动删除"))
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="absorbed",
        null=True,
        blank=True,
        db_index=False,
        verbose_name=_("并入"),
        help_text=_("同一人的另一份档案；各自的记录留在原处，撤销即恢复"),
    )
    merged_at = models.DateTimeField(_("并入时间"), null=True, blank=True)

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["campus", "-id"], name="patient_campus_recent"),
            models.Index(
                fields=["restricted_at"],
                condition=Q(restricted_at__isnull=False),
                name="patient_restricted",
            ),
            models.Index(fields=["sealed_at"], condition=Q(sealed_at__isnull=False), name="patient_sealed"),
            models.Index(
                fields=["sealed_until"], condition=Q(sealed_until__isnull=False), name="patient_sealed_until"
            ),
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="patient_merged_into"
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(file_no=None, registered_at=None, registered_by=None)
                | Q(file_no__isnull=False, registered_at__isnull=False, registered_by__isnull=False),
                name="patient_registered_whole",
            ),
            models.CheckConstraint(
                condition=Q(sealed_until=None) | Q(sealed_at__isnull=False), name="patient_sealed_whole"
            ),
            models.CheckConstraint(
                condition=Q(sealed_at=None) | Q(restricted_at__isnull=False),
                name="patient_sealed_is_restricted",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None, merged_at=None)
                | (Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merged_into=F("id"))),
                name="patient_merged_whole",
            ),
            OneStep(name="patient_merged_one_step", field="merged_into"),
        ]

    def __str__(self) -> str:
        return self.file_no or str(self.public_id)

    @property
    def head_id(self) -> int:
        """The number of the file that stands for this person."""
        return self.merged_into_id or self.pk

    @property
    def head(self) -> "Patient":
        """The file that stands for this person: whose name, age and papers count."""
        return self.merged_into or self

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None

    @property
    def is_registered(self) -> bool:
        return self.head.registered_at is not None

    @property
    def is_sealed(self) -> bool:
        return self.sealed_at is not None

    @property
    def is_restricted(self) -> bool:
        """Nothing optional is done with her data; what a coming treatment needs may still go on."""
        return self.restricted_at is not None


class AlertQuerySet(models.QuerySet["Alert"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, staff: Staff) -> Self:
        return self.filter(patient__in=Patient.objects.visible_to(staff))


class Alert(models.Model):
    """A safety flag that never scrolls away: allergy, medication, pregnancy, condition."""

    PRIVACY = {
        "plain": {"id", "public_id", "patient", "recorded_at", "recorded_by", "ended_at"},
        "health": {"kind", "text", "is_severe"},
    }
    HOLDING = "people.alert"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="alerts")
    kind = models.CharField(_("类别"), max_length=12, choices=AlertKind.choices)
    text = EncryptedText(_("内容"))
    is_severe = models.BooleanField(_("严重"), default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-is_severe", "kind", "id"]
        indexes = [models.Index(fields=["patient", "ended_at"], name="alert_patient_open")]


class GuardianQuerySet(models.QuerySet["Guardian"]):
    def visible_to(self, staff: Staff) -> Self:
        return self.filter(patient__in=Patient.objects.visible_to(staff))


class Guardian(models.Model):
    """A guardian of a minor or of a person without full capacity (民法典 第二十七条)."""

    PRIVACY = {
        "plain": {"id", "public_id", "patient", "person", "verified_at", "verified_by"},
        "personal": {"relation", "proof"},
    }
    HOLDING = "people.guardian"
    VAULT: ClassVar[str] = "person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="guardians")
    person = models.ForeignKey(Person, models.PROTECT, related_name="guards")
    relation = models.CharField(_("关系"), max_length=10, choices=Relation.choices)
    proof = EncryptedText(_("关系证明"), help_text=_("户口簿、出生医学证明等，写明证件名称与编号"))
    verified_at = models.DateTimeField(_("核对时间"), null=True, blank=True)
    verified_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    objects = GuardianQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "person"], name="guardian_once"),
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="guardian_verified_by_someone",
            ),
        ]


class CapacityFinding(models.Model):
    """What age alone does not tell: an adult without full capacity, or a minor who lives on own income."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "patient",
            "recorded_at",
            "recorded_by",
            "approved_at",
            "approved_by",
            "ended_at",
            "ended_by",
        },
        "personal": {"kind", "evidence"},
    }
    HOLDING = "people.guardian"
    VAULT: ClassVar[str] = "patient.person.vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="capacity_findings")
    kind = models.CharField(_("认定"), max_length=12, choices=CapacityKind.choices)
    evidence = EncryptedText(_("依据材料"), help_text=_("判决书、劳动合同与工资流水等，写明名称与编号"))
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(_("批准时间"), null=True, blank=True)
    approved_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(ended_at=None), name="capacity_finding_open_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | (
                    Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("recorded_by"))
                ),
                name="capacity_finding_two_names",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="capacity_finding_ended_by_someone",
            ),
        ]
