from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "yimei.vault"
    label = "vault"
    verbose_name = _("保险库")
    default_auto_field = "django.db.models.BigAutoField"
