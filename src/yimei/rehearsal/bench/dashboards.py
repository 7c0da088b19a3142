"""A ready page of ten tiles over a mart of so many visits: from cold, and again with what is kept.

Read by a director, and by somebody guarded against subtraction, who waits for the gate as well.
"""

import resource
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from django.test.utils import override_settings
from django.utils.translation import gettext as _

from yimei.hospital.models import Campus
from yimei.insight.gateways import reader
from yimei.insight.gateways.store import SHAPE, TABLES, Store
from yimei.insight.queries import figures, told
from yimei.insight.queries.dashboards import tiles
from yimei.insight.queries.drawing import drawing
from yimei.insight.queries.rights import is_watched
from yimei.insight.rules.dashboards import READY, Ready
from yimei.insight.rules.mart import Table
from yimei.insight.rules.mart.dimensions import Version
from yimei.insight.rules.mart.tables import CUSTOMER_KEY
from yimei.people.models import Grant, Role, Staff
from yimei.people.roles import Permission, Scope
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault.keys import new_key

TODAY = date(2026, 6, 16)
DAYS = 730
COLD, WARM = 5, 20
CAMPUSES, ROOMS, STAFF, PROCEDURES = 4, 24, 120, 60
SOURCES = ("douyin", "platform", "referral", "wechat", "phone", "website", "partner", "walk_in")
CATEGORIES = ("injection", "laser", "eye", "nose", "face", "body", "breast", "other")
"""What text columns draw from, by name; what is not here is one of three words."""
WORDS = {
    "sex": ("F", "F", "F", "F", "F", "F", "F", "M"),
    "source": SOURCES,
    "visit_kind": ("first", "return", "again", "review"),
    "kind": ("consult", "treatment", "review"),
    "status": ("served", "arrived", "no_show", "cancelled"),
    "method": ("wechat", "alipay", "card", "cash"),
    "province": ("33", "31", "32", "34"),
}
OF_TABLE = {
    ("brought_market", "kind"): ("ad",),
    ("brought_market", "ad_channel"): ("douyin", "soyoung", "wechat", "website"),
    ("brought_cost", "account"): ("material", "staff", "rent", "advertising"),
    ("cost", "account"): ("material", "staff", "rent", "advertising"),
    ("cost", "ad_channel"): ("douyin", "soyoung", "wechat", "website"),
}
SHARES = {
    "is_arrived": 80,
    "is_cancelled": 8,
    "is_no_show": 12,
    "is_won": 42,
    "is_complicated": 3,
    "is_done": 94,
    "is_repeated": 8,
}


def run(n: int) -> dict[str, Any]:
    """Return the latency of each ready page over ``n`` bookings; cold opens the file and keeps nothing.

    What the guarded reader was told in earlier rounds stays told, and is compared with, as on other days.
    """
    folder = Path(tempfile.mkdtemp(prefix="yimei-bench-"))
    try:
        with scratch_database(), override_settings(VAR_DIR=folder):
            begun = perf_counter()
            store = Store(folder / "mart")
            fill(store, n)
            built = perf_counter() - begun
            free = _measure(reader_of("director", Permission.INSIGHT_SIGN))
            guarded = _measure(reader_of("analyst"))
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    finally:
        reader.forget()
        told.forget()
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "name": "dashboards",
        "n": n,
        "pages": len(READY),
        "tiles": max(len(page.tiles) for page in READY.values()),
        **_said("", free),
        **_said("guarded_", guarded),
        "guarded_withheld": guarded.withheld,
        "build_s": round(built, 1),
        "disk_mb": size // 1_000_000,
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


@dataclass(frozen=True)
class Waited:
    """How long one reader waited for each page, in ms, and how many of the tiles were withheld."""

    cold: list[float]
    warm: list[float]
    withheld: int


def _said(whose: str, waited: Waited) -> dict[str, float]:
    return {
        f"{whose}p50_ms": _at(waited.warm, 0.5),
        f"{whose}p95_ms": _at(waited.warm, 0.95),
        f"{whose}cold_p50_ms": _at(waited.cold, 0.5),
        f"{whose}cold_p95_ms": _at(waited.cold, 0.95),
        f"{whose}cold_max_ms": round(max(waited.cold), 1),
    }


def _measure(by: Staff) -> Waited:
    cold: list[float] = []
    warm: list[float] = []
    withheld = 0
    for page in READY.values():
        for _round in range(COLD):
            reader.forget()
            figures.forget()
            told.forget()
            cold.append(_page(page, by)[0])
        rounds = [_page(page, by) for _round in range(WARM)]
        warm += [ms for ms, _refused in rounds]
        withheld += rounds[0][1]
        _tell(f"{by.name} {page.code}: {max(cold[-COLD:]):.0f} ms")
    return Waited(sorted(cold), sorted(warm), withheld)


def _page(page: Ready, by: Staff) -> tuple[float, int]:
    """How long a page took, and how many of its tiles were withheld: of a director's none."""
    begun, withheld = perf_counter(), 0
    for tile in tiles(page, by=by, today=TODAY):
        if tile.answer is None:
            assert is_watched(by), tile.refused
            withheld += 1
        else:
            drawing(tile.answer, by=by)
    return (perf_counter() - begun) * 1000, withheld


