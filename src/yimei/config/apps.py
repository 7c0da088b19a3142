from django.apps import AppConfig
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ConfigConfig(AppConfig):
    name = "yimei.config"
    label = "config"
    verbose_name = _("配置")

    def ready(self) -> None:
        """Rights are rows of `people`: Django's tables of kinds and permissions stay empty."""
        post_migrate.disconnect(create_contenttypes)
        post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
