"""Segments over a million people: live counts, one person's reasons, members brought up to date."""

import os
import random
import resource
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.growth.actions import segments as actions
from yimei.growth.enums import AgeBand, SegmentUse
from yimei.growth.models import Profile, Segment, SegmentMember, Tag, Tagging
from yimei.growth.queries import segments
from yimei.growth.rules import segments as rules
from yimei.growth.rules.segment_fields import FIELDS
from yimei.hospital.enums import Grade, InstitutionKind
from yimei.hospital.models import Campus
from yimei.people.enums import SourceKind
from yimei.people.models import Patient, Person
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault.enums import Algorithm
from yimei.vault.models import DataKey

SEED = 20260616
NOW = datetime(2026, 6, 16, 2, tzinfo=UTC)
BATCH = 20_000
SHAPES = 4_096
"""Different people; a million rows are drawn from them."""
ROUNDS = 8
SEALED, TAGGED, CHANGED = 0.01, 0.05, 1_000
PRAGMAS = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA temp_store = MEMORY")

ASKED: dict[str, tuple[SegmentUse, dict[str, Any]]] = {
    "everybody": (SegmentUse.CARE, {"all": []}),
    "dormant": (
        SegmentUse.MARKETING,
        {
            "all": [
                {"field": "last_visit_on", "op": "ago", "value": 180},
                {"field": "paid_total", "op": "gte", "value": 5000},
                {"not": {"field": "coming_on", "op": "next", "value": 90}},
            ]
        },
    ),
    "mixed": (
        SegmentUse.MARKETING,
        {
            "any": [
                {"all": [{"field": "rfm", "op": "in", "value": ["risk", "asleep"]},
                         {"field": "age_band", "op": "in", "value": ["25", "35"]}]},
                {"all": [{"field": "source", "op": "in", "value": ["douyin", "referral"]},
                         {"not": {"any": [{"field": "no_shows", "op": "gte", "value": 2},
                                          {"field": "score", "op": "lte", "value": 6}]}}]},
            ]
        },
    ),
    "recall": (
        SegmentUse.CARE,
        {"all": [{"field": "injection_on", "op": "ago", "value": 120},
                 {"not": {"field": "injection_on", "op": "ago", "value": 180}}]},
    ),
    "tagged": (SegmentUse.CARE, {"all": [{"field": "tags", "op": "tagged", "value": ["vip-skin"]},
                                         {"field": "visits", "op": "gte", "value": 2}]}),
}  # fmt: skip


