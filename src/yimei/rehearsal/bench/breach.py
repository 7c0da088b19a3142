"""How long it takes to know whom one account's two days touch, and to have every letter drafted."""

import resource
import sys
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _

from yimei.audit import chain
from yimei.audit.models import Entry
from yimei.hospital.enums import Grade, InstitutionKind
from yimei.hospital.models import Campus
from yimei.people.enums import SourceKind
from yimei.people.models import Patient, Person, Role, Staff
from yimei.people.roles import SEED_GRANTS, RoleCode
from yimei.privacy.actions import incidents, letters, packs
from yimei.privacy.enums.incidents import IncidentKind, IncidentLevel
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault.enums import Algorithm
from yimei.vault.keys import new_key

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
MOST = 100_000
"""Each person has a key, a name and a birth date that must be opened."""
NOISE = 4
"""Lines of the log by others for each line by the account."""


def run(n: int) -> dict[str, Any]:
    """Measure the scope and the drafting for ``n`` patients (at most 100,000)."""
    n = min(n, MOST)
    with scratch_database():
        with transaction.atomic():
            packs.load_shipped(now=NOW)
            officer, thief = _staff()
            _look(_patients(n, officer.campus), thief)
        incident = incidents.report(
            kind=IncidentKind.MISUSE, title="批量查看", what="两天内连续查看", discovered_at=NOW,
            by=officer, now=NOW, source="bench",
        )  # fmt: skip
        incidents.triage(
            incident.public_id, kind=IncidentKind.MISUSE, level=IncidentLevel.MINOR, is_sensitive=True,
            is_crime=False, loss_wan=0, persons=0, minors=0, by=officer, now=NOW,
        )  # fmt: skip
        incidents.describe(
            incident.public_id,
            by=officer,
            now=NOW,
            harm="可能收到骚扰电话",
            measures="已停用账号",
            advice="留意来电",
        )
        _tell(_("计算影响范围"))
        started = perf_counter()
        found = incidents.find_affected(
            incident.public_id, account=thief, since=NOW - timedelta(days=2), until=NOW, by=officer, now=NOW
        )
        scoped = perf_counter()
        drafted = letters.draft(incident.public_id, by=officer, now=NOW)
        ended = perf_counter()
        return {
            "name": "breach",
            "n": found.persons,
            "letters": drafted,
            "log_lines": Entry.objects.count(),
            "scope_s": round(scoped - started, 2),
            "draft_s": round(ended - scoped, 2),
            "total_s": round(ended - started, 2),
            "engine": connection.vendor,
            "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def _staff() -> tuple[Staff, Staff]:
    campus = Campus.objects.create(
        code="BENCH",
        name="测速医院",
        institution_kind=InstitutionKind.SPECIALIST,
        max_grade=Grade.FOUR,
        phone="0",
    )
    made = []
    for code in (RoleCode.PRIVACY, RoleCode.RECEPTION):
        role = Role.objects.create(code=code, name=str(code.label))
        for permission, scope in SEED_GRANTS[code].items():
            role.grants.create(permission=permission, scope=scope)
        made.append(
            Staff.objects.create(username=code, name=code, role=role, campus=campus, vault_key=new_key())
        )
    return made[0], made[1]


def _patients(n: int, campus: Campus) -> list[Patient]:
    made = []
    for number in range(n):
        person = Person.objects.create(
            vault_key=new_key(), name=f"客户{number}", birth_date=datetime(1990, 5, 6).date(), created_at=NOW
        )
        made.append(
            Patient.objects.create(person=person, campus=campus, source=SourceKind.PHONE, created_at=NOW)
        )
    return made


def _look(patients: list[Patient], thief: Staff) -> None:
    """Write lines as the log does, chained, without its lock for each."""
    head, lines, other = Entry.objects.order_by("-seq").first(), [], uuid4()
    seq, prev = (head.seq, head.hash) if head else (0, chain.GENESIS)
    for place, patient in enumerate(patients):
        for actor in (thief.public_id, *[other] * NOISE):
            seq += 1
            values: dict[str, Any] = {
                "seq": seq, "at": NOW - timedelta(hours=30) + timedelta(seconds=place), "actor": actor,
                "role": "reception", "on_behalf_of": None, "session": "", "device": "", "ip": "",
                "action": "people.patient.view", "subject_key": patient.person.vault_key.public_id,
                "object_type": "people.patient", "object_id": str(patient.public_id), "level": "",
                "fields": [], "purpose": "service", "reason": "", "rows": 1, "result": "ok",
                "detail": {"page": "detail"}, "algorithm": Algorithm.AES, "prev_hash": prev,
            }  # fmt: skip
            prev = chain.hash_of(values)
            lines.append(Entry(**values, hash=prev))
    Entry.objects.bulk_create(lines, batch_size=1000)


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
