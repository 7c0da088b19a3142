"""Live tests of controls: each looks at the data, none asks anybody (one page of truth)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.audit import chain, checkpoints
from yimei.audit.checkpoints import Checkpoint
from yimei.audit.models import Entry, Seal
from yimei.core.clock import local_date
from yimei.core.database import refusals
from yimei.people.models import BreakGlass, Patient, Staff
from yimei.people.roles import RoleCode
from yimei.privacy import registry
from yimei.privacy.enums import ConsentAct, ConsentChannel, ProofState, RoundKind
from yimei.privacy.enums.incidents import DutyState
from yimei.privacy.enums.parties import PartyState, TransferState
from yimei.privacy.models import (
    AuditRound,
    Consent,
    ControlRun,
    Incident,
    IncidentDuty,
    Party,
    PhishDrill,
    RightsRequest,
)
from yimei.privacy.queries import (
    assessments,
    majority,
    minors_year,
    packs,
    parties,
    purposes,
    training,
    transfers,
)
from yimei.privacy.queries.datamap import datamap, datamap_problems
from yimei.privacy.queries.incidents import lists as incident_lists
from yimei.privacy.queries.register import notices_in_force
from yimei.privacy.registry import Proof, control
from yimei.privacy.rules.erasure import add_months

UNSEALED = timedelta(minutes=30)
CHECKPOINT_AGE = timedelta(hours=26)
GOOD, WARN, BAD, NONE = ProofState.GOOD, ProofState.WARN, ProofState.BAD, ProofState.NONE


def latest() -> dict[str, ControlRun]:
    """The newest run of each test; one query."""
    found: dict[str, ControlRun] = {}
    codes = [one.code for one in registry.controls()]
    for code in codes:
        row = ControlRun.objects.filter(code=code).order_by("-id").first()
        if row is not None:
            found[code] = row
    return found


def _none_of(bad: int, good: str, words: str, total: int = 0) -> Proof:
    if bad:
        return Proof(BAD, words % {"n": bad}, bad)
    return Proof(GOOD, good, total)


@control(
    "notices", gettext_lazy("启用的目的都有现行告知"), measure=1, rules=("C-1", "C-5"), where="desk:privacy"
)
def notices(now: datetime) -> Proof:
    lines = [line for line in purposes.listed(local_date(now)) if line.purpose.is_in_force]
    told = sum(bool(line.notices) for line in lines)
    return _none_of(
        sum(line.is_untold for line in lines),
        _("现行告知覆盖全部以同意为依据的目的"),
        _("%(n)d 个目的没有现行告知"),
        told,
    )


@control("consent.evidence", gettext_lazy("纸质与电话同意都有证据"), measure=1, rules=("C-2", "C-8"))
def consent_evidence(now: datetime) -> Proof:
    given = Consent.objects.filter(act=ConsentAct.GIVEN)
    bare = given.filter(channel__in=[ConsentChannel.PAPER, ConsentChannel.PHONE], evidence=None).count()
    total = given.count()
    if not total:
        return Proof(NONE, _("还没有同意记录"))
    return _none_of(bare, _("同意 %(n)d 条，均有证据") % {"n": total}, _("%(n)d 条同意没有证据"), total)


@control(
    "datamap", gettext_lazy("每个字段都有目的与保存期限"), measure=2, rules=("D-1",), where="desk:privacy"
)
def data_map(now: datetime) -> Proof:
    count = len(datamap(local_date(now)).fields)
    words = _("%(n)d 个字段没有登记")
    return _none_of(len(datamap_problems()), _("%(n)d 个字段全部登记") % {"n": count}, words, count)


@control("retention", gettext_lazy("期满的资料已经删除"), measure=2, rules=("D-3", "D-5"))
def retention(now: datetime) -> Proof:
    """Seals that ended, and rows without a name whose day has come: neither waits for a second night."""
    late = Patient.objects.filter(sealed_until__lt=local_date(now) - timedelta(days=1)).count()
    return _none_of(late, _("没有逾期未删的封存资料"), _("%(n)d 人封存期满仍未删除"))


@control(
    "audit.chain",
    gettext_lazy("审计日志逐条成链，与封签和检查点一致"),
    measure=3,
    rules=("S-5",),
    where="desk:seals",
)
def audit_chain(now: datetime) -> Proof:
    """The lines against each other, against the seals, and against what was signed outside."""
    verdict = chain.verify(_checkpoints())
    if verdict.is_sound:
        return Proof(GOOD, _("已校验 %(n)d 条") % {"n": verdict.entries}, verdict.entries)
    return Proof(BAD, _("第 %(n)d 条起对不上") % {"n": verdict.first_bad}, verdict.entries)


@control("audit.seals", gettext_lazy("审计日志按时封签"), measure=3, rules=("S-5",), where="desk:seals")
def sealed_in_time(now: datetime) -> Proof:
    """The sealer comes every ten minutes; lines that three of its rounds left open say that it stopped."""
    last = Seal.objects.order_by("-number").values_list("last", flat=True).first() or 0
    waiting, oldest = Entry.objects.filter(seq__gt=last).aggregate(n=Count("pk"), at=Min("at")).values()
    if oldest is not None and oldest < now - UNSEALED:
        text = _("%(n)d 条记录超过 30 分钟没有封签，请检查后台任务")
        return Proof(BAD, text % {"n": waiting}, waiting)
    if not last:
        return Proof(NONE, _("还没有封签"))
    return Proof(GOOD, _("已封签至第 %(n)d 条") % {"n": last}, Seal.objects.count())


@control(
    "audit.checkpoint",
    gettext_lazy("每晚的检查点写到程序之外"),
    measure=3,
    rules=("S-5",),
    where="desk:seals",
)
def checkpointed(now: datetime) -> Proof:
    kept = _checkpoints()
    if not kept:
        return Proof(BAD, _("还没有检查点"))
    hours = int((now - datetime.fromisoformat(kept[max(kept)].at)) // timedelta(hours=1))
    text = _("最近一个 %(n)d 小时前") % {"n": max(hours, 0)}
    if timedelta(hours=hours) > CHECKPOINT_AGE:
        return Proof(BAD, text, len(kept))
    if Path(settings.AUDIT_CHECKPOINT).is_relative_to(settings.VAR_DIR):
        return Proof(WARN, _("%(text)s，但写在程序自己的目录里") % {"text": text}, len(kept))
    return Proof(GOOD, text, len(kept))


@control("guards", gettext_lazy("数据库的拒绝规则一条不少"), measure=3, rules=("S-5",))
def guarded(now: datetime) -> Proof:
    """Triggers and constraints as they stand in the database, read afresh; one dropped is named."""
    gone, count = refusals.missing(), len(refusals.wanted())
    if gone:
        text = _("缺少或被改写 %(n)d 条：%(names)s")
        return Proof(BAD, text % {"n": len(gone), "names": "、".join(gone[:3])}, len(gone))
    return Proof(GOOD, _("%(n)d 条都在数据库里") % {"n": count}, count)


@control("mfa", gettext_lazy("特权角色都启用动态口令"), measure=3, rules=("S-3",), where="desk:staff")
def second_factor(now: datetime) -> Proof:
    privileged = Staff.objects.active().filter(role__needs_totp=True)
    bare = privileged.filter(totp_confirmed_at=None).count()
    total = privileged.count()
    return _none_of(bare, _("%(n)d 个账号均已启用") % {"n": total}, _("%(n)d 个特权账号没有动态口令"), total)


@control(
    "breakglass", gettext_lazy("紧急访问按期复核"), measure=3, rules=("S-1",), where="desk:break-glasses"
)
def break_glass(now: datetime) -> Proof:
    late = BreakGlass.objects.filter(reviewed_at=None, review_due_at__lt=now).count()
    return _none_of(
        late, _("没有逾期未复核的紧急访问"), _("%(n)d 次紧急访问逾期未复核"), BreakGlass.objects.count()
    )


@control(
    "restricted", gettext_lazy("封存的资料不出现在任何列表"), measure=3, rules=("D-3",), where="desk:sealed"
)
def restricted(now: datetime) -> Proof:
    sealed = list(Patient.objects.exclude(sealed_at=None).values_list("pk", flat=True)[:500])
    reader = Staff.objects.active().in_role(RoleCode.PRIVACY).first()
    if not sealed or reader is None:
        return Proof(NONE, _("没有封存的资料"))
    seen = Patient.objects.visible_to(reader).filter(pk__in=sealed).count()
    return _none_of(
        seen, _("抽查 %(n)d 人，均不可见") % {"n": len(sealed)}, _("%(n)d 人仍出现在列表"), len(sealed)
    )


@control("backup", gettext_lazy("备份在期限内"), measure=3, rules=("S-8",))
def backup(now: datetime) -> Proof:
    folder = Path(settings.VAR_DIR) / "backups"
    stamps = [file.stat().st_mtime for file in folder.glob("*") if file.is_file()] if folder.is_dir() else []
    if not stamps:
        return Proof(BAD, _("没有找到备份"))
    hours = int((now.timestamp() - max(stamps)) // 3600)
    held = packs.limits_on(["backup.max_age_hours"], local_date(now)).get("backup.max_age_hours")
    state = GOOD if held is None or hours <= held.value else BAD
    return Proof(state, _("最近一份 %(n)d 小时前") % {"n": max(hours, 0)}, len(stamps))


@control("requests", gettext_lazy("主体权利请求没有逾期"), measure=6, rules=("R-1",), where="desk:requests")
def rights(now: datetime) -> Proof:
    late = RightsRequest.objects.open().filter(due_at__lt=now).exclude(extended_to__gte=now).count()
    return _none_of(late, _("没有逾期的请求"), _("%(n)d 件请求逾期"), RightsRequest.objects.count())


@control("centre", gettext_lazy("告知公开可读"), measure=4, rules=("C-5",), where="desk:privacy")
def public_notice(now: datetime) -> Proof:
    found = notices_in_force()
    kinds = {notice.audience for notice in found}
    missing = {"adult", "minor"} - kinds
    return _none_of(len(missing), _("成年人与未成年人告知均已发布"), _("%(n)d 类对象没有告知"), len(found))


@control(
    "abroad",
    gettext_lazy("出境活动都满足条件"),
    measure=5,
    rules=("X-1", "X-5", "X-8"),
    where="desk:transfers",
)
def abroad(now: datetime) -> Proof:
    live = [one for one in transfers.listed() if one.state == TransferState.ACTIVE]
    bad = sum(bool(transfers.standing(one, now).missing) for one in live)
    return _none_of(
        bad, _("默认不出境；已放行 %(n)d 项") % {"n": len(live)}, _("%(n)d 项出境条件已失效"), len(live)
    )


@control("abroad.filing", gettext_lazy("标准合同按期备案"), measure=5, rules=("X-7",), where="desk:transfers")
def filing(now: datetime) -> Proof:
    waiting = list(transfers.to_file())
    on = local_date(now)
    late = sum(one.filing_due_on is not None and one.filing_due_on < on for one in waiting)
    if late:
        return Proof(BAD, _("%(n)d 份逾期未备案") % {"n": late}, late)
    state = WARN if waiting else GOOD
    return Proof(state, _("%(n)d 份待备案") % {"n": len(waiting)}, len(waiting))


@control(
    "incidents",
    gettext_lazy("事件义务按期履行"),
    measure=7,
    rules=("B-1", "B-4", "M-7"),
    where="desk:incidents",
)
def duties(now: datetime) -> Proof:
    running = Incident.objects.running()
    late = IncidentDuty.objects.filter(state=DutyState.OPEN, due_at__lt=now, incident__in=running).count()
    return _none_of(late, _("没有逾期的义务"), _("%(n)d 项义务到期未履行"), Incident.objects.count())


@control(
    "majority",
    gettext_lazy("成年当日监护人的权限终止"),
    measure=6,
    rules=("M-2", "T-4"),
    where="desk:majority",
)
def guardians_end_on_the_day(now: datetime) -> Proof:
    """Nobody has been of age for more than a day without being handed over."""
    return _none_of(
        majority.late(now), _("成年的都已交接给本人"), _("%(n)d 人已成年，监护人的权限还没有交接")
    )


@control("drill", gettext_lazy("每年应急演练"), measure=7, rules=("O-1",), where="desk:incidents")
def drill(now: datetime) -> Proof:
    return _since(incident_lists.last_drill(now), "breach.drill_months", now, none=_("还没有做过演练"))


@control("audit", gettext_lazy("合规审计按期完成"), measure=8, rules=("A-1", "A-2"), where="desk:audits")
def audit(now: datetime) -> Proof:
    return _since(last_signed(), "audit.months", now, none=_("还没有签署过审计报告"))


@control("audit.minors", gettext_lazy("未成年人审计按年报送"), measure=8, rules=("M-6",), where="desk:audits")
def minors(now: datetime) -> Proof:
    where = minors_year.standing(local_date(now))
    state = {"filed": GOOD, "ahead": GOOD, "open": WARN, "red": BAD, "overdue": BAD}[where.state]
    return Proof(state, _("%(year)d 年度，%(due)s 前报送") % {"year": where.year, "due": where.due_on})


@control(
    "assessments",
    gettext_lazy("上线的处理都有影响评估"),
    measure=8,
    rules=("P-1", "P-2"),
    where="desk:assessments",
)
def covered(now: datetime) -> Proof:
    bad = sum(subject.is_live for subject, _missing in assessments.uncovered(local_date(now)))
    return _none_of(bad, _("全部有有效评估"), _("%(n)d 项没有有效评估"))


@control(
    "training", gettext_lazy("员工培训在有效期内"), measure=9, rules=("P-8",), where="desk:training-report"
)
def trained(now: datetime) -> Proof:
    lines, owing = training.report(local_date(now))
    total = sum(line.staff for line in lines)
    if not owing:
        return Proof(GOOD, _("%(n)d 人全部在有效期内") % {"n": total}, total)
    return Proof(BAD, _("%(n)d 人逾期") % {"n": len(owing)}, total)


@control("phishing", gettext_lazy("诈骗识别演练"), measure=9, rules=("P-8",), where="desk:training-report")
def phishing(now: datetime) -> Proof:
    return _since(last_phishing(), "drill.months", now, none=_("还没有做过"))


@control(
    "parties", gettext_lazy("合作方都在有效期内"), measure=10, rules=("P-3", "D-13"), where="desk:parties"
)
def listed(now: datetime) -> Proof:
    on = local_date(now)
    live = list(Party.objects.filter(state=PartyState.ACTIVE))
    bad = [one for one in live if parties.refusal(one.code, now)]
    soon = sum(party.state == PartyState.ACTIVE for party, _why in parties.lapsing(now)) - len(bad)
    if bad:
        return Proof(BAD, _("%(n)d 家已到期或逾期复核，已停止发送") % {"n": len(bad)}, len(live))
    if soon > 0:
        return Proof(WARN, _("%(n)d 家一个月内到期") % {"n": soon}, len(live))
    return Proof(GOOD, _("%(n)d 家合作方，%(day)s 均有效") % {"n": len(live), "day": on}, len(live))


def last_signed() -> datetime | None:
    """When the last general audit was signed."""
    signed = AuditRound.objects.filter(kind=RoundKind.GENERAL, signed_at__isnull=False)
    return signed.order_by("-signed_at").values_list("signed_at", flat=True).first()


def last_phishing() -> datetime | None:
    return PhishDrill.objects.order_by("-started_at").values_list("started_at", flat=True).first()


def next_due(last: datetime | None, code: str, on: date) -> date | None:
    """When something that returns is due again; at once when it never was, nothing without a period."""
    held = packs.limits_on([code], on).get(code)
    if held is None:
        return None
    return add_months(local_date(last), held.value) if last else on


def _checkpoints() -> Mapping[int, Checkpoint]:
    file = Path(settings.AUDIT_CHECKPOINT)
    return checkpoints.read(file) if file.exists() else {}


def _since(last: datetime | None, code: str, now: datetime, *, none: str) -> Proof:
    """Good while the last one is younger than its period, a month's warning before the end."""
    if last is None:
        return Proof(BAD, none)
    on = local_date(now)
    due = next_due(last, code, on)
    if due is None:
        return Proof(NONE, _("还没有载入周期"))
    words = {"day": local_date(last), "due": due}
    if due < on:
        return Proof(BAD, _("上次 %(day)s，应在 %(due)s 前再做") % words, 1)
    return Proof(
        WARN if due < on + timedelta(days=30) else GOOD, _("上次 %(day)s，下次 %(due)s 前") % words, 1
    )


def of_rules(codes: Iterable[str]) -> list[registry.Control]:
    wanted = set(codes)
    return [one for one in registry.controls() if wanted & set(one.rules)]


@registry.uses_of_rules
def tested(codes: Iterable[str], now: datetime) -> list[registry.Use]:
    """Controls that prove a rule."""
    return [registry.Use(_("控制"), str(one.title), one.where) for one in of_rules(codes)]
