from typing import Any

from django.core.management.commands import flush

from yimei.config.ownership import as_owner


class Command(flush.Command):
    """Leaves the tables of kinds and permissions of Django empty: nothing reads them."""

    def handle(self, **options: Any) -> None:
        with as_owner():
            super().handle(**{**options, "inhibit_post_migrate": True})