def run(n: int) -> dict[str, Any]:
    """Return the milliseconds of counting, explaining and bringing members up to date."""
    chance = random.Random(SEED)
    with scratch_database():
        _fill(n, chance)
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("ANALYZE")
        _tell(_("计数"))
        counted = {name: _counts(use, tree) for name, (use, tree) in ASKED.items()}
        explain, whole, increment = _follow(n, chance)
    times = sorted(each for _found, times in counted.values() for each in times)
    return {
        "name": "segments",
        "n": n,
        "counts": len(times),
        "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "max_ms": round(times[-1], 1),
        "by_segment": {
            name: {"people": found, "max_ms": round(max(each), 1)} for name, (found, each) in counted.items()
        },
        "explain_ms": round(explain, 2),
        "members_whole_ms": round(whole, 1),
        "members_after_1000_changes_ms": round(increment, 1),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _counts(use: SegmentUse, tree: dict[str, Any]) -> tuple[int, list[float]]:
    node, times, found = rules.parse(tree), [], 0
    for _round in range(ROUNDS):
        started = perf_counter()
        found = segments.people(node, use, on=local_date(NOW)).count()
        times.append((perf_counter() - started) * 1000)
    return found, times


def _follow(n: int, chance: random.Random) -> tuple[float, float, float]:
    """Explain a hundred people, follow a segment, change a thousand profiles, bring it up again."""
    use, tree = ASKED["dormant"]
    segment = Segment.objects.create(name="dormant", use=use, rules=tree, created_at=NOW)
    some = [Profile.objects.get(pk=chance.randrange(n) + 1) for _number in range(100)]
    explain = _timed(lambda: [segments.explain(segment, one, now=NOW) for one in some]) / len(some)
    _tell(_("全量更新成员"))
    with transaction.atomic():
        whole = _timed(lambda: actions.follow(segment, is_followed=True, now=NOW))
    later = NOW + timedelta(hours=1)
    changed = [chance.randrange(n) + 1 for _number in range(CHANGED)]
    Profile.objects.filter(pk__in=changed).update(paid_total=0, read_at=later)
    increment = _timed(lambda: actions.sync(segment, now=later))
    assert not SegmentMember.objects.filter(segment=segment, profile__in=changed).exists()
    return explain, whole, increment


def _timed(act: Callable[[], object]) -> float:
    started = perf_counter()
    act()
    return (perf_counter() - started) * 1000


def _fill(n: int, chance: random.Random) -> None:
    campuses = [
        Campus.objects.create(
            code=f"C{i}", name=f"C{i}", institution_kind=InstitutionKind.SPECIALIST, max_grade=Grade.FOUR
        )
        for i in range(3)
    ]
    tag = Tag.objects.create(code="vip-skin", name="皮肤管理", created_at=NOW)
    shapes = [_shape(chance) for _number in range(SHAPES)]
    names = ["id", "campus", "patient", "read_at", "is_customer", *shapes[0]]
    with connection.cursor() as cursor:
        for pragma in PRAGMAS:
            cursor.execute(pragma)
    first = DataKey.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for start in range(0, n, BATCH):
        numbers = range(start + 1, min(start + BATCH, n) + 1)
        with transaction.atomic():
            _insert(
                DataKey,
                KEY,
                [(first + pk, _uuid(), b"x" * 60, Algorithm.AES.value, "bench", NOW) for pk in numbers],
            )
            _insert(
                Person,
                PERSON,
                [(pk, _uuid(), first + pk, b"x" * 38, b"x" * 43, b"", "F", NOW) for pk in numbers],
            )
            _insert(Patient, PATIENT, [_patient(pk, campuses, chance) for pk in numbers])
            _insert(Profile, names, [_profile(pk, campuses, shapes, chance) for pk in numbers])
            tagged = [(pk, tag.pk, pk, "", NOW) for pk in numbers if chance.random() < TAGGED]
            _insert(Tagging, ("id", "tag", "profile", "flow", "at"), tagged)
        _tell(f"{numbers[-1]:,} / {n:,}")


KEY = ("id", "public_id", "wrapped", "algorithm", "master_id", "created_at")
PERSON = ("id", "public_id", "vault_key", "name", "phone", "id_no", "sex", "created_at")
PATIENT = (
    "id",
    "public_id",
    "person",
    "campus",
    "source",
    "is_vip",
    "created_at",
    "restricted_at",
    "sealed_at",
)


def _patient(pk: int, campuses: Sequence[Campus], chance: random.Random) -> tuple[Any, ...]:
    sealed = NOW if chance.random() < SEALED else None
    return pk, _uuid(), pk, campuses[pk % 3].pk, SourceKind.PHONE.value, False, NOW, sealed, sealed


def _profile(
    pk: int, campuses: Sequence[Campus], shapes: Sequence[dict[str, Any]], chance: random.Random
) -> tuple[Any, ...]:
    return pk, campuses[pk % 3].pk, pk, NOW, True, *chance.choice(shapes).values()


def _shape(chance: random.Random) -> dict[str, Any]:
    """One made-up person: most have been here, a third pays, half allow marketing."""
    today = local_date(NOW)

    def day(share: float, span: int = 900) -> date | None:
        return today - timedelta(days=chance.randrange(span)) if chance.random() < share else None

    paid = day(0.4)
    return {
        "sex": "F" if chance.random() < 0.88 else "M",
        "age_band": chance.choice([band.value for band in AgeBand]),
        "is_adult": chance.random() < 0.97,
        "birthday": os.urandom(16),
        "source": chance.choice(SourceKind.values),
        "is_vip": chance.random() < 0.03,
        "known_on": day(1),
        "lead_status": chance.choice(["", "open", "booked", "lost"]),
        "lead_loss": "",
        "asked_on": day(0.7),
        "touched_on": day(0.7),
        "touches": chance.randrange(9),
        "interest": chance.choice(["", "eye", "nose", "injection"]),
        "visits": chance.choice([0, 1, 1, 2, 3, 8]),
        "first_visit_on": day(0.6),
        "last_visit_on": day(0.6),
        "coming_on": today + timedelta(days=chance.randrange(60)) if chance.random() < 0.1 else None,
        "no_shows": chance.choice([0, 0, 0, 1, 2]),
        "last_no_show_on": day(0.2),
        "stage": chance.choice(["", "booked", "consulted", "closed", "lost"]),
        "case_loss": "",
        "planned_on": day(0.3),
        "surgery_on": day(0.15),
        "injection_on": day(0.3),
        "laser_on": day(0.3),
        "category": "",
        "quoted_on": day(0.5),
        "paid_on": paid,
        "paid_times": chance.randrange(1, 6) if paid else 0,
        "paid_total": chance.randrange(500, 60_000) if paid else 0,
        "rfm": chance.choice([str(code) for code, _label in FIELDS["rfm"].choices]),
        "score": chance.choice([None, 3, 6, 8, 9, 10]),
        "scored_on": day(0.3),
        "agrees_marketing": chance.random() < 0.5,
        "agrees_profiling": chance.random() < 0.3,
        "refuses_profiling": chance.random() < 0.05,
        "agrees_care": chance.random() < 0.8,
    }


def _uuid() -> str:
    return UUID(bytes=os.urandom(16), version=4).hex


def _insert(model: type[models.Model], names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    columns = ", ".join(str(model._meta.get_field(name).column) for name in names)  # type: ignore[union-attr]
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})", rows)


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text:<40}")
    sys.stderr.flush()
