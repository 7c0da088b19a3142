from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RehearsalConfig(AppConfig):
    name = "yimei.rehearsal"
    label = "rehearsal"
    verbose_name = _("彩排")
    default_auto_field = "django.db.models.BigAutoField"
