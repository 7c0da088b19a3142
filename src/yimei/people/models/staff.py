"""Staff, their roles, licences and privileges, duties and sign-ins."""

import uuid
from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import Field, Grade
from yimei.hospital.models import Campus, Department, Room, Shift
from yimei.people.enums import LicenceKind
from yimei.people.models.scoping import scoped
from yimei.people.roles import CLINICAL_ROLES, Permission, Scope
from yimei.vault.fields import EncryptedText
from yimei.vault.models import DataKey


class Role(models.Model):
    """A named set of grants; data that the hospital edits."""

    PRIVACY = {"plain": {"id", "code", "name", "needs_totp"}}
    HOLDING = "people.access"

    code = models.CharField(_("编码"), max_length=24, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    needs_totp = models.BooleanField(_("必须使用动态口令"), default=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def scopes(self) -> dict[Permission, Scope]:
        """Permission → scope, read once for this object's life (one request)."""
        granted = self.grants.values_list("permission", "scope")
        return {Permission(permission): Scope(scope) for permission, scope in granted}

    @property
    def fingerprint(self) -> str:
        """What the role may do, as one short word; it changes with every grant."""
        text = ",".join(f"{one}:{scope}" for one, scope in sorted(self.scopes.items()))
        return sha256(text.encode()).hexdigest()[:16]


def permission_choices() -> list[tuple[str, Any]]:
    """What may be granted; asked each time, so that a new permission needs no migration."""
    return Permission.choices


class Grant(models.Model):
    """One permission of a role at one scope."""

    PRIVACY = {"plain": {"id", "role", "permission", "scope"}}
    HOLDING = "people.access"

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants")
    permission = models.CharField(_("权限"), max_length=32, choices=permission_choices)
    scope = models.CharField(_("范围"), max_length=12, choices=Scope.choices)

    class Meta:
        ordering = ["role_id", "permission"]
        constraints = [
            models.UniqueConstraint(fields=["role", "permission"], name="grant_once"),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="grant_scope_known"),
        ]


class PermissionOffer(models.Model):
    """A permission that an update brought; open until an administrator gives it to roles or to none.

    Nobody raises her own role alone: ``waits_for`` is the asker's role, until somebody else confirms it.
    """

    PRIVACY = {
        "plain": {"id", "permission", "at", "waits_for", "asked_by", "answered_at", "answered_by"},
    }
    HOLDING = "people.access"

    permission = models.CharField(_("权限"), max_length=32, unique=True)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("Staff", models.PROTECT, related_name="+", null=True, blank=True)
    waits_for = models.ForeignKey(
        Role, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("等待确认的角色")
    )
    asked_by = models.ForeignKey(
        "Staff", models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("申请人")
    )

    class Meta:
        ordering = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(answered_at__isnull=False), name="permission_offer_answered"
            ),
            models.CheckConstraint(
                condition=Q(waits_for=None, asked_by=None)
                | Q(waits_for__isnull=False, asked_by__isnull=False),
                name="permission_offer_asked_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(asked_by=None) | Q(answered_by=None) | ~Q(asked_by=F("answered_by")),
                name="permission_offer_two_people",
            ),
        ]

    @property
    def label(self) -> str:
        return str(Permission(self.permission).label)


