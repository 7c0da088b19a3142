from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HospitalConfig(AppConfig):
    """The hospital itself: places, calendar, catalogue, prices and forms."""

    name = "yimei.hospital"
    label = "hospital"
    verbose_name = _("医院资料")
