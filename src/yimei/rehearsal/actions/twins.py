"""Two customers who were written down twice: one pair waits for somebody's eyes, one was joined."""

from datetime import datetime, timedelta

from yimei.people.actions import merges, pairs, patients
from yimei.people.enums import SourceKind
from yimei.people.models import Patient
from yimei.people.roles import RoleCode
from yimei.rehearsal.actions.world import World

HOMOPHONES = str.maketrans("晓雨欣怡婷慧静嘉佳", "小语新宜亭惠靖佳嘉")
"""What somebody writes who only hears the name."""


def call_again(world: World, *, now: datetime) -> int:
    """Let two known customers call under a new name or number; return how many pairs were put down."""
    desk = world.first(RoleCode.RECEPTION)
    known = Patient.objects.counted().kept().with_person().filter(campus=world.campus, sealed_at=None)
    known = known.filter(registered_at__isnull=False, is_vip=False, employee=None, online__isnull=False)
    first, second = list(known.order_by("-pk")[:2])
    for patient, name in ((first, first.person.name.translate(HOMOPHONES)), (second, second.person.name)):
        who = patient.person
        patients.create(
            name=name,
            phone=who.phone,
            source=SourceKind.PHONE,
            campus=world.campus,
            sex=who.sex,
            birth_date=who.birth_date,
            by=desk,
            at=now - timedelta(hours=20),
        )
    twin = Patient.objects.get(pk=Patient.objects.order_by("-pk").values_list("pk", flat=True)[0])
    pair = pairs.propose(second.public_id, twin.public_id, by=desk, now=now - timedelta(hours=19))
    merges.ask(
        pair.public_id,
        kept_id=second.public_id,
        reason="来电核对了出生日期与上次手术日期，确认是同一人",
        by=desk,
        now=now - timedelta(hours=19),
    )
    return 2
