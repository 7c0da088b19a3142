"""Registers what the journey keeps about people, and what its rooms show on the timeline and on Today."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JourneyConfig(AppConfig):
    """From the first booking to the survey."""

    name = "yimei.journey"
    label = "journey"
    verbose_name = _("服务旅程")

    def ready(self) -> None:
        autodiscover_modules("holdings")
        queries = import_module("yimei.journey.queries")
        for module in iter_modules(queries.__path__):
            import_module(f"{queries.__name__}.{module.name}")
        import_module("yimei.journey.actions.merging")
        import_module("yimei.journey.actions.majority")
