"""Registers the desk's rail, commands and sources with the shell."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Staff screens."""

    name = "yimei.desk"
    label = "desk"
    verbose_name = _("工作台")

    def ready(self) -> None:
        _people()
        _bookings()
        _clinical()


def _people() -> None:
    """Rail and commands of people and compliance."""


def _bookings() -> None:
    """Rail and commands of bookings and money."""


def _clinical() -> None:
    """Rail and commands of clinical work."""
