from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    name = "yimei.rehearsal"
    label = "rehearsal"
    verbose_name = "彩排"
    default_auto_field = "django.db.models.BigAutoField"
