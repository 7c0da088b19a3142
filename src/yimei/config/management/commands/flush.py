from typing import Any

from django.core.management.commands import flush

from yimei.config.ownership import as_owner


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with as_owner():
            super().handle(**options)
