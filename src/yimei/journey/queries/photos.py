"""Reads about photographs: the series, the grid of angle and date, who may see, what waits to be taken."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db.models import Min, Q
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.errors import NotFound
from yimei.hospital.enums import Category, Grade
from yimei.hospital.queries import photo_series, photos_for
from yimei.hospital.rules.photos import Angle, Series
from yimei.journey import registry
from yimei.journey.enums import CaseStage, PhotoMoment, PhotoSize, PhotoUse, SurgeryStatus
from yimei.journey.models import Case, Photo, PhotoRelease
from yimei.journey.registry import Look, TaskItem, TimelineItem
from yimei.journey.rules import photos as rules
from yimei.people.access import may_see_clinical, subject_of
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission, RoleCode
from yimei.people.rules.access import Subject
from yimei.privacy.queries import consenting, has_consent

TAKE_AHEAD = timedelta(days=3)
TAKE_BEFORE = timedelta(hours=2)


# ---- who may see ---------------------------------------------------------------------------------


def reader(
    patient: Patient,
    *,
    by: Staff,
    now: datetime,
    tied: Subject | None = None,
    sees_chart: bool | None = None,
    has_image_consent: bool | None = None,
) -> rules.Reader:
    """Return what stands between somebody and the photos of a patient; a fixed number of queries.

    A page that has read what ties the reader to the patient, and what she agreed to, hands it down.
    """
    tied = tied or subject_of(patient, by=by, now=now)
    if sees_chart is None:
        sees_chart = may_see_clinical(by, patient, now, subject=tied)
    if has_image_consent is None:
        has_image_consent = has_consent(patient, rules.CLINICAL_PURPOSE, now) is not None
    return rules.Reader(
        sees_chart=sees_chart,
        cares=tied.cares,
        is_emergency=tied.glass_until is not None,
        is_consultant=by.may(Permission.CONSULT_WRITE) and not patient.is_sealed,
        has_consent=has_image_consent,
    )


def open_photo(public_id: UUID, *, by: Staff, now: datetime, size: PhotoSize = PhotoSize.THUMB) -> Photo:
    """Return a photo that its reader may see; one that was voided is there for nobody."""
    photo = only(Photo.objects.in_force().with_people().with_file(size), public_id)
    if not rules.may_see(reader(photo.case.patient, by=by, now=now), is_intimate=photo.is_intimate):
        raise NotFound
    return photo


# ---- the series and the grid ---------------------------------------------------------------------


def operated_on(case: Case) -> date | None:
    """The day of the newest operation of a case that really began."""
    begun = case.surgeries.exclude(status=SurgeryStatus.CANCELLED).exclude(incision_at=None)
    at = begun.order_by("-incision_at").values_list("incision_at", flat=True).first()
    return local_date(at) if at else None


def taken_before(case: Case) -> frozenset[str]:
    """The angles of its series that a case already has from before the operation."""
    codes = {angle.code for angle in photos_for(case.procedure).angles}
    rows = case.photos.in_force().filter(moment=PhotoMoment.BEFORE)
    return frozenset(rows.values_list("angle", flat=True)) & codes


@dataclass(frozen=True)
class Session:
    """The photos of one day at one moment: a column of the grid."""

    moment: PhotoMoment
    on: date
    day: int | None

    @property
    def order(self) -> tuple[date, int, str]:
        return self.on, -1 if self.day is None else self.day, self.moment.value

    @property
    def label(self) -> str:
        if self.day is None:
            return str(self.moment.label)
        return _("%(moment)s第 %(day)d 天") % {"moment": self.moment.label, "day": self.day}


@dataclass(frozen=True)
class Row:
    """One angle and its photos, session by session; the newest of a session comes first."""

    angle: Angle
    cells: Sequence[Sequence[Photo]]

    @property
    def photos(self) -> list[Photo]:
        """The one photo of each session that counts, oldest session first."""
        return [cell[0] for cell in self.cells if cell]


@dataclass(frozen=True)
class Gallery:
    """All photos of a patient for one kind of procedure, by angle and date."""

    series: Series
    sessions: Sequence[Session]
    rows: Sequence[Row]
    voided: Sequence[Photo]
    taken: frozenset[str]

    @property
    def is_complete(self) -> bool:
        return len(self.taken) == len(self.series.angles)

    def row(self, code: str) -> Row | None:
        return next((row for row in self.rows if row.angle.code == code), None)

    def next_angle(self, session: Session) -> Angle | None:
        """The first angle still missing: before the operation from the case, after it from the session."""
        if session.moment == PhotoMoment.BEFORE:
            return next((one for one in self.series.angles if one.code not in self.taken), None)
        column = self.sessions.index(session)
        return next((row.angle for row in self.rows if not row.cells[column]), None)

    def ghost(self, code: str, *, today: date) -> Photo | None:
        """The newest photo of an angle from before today, to stand behind the camera's picture."""
        row = self.row(code)
        found = [photo for photo in row.photos if local_date(photo.taken_at) < today] if row else []
        return found[-1] if found else None


