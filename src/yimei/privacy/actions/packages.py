"""The copy of a person's data: made with the answer, fetched while it lasts, revoked by a later erasure."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.language import in_house
from yimei.people.models import Patient, Staff
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.privacy.access import open_request
from yimei.privacy.enums import Requester
from yimei.privacy.models import RightsRequest
from yimei.privacy.queries import copies
from yimei.privacy.queries.register import limit
from yimei.vault import files
from yimei.vault.models import StoredFile

SHAPES: dict[str, Callable[[RightsRequest, bytes], bytes]] = {
    "json": lambda request, data: data,
    "fhir": lambda request, data: copies.fhir_of(data),
    "pdf": copies.readable,
}
"""One copy in three shapes: for programs, for other hospitals, for people."""


def make(request: RightsRequest, *, now: datetime) -> list[str]:
    """Part of answering: keep the copy under the person's key and return the changed fields."""
    patient = request.patient
    with in_house():
        data = copies.package_of(patient, now=now)
    request.package = files.store(data, key=patient.person.vault_key, content_type="application/json")
    request.package_sha256 = hashlib.sha256(data).hexdigest()
    request.package_expires_at = now + timedelta(days=limit("request.package_days", local_date(now)))
    return ["package", "package_sha256", "package_expires_at"]


@transaction.atomic
def fetch(request_id: UUID, *, shape: str, by: Staff, now: datetime) -> bytes:
    """Open the copy for the one who hands it over."""
    request = open_request(request_id, by=by, permission=Permission.PRIVACY_WRITE)
    data = opened(request, shape=shape, now=now)
    note(request, shape=shape, by=by, now=now)
    return data


def opened(request: RightsRequest, *, shape: str, now: datetime) -> bytes:
    """Return the copy in one shape while it may be fetched."""
    if shape not in SHAPES or request.package is None or request.package_expires_at is None:
        raise NotFound(_("这个请求没有个人信息副本。"))
    if request.requester == Requester.GUARDIAN and not needs_guardian(request.patient, local_date(now)):
        text = _(
            "本人已年满 18 周岁，监护人请求的副本不再提供；请由本人另行提出（《民法典》第十七条、第十八条）。"
        )
        raise RuleBroken(text, code="guardian")
    if now >= request.package_expires_at:
        raise RuleBroken(_("副本的下载有效期已过，需要时请重新提出请求。"), code="package")
    with in_house():
        return SHAPES[shape](request, request.package.read())


def note(request: RightsRequest, *, shape: str, by: Staff | None, now: datetime) -> None:
    """Write the handing over down; when the person fetches it herself it is no look of anybody's."""
    log.record(
        "privacy.request.export" if by else "privacy.request.fetched",
        at=now,
        by=by,
        target=request,
        subject=request.patient.person.vault_key,
        purpose="request",
        detail={"shape": shape},
    )


@transaction.atomic
def drop_expired(*, now: datetime) -> int:
    """Remove the copies that nobody fetched in time."""
    return _drop(RightsRequest.objects.filter(package_expires_at__lte=now))


def revoke(patient: Patient, *, now: datetime) -> int:
    """Part of an erasure: copies that were handed out stop being fetched and leave the disk."""
    mine = RightsRequest.objects.filter(patient=patient)
    mine.filter(package_expires_at__gt=now).update(package_expires_at=now)
    return _drop(mine)


def revoke_of_guardians(patient: Patient, *, now: datetime) -> int:
    """Part of her coming of age: copies that guardians asked for are fetched no more."""
    theirs = RightsRequest.objects.filter(
        patient__in=Patient.objects.files_of(patient), requester=Requester.GUARDIAN
    )
    theirs.filter(package_expires_at__gt=now).update(package_expires_at=now)
    return _drop(theirs)


def _drop(requests: QuerySet[RightsRequest]) -> int:
    stored = StoredFile.objects.filter(pk__in=requests.exclude(package=None).values("package"))
    count = 0
    for file in stored.exclude(size=0):
        transaction.on_commit(file.path.unlink if file.path.exists() else _nothing)
        count += 1
    stored.update(size=0, sha256="")
    return count


def _nothing() -> None:
    """A file that is gone already needs no removal."""
