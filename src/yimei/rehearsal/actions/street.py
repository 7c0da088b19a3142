"""Two partners of the channel: one whose month is settled, one whose paper has run out."""

from datetime import datetime, timedelta
from decimal import Decimal

from yimei.core.clock import local_date
from yimei.core.errors import RuleBroken
from yimei.growth.actions import asking, partners, settling
from yimei.growth.enums.partners import PaperKind, PartnerBasis, PartnerKind
from yimei.growth.models import Partner, PartnerCode
from yimei.growth.queries import partners as queries
from yimei.hospital.enums import Category
from yimei.people.roles import RoleCode
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.rehearsal.actions.world import World

BEGUN = timedelta(days=75)
NAMES = ("钟女士", "汤小姐", "黎女士", "易女士", "常小姐", "武女士", "乔女士", "赖小姐")


def befriend(world: World, *, now: datetime) -> int:
    """Write partners down, settle what is over, let customers scan; return how many partners there are."""
    begun = now - BEGUN
    salon = _firm(world, "湖滨丽人美容院", PartnerKind.BEAUTY, valid=400, now=begun)
    gym = _firm(world, "动力健身（城西店）", PartnerKind.FITNESS, valid=70, now=begun)
    for n, name in enumerate(NAMES):
        code = salon if n % 4 else gym
        _scan(world, code, name, f"1294{n:07d}", now=now - timedelta(days=60 - 7 * n, hours=3))
    planner, cashier = world.first(RoleCode.MARKETING), world.first(RoleCode.CASHIER)
    partner = salon.partner
    for last in (False, True):
        month = queries.next_month(partner)
        if month is None:
            break
        try:
            made = settling.propose(partner.public_id, month=month, by=planner, now=now)
        except RuleBroken:
            break
        if not last:
            settling.approve(made.public_id, by=cashier, now=now)
            settling.pay(made.public_id, reference="HZ-0001", by=cashier, now=now)
    return Partner.objects.count()


def _firm(world: World, name: str, kind: PartnerKind, *, valid: int, now: datetime) -> PartnerCode:
    planner, head = world.first(RoleCode.MARKETING), world.first(RoleCode.DIRECTOR)
    today = local_date(now)
    made = partners.register(
        name=name,
        kind=kind,
        phone="0571-00000010",
        note="看过执照、经营范围与处罚记录，承诺不做医疗导诊",
        passes_data=False,
        party_id=None,
        by=planner,
        now=now,
    )
    for paper in PaperKind:
        until = today + timedelta(days=valid)
        partners.add_paper(made.public_id, kind=paper, number="HZ-彩排", valid_to=until, by=planner, now=now)
    agreement = partners.agree(
        made.public_id,
        contract_no=f"QD-{today:%Y}-{kind.value}",
        basis=PartnerBasis.FIXED,
        fee=Decimal(1800),
        service="前台摆放立牌，每月发放宣传册 200 份",
        valid_from=today,
        valid_to=today + timedelta(days=364),
        by=planner,
        now=now,
    )
    partners.approve(agreement.public_id, by=head, now=now)
    return partners.issue_code(made.public_id, place="前台立牌", by=planner, now=now)


def _scan(world: World, code: PartnerCode, name: str, phone: str, *, now: datetime) -> None:
    notice = current_notice(asking.NOTICE, Audience.ADULT)
    if notice is None:
        return
    try:
        asking.ask(
            name=name,
            phone=phone,
            interest=Category.LASER,
            note="",
            campus=str(world.campus.public_id),
            notice_id=notice.public_id,
            code=code.code,
            now=now,
        )
    except RuleBroken:
        return