def gallery(case: Case) -> Gallery:
    """Return the grid of a case, with the photos of earlier cases of the same kind; one query."""
    series = photos_for(case.procedure)
    rows = list(
        Photo.objects.filter(
            case__patient=case.patient_id, case__procedure__category=series.category
        ).select_related("taken_by", "voided_by")
    )
    kept = [photo for photo in rows if photo.voided_at is None]
    sessions = sorted({session_of(photo) for photo in kept}, key=lambda one: one.order)
    cells: dict[tuple[str, Session], list[Photo]] = {}
    for photo in kept:
        cells.setdefault((photo.angle, session_of(photo)), []).insert(0, photo)
    codes = {angle.code for angle in series.angles}
    taken = {photo.angle for photo in kept if photo.case_id == case.pk and photo.moment == PhotoMoment.BEFORE}
    return Gallery(
        series=series,
        sessions=sessions,
        rows=[
            Row(angle, [cells.get((angle.code, session), []) for session in sessions])
            for angle in series.angles
        ],
        voided=[photo for photo in rows if photo.voided_at is not None and photo.case_id == case.pk],
        taken=frozenset(taken & codes),
    )


def session_of(photo: Photo) -> Session:
    return Session(PhotoMoment(photo.moment), local_date(photo.taken_at), photo.day)


def angle_name(photo: Photo) -> str:
    angle = photo_series()[Category(photo.case.procedure.category)].angle(photo.angle)
    return angle.name if angle else photo.angle


# ---- what else a photo may be used for -----------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """One use besides care: released or not, and whether its consent still holds."""

    use: PhotoUse
    is_released: bool
    has_consent: bool
    is_usable: bool
    release: PhotoRelease | None


def standings(photo: Photo, *, now: datetime) -> list[Standing]:
    """Return where each use stands this moment; nothing of it is stored."""
    newest: dict[str, PhotoRelease] = {
        row.use: row for row in photo.releases.select_related("by").order_by("at", "id")
    }
    found = []
    for use in PhotoUse:
        consent = has_consent(photo.case.patient, rules.PURPOSES[use], now)
        release = newest.get(use)
        found.append(
            Standing(
                use=use,
                is_released=release is not None and release.is_on,
                has_consent=consent is not None,
                is_usable=release is not None
                and rules.is_usable(
                    is_on=release.is_on,
                    released_under=release.consent_id,
                    consent_in_force=consent.pk if consent else None,
                ),
                release=release,
            )
        )
    return found


# ---- on the timeline and on Today ----------------------------------------------------------------


@registry.timeline_source(Photo)
def photos(look: Look) -> Iterator[TimelineItem]:
    """One line for each day and moment."""
    if not look.sees_clinical:
        return
    rows = look.hand(Photo.objects.in_force().select_related("taken_by").order_by("taken_at", "id"))
    for (session, case), group in groupby(rows, key=lambda photo: (session_of(photo), photo.case)):
        shots = list(group)
        yield TimelineItem(
            at=shots[-1].taken_at,
            kind="photo",
            title=_("%(when)s照片 %(count)d 张") % {"when": session.label, "count": len(shots)},
            by_name=shots[-1].taken_by.name,
            where=f"desk:case-photos:{case.public_id}",
        )


@registry.today_source(RoleCode.NURSE)
def photos_to_take(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """Operations of the next days whose series is not whole, of customers who agreed to be photographed."""
    on_board = Q(surgeries__status=SurgeryStatus.SCHEDULED)
    scheduled = (
        Case.objects.visible_to(staff, Permission.TEST_WRITE)
        .filter(stage=CaseStage.SCHEDULED, procedure__grade__gt=Grade.NONE)
        .annotate(operation_at=Min("surgeries__starts_at", filter=on_board))
        .filter(operation_at__lt=now + TAKE_AHEAD)
    )
    starts = dict(scheduled.values_list("pk", "operation_at"))
    cases = list(Case.objects.filter(pk__in=starts).with_people())
    taken = _angles_before(cases)
    agreed = consenting([case.patient for case in cases], rules.CLINICAL_PURPOSE, now)
    for case in cases:
        angles = photos_for(case.procedure).angles
        done = sum(angle.code in taken.get(case.pk, ()) for angle in angles)
        if case.patient_id in agreed and done < len(angles):
            yield TaskItem(
                due_at=starts[case.pk] - TAKE_BEFORE,
                patient=case.patient,
                what=_("术前照片 %(done)d/%(all)d：%(what)s")
                % {"done": done, "all": len(angles), "what": case.procedure},
                action=_("拍照"),
                where=f"desk:case-photos:{case.public_id}",
            )


def _angles_before(cases: Sequence[Case]) -> Mapping[int, set[str]]:
    rows = Photo.objects.in_force().filter(case__in=cases, moment=PhotoMoment.BEFORE)
    found: dict[int, set[str]] = {}
    for case_id, angle in rows.values_list("case", "angle").distinct().order_by():
        found.setdefault(case_id, set()).add(angle)
    return found
