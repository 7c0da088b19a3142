from django.db import models
from django.utils.translation import gettext_lazy as _


class Algorithm(models.TextChoices):
    AES = "AES-256-GCM", _("AES-256-GCM 与 SHA-256")
    SM4 = "SM4-GCM", _("SM4-GCM 与 SM3（商用密码）")
