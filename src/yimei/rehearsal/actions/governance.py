"""The officer's registers of the rehearsal hospital: training, parties, assessments, incidents, an audit."""

from datetime import datetime, timedelta

from yimei.core.clock import local_date
from yimei.outbox.models import Notification
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.privacy.actions import assessments, audits, incidents, letters, parties, posture, training
from yimei.privacy.enums import RoundKind
from yimei.privacy.enums.incidents import DrillOutcome, IncidentKind, IncidentLevel
from yimei.privacy.enums.parties import PartyKind, PartyState
from yimei.privacy.models import DrillTarget, Incident
from yimei.privacy.queries import assessments as assessment_queries
from yimei.privacy.queries import parties as party_queries
from yimei.privacy.queries import training as courses
from yimei.privacy.rules.parties import DILIGENCE, TERMS
from yimei.privacy.rules.training import read_quiz
from yimei.rehearsal.actions.world import World

RISK = {"likelihood": 3, "severity": 5, "likelihood_after": 1, "severity_after": 5}
LATE = "purpose:research"
"""Whose assessment of the first day has run out, and nobody has written the next."""
PARTIES: tuple[tuple[str, str, str, str, int], ...] = (
    ("sms.rehearsal", "彩排短信公司", "发送预约与随访短信", "people.identity", 300),
    ("lab.rehearsal", "彩排检验所", "外送检验标本与结果", "people.identity", 20),
)
NEAR = timedelta(days=40)


def furnish(world: World, *, now: datetime) -> None:
    """Fill the registers as a hospital in its second year has them: most done, some late."""
    officer, director = world.first(RoleCode.PRIVACY), world.first(RoleCode.DIRECTOR)
    staff = [one for people in world.staff.values() for one in people]
    _learn(staff, now=now - NEAR)
    _parties(officer, director, now=now - NEAR)
    _drill(staff, officer, now=now - timedelta(days=12))
    _practice(officer, world, now=now - timedelta(days=20))
    _running(world, officer, now=now)
    posture.count(now=now)
    posture.run(now=now)
    audits.start(
        RoundKind.GENERAL,
        title=f"{local_date(now).year} 年度个人信息保护合规审计",
        period_from=local_date(now).replace(month=1, day=1),
        period_to=local_date(now),
        seed=f"{local_date(now):%Y%m%d}",
        by=officer,
        now=now,
    )


def _learn(staff: list[Staff], *, now: datetime) -> None:
    """Everybody but three has passed everything."""
    answers = {
        one.code: {n: question.answer for n, question in enumerate(read_quiz(one.quiz))}
        for one in courses.courses()
    }
    for place, one in enumerate(staff):
        for code, right in answers.items():
            if place % 9 == 4 and code != "basics":
                continue
            training.attempt(code, answers=right, by=one, now=now)


def _parties(officer: Staff, director: Staff, *, now: datetime) -> None:
    for code, name, service, holding, days in PARTIES:
        parties.register(
            code,
            name=name,
            kind=PartyKind.PROCESSOR,
            service=service,
            method="加密接口传输",
            country="CN",
            holdings=[holding],
            contact="商务 0571-00000001",
            incident_contact="值班 0571-00000002",
            diligence=dict.fromkeys(DILIGENCE, "已看证书与书面说明"),
            terms=list(TERMS),
            contract_no=f"R-{code}",
            valid_from=local_date(now),
            valid_to=local_date(now + NEAR) + timedelta(days=days),
            by=officer,
            now=now,
        )
    for subject in assessment_queries.subjects():
        if (subject.is_live or subject.code.startswith("party:")) and subject.code != LATE:
            _assess(subject, officer, director, now=now)
    for party in party_queries.listed(state=PartyState.DRAFT):
        parties.approve(party.public_id, by=director, now=now)


