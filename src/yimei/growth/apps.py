from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class GrowthConfig(AppConfig):
    """Leads and their owners."""

    name = "yimei.growth"
    label = "growth"
    verbose_name = _("客户拓展")

    def ready(self) -> None:
        autodiscover_modules("holdings")
        import_module("yimei.growth.queries.today")
        import_module("yimei.growth.queries.quiet")
        import_module("yimei.growth.queries.merging")
        import_module("yimei.growth.queries.answering")
        import_module("yimei.growth.actions.gifts")
        import_module("yimei.growth.actions.scoring")
        import_module("yimei.growth.actions.profiling")