class StaffQuerySet(models.QuerySet["Staff"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def at(self, campus: Campus) -> Self:
        return self.filter(campus=campus)

    def in_role(self, *codes: str) -> Self:
        return self.filter(role__code__in=codes)

    def visible_to(self, staff: "Staff") -> Self:
        return scoped(  # type: ignore[return-value]
            self,
            staff,
            Permission.STAFF_WRITE,
            own=Q(pk=staff.pk),
            department=Q(department=staff.department_id),
            campus=Q(campus=staff.campus_id),
        )


class StaffManager(BaseUserManager["Staff"]):
    def get_queryset(self) -> StaffQuerySet:
        return StaffQuerySet(self.model, using=self._db).select_related("role", "campus")

    def active(self) -> StaffQuerySet:
        return self.get_queryset().active()

    def visible_to(self, staff: "Staff") -> StaffQuerySet:
        return self.get_queryset().visible_to(staff)


class Staff(AbstractBaseUser):
    """A member of staff who signs in."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "role",
            "campus",
            "department",
            "title",
            "is_active",
            "last_login",
            "must_change_password",
            "password_changed_at",
            "vault_key",
        },
        "personal": {"username", "name", "email"},
        "secret": {"password", "totp_secret", "totp_confirmed_at", "totp_last_step"},
    }
    HOLDING = "people.staff"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {
        **dict.fromkeys(("name", "email"), ("staff",)),
        "username": ("security",),
    }
    VAULT: ClassVar[str] = "vault_key"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    vault_key = models.ForeignKey(DataKey, models.PROTECT, related_name="+")
    username = models.CharField(_("用户名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    email = models.EmailField(_("邮箱"), blank=True)
    title = models.CharField(_("职称"), max_length=40, blank=True)
    role = models.ForeignKey(Role, models.PROTECT, related_name="staff", verbose_name=_("角色"))
    campus = models.ForeignKey(Campus, models.PROTECT, related_name="staff", verbose_name=_("院区"))
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="staff", null=True, blank=True, verbose_name=_("科室")
    )
    is_active = models.BooleanField(_("在职"), default=True)
    must_change_password = models.BooleanField(_("须修改密码"), default=False)
    password_changed_at = models.DateTimeField(_("密码修改时间"), null=True, blank=True)
    totp_secret = EncryptedText(_("动态口令密钥"), blank=True, default="")
    totp_confirmed_at = models.DateTimeField(_("动态口令启用时间"), null=True, blank=True)
    totp_last_step = models.BigIntegerField(_("最近使用的动态口令步"), default=-1)

    home_campus_id: int | None = None
    """Her own campus while this object stands at another (``access.stand_at``); never saved."""

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = StaffManager()

    class Meta:
        ordering = ["campus_id", "role_id", "username"]
        verbose_name = _("员工")
        verbose_name_plural = _("员工")

    def __str__(self) -> str:
        return self.name

    @property
    def role_code(self) -> str:
        return self.role.code

    @property
    def is_clinical(self) -> bool:
        return self.role.code in CLINICAL_ROLES

    @property
    def must_enrol_totp(self) -> bool:
        """True until a role that needs a second factor has one; the guard then opens nothing else."""
        return self.role.needs_totp and self.totp_confirmed_at is None

    def scope_of(self, permission: Permission) -> Scope | None:
        return self.role.scopes.get(permission) if self.is_active else None

    def may(self, permission: Permission) -> bool:
        return self.scope_of(permission) is not None


class Licence(models.Model):
    """A professional licence, and the registration as responsible physician (主诊医师, regulations H-1)."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "staff",
            "kind",
            "field",
            "practising_since",
            "valid_to",
            "is_responsible",
        },
        "personal": {"number"},
    }
    HOLDING = "people.staff"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"number": ("staff",)}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="licences")
    kind = models.CharField(_("证照"), max_length=12, choices=LicenceKind.choices)
    field = models.CharField(_("专业"), max_length=16, choices=Field.choices, blank=True)
    number = models.CharField(_("证号"), max_length=40)
    practising_since = models.DateField(_("从事本专业起始日"))
    is_responsible = models.BooleanField(_("已备案为主诊医师"), default=False)
    valid_to = models.DateField(_("有效期至"), null=True, blank=True)

    class Meta:
        ordering = ["staff_id", "kind", "field"]
        constraints = [models.UniqueConstraint(fields=["staff", "kind", "field"], name="licence_once")]


class Privilege(models.Model):
    """The hospital's authorisation of a surgeon for a grade of operations in a field, for a period."""

    PRIVACY = {
        "plain": {
            "id",
            "public_id",
            "staff",
            "field",
            "max_grade",
            "valid_from",
            "valid_to",
            "granted_by",
            "ended_at",
            "ended_by",
            "ended_reason",
        }
    }
    HOLDING = "people.staff"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="privileges")
    field = models.CharField(_("专业"), max_length=16, choices=Field.choices)
    max_grade = models.PositiveSmallIntegerField(_("最高级别"), choices=Grade.choices)
    valid_from = models.DateField(_("生效"))
    valid_to = models.DateField(_("失效"), help_text=_("含当日"))
    granted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)
    ended_by = models.ForeignKey(Staff, models.PROTECT, related_name="+", null=True, blank=True)
    ended_reason = models.CharField(_("撤销原因"), max_length=80, blank=True)

    class Meta:
        ordering = ["staff_id", "field", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")), name="privilege_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_reason=""),
                name="privilege_ended_by_someone_for_something",
            ),
        ]


class DutyQuerySet(models.QuerySet["Duty"]):
    def visible_to(self, staff: Staff) -> Self:
        return scoped(  # type: ignore[return-value]
            self,
            staff,
            Permission.ROSTER_WRITE,
            own=Q(staff=staff),
            department=Q(staff__department=staff.department_id),
            campus=Q(staff__campus=staff.campus_id),
        )


class Duty(models.Model):
    """A stretch of time in which a member of staff is on duty."""

    PRIVACY = {"plain": {"id", "public_id", "staff", "shift", "room", "starts_at", "ends_at"}}
    HOLDING = "people.staff"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="duties")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", null=True, blank=True)
    room = models.ForeignKey(Room, models.PROTECT, related_name="+", null=True, blank=True)
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))

    objects = DutyQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["staff", "starts_at"], name="duty_staff_time")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_ends_after_start"),
            models.UniqueConstraint(fields=["staff", "starts_at"], name="duty_once"),
        ]


class StaffSession(models.Model):
    """One signed-in browser of one member of staff."""

    PRIVACY = {
        "plain": {"id", "public_id", "staff", "started_at", "seen_at", "ended_at", "end_reason"},
        "personal": {"ip", "device"},
        "secret": {"key_hash"},
    }
    HOLDING = "people.staff"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"ip": ("security",), "device": ("security",)}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    device = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=24, blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["staff", "ended_at"], name="session_staff_open")]


class SignInAttempt(models.Model):
    """One try to sign in; the user name is kept only as a keyed token."""

    PRIVACY = {"plain": {"id", "at", "ok"}, "personal": {"ip"}, "secret": {"username_token"}}
    HOLDING = "people.staff"
    PURPOSES: ClassVar[dict[str, tuple[str, ...]]] = {"ip": ("security",)}

    username_token = models.BinaryField(max_length=16)
    ip = models.GenericIPAddressField(null=True, blank=True)
    at = models.DateTimeField()
    ok = models.BooleanField()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["username_token", "at"], name="attempt_user_time"),
            models.Index(fields=["ip", "at"], name="attempt_ip_time"),
        ]
