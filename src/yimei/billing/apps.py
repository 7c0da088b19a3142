"""Registers what billing keeps about people."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Quotes, orders, payments and refunds."""

    name = "yimei.billing"
    label = "billing"
    verbose_name = _("费用")

    def ready(self) -> None:
        autodiscover_modules("holdings")
