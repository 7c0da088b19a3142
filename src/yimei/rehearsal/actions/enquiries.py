"""Thirty enquiries of the last three weeks: answered, lost, booked, in the pool, and some still waiting."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from uuid import uuid5

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.growth.actions import leads, owning, skills, visits
from yimei.growth.enums import AssignRule, LeadLoss, LeadStatus, Outcome, TouchKind
from yimei.growth.models import Lead
from yimei.hospital.enums import Category
from yimei.journey.enums import BookingKind
from yimei.journey.queries import bookings
from yimei.people.enums import SourceKind
from yimei.people.models import Patient, Staff
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.walks.way import NAMESPACE
from yimei.rehearsal.actions.world import World

MANY = 30
SPAN = timedelta(days=21)
NAMES = ("林女士", "王小姐", "陈女士", "李先生", "赵女士", "欧阳小姐", "孙女士", "周小姐", "吴女士", "郑女士")
CAME = (SourceKind.DOUYIN, SourceKind.WECHAT, SourceKind.WEBSITE, SourceKind.PHONE, SourceKind.PARTNER)
ASKED = (
    (Category.EYE, "想做双眼皮，问恢复要几天"),
    (Category.NOSE, "鼻综合大概什么价位"),
    (Category.INJECTION, "问瘦脸针多久打一次"),
    (Category.LASER, "光子嫩肤周末能做吗"),
    (Category.BREAST, "想先了解手术风险"),
    (Category.BODY, "吸脂前要做哪些检查"),
)
LOST = (LeadLoss.PRICE, LeadLoss.THINKING, LeadLoss.INVALID, LeadLoss.COMPARING)


def enquire(world: World, *, now: datetime) -> int:
    """Let the leads come in the order of time; return how many rows there are."""
    rng = Random("enquiries")
    _teach(world, now=now)
    for n, at in enumerate(_moments(rng, now)):
        lead = _ask(world, rng, n=n, at=at)
        if lead.status == LeadStatus.OPEN and lead.owner:
            _follow(world, lead, rng, n=n, now=now)
    owning.recycle(now=now)
    return Lead.objects.count()


def _teach(world: World, *, now: datetime) -> None:
    """Say who of the online team knows what: each half of the subjects, injections everybody."""
    manager = world.first(RoleCode.MARKETING)
    team = Staff.objects.active().filter(campus=world.campus, role__code=RoleCode.ONLINE).order_by("pk")
    for n, staff in enumerate(team):
        known = [one for at, one in enumerate(Category) if at % 2 == n % 2 or one == Category.INJECTION]
        skills.set_skills(staff.public_id, categories=known, by=manager, now=now)


def _moments(rng: Random, now: datetime) -> Iterator[datetime]:
    early = [now - SPAN * rng.random() - timedelta(hours=3) for _n in range(MANY - 3)]
    yield from sorted(early)
    yield from (now - timedelta(minutes=minutes) for minutes in (26, 9, 2))


def _ask(world: World, rng: Random, *, n: int, at: datetime) -> Lead:
    interest, note = rng.choice(ASKED)
    phone = f"1297{n - 5 if n % 11 == 10 else n:07d}"
    return leads.write_down(
        name=NAMES[n % len(NAMES)],
        phone=phone,
        source=rng.choice(CAME),
        kind=TouchKind.FORM,
        interest=interest,
        note=note,
        rule=rng.choice((AssignRule.ROUND_ROBIN, AssignRule.LEAST_BUSY)),
        by=world.first(RoleCode.MARKETING),
        now=at,
    )


def _follow(world: World, lead: Lead, rng: Random, *, n: int, now: datetime) -> None:
    """Most are answered within minutes; then they come, are lost, wait, or are forgotten."""
    owner, at = lead.owner, lead.created_at + timedelta(minutes=rng.choice((2, 3, 4, 4, 7, 18)))
    if at >= now or n % 9 == 8 or owner is None:
        return
    outcome = rng.choice((Outcome.REACHED, Outcome.REACHED, Outcome.NO_ANSWER, Outcome.WANTS_VISIT))
    following = at + timedelta(days=rng.choice((1, 2, 3, 5, 9)))
    leads.touch(
        lead.public_id,
        kind=TouchKind.CALL_OUT,
        outcome=outcome,
        note="说了面诊流程，等她定时间",
        next_due_at=max(following, now + timedelta(hours=rng.randint(-30, 60))) if n % 3 else following,
        by=owner,
        now=at,
    )
    later = at + timedelta(hours=4)
    if later >= now:
        return
    if n % 6 == 4:
        leads.lose(lead.public_id, loss=rng.choice(LOST), by=owner, now=later)
    elif n % 5 == 2:
        _book(world, lead, owner, now=now)


def _book(world: World, lead: Lead, owner: Staff, *, now: datetime) -> None:
    """The next free consultation within a week; if there is none, she stays a lead."""
    patient: Patient = visits.become_customer(lead.public_id, by=owner, now=now)
    procedure = world.offers[Category(lead.interest)][0].procedure
    for days in range(1, 8):
        found = bookings.slots_by_person(
            kind=BookingKind.CONSULT,
            procedure_id=procedure.public_id,
            campus_id=world.campus.public_id,
            day=local_date(now + timedelta(days=days)),
            by=owner,
            now=now,
        )
        if free := next((one for each in found for one in each.slots), None):
            break
    else:
        return
    try:
        visits.book(
            lead.public_id,
            procedure_id=procedure.public_id,
            starts_at=free.starts_at,
            staff_id=None,
            room_id=None,
            note="线索预约",
            key=uuid5(NAMESPACE, f"lead:{patient.public_id}"),
            by=owner,
            now=now,
        )
    except RuleBroken:
        return
