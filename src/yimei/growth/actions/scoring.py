"""The lead score: learned in the queue from what became of earlier enquiries; given up when somebody asks."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.growth.access import own_lead
from yimei.growth.models import Lead, LeadModel
from yimei.growth.queries import scoring as queries
from yimei.growth.rules import scoring as rules
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission

JOB = "growth.score.train"


@transaction.atomic
def train(*, now: datetime) -> LeadModel:
    """Learn anew and keep the figures; too few, or no better than guessing, is said and not used."""
    lock(JOB)
    rows, ends = queries.history(now=now)
    refused, content = rules.check_history(len(rows), sum(ends)), {}
    if not refused:
        learned = rules.learn(rows, ends)
        content = asdict(learned)
        if not learned.is_better:
            refused = _("没有比一律按平均值猜更准，不采用。")
    kept = LeadModel.objects.create(
        trained_at=now, rows=len(rows), booked=sum(ends), content=content, refused=refused
    )
    log.record(
        "growth.score.train", at=now, target=kept, rows=len(rows), result="refused" if refused else "ok"
    )
    return kept


@transaction.atomic
def ask_training(*, by: Staff, now: datetime) -> None:
    """Have the worker learn anew; asked twice on one day it learns once."""
    need(by, Permission.LEAD_ASSIGN)
    jobs.enqueue(JOB, {}, key=f"{JOB}:{local_date(now)}:{by.campus_id}")
    log.record("growth.score.ask", at=now, by=by)


@transaction.atomic
def judge_by_people(lead_id: UUID, *, by: Staff, now: datetime) -> Lead:
    """Give up the score of somebody who asked for a person's judgement (个人信息保护法 24 第三款)."""
    lead = own_lead(lead_id, by=by, lock=True)
    if lead.unscored_at is None:
        lead.unscored_at = now
        lead.save(update_fields=["unscored_at"])
        log.record("growth.lead.unscored", at=now, by=by, target=lead, subject=lead.vault_key)
    return lead
