"""Reads of feedback: the gates to one, lists, figures, who handles it."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from yimei.core.database.rows import lock_rows, only
from yimei.core.errors import NotFound, RuleBroken
from yimei.growth.enums.feedback import (
    FeedbackKind,
    FeedbackStatus,
    FeedbackStepKind,
    FeedbackWay,
    ReplyWay,
    Severity,
    Theme,
)
from yimei.growth.models import Feedback, FeedbackPlace, FeedbackReply, FeedbackStep, ReviewFile
from yimei.growth.models.feedback import FeedbackQuerySet
from yimei.growth.rules.feedback import RUNNING
from yimei.hospital.models import Campus
from yimei.hospital.queries import catalogue_of
from yimei.people.models import Staff
from yimei.people.roles import Permission, Scope
from yimei.privacy.enums import RequestKind
from yimei.privacy.models import RightsRequest
from yimei.privacy.rules import pii
from yimei.vault import blind

WINDOW = timedelta(days=90)
VIEWS = ("new", "mine", "late", "running", "answered", "closed", "void", "all")
RUN = sorted(RUNNING)


# ---- the gates --------------------------------------------------------------------------------------


def open_feedback(
    public_id: UUID, *, by: Staff, lock: bool = False, permission: Permission = Permission.FEEDBACK_WRITE
) -> Feedback:
    return only(Feedback.objects.reachable(by, permission).with_people(), public_id, lock=lock)


def open_place(
    public_id: UUID, *, by: Staff, permission: Permission = Permission.FEEDBACK_ASSIGN
) -> FeedbackPlace:
    if not by.may(permission):
        raise NotFound
    return only(FeedbackPlace.objects.filter(campus=by.campus_id).select_related("campus"), public_id)


def standing_place(code: str) -> FeedbackPlace:
    place = FeedbackPlace.objects.filter(code=code, stopped_at=None, campus__is_active=True)
    found = place.select_related("campus").first()
    if found is None:
        raise NotFound(_("这个意见码已经停用，请直接告诉工作人员。"))
    return found


def locked(pk: int) -> Feedback:
    rows = Feedback.objects.filter(pk=pk)
    lock_rows(rows)
    return rows.with_people().get()


def mark_of(row: Feedback) -> str:
    """The secret half of a receipt; computed, never kept."""
    return blind.token("feedback-receipt", str(row.public_id)).hex()


def receipt_path(row: Feedback) -> str:
    return f"/book/say/receipt/{row.public_id}/{mark_of(row)}/"


def behind(feedback_id: UUID, mark: str, *, lock: bool = False) -> Feedback:
    """The feedback of a receipt; another's, a guessed and an erased one are the same nothing."""
    row = only(Feedback.objects.living().with_people(), feedback_id, lock=lock)
    if not hmac.compare_digest(mark_of(row).encode(), mark.encode()):
        raise NotFound
    return row


# ---- who handles it ---------------------------------------------------------------------------------


def handlers_at(campus: Campus) -> QuerySet[Staff]:
    """Everybody of a campus who may answer for feedback."""
    able = Q(role__grants__permission=Permission.FEEDBACK_WRITE)
    return Staff.objects.filter(able, campus=campus, is_active=True).distinct().order_by("role", "name", "pk")


def handler(campus: Campus, staff_id: UUID) -> Staff:
    found = handlers_at(campus).filter(public_id=staff_id).first()
    if found is None:
        raise RuleBroken(_("这位同事不在本院区，或没有处理意见的权限。"), code="owner")
    return found


def managers_of(campus: Campus) -> QuerySet[Staff]:
    """Who hands feedback out at a campus, and who answers for the whole group."""
    grants = Q(role__grants__permission=Permission.FEEDBACK_ASSIGN)
    wide = Q(role__grants__permission=Permission.FEEDBACK_ASSIGN, role__grants__scope=Scope.GROUP)
    rows = Staff.objects.filter((grants & Q(campus=campus)) | wide, is_active=True)
    return rows.distinct().order_by("pk")


def ways(row: Feedback) -> list[ReplyWay]:
    """How this one may be answered."""
    if row.is_public:
        return [ReplyWay.PUBLIC]
    if not row.may_answer:
        return [ReplyWay.RECEIPT, ReplyWay.TALK]
    return [ReplyWay.MESSAGE, ReplyWay.RECEIPT, ReplyWay.CALL, ReplyWay.TALK]


def telling_names(campus: Campus, *, on: date) -> list[str]:
    """What no public answer may name: procedures and staff of the campus."""
    staff = Staff.objects.filter(campus=campus, is_active=True).values_list("name", flat=True)
    return [*(one.procedure.name for one in catalogue_of(campus, on)), *staff]


# ---- lists ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One line of the list; words masked, since many people see lists."""

    feedback: Feedback
    said: str
    is_late: bool


@dataclass(frozen=True)
class Wish:
    """What a list is asked for."""

    view: str = ""
    theme: str = ""
    way: str = ""
    place: str = ""
    sort: str = ""


SORTS = {"due": "due_at", "-due": "-due_at", "at": "created_at", "-at": "-created_at"}


def listed(wish: Wish, *, by: Staff, now: datetime) -> FeedbackQuerySet:
    rows = _view(Feedback.objects.reachable(by), wish.view, by=by, now=now)
    if wish.theme in Theme.values:
        rows = rows.filter(theme=wish.theme)
    if wish.way in FeedbackWay.values:
        rows = rows.filter(way=wish.way)
    if wish.place:
        rows = rows.filter(place__code=wish.place)
    over = wish.view in {"closed", "answered", "void", "all"}
    return rows.with_people().order_by(SORTS.get(wish.sort, "-created_at" if over else "due_at"), "pk")


