"""Patient search over a whole city: fill a scratch database, ask as reception, director and consultant do."""

import os
import random
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from yimei.hospital.enums import Grade, InstitutionKind
from yimei.hospital.models import Campus
from yimei.people.enums import CareReason, Sex, SourceKind
from yimei.people.models import CareRelation, Grant, Patient, Person, Role, SearchToken, Staff
from yimei.people.queries import search
from yimei.people.roles import Permission, Scope
from yimei.people.rules.search import words_of
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault import blind
from yimei.vault.enums import Algorithm
from yimei.vault.keys import new_key
from yimei.vault.models import DataKey

SEED = 20260616
BATCH = 20_000
QUERIES = 600
OWN_PATIENTS = 3_000
CAMPUS_SHARES = (0.6, 0.3999, 0.0001)
"""One campus is tiny: the newest of a frequent name lie far apart there."""
START = datetime(2020, 1, 1, tzinfo=UTC)
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万"
    "覃武钱戴严莫孔向常"
)
GIVEN = (
    "晓雨欣怡梓涵诗琪佳慧雪婷静敏丽娟芳燕玲娜秀英华慧巧美淑惠珠翠雅芝玉萍红娥凤洁梅琳素云莲真环"
    "荣爱妹霞香月莺媛艳瑞凡嘉琼勤珍贞莉桂娣叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婉娴瑾颖露瑶怡婵雁蓓纨"
    "仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯毓悦昭冰爽琬茗羽希宁"
)

LOAD_PRAGMAS = ("PRAGMA journal_mode = OFF", "PRAGMA temp_store = FILE", "PRAGMA secure_delete = OFF")
"""Only while the scratch file is filled: it is thrown away when anything fails."""

Row = tuple[Any, ...]
Sample = tuple[str, str, str]


