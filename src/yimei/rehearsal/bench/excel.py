"""A sheet of Excel of ``n`` rows and five columns: written as a list that leaves, read as an import is."""

import io
import random
import resource
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, process_time
from typing import Any, TypeVar
from uuid import UUID

from yimei.insight.gateways.files import open_table
from yimei.people.enums import LookPurpose
from yimei.people.models import Staff
from yimei.people.roles import Permission
from yimei.privacy.actions.exports import sheet_of
from yimei.privacy.models import Export
from yimei.privacy.registry import ExportRow, ExportSource

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
SEED = 20260616
ROUNDS = 5
COLUMNS = {"number": "档案号", "name": "姓名", "phone": "电话", "day": "就诊日期", "amount": "实收"}
Done = TypeVar("Done")


def run(n: int) -> dict[str, Any]:
    """Return how long each way takes; what is read are a sheet of ours and one as Excel itself writes it."""
    rows = _rows(n)
    listed = [ExportRow(UUID(int=at), dict(zip(COLUMNS, row, strict=True))) for at, row in enumerate(rows)]
    written, written_cpu, ours = _timed("write", lambda: _write(listed))
    read_ours, _cpu, count = _timed("read", lambda: _read(ours))
    theirs = _as_excel(rows)
    read, read_cpu, count_theirs = _timed("read", lambda: _read(theirs))
    return {
        "name": "excel",
        "n": n,
        "columns": len(COLUMNS),
        "write_p50_ms": _middle(written),
        "write_max_ms": round(max(written), 1),
        "write_cpu_ms": written_cpu,
        "read_p50_ms": _middle(read),
        "read_max_ms": round(max(read), 1),
        "read_cpu_ms": read_cpu,
        "read_own_p50_ms": _middle(read_ours),
        "rows_read": min(count - 1, count_theirs),
        "file_mb": round(len(ours) / 1e6, 1),
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _rows(n: int) -> list[tuple[str, str, str, str, str]]:
    chance = random.Random(SEED)
    names = [a + b for a in "王李张刘陈杨黄赵" for b in ("芳", "秀英", "静怡", "小满", "雨欣", "婷")]
    days = [(date(2024, 1, 1) + timedelta(days=day)).isoformat() for day in range(900)]
    return [
        (
            f"A{number:08d}",
            chance.choice(names),
            str(13_000_000_000 + number * 7),
            chance.choice(days),
            f"{chance.randrange(9_000_000) / 100:.2f}",
        )
        for number in range(n)
    ]


def _write(listed: list[ExportRow]) -> bytes:
    """The sheet of an export, without its lines in the log and its lock."""
    source = ExportSource("bench", "bench", COLUMNS, Permission.INSIGHT_EXPORT, (), (), lambda *_asked: [])
    export = Export(mark="BENCH", purpose=LookPurpose.MANAGEMENT)
    return sheet_of(source, listed, export=export, by=Staff(name="bench"), now=NOW)


def _read(data: bytes) -> int:
    """Open the table as an import does, and go over each of its rows."""
    return sum(1 for _line, _row in open_table(data, name="table.xlsx").rows)


def _as_excel(rows: list[tuple[str, str, str, str, str]]) -> bytes:
    """Words kept once beside the sheet, days and amounts as numbers."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, list(COLUMNS.values()))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for at, (number, name, phone, seen, amount) in enumerate(rows, 1):
        page.write_row(at, 0, [number, name, phone])
        page.write_datetime(at, 3, datetime.fromisoformat(seen), day)
        page.write_number(at, 4, float(amount))
    book.close()
    return out.getvalue()


def _timed(what: str, do: Callable[[], Done]) -> tuple[list[float], float, Done]:
    """Milliseconds by the clock of each round, the middle one of the processor's, and what was made."""
    clock: list[float] = []
    work: list[float] = []
    for _round in range(ROUNDS):
        begun, worked = perf_counter(), process_time()
        done = do()
        clock.append((perf_counter() - begun) * 1000)
        work.append((process_time() - worked) * 1000)
        sys.stderr.write(f"\r{what} {clock[-1]:.0f} ms{'':<20}")
        sys.stderr.flush()
    return clock, _middle(work), done


def _middle(times: list[float]) -> float:
    return round(sorted(times)[len(times) // 2], 1)
