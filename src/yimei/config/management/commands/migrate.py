from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import override_settings

from yimei.config.ownership import as_owner
from yimei.core.database import steps
from yimei.core.database.roles import grant_application_role

LAST_BEFORE_FOLDING = "000c10f"
migrate.MigrationExecutor = steps.Executor  # type: ignore[attr-defined]  # Django offers no other place


class NoMigrations:
    """MIGRATION_MODULES of a project in which no part has migrations."""

    def __getitem__(self, part: str) -> None:
        return None

    def __contains__(self, part: str) -> bool:
        return True


class Command(migrate.Command):
    """An empty database gets the tables of the models at once (ADR 0059); any other, what it misses."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--by-steps", action="store_true", help="build an empty database migration by migration as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner() as application:
            if not isinstance(settings.MIGRATION_MODULES, dict):
                self._build_for_tests(options)
            else:
                self._bring_up_to_date(*args, **options)
            if application:
                MigrationRecorder(connection).ensure_schema()  # tests make tables from the models
                grant_application_role(connection, application["USER"], password=application["PASSWORD"])

    def _bring_up_to_date(self, *args: Any, **options: Any) -> None:
        if not options["by_steps"] and not options["app_label"] and _has_no_history():
            self._build(*args, **options)
        _refuse_half_of_what_was_folded()
        super().handle(*args, **options)

    def _build_for_tests(self, options: Mapping[str, Any]) -> None:
        """Tests have switched migrations off: the tables, and no models drawn for signals nobody hears."""
        self.verbosity = options["verbosity"]
        parts = {part.label for part in apps.get_app_configs() if part.models_module is not None}
        self.sync_apps(connections[options["database"]], parts)

    def _build(self, *args: Any, **options: Any) -> None:
        """All tables in one transaction, then the history: cut off in between, the next run goes on."""
        with override_settings(MIGRATION_MODULES=NoMigrations()):
            super().handle(*args, **{**options, "run_syncdb": True})
        super().handle(*args, **{**options, "fake": True})


def _has_no_history() -> bool:
    return not MigrationRecorder(connection).applied_migrations()


def _refuse_half_of_what_was_folded() -> None:
    """A folded migration stands for all it replaces; a database that took some of them is between the two."""
    loader = MigrationLoader(connection, ignore_no_migrations=True)
    applied = loader.applied_migrations
    for (part, name), migration in loader.disk_migrations.items():
        missing = [old for _part, old in migration.replaces if (part, old) not in applied]
        if missing and len(missing) < len(migration.replaces) and (part, name) not in applied:
            raise CommandError(
                f"这个数据库停在较早的版本（{part} 缺少 {missing[0]}）。请先用提交 {LAST_BEFORE_FOLDING} 的"
                f"程序运行 yimei migrate，再用现在的程序运行一次；数据没有改动。"
                f" / This database is of an earlier version ({part} lacks {missing[0]}). Run yimei migrate"
                f" of commit {LAST_BEFORE_FOLDING} first, then again with this one; nothing was changed."
            )
