"""Claims: one resource, one place, one time. A writer takes the locks, then lets the database judge."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from yimei.core.database.locks import lock
from yimei.core.errors import Conflict
from yimei.hospital.models import Device, Room
from yimei.journey.enums import ResourceKind
from yimei.journey.models import Booking, OnlineHold, ResourceClaim, Surgery, WaitingOffer
from yimei.journey.queries import bookings as queries
from yimei.journey.rules import claims as rules
from yimei.journey.rules.claims import Hold, Resource, Stretch
from yimei.people.models import Staff

NO_OVERLAP = "claim_no_overlap"
NO_SERVICES: Mapping[Resource, str] = MappingProxyType({})
Owner = Booking | Surgery | WaitingOffer | OnlineHold


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
    holds: Sequence[Hold],
    *,
    wanted: Stretch,
    booking: Booking | None = None,
    surgery: Surgery | None = None,
    offer: WaitingOffer | None = None,
    hold: OnlineHold | None = None,
    services: Mapping[Resource, str] = NO_SERVICES,
) -> None:
    """Hold each resource for its own stretch around the agreed time; ``services`` names what each is for."""
    lock_all(one.resource for one in holds)
    rows = [
        ResourceClaim(
            kind=one.kind,
            resource_id=one.resource_id,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            booking=booking,
            surgery=surgery,
            offer=offer,
            hold=hold,
        )
        for one in holds
    ]
    try:
        with transaction.atomic():
            ResourceClaim.objects.bulk_create(rows)
    except IntegrityError as error:
        if NO_OVERLAP not in str(error):
            raise
        raise _conflict(holds, wanted, services) from error


def check_free(
    holds: Sequence[Hold],
    *,
    wanted: Stretch,
    without: Booking,
    services: Mapping[Resource, str] = NO_SERVICES,
) -> None:
    """Raise the Conflict that claiming would raise now; nothing is held, so the answer may soon be old."""
    window = (min(hold.starts_at for hold in holds), max(hold.ends_at for hold in holds))
    busy = queries.busy([hold.resource for hold in holds], window, without=without)
    if any(rules.overlaps(busy[hold.resource], _of(hold)) for hold in holds):
        raise _conflict(holds, wanted, services, without=without)


def lock_all(resources: Iterable[Resource]) -> None:
    """Let this transaction alone decide about these resources; sorted, so that nobody waits in a circle."""
    lock(*(f"{kind}:{resource_id}" for kind, resource_id in resources))


def release(owner: Owner, at: datetime) -> None:
    """Give back everything that a booking, an operation or an offer still holds."""
    owner.claims.filter(released_at=None).update(released_at=at)


def held_by(*owners: Owner) -> set[Resource]:
    """Return what is held now, to be locked together with what is wanted."""
    theirs = Q()
    for name, model in (
        ("booking", Booking),
        ("surgery", Surgery),
        ("offer", WaitingOffer),
        ("hold", OnlineHold),
    ):
        theirs |= Q((f"{name}__in", [owner.pk for owner in owners if isinstance(owner, model)]))
    rows = ResourceClaim.objects.filter(theirs, released_at=None)
    return {
        (ResourceKind(kind), resource_id) for kind, resource_id in rows.values_list("kind", "resource_id")
    }


def _conflict(
    holds: Sequence[Hold],
    wanted: Stretch,
    services: Mapping[Resource, str],
    *,
    without: Booking | None = None,
) -> Conflict:
    busy = queries.busy(
        [hold.resource for hold in holds],
        (min(hold.starts_at for hold in holds), max(hold.ends_at for hold in holds)),
        without=without,
    )
    taken = [
        (hold.resource, [stretch for stretch in busy[hold.resource] if rules.overlaps([stretch], _of(hold))])
        for hold in holds
    ]
    names = _names([resource for resource, stretches in taken if stretches])
    said = [
        _said(names[resource], stretches, services.get(resource, ""))
        for resource, stretches in taken
        if stretches
    ]
    return Conflict("；".join(said) + "。", next_free=queries.next_free(holds, wanted, without=without))


def _said(name: str, stretches: Sequence[Stretch], service: str) -> str:
    words = {"name": name, "hours": rules.hours_text(stretches), "service": service}
    if service:
        return _("%(name)s（%(service)s）%(hours)s 已有安排") % words
    return _("%(name)s %(hours)s 已有安排") % words


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
