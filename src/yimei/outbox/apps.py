from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """One gate for every outgoing message."""

    name = "yimei.outbox"
    label = "outbox"
    verbose_name = _("消息发送")
