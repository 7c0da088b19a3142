"""The synthetic hospital itself: places, staff with licences and duties, reference data."""

import json
from base64 import b32decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from django_otp.oath import hotp

from yimei.core.clock import local_date
from yimei.growth.actions import reference as growth_reference
from yimei.hospital.actions import places
from yimei.hospital.actions import reference as hospital_reference
from yimei.hospital.enums import Category, Field, Grade, InstitutionKind, RoomKind
from yimei.hospital.models import Campus, FormTemplate, Room
from yimei.hospital.queries import Offer, catalogue_of
from yimei.journey.actions import reference as journey_reference
from yimei.outbox.actions import reference as outbox_reference
from yimei.people.actions import campuses, duties, sessions
from yimei.people.actions import staff as staff_actions
from yimei.people.enums import LicenceKind
from yimei.people.models import Staff
from yimei.people.roles import RoleCode
from yimei.privacy.actions import assessments, openings
from yimei.privacy.actions import reference as privacy_reference
from yimei.privacy.queries import assessments as assessment_queries
from yimei.rehearsal.rules import shapes

PASSWORD = "yimei-rehearsal-2026"
"""Public: every demo account has it; a real hospital never runs the rehearsal."""

CREW: tuple[tuple[RoleCode, str, str], ...] = (
    (RoleCode.ONLINE, "chenjing", "陈静"),
    (RoleCode.ONLINE, "luyao", "陆瑶"),
    (RoleCode.RECEPTION, "zhouting", "周婷"),
    (RoleCode.CONSULTANT, "zhoulei", "周蕾"),
    (RoleCode.CONSULTANT, "wumin", "吴敏"),
    (RoleCode.CONSULTANT, "hejia", "何佳"),
    (RoleCode.SURGEON, "chenyu", "陈屿"),
    (RoleCode.SURGEON, "lihang", "李航"),
    (RoleCode.SURGEON, "wangqi", "王祺"),
    (RoleCode.ANAESTHETIST, "zhaoyuan", "赵远"),
    (RoleCode.ANAESTHETIST, "sunlan", "孙岚"),
    (RoleCode.NURSE, "lixue", "李雪"),
    (RoleCode.NURSE, "hemei", "何梅"),
    (RoleCode.NURSE, "xujia", "徐佳"),
    (RoleCode.NURSE, "fangyun", "方芸"),
    (RoleCode.NURSE, "dengli", "邓丽"),
    (RoleCode.NURSE, "panyue", "潘悦"),
    (RoleCode.SCHEDULER, "qianli", "钱莉"),
    (RoleCode.CASHIER, "tangwen", "唐雯"),
    (RoleCode.AFTERCARE, "gaoying", "高颖"),
    (RoleCode.MARKETING, "songkai", "宋凯"),
    (RoleCode.PRIVACY, "shenning", "沈宁"),
    (RoleCode.AUDITOR, "fengbo", "冯博"),
    (RoleCode.DIRECTOR, "guoyan", "郭岩"),
    (RoleCode.ANALYST, "linche", "林澈"),
)
DEVICES = (("PICO1", "皮秒激光 1 号"), ("RF1", "射频仪 1 号"), ("HIFU1", "聚焦超声 1 号"))
TITLES = {RoleCode.SURGEON: "副主任医师", RoleCode.ANAESTHETIST: "主治医师", RoleCode.NURSE: "主管护师"}
FIELDS: tuple[Field, ...] = (Field.SURGERY, Field.DERMATOLOGY)
ROTA = (RoleCode.CONSULTANT, RoleCode.SURGEON, RoleCode.ANAESTHETIST, RoleCode.NURSE)


@dataclass
class World:
    """Everybody and every place that a customer's way needs."""

    campus: Campus
    rooms: dict[str, list[Room]]
    staff: dict[RoleCode, list[Staff]]
    studio_since: datetime
    """Photographs are heavy: only the newest customers, whose pages are looked at, are asked for them."""
    offers: dict[Category, list[Offer]] = field(default_factory=dict)
    invited: int = 0

    def one(self, role: RoleCode, rng: Random) -> Staff:
        return rng.choice(self.staff[role])

    def first(self, role: RoleCode) -> Staff:
        return self.staff[role][0]

    def somebody_answers(self) -> bool:
        """Whether the next one invited answers: so few are invited that chance alone would stray far."""
        self.invited += 1
        return shapes.evenly(self.invited, shapes.ANSWERS)


