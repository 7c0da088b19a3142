import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.db.utils import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.core.database.config import database_from_url
from yimei.core.database.roles import grant_application_role

OWNER = "owner"


class Command(BaseCommand):
    """Runs after `migrate`, as the owner; the program itself never holds these rights."""

    help = gettext_lazy(  # type: ignore[assignment]
        "PostgreSQL：迁移之后，以属主身份（DATABASE_OWNER_URL）建立并授权应用角色（DATABASE_URL 里的用户）。"
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default="", help=_("应用角色名；默认取 DATABASE_URL 里的用户"))

    def handle(self, *args: Any, **options: Any) -> None:
        owner_url = os.environ.get("DATABASE_OWNER_URL", "")
        application = connections["default"].settings_dict
        role = options["role"] or application["USER"]
        if not owner_url or not role:
            raise CommandError(_("需要 DATABASE_OWNER_URL 和 DATABASE_URL 两个地址。"), returncode=2)
        owner = {**application, **database_from_url(owner_url, sqlite_path=Path())}
        if application["NAME"] != owner["NAME"]:
            raise CommandError(_("DATABASE_OWNER_URL 和 DATABASE_URL 不是同一个数据库。"), returncode=2)
        connections.settings[OWNER] = owner
        try:
            tables = grant_application_role(connections[OWNER], role, password=application["PASSWORD"])
        except (ImproperlyConfigured, DatabaseError) as error:
            raise CommandError(str(error)) from error
        finally:
            connections[OWNER].close()
            del connections[OWNER], connections.settings[OWNER]
        text = _("角色 %(role)s 可以使用 %(tables)d 张表，不拥有任何一张。")
        self.stdout.write(text % {"role": role, "tables": tables})
