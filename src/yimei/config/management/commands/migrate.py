from typing import Any

from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from yimei.config.ownership import as_owner
from yimei.core.database.roles import grant_application_role


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner() as application:
            super().handle(*args, **options)
            if application:
                MigrationRecorder(connection).ensure_schema()  # tests make tables from the models
                grant_application_role(connection, application["USER"], password=application["PASSWORD"])