def build(*, since: date, until: date, now: datetime) -> World:
    """Make an empty database a hospital with two campuses; the second is there to be kept apart."""
    start = datetime.combine(since, time(8), now.tzinfo) - timedelta(days=30)
    staff_actions.seed_roles(at=start)
    main = places.create_campus(
        code="HZ",
        name="颐美整形外科医院（杭州院区）",
        institution_kind=InstitutionKind.SPECIALIST,
        max_grade=Grade.FOUR,
        address="彩排市示范路 1 号",
        phone="0571-00000000",
        licence_no="REHEARSAL-0001",
        by=None,
        at=start,
    )
    other = places.create_campus(
        code="NB",
        name="颐美医疗美容门诊部（宁波院区）",
        institution_kind=InstitutionKind.OUTPATIENT,
        max_grade=Grade.TWO,
        address="彩排市示范路 2 号",
        phone="0574-00000000",
        licence_no="REHEARSAL-0002",
        by=None,
        at=start,
    )
    hospital_reference.load(campus_codes=[main.code, other.code], at=start)
    FormTemplate.objects.filter(published_at__gt=start).update(published_at=start)  # shipped before we came
    privacy_reference.load(start)
    outbox_reference.load(at=start)
    journey_reference.load(at=start)
    growth_reference.load(at=start)
    rooms = _rooms(main, at=start)
    _rooms(other, at=start)
    for code, name in DEVICES:
        places.create_device(campus=main, code=code, name=name, serial_no=f"R-{code}", by=None, at=start)
    world = World(campus=main, rooms=rooms, staff={}, studio_since=now - shapes.STUDIO)
    admin = staff_actions.create(
        username="admin",
        name="系统管理员",
        role=RoleCode.ADMIN,
        campus=main,
        password=PASSWORD,
        by=None,
        at=start,
        must_change_password=False,
    )
    world.staff[RoleCode.ADMIN] = [admin]
    _enrol(admin, at=start)
    for role, username, name in CREW:
        world.staff.setdefault(role, []).append(
            _hire(role, username, name, campus=main, by=admin, at=start, until=until)
        )
    _sign(world.first(RoleCode.PRIVACY), at=start)
    ningbo = _hire(RoleCode.RECEPTION, "ningbo", "宁波前台", campus=other, by=admin, at=start, until=until)
    campuses.grant(world.first(RoleCode.RECEPTION).public_id, campus_id=other.public_id, by=admin, at=start)
    world.staff[RoleCode.RECEPTION].append(ningbo)
    _roster(world, since=since, until=until + timedelta(days=45), by=admin, at=start)
    for offer in catalogue_of(main, local_date(now)):
        world.offers.setdefault(Category(offer.procedure.category), []).append(offer)
    return world


def _sign(officer: Staff, *, at: datetime) -> None:
    """The officer's first day: she reads and signs what the program drafted, so that the house may begin."""
    openings.look(now=at)
    for _purpose, paper in assessment_queries.waiting():
        if paper:
            assessments.sign(paper, has_read=True, remark="已逐段核对，与本院实际相符", by=officer, now=at)


def write_accounts(world: World, file: Path) -> None:
    """Leave one demo sign-in per role beside the database, for the start command and the sign-in page."""
    accounts = [
        {
            "role": str(people[0].role.name),
            "name": people[0].name,
            "username": people[0].username,
            "password": PASSWORD,
            "totp": people[0].totp_secret or "",
        }
        for people in world.staff.values()
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"accounts": accounts}, ensure_ascii=False, indent=1), "utf-8")


def _rooms(campus: Campus, *, at: datetime) -> dict[str, list[Room]]:
    wanted = {RoomKind.CONSULT: 5, RoomKind.TREATMENT: 3, RoomKind.OR: 3, RoomKind.PACU: 1}
    names = {
        RoomKind.CONSULT: "{} 诊室",
        RoomKind.TREATMENT: "{} 治疗室",
        RoomKind.OR: "OR{}",
        RoomKind.PACU: "恢复室",
    }
    return {
        kind: [
            places.create_room(
                campus=campus,
                code=f"{kind.upper()}{n}",
                name=names[kind].format(n),
                kind=kind,
                by=None,
                at=at,
            )
            for n in range(1, count + 1)
        ]
        for kind, count in wanted.items()
    }


def _hire(
    role: RoleCode, username: str, name: str, *, campus: Campus, by: Staff, at: datetime, until: date
) -> Staff:
    staff = staff_actions.create(
        username=username,
        name=name,
        role=role,
        campus=campus,
        password=PASSWORD,
        title=TITLES.get(role, ""),
        by=by,
        at=at,
        must_change_password=False,
    )
    if role == RoleCode.SURGEON:
        for each in FIELDS:
            _license(staff, each, by=by, at=at, until=until)
    if role == RoleCode.NURSE:
        staff_actions.grant_licence(
            staff.public_id,
            kind=LicenceKind.NURSE,
            number=f"R-N-{username}",
            practising_since=at.date() - timedelta(days=365 * 5),
            by=by,
            at=at,
        )
    if staff.role.needs_totp:
        _enrol(staff, at=at)
    return staff


def _enrol(staff: Staff, *, at: datetime) -> None:
    """Set up the second factor as an authenticator app does; its secret is written beside the password."""
    secret = sessions.begin_totp(by=staff, now=at).secret
    code = hotp(b32decode(secret), int(at.timestamp()) // sessions.TOTP_STEP)
    sessions.confirm_totp(f"{code:06d}", by=staff, now=at)
    staff.refresh_from_db()


def _license(staff: Staff, specialty: Field, *, by: Staff, at: datetime, until: date) -> None:
    staff_actions.grant_licence(
        staff.public_id,
        kind=LicenceKind.PHYSICIAN,
        number=f"R-P-{staff.username}-{specialty}",
        practising_since=at.date() - timedelta(days=365 * 12),
        field=specialty,
        is_responsible=True,
        by=by,
        at=at,
    )
    staff_actions.grant_privilege(
        staff.public_id,
        field=specialty,
        max_grade=Grade.FOUR,
        valid_from=at.date(),
        valid_to=until + timedelta(days=365),
        by=by,
        at=at,
    )


def _roster(world: World, *, since: date, until: date, by: Staff, at: datetime) -> None:
    shift = places.create_shift(
        campus=world.campus, code="DAY", name="白班", starts=time(9), ends=time(18), by=None, at=at
    )
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    for role in ROTA:
        for n, staff in enumerate(world.staff[role]):
            duties.plan([staff], days=_worked(days, n), shift=shift, by=by, at=at)


def _worked(days: Sequence[date], n: int) -> list[date]:
    """Six days a week, the free day staggered."""
    return [day for day in days if day.weekday() != n % 5]
