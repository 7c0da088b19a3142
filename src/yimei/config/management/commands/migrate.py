from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from yimei.config.ownership import as_owner
from yimei.core.database import steps
from yimei.core.database.roles import grant_application_role

LAST_BEFORE_FOLDING = "000c10f"
OTHER_WISHES = ("app_label", "fake", "fake_initial", "plan", "check_unapplied", "run_syncdb", "prune")
"""Options that ask for more than what is missing."""

migrate.MigrationExecutor = steps.Executor  # type: ignore[attr-defined]  # Django offers no other place


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
                self._make_tables(options)
            else:
                self._bring_up_to_date(*args, **options)
            if application:
                MigrationRecorder(connection).ensure_schema()  # tests make tables from the models
                grant_application_role(connection, application["USER"], password=application["PASSWORD"])

    def _bring_up_to_date(self, *args: Any, **options: Any) -> None:
        if not options["by_steps"] and not options["app_label"] and _has_no_history():
            self._build(options)
        loader = MigrationLoader(connection, ignore_no_migrations=True)
        _refuse_half_of_what_was_folded(loader)
        if any(options.get(wish) for wish in OTHER_WISHES) or not _is_whole(loader):
            super().handle(*args, **options)
        else:
            self._say_so(options)

    def _say_so(self, options: Mapping[str, Any]) -> None:
        """Nothing is missing, as at nearly every start: no model of the past is drawn to find that out.

        Whoever was cut off after the last table gets what others write then, as from Django.
        """
        if options["verbosity"]:
            self.stdout.write("  No migrations to apply.")
        emit_post_migrate_signal(
            options["verbosity"], options["interactive"], connection.alias, stdout=self.stdout
        )

    def _build(self, options: Mapping[str, Any]) -> None:
        """All tables in one transaction, the history in another: cut off in between, the next run goes on."""
        self._make_tables(options)
        written = MigrationLoader(connection, ignore_no_migrations=True).disk_migrations
        folded = {old for migration in written.values() for old in migration.replaces}
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        with transaction.atomic():
            recorder.migration_qs.bulk_create(
                recorder.Migration(app=part, name=name) for part, name in sorted({*written, *folded})
            )

    def _make_tables(self, options: Mapping[str, Any]) -> None:
        """Those of the models that lack one, and no models of the past drawn for signals nobody hears."""
        self.verbosity = options["verbosity"]
        parts = {part.label for part in apps.get_app_configs() if part.models_module is not None}
        self.sync_apps(connections[options["database"]], parts)


def _has_no_history() -> bool:
    return not MigrationRecorder(connection).applied_migrations()


def _is_whole(loader: MigrationLoader) -> bool:
    return set(loader.graph.nodes) <= set(loader.applied_migrations)


def _refuse_half_of_what_was_folded(loader: MigrationLoader) -> None:
    """A folded migration stands for all it replaces; a database that took some of them is between the two."""
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
