"""The log under load: what a line adds to an action, how fast a stretch is sealed and all is verified."""

import json
import random
import resource
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from yimei.audit import chain, log
from yimei.audit.actions import seals
from yimei.audit.models import Entry
from yimei.rehearsal.bench.scratch import scratch_database

SEED = 20260616
INSERTS, ROUNDS = 1000, 5
BATCH = 5000
BEGUN = datetime(2026, 6, 1, tzinfo=UTC)
ACTIONS = (
    "people.patient.view",
    "people.patient.search",
    "journey.photo.photo_view",
    "journey.booking.moved",
)
PAGES = ("case", "file", "photos", "money")


def run(n: int) -> dict[str, Any]:
    """Measure ``n`` lines: 1,000 written one by one as actions do, the rest laid down at once."""
    chance = random.Random(SEED)
    with scratch_database():
        _tell(_("逐条写入"))
        rounds = [_insert_times(chance) for _round in range(ROUNDS)]
        _tell(_("装入"))
        _load(n - INSERTS, chance)
        _tell(_("封签"))
        seal_s, made = _timed(lambda: seals.seal(now=BEGUN))
        _tell(_("校验"))
        verify_s, verdict = _timed(chain.verify)
    adds = [
        sorted(after - before for before, after in zip(sorted(alone), sorted(written), strict=True))
        for alone, written, _recorded in rounds
    ]
    return {
        "name": "audit",
        "n": verdict.entries,
        "p50_ms": _best([written for _alone, written, _recorded in rounds], 0.5),
        "p95_ms": _best([written for _alone, written, _recorded in rounds], 0.95),
        "insert_adds_p50_ms": _best(adds, 0.5),
        "insert_adds_p95_ms": _best(adds, 0.95),
        "record_p50_ms": _best([recorded for _alone, _written, recorded in rounds], 0.5),
        "record_p95_ms": _best([recorded for _alone, _written, recorded in rounds], 0.95),
        "seal_s": round(seal_s, 2),
        "sealed": made.last - made.first + 1 if made else 0,
        "verify_s": round(verify_s, 2),
        "sound": verdict.is_sound,
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _insert_times(chance: random.Random) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of a transaction that writes one row of its own, without and with a line of the log.

    The third: what writing the line takes by itself, before the commit, which waits for the disk either way.
    """
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_row (id integer PRIMARY KEY, text varchar(40))")
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    for number in range(INSERTS // ROUNDS):
        for is_logged in (False, True):
            begun = perf_counter()
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("INSERT INTO bench_row (text) VALUES (%s)", [str(number)])
                if is_logged:
                    line = perf_counter()
                    log.record(
                        chance.choice(ACTIONS),
                        at=BEGUN,
                        subject=UUID(int=chance.getrandbits(128)),
                        purpose="treatment",
                        detail={"page": "case"},
                    )
                    times[2].append((perf_counter() - line) * 1000)
            times[is_logged].append((perf_counter() - begun) * 1000)
    return times


def _load(count: int, chance: random.Random) -> None:
    """Lay lines down as they would lie after years; without the indexes that proving them never reads."""
    with connection.schema_editor() as editor:
        for index in Entry._meta.indexes:
            editor.remove_index(Entry, index)
    columns = [*chain.HASHED, "hash"]
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    places = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {Entry._meta.db_table} ({names}) VALUES ({places})"
    batch: list[tuple[Any, ...]] = []
    for values in _lines(count, chance):
        written = values | {
            "at": connection.ops.adapt_datetimefield_value(values["at"]),
            "actor": values["actor"].hex,
            "subject_key": values["subject_key"].hex,
            "fields": json.dumps(values["fields"]),
            "detail": json.dumps(values["detail"]),
        }
        batch.append(tuple(written[name] for name in columns))
        if len(batch) == BATCH:
            _write(sql, batch)
    _write(sql, batch)


def _write(sql: str, batch: list[tuple[Any, ...]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(sql, batch)
    batch.clear()


def _lines(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    staff = [UUID(int=chance.getrandbits(128)) for _number in range(60)]
    people = [UUID(int=chance.getrandbits(128)) for _number in range(20_000)]
    last = Entry.objects.order_by("-seq").values("seq", "hash")[0]
    seq, head = last["seq"], last["hash"]
    for number in range(count):
        seq += 1
        values: dict[str, Any] = {
            "seq": seq,
            "at": BEGUN + timedelta(seconds=number),
            "actor": chance.choice(staff),
            "role": "nurse",
            "on_behalf_of": None,
            "session": "0" * 32,
            "device": "f" * 32,
            "ip": "10.0.0.7",
            "action": chance.choice(ACTIONS),
            "subject_key": chance.choice(people),
            "object_type": "people.patient",
            "object_id": str(number),
            "level": "4",
            "fields": [],
            "purpose": "treatment",
            "reason": "",
            "rows": 1,
            "result": "ok",
            "detail": _detail(number, chance),
            "algorithm": "AES-256-GCM",
            "prev_hash": head,
        }
        head = values["hash"] = chain.hash_of(values)
        yield values


def _detail(number: int, chance: random.Random) -> dict[str, Any]:
    """Half the lines say which page; the others say something that no other line says."""
    if number % 2:
        return {"page": chance.choice(PAGES)}
    return {
        "old": "requested",
        "new": "confirmed",
        "room": f"诊室 {number % 97}",
        "claim": number,
        "flags": [],
    }


def _timed(work: Any) -> tuple[float, Any]:
    begun = perf_counter()
    result = work()
    return perf_counter() - begun, result


def _best(rounds: Sequence[list[float]], share: float) -> float:
    """The quietest round's: what others do on the machine only ever adds."""
    return round(min(_share(times, share) for times in rounds), 3)


def _share(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"{words}\n")
