from django.apps import AppConfig


class UiConfig(AppConfig):
    """What screens share: shell, pieces, guard and middleware."""

    name = "yimei.ui"
    label = "ui"
