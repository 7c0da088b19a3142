"""The analytic part of the house."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """The mart, metrics and what is drawn from them."""

    name = "yimei.insight"
    label = "insight"
    verbose_name = _("数据分析")

    def ready(self) -> None:
        from yimei.insight import registry
        from yimei.insight.actions import answers

        autodiscover_modules("holdings")
        registry.watch(answers.tell)
