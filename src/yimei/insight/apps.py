"""The analytic part of the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    """Metrics, reports and, later, forecasts."""

    name = "yimei.insight"
    label = "insight"
    verbose_name = _("数据分析")