def reader_of(name: str, *more: Permission) -> Staff:
    """Somebody who sees all figures; without the right to sign reports guarded against subtraction."""
    campus, _made = Campus.objects.get_or_create(
        code="C", defaults={"name": "C", "institution_kind": "hospital", "max_grade": 4}
    )
    role = Role.objects.create(code=name, name=name)
    for permission in (Permission.INSIGHT_VIEW, Permission.INSIGHT_FINANCE, *more):
        Grant.objects.create(role=role, permission=permission, scope=Scope.GROUP)
    staff = Staff.objects.create(username=name, name=name, role=role, campus=campus, vault_key=new_key())
    return Staff.objects.get(pk=staff.pk)


def fill(store: Store, n: int) -> None:
    """Write noise of the right shape into the stored facts, and publish it as a real build does."""
    import duckdb

    draft = store.begin("bench")
    sizes = {
        "customer": n // 5,
        "booking": n,
        "message": n // 2,
        "episode": n // 4,
        "step": n,
        "turn_away": n // 50,
        "identity": n // 5,
        "lead": n // 5,
        "touch": n // 2,
        "brought_market": 2000,
        "brought_cost": 2000,
        "cost": 2000,
    }
    for table in TABLES:
        rows = sizes.get(table.name, n // 8 if table.key == CUSTOMER_KEY else 0)
        _tell(f"{table.name} {rows:,}")
        picks = ", ".join(f"{_noise(c.name, c.kind, n, table.name)} AS {c.name}" for c in table.columns)
        if table.name == "customer":
            picks = picks.replace(_noise("customer", "BIGINT", n), "CAST(i AS BIGINT)")
        with duckdb.connect(config={"memory_limit": "4GB"}) as con:
            con.execute(
                f"COPY (SELECT * FROM (SELECT {picks} FROM range({rows}) AS r(i)) ORDER BY day, row)"
                f" TO '{_path(draft.path, table)}' (FORMAT parquet, COMPRESSION zstd)"
            )
    _tell(_("发布"))
    draft.serve(list(_versions()), [], TODAY)
    manifest = {"version": "bench", "shape": SHAPE, "cursor": 0, "at": "2026-06-16T00:00:00+00:00", "rows": n}
    store.publish(draft, manifest)


def _path(folder: Path, table: Table) -> Path:
    return folder / "base" / f"{table.name}.parquet"


def _noise(name: str, kind: str, n: int, table: str = "") -> str:
    """A value that looks random and is always the same."""
    name = "day" if name == "first_day" else name
    drawn = f"(hash(i * 31 + {sum(map(ord, name)) * 7919}) % 1000003)"
    if name == "row":
        return "i"
    if name == "customer":
        return "i" if n <= 0 else f"CAST(hash(i * 17) % {max(n // 5, 1)} AS BIGINT)"
    if name == "last_day":
        return f"{_noise('day', kind, n)} + 29"
    if kind == "DATE":
        return f"DATE '{(TODAY - timedelta(days=DAYS - 1)).isoformat()}' + CAST({drawn} % {DAYS} AS INTEGER)"
    if kind == "BOOLEAN":
        return f"{drawn} % 100 < {SHARES.get(name, 70)}"
    if kind == "VARCHAR":
        words = OF_TABLE.get((table, name)) or WORDS.get(name, ("a", "b", "c"))
        return f"[{', '.join(repr(word) for word in words)}][CAST({drawn} % {len(words)} AS INTEGER) + 1]"
    most = {"campus": CAMPUSES, "room": ROOMS, "staff": STAFF, "surgeon": STAFF, "procedure": PROCEDURES}.get(
        name
    )
    if most:
        return f"CAST({drawn} % {most} + 1 AS INTEGER)"
    if name == "birth_band":
        return f"CAST(1965 + {drawn} % 9 * 5 AS INTEGER)"
    if name == "hour":
        return f"CAST(9 + {drawn} % 9 AS INTEGER)"
    if name.endswith("_minute"):
        return f"CAST(540 + {drawn} % 500 AS INTEGER)"
    if kind == "BIGINT":
        return f"CAST({drawn} AS BIGINT)"
    return f"CAST({drawn} % 9000 / 100.0 AS {kind})"


def _versions() -> Any:
    begin = TODAY - timedelta(days=DAYS)
    for key in range(1, CAMPUSES + 1):
        yield Version("campus", str(key), {"name": f"C{key}"}, begin)
    for key in range(1, ROOMS + 1):
        yield Version(
            "room", str(key), {"name": f"R{key}", "kind": "or", "campus": key % CAMPUSES + 1}, begin
        )
    for key in range(1, STAFF + 1):
        yield Version("staff", str(key), {"role": "surgeon", "department": "", "campus": 1}, begin)
    for key in range(1, PROCEDURES + 1):
        values = {"name": f"P{key}", "category": CATEGORIES[key % 8], "grade": key % 4, "field": "surgery"}
        yield Version("procedure", str(key), values, begin)


def _at(ranked: list[float], q: float) -> float:
    return round(ranked[min(len(ranked) - 1, int(len(ranked) * q))], 1)


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text:<40}")
    sys.stderr.flush()
