"""The lead score: learned in the queue from what became of earlier enquiries; given up when somebody asks."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.audit import log
from yimei.core import jobs
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import lock_rows, only
from yimei.growth.access import own_lead
from yimei.growth.models import Lead, LeadModel
from yimei.growth.queries import scoring as queries
from yimei.growth.rules import scoring as rules
from yimei.people.access import need
from yimei.people.models import Patient, Staff
from yimei.people.queries.merges import keys_of
from yimei.people.roles import Permission
from yimei.privacy import registry
from yimei.privacy.actions import automated
from yimei.privacy.actions.requests import receiving
from yimei.privacy.enums import RequestChannel, Requester, RequestKind
from yimei.privacy.queries import automated as automated_queries

JOB = "growth.score.train"
CODE = "growth.score"


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
    """Somebody told her consultant that a person shall judge (PIPL 24): the same as on her own page.

    A customer is answered in writing as well: her request is written down, if none runs.
    """
    lead = own_lead(lead_id, by=by, lock=True)
    keys = keys_of(lead.patient) if lead.patient else [lead.vault_key.public_id]
    automated.to_people(CODE, keys, by=by, now=now)
    if lead.patient and not lead.patient.is_sealed:
        _ask_in_writing(lead.patient, by=by, now=now)
    lead.refresh_from_db()
    return lead


def _ask_in_writing(patient: Patient, *, by: Staff, now: datetime) -> None:
    patient = only(Patient.objects.with_person(), patient.public_id, lock=True)
    if not automated_queries.is_running(patient):
        receiving.begin(
            patient,
            kind=RequestKind.EXPLAIN,
            requester=Requester.SELF,
            channel=RequestChannel.PHONE,
            since=now,
            by=by,
            now=now,
            scope=[CODE],
        )


def stop(keys: Collection[UUID], by: Staff | None, now: datetime) -> int:
    """Give up the score of every enquiry of one person, for good."""
    rows = queries.leads_of(keys).filter(unscored_at=None)
    lock_rows(rows)
    leads = list(rows.select_related("vault_key"))
    for lead in leads:
        lead.unscored_at = now
        lead.save(update_fields=["unscored_at"])
        log.record("growth.lead.unscored", at=now, by=by, target=lead, subject=lead.vault_key)
    return len(leads)


registry.program(
    registry.Program(
        code=CODE,
        title=gettext_lazy("约到院的可能"),
        holding="growth.lead",
        reads=gettext_lazy("来源、时间和第一天的联系，不看意向部位、性别、年龄"),
        effect=gettext_lazy("供咨询人员安排联系的先后，不影响价格与服务"),
        judged=queries.judged,
        stop=stop,
    )
)
