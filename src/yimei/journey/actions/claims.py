"""Claims: one resource, one place, one time. A writer takes the locks, then lets the database judge."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.core.database.locks import lock
from yimei.core.errors import Conflict
from yimei.hospital.models import Device, Room
from yimei.journey.enums import ResourceKind
from yimei.journey.models import Booking, ResourceClaim, Surgery
from yimei.journey.queries import bookings as queries
from yimei.journey.rules import claims as rules
from yimei.journey.rules.claims import Hold, Resource, Stretch
from yimei.people.models import Staff

NO_OVERLAP = "claim_no_overlap"


def claim(
    resources: Sequence[Resource],
    *,
    starts_at: datetime,
    ends_at: datetime,
    booking: Booking | None = None,
    surgery: Surgery | None = None,
) -> None:
    """Hold every resource for the same stretch, or raise a Conflict: who is taken, what is free next.

    Once per transaction; whoever needs two claims takes the locks of both with ``lock_all`` first.
    """
    holds = [Hold(kind, resource_id, starts_at, ends_at) for kind, resource_id in dict.fromkeys(resources)]
    claim_holds(holds, wanted=(starts_at, ends_at), booking=booking, surgery=surgery)


def claim_holds(
    holds: Sequence[Hold], *, wanted: Stretch, booking: Booking | None = None, surgery: Surgery | None = None
) -> None:
    """Hold each resource for its own stretch around the agreed time."""
    lock_all(hold.resource for hold in holds)
    rows = [
        ResourceClaim(
            kind=hold.kind,
            resource_id=hold.resource_id,
            starts_at=hold.starts_at,
            ends_at=hold.ends_at,
            booking=booking,
            surgery=surgery,
        )
        for hold in holds
    ]
    try:
        with transaction.atomic():
            ResourceClaim.objects.bulk_create(rows)
    except IntegrityError as error:
        if NO_OVERLAP not in str(error):
            raise
        raise _conflict(holds, wanted) from error


def lock_all(resources: Iterable[Resource]) -> None:
    """Let this transaction alone decide about these resources; sorted, so that nobody waits in a circle."""
    lock(*(f"{kind}:{resource_id}" for kind, resource_id in resources))


def release(owner: Booking | Surgery, at: datetime) -> None:
    """Give back everything that a booking or an operation still holds."""
    owner.claims.filter(released_at=None).update(released_at=at)


def held_by(*owners: Booking | Surgery) -> set[Resource]:
    """Return what is held now, to be locked together with what is wanted."""
    bookings = [owner.pk for owner in owners if isinstance(owner, Booking)]
    surgeries = [owner.pk for owner in owners if isinstance(owner, Surgery)]
    rows = ResourceClaim.objects.filter(Q(booking__in=bookings) | Q(surgery__in=surgeries), released_at=None)
    return {
        (ResourceKind(kind), resource_id) for kind, resource_id in rows.values_list("kind", "resource_id")
    }


def _conflict(holds: Sequence[Hold], wanted: Stretch) -> Conflict:
    busy = queries.busy(
        [hold.resource for hold in holds],
        (min(hold.starts_at for hold in holds), max(hold.ends_at for hold in holds)),
    )
    taken = [
        (hold.resource, [stretch for stretch in busy[hold.resource] if rules.overlaps([stretch], _of(hold))])
        for hold in holds
    ]
    names = _names([resource for resource, stretches in taken if stretches])
    said = [
        _("%(name)s %(hours)s 已有安排") % {"name": names[resource], "hours": rules.hours_text(stretches)}
        for resource, stretches in taken
        if stretches
    ]
    return Conflict("；".join(said) + "。", next_free=queries.next_free(holds, wanted))


def _of(hold: Hold) -> Stretch:
    return hold.starts_at, hold.ends_at


def _names(resources: Sequence[Resource]) -> dict[Resource, str]:
    """Names of staff, rooms and devices; never the name of a customer."""
    names: dict[Resource, str] = {}
    models: list[tuple[ResourceKind, type[Staff | Room | Device]]] = [
        (ResourceKind.STAFF, Staff),
        (ResourceKind.ROOM, Room),
        (ResourceKind.DEVICE, Device),
    ]
    for kind, model in models:
        ids = [resource_id for known, resource_id in resources if known == kind]
        if ids:
            rows = model._default_manager.filter(pk__in=ids).values_list("pk", "name")
            names |= {(kind, pk): name for pk, name in rows}
    return {resource: names.get(resource, _("这位客户")) for resource in resources}
