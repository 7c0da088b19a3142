"""Hold a compliance audit: checklist, samples, findings, corrective actions, a signed report (PIPL 54)."""

import hashlib
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.rows import only
from yimei.core.documents import render_pdf
from yimei.core.errors import RuleBroken
from yimei.core.language import in_house
from yimei.people.access import need
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.access import open_check, open_round
from yimei.privacy.enums import CheckResult, ProofState, RoundKind
from yimei.privacy.gateways import signing
from yimei.privacy.models import AuditCheck, AuditRound, AuditSample
from yimei.privacy.queries import audits as queries
from yimei.privacy.queries import controls
from yimei.privacy.rules import audits as rules
from yimei.vault import files


@transaction.atomic
def start(
    kind: RoundKind, *, title: str, period_from: date, period_to: date, seed: str, by: Staff, now: datetime
) -> AuditRound:
    """Open a round with a question for each rule in force and what the live tests say of it."""
    need(by, Permission.PRIVACY_WRITE)
    rules.check_period(kind, period_from, period_to)
    if not title.strip() or not seed.strip():
        raise RuleBroken(_("请填写标题与抽样种子。"), code="title")
    found = queries.rules_for(kind, local_date(now))
    if not found:
        raise RuleBroken(_("还没有载入规则，请先到「法规规则」载入。"), code="title")
    one = AuditRound.objects.create(
        kind=kind,
        title=title.strip()[:80],
        period_from=period_from,
        period_to=period_to,
        seed=seed.strip()[:40],
        lead=by,
        started_at=now,
    )
    latest = controls.latest()
    seen: set[str] = set()
    fresh = []
    for rule in found:
        if rule.code in seen:
            continue
        seen.add(rule.code)
        with in_house():
            evidence = queries.evidence_of(rule.code, latest, now)
        result = rules.result_of(ProofState(each["state"]) for each in evidence)
        fresh.append(
            AuditCheck(
                round=one,
                rule_code=rule.code,
                area=rule.cited[:160],
                question=f"{rule.title}：{rule.what}"[:600],
                evidence=evidence,
                result=result if result == CheckResult.OK else CheckResult.OPEN,
                is_automatic=result == CheckResult.OK,
            )
        )
    AuditCheck.objects.bulk_create(fresh)
    log.record("privacy.audit.started", at=now, by=by, target=one, rows=len(fresh))
    return one


@transaction.atomic
def judge(
    check_id: UUID, *, result: CheckResult, finding: str = "", owner: Staff | None = None,
    due_on: date | None = None, by: Staff, now: datetime,
) -> AuditCheck:  # fmt: skip
    """Say what was found; what does not comply gets an owner and a day."""
    need(by, Permission.PRIVACY_WRITE)
    check = _open(check_id, by)
    on = local_date(now)
    rules.check_judgement(result, finding=finding, has_owner=owner is not None, due_on=due_on, on=on)
    bad = [each for each in check.evidence if each["state"] == ProofState.BAD]
    if result == CheckResult.OK and bad:
        text = _("系统验证未通过：%(what)s；请先解决或改判。") % {"what": bad[0]["text"] or bad[0]["title"]}
        raise RuleBroken(text, code="result")
    check.result, check.finding, check.owner, check.due_on = result, finding.strip()[:500], owner, due_on
    check.is_automatic = False
    check.save(update_fields=["result", "finding", "owner", "due_on", "is_automatic"])
    log.record("privacy.audit.judged", at=now, by=by, target=check, result=result.value)
    return check


@transaction.atomic
def sample(round_id: UUID, kind: str, *, size: int, by: Staff, now: datetime) -> AuditSample:
    """Draw rows by the seed of the round; drawn once, so that nobody draws until it pleases."""
    need(by, Permission.PRIVACY_WRITE)
    one = _running(round_id, by)
    if kind not in queries.SAMPLES:
        raise RuleBroken(_("没有这种抽样对象。"), code="kind")
    if one.samples.filter(kind=kind).exists():
        raise RuleBroken(_("这类样本已经抽过，不能重抽。"), code="kind")
    ids = queries.population(kind, one.period_from, one.period_to)
    drawn = rules.draw(ids, seed=f"{one.seed}:{kind}", size=size)
    made = AuditSample.objects.create(
        round=one, kind=kind, population=len(ids), ids=drawn, bad={}, by=by, at=now
    )
    log.record("privacy.audit.sampled", at=now, by=by, target=made, rows=len(drawn))
    return made