def _view(rows: FeedbackQuerySet, view: str, *, by: Staff, now: datetime) -> FeedbackQuerySet:
    return {
        "new": rows.filter(status=FeedbackStatus.NEW),
        "mine": rows.filter(owner=by, status__in=[*RUN, FeedbackStatus.ANSWERED]),
        "late": rows.running().filter(due_at__lt=now),
        "running": rows.running(),
        "answered": rows.filter(status=FeedbackStatus.ANSWERED),
        "closed": rows.filter(status=FeedbackStatus.CLOSED),
        "void": rows.filter(status=FeedbackStatus.VOID),
    }.get(view, rows)


def counts(*, by: Staff, now: datetime) -> dict[str, int]:
    """How many stand in each view; one query."""
    rows = Feedback.objects.reachable(by).order_by()
    running = Q(status__in=RUN)
    return rows.aggregate(
        new=Count("pk", filter=Q(status=FeedbackStatus.NEW)),
        mine=Count("pk", filter=Q(owner=by, status__in=[*RUN, FeedbackStatus.ANSWERED])),
        late=Count("pk", filter=running & Q(due_at__lt=now)),
        running=Count("pk", filter=running),
        answered=Count("pk", filter=Q(status=FeedbackStatus.ANSWERED)),
    )


def rows(found: Iterable[Feedback], *, now: datetime) -> list[Row]:
    return [Row(one, pii.mask(one.said)[:90], one.status in RUNNING and one.due_at < now) for one in found]


def trail(row: Feedback) -> QuerySet[FeedbackStep]:
    return row.steps.select_related("by", "owner", "feedback__vault_key")


def requests_to_link(row: Feedback, *, by: Staff) -> list[RightsRequest]:
    """Complaints about personal information of the same customer, for those who may see them."""
    if row.patient is None or row.request is not None or not by.may(Permission.PRIVACY_VIEW):
        return []
    found = RightsRequest.objects.visible_to(by, Permission.PRIVACY_VIEW).filter(kind=RequestKind.COMPLAIN)
    return list(found.filter(patient=row.patient).order_by("-pk")[:5])


def files(*, by: Staff) -> QuerySet[ReviewFile]:
    return ReviewFile.objects.filter(campus=by.campus_id).select_related("by")[:20]


def places(*, by: Staff) -> QuerySet[FeedbackPlace]:
    """The places of a campus, with how much was said at each in the window that ends now."""
    rows = FeedbackPlace.objects.filter(campus=by.campus_id, stopped_at=None)
    return rows.annotate(said=Count("feedback")).order_by("name")


def receipts_of(patient_id: int) -> list[Feedback]:
    return list(
        Feedback.objects.living().filter(patient=patient_id).with_people().order_by("-created_at")[:20]
    )


def shown_replies(row: Feedback) -> QuerySet[FeedbackReply]:
    """What was answered to whoever holds the receipt, read aloud or written; the oldest first."""
    return row.replies.select_related("feedback__vault_key")


# ---- the clock --------------------------------------------------------------------------------------


def to_remind(*, now: datetime, minutes: int) -> QuerySet[Feedback, int]:
    soon = Feedback.objects.living().running().filter(reminded_at=None, due_at__gt=now)
    return (
        soon.filter(due_at__lte=now + timedelta(minutes=minutes)).order_by("pk").values_list("pk", flat=True)
    )


def to_rise(*, now: datetime) -> QuerySet[Feedback, int]:
    """Overdue, and nobody has been told since the present clock ran out."""
    told = FeedbackStep.objects.filter(
        feedback=OuterRef("pk"), kind=FeedbackStepKind.OVERDUE, at__gte=OuterRef("due_at")
    )
    late = Feedback.objects.living().running().filter(~Exists(told), due_at__lte=now)
    return late.order_by("pk").values_list("pk", flat=True)


# ---- figures ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """The last ninety days of what the reader may see; void ones are not counted."""

    received: int
    running: int
    late: int
    urgent: int
    in_time: int
    answered: int
    stars: float | None
    by_theme: list[tuple[str, int, int]]
    by_place: list[tuple[str, int, int]]


def figures(*, by: Staff, now: datetime) -> Figures:
    """Three queries, whatever the number of rows."""
    reach = Feedback.objects.reachable(by, Permission.FEEDBACK_ASSIGN).exclude(status=FeedbackStatus.VOID)
    recent = reach.filter(created_at__gt=now - WINDOW).order_by()
    running = Q(status__in=RUN)
    told = recent.aggregate(
        received=Count("pk"),
        urgent=Count("pk", filter=Q(severity=Severity.URGENT)),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        in_time=Count("pk", filter=Q(answered_at__lte=F("due_at"))),
        stars=Avg("stars"),
    )
    open_now = reach.aggregate(
        running=Count("pk", filter=running), late=Count("pk", filter=running & Q(due_at__lt=now))
    )
    bad = Count("pk", filter=Q(kind=FeedbackKind.COMPLAINT))
    themes = recent.exclude(theme="").values_list("theme").annotate(n=Count("pk"), bad=bad)
    spots = recent.exclude(place=None).values_list("place__name").annotate(n=Count("pk"), bad=bad)
    return Figures(
        **told,
        **open_now,
        by_theme=[(str(Theme(code).label), n, k) for code, n, k in themes.order_by("-n", "theme")],
        by_place=[(name, n, k) for name, n, k in spots.order_by("-n", "place__name")],
    )


def late_count(staff: Staff, now: datetime) -> int:
    """The badge beside 意见: what is late among the reader's own, or at her campus if she hands it out."""
    return Feedback.objects.reachable(staff).running().filter(due_at__lt=now).count()
