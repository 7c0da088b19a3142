"""Registers the desk's rail, commands and sources with the shell."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Staff screens."""

    name = "yimei.desk"
    label = "desk"
    verbose_name = _("工作台")

    def ready(self) -> None:
        from yimei.desk.apps import business, clinic, compliance

        clinic.people()
        clinic.bookings()
        clinic.clinical()
        compliance.requests()
        compliance.governance()
        clinic.waiting()
        clinic.questionnaires()
        compliance.guard()
        business.insight()
        business.growth()
        business.members()
        business.feedback()
