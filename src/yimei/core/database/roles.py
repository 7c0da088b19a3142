"""PostgreSQL: the role the program runs as, which owns nothing and may do no more than it needs.

Migrations run as the owner (DATABASE_OWNER_URL), the program as the application role (DATABASE_URL). Grants
follow the models: rows that are only ever added may not be changed, whatever a bug or an intruder asks for.
"""

import re
from collections.abc import Iterator

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from yimei.core.database.constraints import AppendOnly

ORDINARY = "SELECT, INSERT, UPDATE, DELETE"


def grant_application_role(connection: BaseDatabaseWrapper, role: str, *, password: str = "") -> int:
    """Make the role if it is missing, give it exactly its rights, and return how many tables it may use."""
    if connection.vendor != "postgresql":
        raise ImproperlyConfigured("roles exist on PostgreSQL only")
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise ImproperlyConfigured(f"{role!r} is no plain role name")
    grants = list(_grants())
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role])
        found = cursor.fetchone()
        if found is None:
            cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
            if not cursor.fetchone()[0]:
                raise ImproperlyConfigured(
                    f"an administrator must first run: CREATE ROLE {role} LOGIN PASSWORD '…'"
                )
            create = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
            cursor.execute(create.format(sql.Identifier(role), sql.Literal(password or None)).as_string())
        elif found[0]:
            raise ImproperlyConfigured(f"{role} is a superuser: the program must run as an ordinary role")
        cursor.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = %s", [role]
        )
        if cursor.fetchone()[0]:
            raise ImproperlyConfigured(f"{role} owns tables: migrate as another role (DATABASE_OWNER_URL)")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"')
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
        cursor.execute(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        for table, rights in grants:
            cursor.execute(f'GRANT {rights} ON "{table}" TO "{role}"')
    return len(grants)


def _grants() -> Iterator[tuple[str, str]]:
    yield "django_migrations", "SELECT"
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model._meta.db_table, _rights(model)


def _rights(model: type[models.Model]) -> str:
    guard = next((c for c in model._meta.constraints if isinstance(c, AppendOnly)), None)
    if guard is None:
        return ORDINARY
    rights = ["SELECT", "INSERT"]
    if free := (*guard.allow, *guard.erasable):
        columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in free)  # type: ignore[union-attr]
        rights.append(f"UPDATE ({columns})")
    if guard.deletable:
        rights.append("DELETE")
    return ", ".join(rights)
