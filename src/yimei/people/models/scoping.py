"""Row scope: a permission held at one scope becomes a filter on rows."""

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, Q, QuerySet

from yimei.people.roles import Permission, Scope

if TYPE_CHECKING:
    from yimei.people.models.staff import Staff

Row = TypeVar("Row", bound=Model)


def scoped(
    rows: QuerySet[Row],
    staff: "Staff",
    permission: Permission,
    *,
    own: Q,
    department: Q | None = None,
    campus: Q,
) -> QuerySet[Row]:
    """Keep the rows that ``staff`` may reach under ``permission``; none without the permission.

    ``department`` falls back to ``campus`` narrowed to own rows where a row knows no department.
    """
    scope = staff.scope_of(permission)
    if scope is None:
        return rows.none()
    if scope == Scope.GROUP:
        return rows
    if scope == Scope.CAMPUS:
        return rows.filter(campus)
    if scope == Scope.DEPARTMENT and department is not None:
        return rows.filter(department)
    return rows.filter(own)
