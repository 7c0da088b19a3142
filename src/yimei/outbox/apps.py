from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """One gate for every outgoing message."""

    name = "yimei.outbox"
    label = "outbox"
    verbose_name = _("消息发送")

    def ready(self) -> None:
        from yimei.outbox.actions import messages, notifications
        from yimei.privacy import registry

        registry.majority_end("messages")(messages.stop_to_guardians)
        registry.use_messenger(messages.send)
        registry.use_bell(notifications.notify)
