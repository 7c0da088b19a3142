from typing import Any

from django.core.management.commands import migrate

from yimei.config.ownership import as_owner, grant


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner() as role:
            super().handle(*args, **options)
            if role:
                grant(role)
