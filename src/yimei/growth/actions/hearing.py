"""What people say comes in: by a code at a place, from the portal, at the desk, in surveys, from platforms.

Whatever speaks of medical safety rises at once: nobody has to read it first.
"""

import secrets
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import phone as phones
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import RuleBroken
from yimei.core.names import normalise
from yimei.growth.actions.feedback_steps import rise, set_clock, step
from yimei.growth.enums.feedback import FeedbackStepKind, FeedbackWay, Platform, Severity
from yimei.growth.gateways import reviews as sheet
from yimei.growth.models import Feedback, FeedbackPlace, ReviewFile
from yimei.growth.queries import feedback as queries
from yimei.growth.rules import feedback as rules
from yimei.journey.models import Survey
from yimei.journey.queries.visits import number
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.queries import needs
from yimei.privacy.rules import pii
from yimei.vault import blind
from yimei.vault.keys import new_key

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
CODE_LENGTH, NAME_LENGTH = 8, 40
PER_ADDRESS, PER_PLACE, PER_PATIENT = 20, 60, 5
"""From one address or at one place in an hour, of one customer in a day; many share one address here."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST_SURVEYS = timedelta(days=2)
"""How far back low scores are taken up when this is first switched on."""


@transaction.atomic
def open_place(*, name: str, by: Staff, now: datetime) -> FeedbackPlace:
    """Give a point of care its code; the picture with it is printed and put up there."""
    need(by, Permission.FEEDBACK_ASSIGN)
    words = normalise(name.replace("\0", ""))
    if not words or len(words) > NAME_LENGTH:
        raise RuleBroken(_("请填写地点，不超过 %(n)d 字。") % {"n": NAME_LENGTH}, code="name")
    lock(f"growth.place:{by.campus_id}")
    if FeedbackPlace.objects.filter(campus=by.campus, name=words, stopped_at=None).exists():
        raise RuleBroken(_("已有这个地点。"), code="name")
    code = "".join(secrets.choice(LETTERS) for _n in range(CODE_LENGTH))
    place = FeedbackPlace.objects.create(
        campus=by.campus, name=words, code=code, created_at=now, created_by=by
    )
    log.record("growth.feedback_place.open", at=now, by=by, target=place)
    return place


@transaction.atomic
def stop_place(place_id: UUID, *, by: Staff, now: datetime) -> FeedbackPlace:
    """Take a code out of use; what was said there stays."""
    place = queries.open_place(place_id, by=by)
    if place.stopped_at is None:
        place.stopped_at = now
        place.save(update_fields=["stopped_at"])
        log.record("growth.feedback_place.stop", at=now, by=by, target=place)
    return place


@transaction.atomic
def say_here(
    code: str,
    *,
    words: str,
    stars: int | None,
    name: str,
    phone: str,
    may_answer: bool,
    ip: str,
    now: datetime,
) -> Feedback:
    """Take words at a place from anybody; who wants no answer leaves nothing that says who she is."""
    place = queries.standing_place(code)
    origin = blind.token("feedback-address", ip)
    lock(f"growth.feedback:{origin.hex()}", f"growth.feedback:{place.code}")
    recent = Feedback.objects.filter(created_at__gt=now - HOUR)
    if recent.filter(origin=origin).count() >= PER_ADDRESS or recent.filter(place=place).count() >= PER_PLACE:
        raise RuleBroken(_("现在提交的人很多，请稍后再试，或直接告诉身边的工作人员。"), code="flood")
    if phone and not may_answer:
        raise RuleBroken(_("留电话是为了答复您：请勾选愿意收到答复，或不留电话。"), code="may_answer")
    row = Feedback(campus=place.campus, place=place, way=FeedbackWay.PLACE, origin=origin)
    row.may_answer = may_answer and bool(phone)
    return _take(row, words=words, stars=stars, name=name if may_answer else "", phone=phone, now=now)


@transaction.atomic
def say_own(patient: Patient, *, words: str, stars: int | None, may_answer: bool, now: datetime) -> Feedback:
    """A customer signed in to her own pages says something; she is told when it is answered, if she likes."""
    lock(f"growth.feedback:patient:{patient.pk}")
    today = Feedback.objects.filter(patient=patient, created_at__gt=now - DAY)
    if today.count() >= PER_PATIENT:
        raise RuleBroken(_("您今天已提交多条，请直接致电医院，我们马上处理。"), code="flood")
    row = Feedback(campus=patient.campus, way=FeedbackWay.PORTAL, patient=patient, may_answer=may_answer)
    return _take(row, words=words, stars=stars, now=now)


@transaction.atomic
def write_down(
    *,
    words: str,
    name: str,
    phone: str,
    may_answer: bool,
    place_id: UUID | None = None,
    patient: Patient | None = None,
    by: Staff,
    now: datetime,
) -> Feedback:
    """Staff keep what somebody told them, at the desk or on the telephone."""
    need(by, Permission.FEEDBACK_WRITE)
    place = queries.open_place(place_id, by=by, permission=Permission.FEEDBACK_WRITE) if place_id else None
    row = Feedback(campus=by.campus, place=place, way=FeedbackWay.DESK, patient=patient, created_by=by)
    row.may_answer = may_answer and bool(phone or patient)
    return _take(row, words=words, stars=None, name=name, phone=phone, by=by, now=now)


def take_surveys(*, now: datetime) -> int:
    """Make a low score somebody's to answer, once for each survey, each in a transaction of its own."""
    most = number("feedback.survey_score", local_date(now), 6)
    low = Survey.objects.filter(score__lte=most, answered_at__gt=now - FIRST_SURVEYS, feedback=None)
    low = low.filter(case__patient__sealed_at=None).order_by("answered_at", "pk")
    return sum(_take_survey(pk, now=now) for pk in list(low.values_list("pk", flat=True)))