@transaction.atomic
def mark_bad(sample_id: UUID, row_id: str, *, reason: str, by: Staff, now: datetime) -> AuditSample:
    """Say that one row of a sample does not comply, and why."""
    need(by, Permission.PRIVACY_WRITE)
    made = only(AuditSample.objects.select_related("round"), sample_id, lock=True)
    if made.round.signed_at is not None or row_id not in made.ids:
        raise RuleBroken(_("样本里没有这一条，或报告已签署。"), code="row")
    if len(reason.strip()) < 4:
        raise RuleBroken(_("请写明哪里不合格。"), code="row")
    made.bad = {**made.bad, row_id: reason.strip()[:200]}
    made.save(update_fields=["bad"])
    log.record("privacy.audit.marked", at=now, by=by, target=made)
    return made


@transaction.atomic
def fix(check_id: UUID, *, text: str, by: Staff, now: datetime) -> AuditCheck:
    """The owner says what was done; also after the report was signed."""
    check = open_check(check_id, by=by, lock=True)
    if check.owner_id != by.pk and not by.may(Permission.PRIVACY_WRITE):
        raise RuleBroken(_("由整改责任人填写。"), code="text")
    if check.result not in rules.NEED_ACTION or len(text.strip()) < 4:
        raise RuleBroken(_("请写明整改了什么。"), code="text")
    check.fix, check.fixed_at = text.strip()[:500], now
    check.verified_by, check.verified_at = None, None
    check.save(update_fields=["fix", "fixed_at", "verified_by", "verified_at"])
    log.record("privacy.audit.fixed", at=now, by=by, target=check)
    return check


@transaction.atomic
def verify(check_id: UUID, *, by: Staff, now: datetime) -> AuditCheck:
    """Another person than the owner looks and agrees."""
    need(by, Permission.PRIVACY_VIEW)
    check = open_check(check_id, by=by, lock=True)
    if check.fixed_at is None or check.verified_at is not None:
        raise RuleBroken(_("没有等待核验的整改。"), code="text")
    if check.owner_id == by.pk:
        raise RuleBroken(_("责任人不能核验自己的整改，请由另一人核验。"), code="text")
    check.verified_by, check.verified_at = by, now
    check.save(update_fields=["verified_by", "verified_at"])
    log.record("privacy.audit.verified", at=now, by=by, target=check)
    return check


@transaction.atomic
def sign(round_id: UUID, *, by: Staff, now: datetime) -> AuditRound:
    """Close the round: print the report, sign it where a certificate is configured, keep it with its hash."""
    need(by, Permission.PRIVACY_WRITE)
    one = _running(round_id, by)
    rules.check_sign(
        (check.rule_code, CheckResult(check.result), check.owner_id is not None and check.due_on is not None)
        for check in one.checks.all()
    )
    with in_house():
        signer = signing.signer()
        page = render_pdf("letter.typ", queries.report(one, by=by, now=now, signer=signer), title=one.title)
    data = signing.sign(page, reason=one.title) if signer else page
    one.report = files.store(data, key=by.vault_key, content_type="application/pdf")
    one.report_sha256, one.signer = hashlib.sha256(data).hexdigest(), signer
    one.signed_by, one.signed_at = by, now
    one.save()
    log.record("privacy.audit.signed", at=now, by=by, target=one, detail={"sha256": one.report_sha256})
    return one


@transaction.atomic
def file(round_id: UUID, *, number: str, on: date, by: Staff, now: datetime) -> AuditRound:
    """The result went to the authority (M-6)."""
    need(by, Permission.PRIVACY_WRITE)
    one = open_round(round_id, by=by, lock=True)
    if one.signed_at is None or one.filed_on is not None:
        raise RuleBroken(_("签署之后才能登记报送，且只登记一次。"), code="number")
    if not number.strip() or on > local_date(now):
        raise RuleBroken(_("请填写报送编号与不晚于今天的日期。"), code="number")
    one.filed_on, one.filing_no = on, number.strip()[:60]
    one.save(update_fields=["filed_on", "filing_no"])
    log.record("privacy.audit.filed", at=now, by=by, target=one)
    return one


@transaction.atomic
def report(round_id: UUID, *, by: Staff, now: datetime) -> bytes:
    one = open_round(round_id, by=by)
    if one.report is None:
        raise RuleBroken(_("报告还没有签署。"), code="report")
    log.record("privacy.audit.print", at=now, by=by, target=one)
    return one.report.read()


def _running(round_id: UUID, by: Staff) -> AuditRound:
    one = open_round(round_id, by=by, lock=True)
    if one.signed_at is not None:
        raise RuleBroken(_("报告已签署，不能再改。"), code="round")
    return one


def _open(check_id: UUID, by: Staff) -> AuditCheck:
    check = open_check(check_id, by=by, lock=True)
    if check.round.signed_at is not None:
        raise RuleBroken(_("报告已签署，不能再改。"), code="round")
    return check
