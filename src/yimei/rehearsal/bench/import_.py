"""A table of very many rows through the wizard: received, tried with its profile, taken in."""

import random
import resource
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from django.test.utils import override_settings

from yimei.core import jobs
from yimei.hospital.models import Campus
from yimei.insight.actions import imports
from yimei.insight.models import ImportBatch
from yimei.people.models import Grant, Role, Staff
from yimei.people.roles import Permission, Scope
from yimei.rehearsal.bench.scratch import scratch_database
from yimei.vault import blind
from yimei.vault.keys import new_key

NOW = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)
SEED = 20260616
COLUMNS = 30
HEADER = (
    "档案号,姓名,手机号,证件号,性别,出生日期,首次来源,城市,首次到店日,最近到店日,到店次数,累计消费,会员等级,同意联系,"
    "年龄,咨询师,主诊医生,项目,卡号尾数,积分,储值余额,欠款,身高,体重,推荐人编号,备注代码,渠道编号,门店,最近回访,满意度"
)
"""Fifteen columns of the template of customers and fifteen that nobody asked for."""


def run(n: int) -> dict[str, Any]:
    """Return the seconds of each step for ``n`` rows of thirty columns, in a worker of one process.

    The whole ends when the import is done; after it outliers are looked for and the mart follows.
    """
    folder = Path(tempfile.mkdtemp(prefix="yimei-bench-"))
    try:
        with scratch_database(), override_settings(VAR_DIR=folder):
            blind.token("bench", "")
            by = _analyst()
            _tell("CSV")
            (folder / "table.csv").write_text(_table(n), "utf-8")
            seconds = _measure(folder / "table.csv", by)
            batch = ImportBatch.objects.get()
            size = (folder / "table.csv").stat().st_size
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "name": "import",
        "n": n,
        "columns": COLUMNS,
        "file_mb": size // 1_000_000,
        "total_s": round(sum(seconds.values()) - seconds["after_s"], 1),
        **{name: round(value, 1) for name, value in seconds.items()},
        "accepted": batch.accepted,
        "rejected": batch.rejected,
        "max_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _measure(path: Path, by: Staff) -> dict[str, float]:
    seconds = {}
    begun = perf_counter()
    batch = imports.receive(path.read_bytes(), name="table.csv", template="patient", by=by, now=NOW)
    seconds["receive_s"] = perf_counter() - begun
    for name, step in (("trial_s", _try), ("take_s", _take)):
        begun = perf_counter()
        step(batch, by)
        jobs.run_waiting(1)
        seconds[name] = perf_counter() - begun
        _tell(f"{name} {seconds[name]:.1f}")
    begun = perf_counter()
    jobs.run_waiting()
    seconds["after_s"] = perf_counter() - begun
    return seconds


def _try(batch: ImportBatch, by: Staff) -> None:
    imports.check(batch.public_id, mapping=batch.mapping, by=by, now=NOW)


def _take(batch: ImportBatch, by: Staff) -> None:
    imports.run(batch.public_id, by=by, now=NOW)


def _analyst() -> Staff:
    campus = Campus.objects.create(code="C", name="C", institution_kind="hospital", max_grade=4)
    role = Role.objects.create(code="analyst", name="analyst")
    Grant.objects.create(role=role, permission=Permission.INSIGHT_IMPORT, scope=Scope.GROUP)
    staff = Staff.objects.create(username="a", name="A", role=role, campus=campus, vault_key=new_key())
    return Staff.objects.get(pk=staff.pk)


def _table(n: int) -> str:
    """Rows as an old system has them: many different numbers, few different words, one in 1,000 wrong."""
    chance = random.Random(SEED)
    days = [(date(2015, 1, 1) + timedelta(days=day)).isoformat() for day in range(4000)]
    sources, cities, tiers = (
        ("抖音", "小红书", "美团", "老带新"),
        ("杭州", "宁波", "温州"),
        ("金卡", "银卡", ""),
    )
    names = [a + b for a in "王李张刘陈杨黄赵" for b in ("芳", "秀英", "静怡", "小满", "雨欣", "婷")]
    pick, whole = chance.choice, chance.randrange
    lines = [HEADER]
    for number in range(n):
        first = whole(2000)
        day = days[first] if whole(1000) else "2024-02-30"
        lines.append(
            f"A{number:08d},{pick(names)},{13000000000 + number * 7},,{'女' if whole(8) else '男'},"
            f"{days[whole(4000)]},{pick(sources)},{pick(cities)},{day},{days[first + whole(2000)]},"
            f"{whole(30)},"
            f"{whole(9_000_000) / 100:.2f},{pick(tiers)},{'是' if whole(3) else '否'},{whole(60)},"
            f"C{whole(40)},D{whole(30)},P{whole(80)},{whole(10_000)},{whole(100_000)},"
            f"{whole(900_000) / 100:.2f},"
            f"0,{150 + whole(40)},{40 + whole(60)},A{whole(10_000_000):08d},N{whole(9)},{whole(200)},"
            f"S{whole(4)},{days[whole(4000)]},{whole(50) / 10}"
        )
    return "\n".join(lines)


def _tell(text: str) -> None:
    sys.stderr.write(f"\r{text:<40}")
    sys.stderr.flush()