def run(n: int) -> dict[str, Any]:
    """Return the latency of ``search`` over ``n`` people."""
    chance = random.Random(SEED)
    with scratch_database():
        blind.token("bench", "")  # the key of the index is remembered outside a transaction only
        readers = _staff(n, chance)
        samples = _fill(n, [staff.campus for staff in readers[: len(CAMPUS_SHARES)]], chance)
        _give_own(readers[-1], n, chance)
        _tell(_("查询"))
        times = sorted(_ask(readers, samples, chance))
    return {
        "name": "search",
        "n": n,
        "queries": len(times),
        "p50_ms": round(times[len(times) // 2], 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "max_ms": round(times[-1], 2),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _staff(n: int, chance: random.Random) -> list[Staff]:
    """Return a receptionist of each campus, one reader of the whole group and a consultant."""
    made: list[Staff] = []
    campuses = [
        Campus.objects.create(
            code=f"C{i}", name=f"C{i}", institution_kind=InstitutionKind.SPECIALIST, max_grade=Grade.FOUR
        )
        for i in range(len(CAMPUS_SHARES))
    ]
    places = [(Scope.CAMPUS, campus) for campus in campuses]
    for scope, campus in [*places, (Scope.GROUP, campuses[0]), (Scope.OWN, campuses[0])]:
        role, is_new = Role.objects.get_or_create(code=scope.value, defaults={"name": scope.value})
        if is_new:
            Grant.objects.create(role=role, permission=Permission.PATIENT_VIEW, scope=scope)
        staff = Staff.objects.create(
            username=f"reader{len(made)}", name="读者", role=role, campus=campus, vault_key=new_key()
        )
        made.append(staff)
    return made


def _fill(n: int, campuses: list[Campus], chance: random.Random) -> list[Sample]:
    """Load the people and their search tokens in bulk; return some of them to ask for."""
    samples: list[Sample] = []
    every = max(n // QUERIES, 1)
    first = DataKey.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with connection.cursor() as cursor:
        for pragma in LOAD_PRAGMAS:
            cursor.execute(pragma)
        cursor.execute("CREATE TEMP TABLE loaded (person INTEGER, campus INTEGER, kind TEXT, token BLOB)")
        for start in range(0, n, BATCH):
            keys, persons, patients, tokens = [], [], [], []
            for number in range(start, min(start + BATCH, n)):
                pk = first + 1 + number
                campus = chance.choices(campuses, CAMPUS_SHARES)[0]
                name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
                phone_no, file_no = f"+8612{number:09d}", f"ZX2026{number:07d}"
                keys.append(_key(pk))
                persons.append(_person(pk))
                patients.append(_patient(pk, campus.pk, file_no))
                tokens += [
                    (pk, campus.pk, kind.value, _token(kind.value, word))
                    for kind, word in words_of(name=name, phone_no=phone_no, file_no=file_no)
                ]
                if number % every == 0:
                    samples.append((name, phone_no, file_no))
            with transaction.atomic():
                _insert(DataKey, KEY_COLUMNS, keys)
                _insert(Person, PERSON_COLUMNS, persons)
                _insert(Patient, PATIENT_COLUMNS, patients)
                cursor.executemany("INSERT INTO loaded VALUES (%s, %s, %s, %s)", tokens)
            _tell(f"{min(start + BATCH, n):,} / {n:,}")
        _tell(_("建立索引"))
        with _plain_indexes(SearchToken):
            table = SearchToken._meta.db_table
            cursor.execute(
                f"INSERT OR IGNORE INTO {table} (person_id, campus_id, kind, token) "
                "SELECT person, campus, kind, token FROM loaded ORDER BY token, person"
            )
        cursor.execute("DROP TABLE loaded")
        cursor.execute("PRAGMA journal_mode = WAL")
    return samples


def _give_own(staff: Staff, n: int, chance: random.Random) -> None:
    """A consultant of long standing: her patients lie all over the years."""
    low = Patient.objects.order_by("pk").values_list("pk", flat=True).first() or 0
    chosen = chance.sample(range(low, low + n), min(OWN_PATIENTS, n))
    CareRelation.objects.bulk_create(
        (
            CareRelation(patient_id=pk, staff=staff, reason=CareReason.CONSULTANT, since=START)
            for pk in chosen
        ),
        batch_size=500,
    )


def _ask(readers: list[Staff], samples: list[Sample], chance: random.Random) -> Iterator[float]:
    """Yield the milliseconds of each search, from the typed word to the rows."""
    for _number in range(QUERIES):
        name, phone_no, file_no = chance.choice(samples)
        reader = Staff.objects.get(pk=chance.choice(readers).pk)
        text = chance.choice(_texts(name, phone_no, file_no))
        started = perf_counter()
        search(text, by=reader)
        yield (perf_counter() - started) * 1000


def _texts(name: str, phone_no: str, file_no: str) -> list[str]:
    local = phone_no.removeprefix("+86")
    initials = [word for kind, word in words_of(name=name) if kind == "initials"]
    return [
        local,
        f"{local[:3]} {local[3:7]} {local[7:]}",
        local[-4:],
        name,
        name[:1],
        name[:2],
        file_no,
        initials[0],
        initials[-1].lower(),
    ]


KEY_COLUMNS = ("id", "public_id", "wrapped", "algorithm", "master_id", "created_at")
PERSON_COLUMNS = ("id", "public_id", "vault_key", "name", "phone", "id_no", "sex", "created_at")
PATIENT_COLUMNS = (
    "id",
    "public_id",
    "person",
    "campus",
    "file_no",
    "source",
    "is_vip",
    "created_at",
    "registered_at",
    "registered_by",
)


def _key(pk: int) -> Row:
    return pk, _uuid(), os.urandom(60), Algorithm.AES.value, "bench", START


def _person(pk: int) -> Row:
    """Sealed values are noise of the right length: the benchmark reads rows, it opens none."""
    return pk, _uuid(), pk, os.urandom(38), os.urandom(43), os.urandom(29), Sex.FEMALE.value, START


def _patient(pk: int, campus_id: int, file_no: str) -> Row:
    return pk, _uuid(), pk, campus_id, file_no, SourceKind.PHONE.value, False, START, START, 1


def _uuid() -> str:
    return UUID(bytes=os.urandom(16), version=4).hex


def _insert(model: Any, names: tuple[str, ...], rows: list[Row]) -> None:
    columns = ", ".join(model._meta.get_field(name).column for name in names)
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})", rows)


@lru_cache(maxsize=500_000)
def _token(kind: str, word: str) -> bytes:
    return blind.token(kind, word)


@contextmanager
def _plain_indexes(model: Any) -> Iterator[None]:
    """Drop the indexes of a table that is to be filled, and build them at the end."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s AND sql IS NOT NULL",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        for _name, sql in indexes:
            cursor.execute(sql)


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text:<40}")
    sys.stderr.flush()
