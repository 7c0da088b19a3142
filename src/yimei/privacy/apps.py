from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """Purposes, notices, consents, retention and the data map."""

    name = "yimei.privacy"
    label = "privacy"
    verbose_name = _("个人信息保护")

    def ready(self) -> None:
        autodiscover_modules("holdings")
        from yimei.people import registry as people
        from yimei.privacy.queries import (
            controls,  # noqa: F401 - with it, all that stands on rules
            merging,  # noqa: F401 - with it, what stands against a merge
            register,
            training,
        )
        from yimei.privacy.queries.incidents import clocks  # noqa: F401 - with it, their use of rules

        people.access_rule(training.refusal)
        people.use_numbers(register.limit)
        from yimei.privacy.actions import alarms

        people.on_glass(alarms.tell_of_glass)
