"""Nothing is collected for a purpose of PIPL 55 before somebody signed its assessment (ADR 114)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.roles import Permission
from yimei.privacy.enums import PurposeWord
from yimei.privacy.models import Assessment, Purpose, PurposeEvent
from yimei.privacy.queries import assessments as queries
from yimei.privacy.queries.register import limit
from yimei.privacy.rules import assessments as rules


@transaction.atomic
def look(*, now: datetime, known: Collection[str] | None = None) -> int:
    """Give each purpose that nobody signed for its last day, and close those whose day has come.

    ``known`` are the codes that were there before this load: what an update brings begins closed, as
    everything does in a hospital without customers. The next look changes nothing.
    """
    lock("privacy.purposes")
    on, done = local_date(now), 0
    without_day = [one for one in queries.unsigned() if one.assess_by is None]
    if without_day:
        is_empty, days = not Patient.objects.counted().exists(), limit("assessment.grace_days", on)
        for purpose in without_day:
            is_new = known is not None and purpose.code not in known
            purpose.assess_by = rules.closes_on(is_new=is_new, is_empty=is_empty, days=days, on=on)
            purpose.save(update_fields=["assess_by"])
        done = len(without_day) + _draft(now)
    for purpose in Purpose.objects.in_force().filter(assess_by__lte=on):
        purpose.closed_at = now
        purpose.save(update_fields=["closed_at"])
        log.record("privacy.purpose.closed", at=now, target=purpose, detail={"code": purpose.code})
    return done


@transaction.atomic
def postpone(purpose_id: UUID, *, until: date, reason: str, by: Staff, now: datetime) -> Purpose:
    """Move the last day of a purpose that is not closed yet, once; who did so and why stays in history."""
    need(by, Permission.PRIVACY_WRITE)
    purpose = only(Purpose.objects.all(), purpose_id, lock=True)
    before = purpose.assess_by
    times = purpose.events.filter(word=PurposeWord.POSTPONED).count()
    words = rules.check_postpone(until=until, reason=reason, on=local_date(now), before=before, times=times)
    purpose.assess_by = until
    purpose.save(update_fields=["assess_by"])
    row = [str(Purpose._meta.get_field("assess_by").verbose_name), f"{before}", f"{until}（{words}）"]
    PurposeEvent.objects.create(purpose=purpose, word=PurposeWord.POSTPONED, changes=[row], by=by, at=now)
    log.record("privacy.purpose.postponed", at=now, by=by, target=purpose, detail={"code": purpose.code})
    return purpose


def settle(subject: str, *, by: Staff, now: datetime) -> None:
    """A signature opens the purpose that waited for it, once it lacks no other."""
    kind, _colon, code = subject.partition(":")
    purpose = Purpose.objects.select_for_update(of=("self",)).filter(code=code).first()
    if kind != "purpose" or purpose is None or purpose.assess_by is None:
        return
    if queries.missing_of(purpose, on=local_date(now)):
        return
    purpose.assess_by = purpose.closed_at = None
    purpose.save(update_fields=["assess_by", "closed_at"])
    PurposeEvent.objects.create(purpose=purpose, word=PurposeWord.SIGNED, by=by, at=now)


def _draft(now: datetime) -> int:
    """Lay out what the program wrote for its own purposes, where nobody has begun one yet."""
    begun = set(Assessment.objects.values_list("subject", flat=True))
    shipped = queries.drafts()
    papers = [
        Assessment(
            title=gettext_noop("%(name)s：影响评估") % {"name": purpose.name},
            subject=f"purpose:{purpose.code}",
            triggers=sorted(queries.triggers_of(purpose)),
            necessity=shipped[purpose.code]["necessity"],
            impact=shipped[purpose.code]["impact"],
            measures=shipped[purpose.code]["measures"],
            risks=shipped[purpose.code]["risks"],
            prepared_at=now,
        )
        for purpose in Purpose.objects.filter(code__in=shipped, changed_at=None).order_by("id")
        if f"purpose:{purpose.code}" not in begun
    ]
    Assessment.objects.bulk_create(papers)
    if papers:
        log.record("privacy.assessment.drafted", at=now, rows=len(papers))
    return len(papers)
