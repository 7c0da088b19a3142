"""What customers of the rehearsal hospital asked about their own data, and who may try the centre herself."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from yimei.core.clock import local_date
from yimei.people.models import Patient
from yimei.people.roles import RoleCode
from yimei.privacy.actions.requests import answering, deciding, proving, receiving
from yimei.privacy.enums import Decision, IdentityMethod, RequestChannel, Requester, RequestKind
from yimei.privacy.queries import automated
from yimei.privacy.queries.centre.visits import holder_of
from yimei.rehearsal.actions.world import World

ASKED = (
    (RequestKind.ACCESS, RequestChannel.DESK, 26, ""),
    (RequestKind.EXPLAIN, RequestChannel.PHONE, 11, "为什么总先联系我，是不是程序在打分？"),
    (RequestKind.COMPLAIN, RequestChannel.LETTER, 4, "说过不要短信，上周又收到一条。"),
)

TRYING = 3
"""How many customers are named beside the demo accounts, to come in by the portal as they would."""


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


def name_customers(file: Path, *, now: datetime) -> None:
    """Add to the demo accounts who may come in by the portal and prove herself there by her number."""
    on = local_date(now)
    found = []
    for patient in Patient.objects.with_person().kept().exclude(registered_at=None).order_by("pk"):
        who = patient.person
        if who.id_no and who.birth_date and holder_of(who.phone, who.birth_date, on=on):
            found.append(
                {
                    "name": who.name,
                    "phone": who.phone.removeprefix("+86"),
                    "birth_date": f"{who.birth_date:%Y%m%d}",
                    "id_no": who.id_no,
                }
            )
        if len(found) == TRYING:
            break
    known = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(known | {"customers": found}, ensure_ascii=False, indent=1), "utf-8")
