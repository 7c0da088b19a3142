"""What customers of the rehearsal hospital asked about their own data: one answered, two that wait."""

from datetime import datetime, timedelta

from yimei.people.models import Patient
from yimei.people.roles import RoleCode
from yimei.privacy.actions.requests import answering, deciding, proving, receiving
from yimei.privacy.enums import Decision, IdentityMethod, RequestChannel, Requester, RequestKind
from yimei.privacy.queries import automated
from yimei.rehearsal.actions.world import World

ASKED = (
    (RequestKind.ACCESS, RequestChannel.DESK, 26, ""),
    (RequestKind.EXPLAIN, RequestChannel.PHONE, 11, "为什么总先联系我，是不是程序在打分？"),
    (RequestKind.COMPLAIN, RequestChannel.LETTER, 4, "说过不要短信，上周又收到一条。"),
)


def ask(world: World, *, now: datetime) -> None:
    """The officer's oldest files: an access answered, an explanation near its day, a complaint."""
    officer = world.first(RoleCode.PRIVACY)
    people = Patient.objects.with_person().filter(
        campus=officer.campus, sealed_at=None, merged_into=None, created_at__lt=now - timedelta(days=60)
    )
    for patient, (kind, channel, days, details) in zip(people.order_by("pk")[:3], ASKED, strict=False):
        at = now - timedelta(days=days)
        made = receiving.receive(
            patient.public_id,
            kind=kind,
            requester=Requester.SELF,
            channel=channel,
            details=details,
            scope=[code for code, _title in automated.choices()][:1] if kind == RequestKind.EXPLAIN else (),
            by=officer,
            now=at,
        )
        if kind == RequestKind.ACCESS:
            seen = at + timedelta(days=1)
            proving.verify(made.public_id, method=IdentityMethod.ID_CARD, by=officer, now=seen)
            deciding.decide(made.public_id, decision=Decision.GRANTED, by=officer, now=seen)
            answering.answer(made.public_id, by=officer, now=seen + timedelta(hours=2))