@transaction.atomic
def _take_survey(pk: int, *, now: datetime) -> bool:
    lock(f"growth.feedback:survey:{pk}")
    survey = Survey.objects.select_related("case__patient__person__vault_key", "case__campus").get(pk=pk)
    if survey.answered_at is None or Feedback.objects.filter(survey=survey).exists():
        return False
    patient = survey.case.patient
    row = Feedback(
        campus=survey.case.campus, way=FeedbackWay.SURVEY, patient=patient, survey=survey, may_answer=True
    )
    _take(row, words=survey.comment, stars=None, now=now, keeps=False, is_needed=False)
    return True


def bring_in(content: bytes, *, platform: Platform, by: Staff, now: datetime) -> ReviewFile:
    """Read reviews of a platform; each review of the platform once, each refused line with its reason.

    Not one transaction: each line is its own, and what came in stays in.
    """
    need(by, Permission.FEEDBACK_ASSIGN)
    digest = sha256(content).hexdigest()
    if ReviewFile.objects.filter(campus=by.campus, sha256=digest).exists():
        raise RuleBroken(_("这份文件已经导入过，没有再导入。"), code="file")
    created, known, refused = 0, 0, []
    rows = sheet.read(content)
    for line, row in rows:
        try:
            is_new = _take_review(row, platform=platform, by=by, now=now)
        except RuleBroken as refusal:
            refused.append([line, refusal.message])
            continue
        created, known = created + is_new, known + (not is_new)
    return _kept(digest, platform, len(rows), created, known, refused, by=by, now=now)


@transaction.atomic
def _take_review(row: sheet.Review, *, platform: Platform, by: Staff, now: datetime) -> bool:
    sheet.check_day(row.on, today=local_date(now))
    ref = row.ref or f"{row.name}|{row.on.isoformat()}|{row.words}"
    token = blind.token("feedback-review", f"{platform}:{ref}")
    lock(f"growth.review:{by.campus_id}:{token.hex()}")
    if Feedback.objects.filter(campus=by.campus, platform=platform, ref_token=token).exists():
        return False
    kept = Feedback(
        campus=by.campus, way=FeedbackWay.REVIEW, platform=platform, ref_token=token, created_by=by
    )
    _take(kept, words=row.words, stars=row.stars, name=row.name, on=row.on, by=by, now=now)
    return True


@transaction.atomic
def _kept(
    digest: str,
    platform: Platform,
    rows: int,
    created: int,
    known: int,
    refused: list[list[object]],
    *,
    by: Staff,
    now: datetime,
) -> ReviewFile:
    lock(f"growth.reviewfile:{digest}")
    done = ReviewFile.objects.filter(campus=by.campus, sha256=digest).first()
    if done is not None:
        return done
    file = ReviewFile.objects.create(
        campus=by.campus, platform=platform, sha256=digest, rows=rows, created=created, known=known,
        refused=refused, by=by, at=now,
    )  # fmt: skip
    log.record("growth.feedback.import", at=now, by=by, target=file, rows=created)
    return file


@transaction.atomic
def forget_addresses(*, now: datetime) -> int:
    """Forget from which address words came: it only guards the form for an hour."""
    return Feedback.objects.filter(origin__isnull=False, created_at__lt=now - DAY).update(origin=None)


def _take(
    row: Feedback,
    *,
    words: str,
    stars: int | None,
    now: datetime,
    name: str = "",
    phone: str = "",
    on: date | None = None,
    by: Staff | None = None,
    keeps: bool = True,
    is_needed: bool = True,
) -> Feedback:
    """Keep one thing that was said; look for medical safety and for what points at people."""
    needs.need("growth.Feedback")
    text = rules.check_words(words, is_needed=is_needed)
    row.vault_key = new_key()
    row.words = text if keeps else ""
    row.name = normalise(name.replace("\0", ""))[:NAME_LENGTH]
    row.phone = phones.normalise(phone) if phone.strip() else ""
    row.stars = rules.check_stars(stars)
    row.found = sorted({pii.LABELS[one.kind] for one in pii.find(text)})
    row.created_at, row.said_on = now, on or local_date(now)
    severity = rules.first_severity(text, stars=row.stars, is_public=row.is_public)
    row.severity = severity or ""
    set_clock(row)
    row.save(force_insert=True)
    step(row, FeedbackStepKind.RECEIVED, by=by, now=now)
    if severity == Severity.URGENT:
        rise(row, now=now)
    log.record("growth.feedback.receive", at=now, by=by, target=row, subject=row.vault_key, reason=row.way)
    return row