def _assess(subject: assessment_queries.Subject, officer: Staff, director: Staff, *, now: datetime) -> None:
    guide = assessment_queries.template(assessment_queries.template_for(subject))
    shipped = assessment_queries.drafts().get(subject.code.removeprefix("purpose:"), guide)
    made = assessments.write(
        None,
        title=f"{subject.name}：影响评估",
        subject=subject.code,
        triggers=[trigger.value for trigger in subject.triggers],
        texts={name: shipped[name] for name in ("necessity", "impact", "measures")},
        risks=[
            what
            if isinstance(what, dict)
            else {**RISK, "what": what, "measure": "按角色授权、加密、留痕、到期删除"}
            for what in shipped["risks"]
        ],
        by=officer,
        now=now,
    )
    assessments.submit(made.public_id, by=officer, now=now)
    assessments.approve(made.public_id, remark="同意", by=director, now=now)


def _drill(staff: list[Staff], officer: Staff, *, now: datetime) -> None:
    """A false message: one in six fell for it, half saw through it; the bells are quiet again since."""
    drill = training.start_drill("account", by=officer, now=now)
    for place, target in enumerate(DrillTarget.objects.filter(drill=drill).select_related("staff")):
        if place % 6 == 0:
            training.react(target.public_id, outcome=DrillOutcome.FELL, by=target.staff, now=now)
        elif place % 2:
            training.react(target.public_id, outcome=DrillOutcome.REPORTED, by=target.staff, now=now)
    Notification.objects.filter(key__startswith="message:").update(read_at=now)


def _practice(officer: Staff, world: World, *, now: datetime) -> None:
    """Last month's drill of the incident plan, through to its end."""
    made = _opened(officer, "演练：前台账号被盗用", officer, now=now, is_drill=True)
    desk = world.first(RoleCode.RECEPTION)
    incidents.find_affected(
        made.public_id, account=desk, since=now - timedelta(days=2), until=now, by=officer, now=now
    )
    _describe(
        made, officer, now=now, report="按预案两小时内完成研判、定范围与起草告知；改进：值班电话须贴在前台。"
    )
    letters.draft(made.public_id, by=officer, now=now)
    for duty in made.duties.all():
        incidents.fulfil(duty.public_id, evidence="演练：模拟报送，未对外发送", by=officer, now=now)
    incidents.end_handling(made.public_id, by=officer, now=now)
    incidents.close(made.public_id, by=officer, now=now)


def _running(world: World, officer: Staff, *, now: datetime) -> None:
    """One incident under way, and one report that nobody has judged."""
    at = now - timedelta(hours=5)
    nurse = world.first(RoleCode.NURSE)
    _describe(_opened(nurse, "预约短信发错两位客户", officer, now=at), officer, now=at)
    incidents.report(
        kind=IncidentKind.PHISHING,
        title="收到索要客户名单的消息",
        what="有人自称总部运营，在微信上索要本月客户名单，没有回复。",
        discovered_at=now - timedelta(hours=1),
        by=world.first(RoleCode.CONSULTANT),
        now=now,
    )


def _opened(by: Staff, title: str, officer: Staff, *, now: datetime, is_drill: bool = False) -> Incident:
    made = incidents.report(
        kind=IncidentKind.LEAK,
        title=title,
        what="发现时间、经过与已经做的事见时间线。",
        system="消息发送",
        discovered_at=now - timedelta(minutes=20),
        is_drill=is_drill,
        by=by,
        now=now,
    )
    return incidents.triage(
        made.public_id,
        kind=IncidentKind.LEAK,
        level=IncidentLevel.MINOR,
        is_sensitive=False,
        is_crime=False,
        loss_wan=0,
        persons=2,
        minors=0,
        by=officer,
        now=now,
    )


def _describe(made: Incident, officer: Staff, *, now: datetime, report: str = "") -> None:
    incidents.describe(
        made.public_id,
        by=officer,
        now=now,
        cause="登记时电话末位录错",
        harm="可能收到他人的预约提醒",
        measures="已更正号码并停发",
        advice="请忽略该条提醒，不要转发",
        report=report,
    )
