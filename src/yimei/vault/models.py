import uuid
from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yimei.vault.enums import Algorithm


class DataKey(models.Model):
    """The key of one person's data; destroying it erases them wherever their data lie."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "algorithm", "master_id", "created_at", "destroyed_at"},
        "secret": {"wrapped"},
    }
    HOLDING: ClassVar[str] = "vault.keys"

    public_id = models.UUIDField(_("密钥编号"), default=uuid.uuid4, unique=True, editable=False)
    wrapped = models.BinaryField(_("加密后的密钥"), null=True)
    algorithm = models.CharField(_("算法"), max_length=20, choices=Algorithm.choices)
    master_id = models.CharField(_("主密钥编号"), max_length=16, db_index=True)
    created_at = models.DateTimeField(_("生成时间"), default=timezone.now)
    destroyed_at = models.DateTimeField(_("销毁时间"), null=True)

    class Meta:
        verbose_name = verbose_name_plural = _("数据密钥")
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped__isnull=True, destroyed_at__isnull=False)
                | Q(wrapped__isnull=False, destroyed_at__isnull=True),
                name="vault_key_live_or_destroyed",
            ),
            models.CheckConstraint(
                condition=Q(algorithm__in=Algorithm.values), name="vault_key_algorithm_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_destroyed(self) -> bool:
        return self.wrapped is None


class SystemKey(models.Model):
    """A key of the house, not of a person: the blind index, the seal on the log's checkpoints."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "name", "algorithm", "master_id", "created_at"},
        "secret": {"wrapped"},
    }
    HOLDING: ClassVar[str] = "vault.keys"

    name = models.CharField(_("用途"), max_length=40, unique=True)
    wrapped = models.BinaryField(_("加密后的密钥"))
    algorithm = models.CharField(_("算法"), max_length=20, choices=Algorithm.choices)
    master_id = models.CharField(_("主密钥编号"), max_length=16)
    created_at = models.DateTimeField(_("生成时间"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("系统密钥")
        constraints = [
            models.CheckConstraint(
                condition=Q(algorithm__in=Algorithm.values), name="vault_system_key_algorithm_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class StoredFile(models.Model):
    """A file on disk that only its person's key opens; its own name is never kept."""

    PRIVACY: ClassVar[dict[str, set[str]]] = {
        "plain": {"id", "public_id", "size", "content_type", "algorithm", "created_at"},
        "personal": {"key", "sha256"},
    }
    HOLDING: ClassVar[str] = "vault.files"

    public_id = models.UUIDField(_("文件编号"), default=uuid.uuid4, unique=True, editable=False)
    key = models.ForeignKey(DataKey, models.PROTECT, related_name="files", verbose_name=_("数据密钥"))
    sha256 = models.CharField(_("原文摘要"), max_length=64)
    size = models.PositiveBigIntegerField(_("字节数"))
    content_type = models.CharField(_("类型"), max_length=100)
    algorithm = models.CharField(_("算法"), max_length=20, choices=Algorithm.choices)
    created_at = models.DateTimeField(_("存入时间"), default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = _("加密文件")
        constraints = [
            models.CheckConstraint(
                condition=Q(algorithm__in=Algorithm.values), name="vault_file_algorithm_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def path(self) -> Path:
        name = str(self.public_id)
        return Path(settings.FILES_DIR) / name[:2] / name

    def read(self) -> bytes:
        """Return the bytes, checked against their tag and digest."""
        from yimei.vault import files

        return files.read(self)
