"""Patient screens."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """What a patient opens on a phone."""

    name = "yimei.portal"
    label = "portal"
    verbose_name = _("患者门户")
