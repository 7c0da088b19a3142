"""`yimei doctor`: what this installation needs, one line each."""

import os
import shutil
import smtplib
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from packaging.requirements import Requirement

from yimei.config.serve import HEARTBEAT_SECONDS, heartbeat_file
from yimei.core.database import refusals as database_refusals

REQUIREMENTS = settings.BASE_DIR / "requirements" / "app.txt"
CHECKPOINT_AGE = timedelta(hours=26)
LOW_DISK, FULL_DISK = 2 * 2**30, 200 * 2**20
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    check: str
    level: Level
    text: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


Said = tuple[Level, str]


def examine(*, now: datetime) -> Iterator[Finding]:
    """Yield a finding for each check; one that needs the database waits until it answers."""
    yield Finding("python", *python())
    yield Finding("packages", *packages(REQUIREMENTS))
    yield Finding("disk", *disk(settings.VAR_DIR))
    yield Finding("keys", *keys(settings.KEYS_DIR))
    yield Finding("timezone", *timezone_data())
    yield Finding("holidays", *holidays(now.year + 1))
    yield Finding("mail", *mail())
    yield Finding("production", *production())
    reached = database()
    yield Finding("database", *reached)
    if reached[0] is not Level.FAIL:
        yield Finding("migrations", *migrations())
        yield Finding("refusals", *refusals())
        yield Finding("ownership", *ownership())
        yield Finding("audit", *audit_head())
        yield Finding("checkpoint", *checkpoint(Path(settings.AUDIT_CHECKPOINT), now=now))
    yield Finding("worker", *worker(heartbeat_file(settings.VAR_DIR)))


# ---- the machine --------------------------------------------------------------------------------


def python() -> Said:
    text = f"Python {sys.version.split()[0]}"
    return (
        (Level.OK, text)
        if sys.version_info >= (3, 11)
        else (Level.FAIL, text + _("，需要 3.11 或更新的版本"))
    )


def packages(requirements: Path) -> Said:
    """Compare what is installed with the locked list, as far as its markers name this Python and system."""
    if not requirements.exists():
        return Level.WARN, _("没有找到依赖清单 %(file)s") % {"file": requirements}
    text = requirements.read_text("utf-8").replace("\\\n", " ")
    locked = [Requirement(line.split("--hash")[0]) for line in text.splitlines() if "==" in line]
    here = [one for one in locked if one.marker is None or one.marker.evaluate()]
    wrong = []
    for one in here:
        try:
            installed = version(one.name)
        except PackageNotFoundError:
            installed = ""
        if not installed or not one.specifier.contains(installed, prereleases=True):
            wrong.append(f"{one.name} {installed or '—'} ≠ {str(one.specifier).removeprefix('==')}")
    if wrong:
        return Level.FAIL, _("与锁定版本不一致，请运行 ./yimei version 重新安装：") + "; ".join(wrong[:5])
    return Level.OK, _("%(count)d 个依赖与锁定版本一致") % {"count": len(here)}


def disk(var: Path) -> Said:
    if not os.access(var if var.exists() else var.parent, os.W_OK):
        return Level.FAIL, _("不能写入 %(folder)s") % {"folder": var}
    free = shutil.disk_usage(var if var.exists() else var.parent).free
    level = Level.FAIL if free < FULL_DISK else Level.WARN if free < LOW_DISK else Level.OK
    return level, _("数据目录可用空间 %(free).1f GB") % {"free": free / 2**30}


def keys(folder: Path) -> Said:
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    loose = [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if loose:
        text = _("密钥文件别人也能读，请运行 chmod 600：%(files)s")
        return Level.FAIL, text % {"files": " ".join(loose)}
    if not files and "YIMEI_MASTER_KEY" not in os.environ:
        return Level.WARN, _("还没有密钥，首次启动时生成；生成后请另存备份")
    return Level.OK, _("%(count)d 个密钥文件只有本人可读；请确认已另存备份") % {"count": len(files)}


def timezone_data() -> Said:
    try:
        offset = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")).utcoffset()
    except ZoneInfoNotFoundError:
        offset = None
    if offset != timedelta(hours=8):
        return Level.FAIL, _("没有 Asia/Shanghai 的时区数据")
    return Level.OK, "Asia/Shanghai UTC+8"


def holidays(year: int) -> Said:
    import chinese_calendar

    if year not in {day.year for day in chinese_calendar.holidays}:
        return Level.WARN, _("%(year)d 年的节假日表还没有，国务院公布后请更新或录入") % {"year": year}
    return Level.OK, _("%(year)d 年的节假日表已有") % {"year": year}


# ---- settings -----------------------------------------------------------------------------------


def mail() -> Said:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        level = Level.OK if settings.DEVELOPMENT else Level.WARN
        return level, _("邮件不寄出，写入 %(folder)s") % {"folder": settings.EMAIL_FILE_PATH}
    address = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=5) as server:
            server.noop()
    except OSError as error:
        return Level.FAIL, _("邮件服务器 %(address)s 连不上：%(error)s") % {
            "address": address,
            "error": error,
        }
    return Level.OK, _("邮件服务器 %(address)s 有应答") % {"address": address}


