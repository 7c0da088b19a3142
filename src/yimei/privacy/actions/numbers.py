"""The hospital's own numbers: a change is a new version and counts from the next day."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import NotFound
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope
from yimei.privacy.enums import Mark
from yimei.privacy.models import Limit
from yimei.privacy.queries import numbers as queries
from yimei.privacy.rules import numbers as rules


@transaction.atomic
def set_number(
    family: rules.Family,
    code: str,
    *,
    value: int,
    reason: str,
    permission: Permission,
    by: Staff,
    now: datetime,
) -> Limit:
    """Set one number from tomorrow on, for the whole group; what runs by the old one keeps it."""
    if by.scope_of(permission) != Scope.GROUP:
        raise NotFound
    lock(f"{family.name}.settings")
    today, tomorrow = local_date(now), local_date(now) + timedelta(days=1)
    coming = queries.listed(family, on=tomorrow)
    current = {one.code: one.number for one in coming}
    names = {one.code: one.name for one in coming}
    why = rules.check(family, code, value, reason, current=current, names=names)
    before = Limit.objects.filter(code=code, effective_from__lte=today).order_by("-effective_from").first()
    if before is None:
        raise NotFound
    row, _is_new = Limit.objects.update_or_create(
        code=code,
        effective_from=tomorrow,
        defaults={
            "name": before.name,
            "unit": before.unit,
            "value": value,
            "source": _("院方设定：%(why)s") % {"why": why},
            "mark": Mark.UNVERIFIED,
        },
    )
    log.record(
        f"{family.name}.settings.set",
        at=now,
        by=by,
        target=row,
        reason=why,
        detail={"code": code, "old": before.value, "new": value},
    )
    return row
