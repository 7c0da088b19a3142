"""Members' codes and the friends who came by them: thanked, waiting, looked into, not counted."""

from datetime import datetime, timedelta

from yimei.core.errors import RuleBroken
from yimei.growth.actions import asking, referrals, thanks
from yimei.growth.models import Member, Referral, ReferralCode
from yimei.hospital.enums import Category
from yimei.people.enums import SourceKind
from yimei.people.models import Patient
from yimei.people.roles import RoleCode
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.rehearsal.actions.world import World

CODES, THANKED = 5, 4
SINCE, AGO = timedelta(days=300), timedelta(days=10)
FRESH = ("苏女士", "何小姐", "唐女士", "邵女士")


def bring(world: World, *, now: datetime) -> int:
    """Give some members codes, and let friends come by them; return how many came."""
    desk = world.first(RoleCode.AFTERCARE)
    members = list(Member.objects.standing().with_people().order_by("joined_at")[:CODES])
    codes = []
    for member in members:
        try:
            codes.append(referrals.issue(member.public_id, by=desk, now=max(member.joined_at, now - SINCE)))
        except RuleBroken:
            continue
    if not codes:
        return 0
    _came_before(world, codes, now=now)
    for n, name in enumerate(FRESH):
        when = now - timedelta(hours=30 - 7 * n)
        _ask(world, name, f"1296{n:07d}", codes[0].code, ip="203.0.113.8" if n else "", now=when)
    own = codes[0].member.patient.person
    _ask(world, own.name, own.phone, codes[0].code, ip="", now=now - timedelta(hours=1))
    thanks.follow(now=now)
    return Referral.objects.count()


def _came_before(world: World, codes: list[ReferralCode], *, now: datetime) -> None:
    """Customers whose first source is a friend came by a code that stood on that day."""
    rows = Patient.objects.counted().filter(campus=world.campus, source=SourceKind.REFERRAL, sealed_at=None)
    rows = rows.filter(leads=None, orders__payments__amount__gt=0).distinct()
    rows = rows.filter(created_at__lt=now - AGO).with_person().order_by("-created_at")
    done = 0
    for patient in rows:
        when = patient.created_at - timedelta(hours=1)
        standing = [one for one in codes if one.issued_at < when]
        code = standing[done % len(standing)] if standing else None
        if code is None or done == THANKED:
            continue
        person = patient.person
        _ask(world, person.name, person.phone, code.code, ip="", now=when)
        done += 1


def _ask(world: World, name: str, phone: str, code: str, *, ip: str, now: datetime) -> None:
    notice = current_notice(asking.NOTICE, Audience.ADULT)
    if notice is None:
        return
    try:
        asking.ask(
            name=name,
            phone=phone,
            interest=Category.EYE,
            note="",
            campus=str(world.campus.public_id),
            notice_id=notice.public_id,
            code=code,
            ip=ip,
            now=now,
        )
    except RuleBroken:
        return