def production() -> Said:
    """A demonstration may be open; a hospital may not."""
    if settings.DEVELOPMENT:
        return Level.WARN, _("演示模式：演示账号的密码是公开的；正式使用请设 YIMEI_DEVELOPMENT=0")
    faults = []
    if settings.DEBUG:
        faults.append(_("YIMEI_DEBUG 必须关闭"))
    if not settings.SESSION_COOKIE_SECURE:
        faults.append(_("请在 HTTPS 后面运行并设 YIMEI_HTTPS=1"))
    if "*" in settings.ALLOWED_HOSTS or set(settings.ALLOWED_HOSTS) <= LOCAL_HOSTS:
        faults.append(_("请用 YIMEI_HOSTS 写明医院的域名"))
    return (Level.FAIL, "；".join(faults)) if faults else (Level.OK, _("正式模式，设置齐全"))


# ---- the database -------------------------------------------------------------------------------


def database() -> Said:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version"
            )
            row = cursor.fetchone()
    except DatabaseError as error:
        return Level.FAIL, _("数据库连不上：%(error)s") % {"error": str(error).splitlines()[0]}
    return Level.OK, f"{connection.display_name} {row[0] if row else ''}"


def migrations() -> Said:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return Level.FAIL, _("有 %(count)d 个迁移没有执行，请运行 yimei migrate") % {"count": len(waiting)}
    return Level.OK, _("迁移已全部执行")


def refusals() -> Said:
    """Look in the database itself for everything the models say that it refuses."""
    missing = database_refusals.missing()
    if missing:
        return Level.FAIL, _("数据库里缺少约束：%(names)s") % {"names": " ".join(missing[:8])}
    return Level.OK, _("%(count)d 条数据库约束都在") % {"count": len(database_refusals.wanted())}


def ownership() -> Said:
    if connection.vendor == "sqlite":
        return Level.OK, _("SQLite 文件归运行者所有")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE tableowner = current_user),"
            " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) FROM pg_tables"
        )
        owned, is_superuser = cursor.fetchone() or (0, False)
    if owned or is_superuser:
        level = Level.WARN if settings.DEVELOPMENT else Level.FAIL
        return level, _("程序使用的数据库角色拥有表或是超级用户，请用 DATABASE_OWNER_URL 分开")
    return Level.OK, _("程序使用的数据库角色不拥有任何表")


def audit_head() -> Said:
    from yimei.audit import chain

    verdict = chain.verify()
    if not verdict.is_sound:
        return Level.FAIL, _("审计记录被改动过：%(verdict)s") % {"verdict": verdict}
    text = _("审计记录 %(count)d 条，链头 %(head)s")
    return Level.OK, text % {"count": verdict.entries, "head": verdict.head[:16]}


def checkpoint(file: Path, *, now: datetime) -> Said:
    """The signed head of the log belongs where the program cannot rewrite it, and is written each night."""
    from yimei.audit import checkpoints

    kept = checkpoints.read(file) if file.exists() else {}
    if not kept:
        return Level.WARN, _("还没有审计检查点；后台任务每晚写入 %(file)s") % {"file": file}
    latest = kept[max(kept)]
    age = now - datetime.fromisoformat(latest.at)
    if age > CHECKPOINT_AGE:
        return Level.WARN, _("审计检查点已 %(hours)d 小时没有更新") % {"hours": age.total_seconds() // 3600}
    if settings.AUDIT_TSA_URL and latest.stamp is None:
        return Level.WARN, _("最近的审计检查点没有第三方时间戳，请检查 YIMEI_AUDIT_TSA_URL 与根证书")
    if file.is_relative_to(settings.VAR_DIR):
        return Level.WARN, _("审计检查点写在程序自己的目录里，请把 YIMEI_AUDIT_CHECKPOINT 设到别处")
    return Level.OK, _("审计检查点到第 %(seq)d 条，写在 %(file)s") % {"seq": latest.seq, "file": file}


def worker(heartbeat: Path) -> Said:
    try:
        age = time.time() - heartbeat.stat().st_mtime
    except FileNotFoundError:
        return Level.WARN, _("后台任务没有在运行（./yimei up 会启动它）")
    if age > 6 * HEARTBEAT_SECONDS:
        return Level.FAIL, _("后台任务 %(age)d 秒没有动静，请重启") % {"age": age}
    return Level.OK, _("后台任务在运行")
