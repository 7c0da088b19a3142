"""The gates from an id in a URL to a lead."""

from uuid import UUID

from yimei.core.database.rows import only
from yimei.growth.models import Lead
from yimei.people.models import Staff
from yimei.people.roles import Permission


def open_lead(public_id: UUID, *, by: Staff, lock: bool = False) -> Lead:
    """Return a lead that the reader may see: her own, of her scope, or of her campus's pool."""
    return only(Lead.objects.visible_to(by).with_people(), public_id, lock=lock)


def own_lead(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.LEAD_WRITE
) -> Lead:
    """Return a lead within the reader's scope of a permission; the pool is nobody's own."""
    return only(Lead.objects.reachable(by, permission).with_people(), public_id, lock=lock)
