"""`yimei up`: from an empty checkout to a page that answers, and back to nothing on Ctrl-C."""

import errno
import fcntl
import http.client
import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import (
    DatabaseError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
)
from django.db.migrations.executor import MigrationExecutor

from yimei.config import demo
from yimei.config.serve import GRACE_SECONDS
from yimei.config.supervisor import Child, Supervisor

FREE_BYTES_NEEDED = 200 * 1024 * 1024
READY_WITHIN_SECONDS = 60


@dataclass(frozen=True)
class Options:
    host: str
    port: int
    demo: bool
    stand_ins: bool

    @property
    def url(self) -> str:
        """What a person on this machine types."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"http://[{host}]:{self.port}/" if ":" in host else f"http://{host}:{self.port}/"


def up(options: Options) -> None:
    check_disk(settings.VAR_DIR)
    check_owner(settings.VAR_DIR)
    with only_one(settings.VAR_DIR / "run" / "up.lock", options.url) as is_taken_over:
        wait_for_port(options.host, options.port, seconds=GRACE_SECONDS + 2 if is_taken_over else 0)
        with usable_database():
            migrate()
            if options.demo:
                fill_when_empty(options)
            load_reference()
            forget_again()
        connections.close_all()
        serve(options)


# ---- before anything starts ----------------------------------------------------------------------


def check_disk(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
        probe = var / f".probe-{os.getpid()}"
        probe.write_bytes(b"\0" * 4096)
        probe.unlink()
        free = shutil.disk_usage(var).free
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            free = 0
        else:
            raise CommandError(
                f"不能写入 {var}（{error.strerror}），请检查目录权限。"
                f" / Cannot write to {var} ({error.strerror}); check its permissions."
            ) from error
    if free < FREE_BYTES_NEEDED:
        raise CommandError(
            f"磁盘空间不足：{var} 所在磁盘至少要有 200 MB 可用，现在只有 {free // 2**20} MB。"
            f" / The disk of {var} is nearly full: 200 MB are needed, {free // 2**20} MB are free."
        )


def check_owner(var: Path) -> None:
    """Refuse to serve from files of somebody else, who once ran this: each page that writes would fail."""
    for path in sorted([*var.glob("*"), *var.glob("keys/*")]):
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


@contextmanager
def only_one(path: Path, url: str) -> Iterator[bool]:
    """Hold the lock of this data folder; the kernel lets go of it even when the holder is killed.

    Yields whether that happened to the last holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _holder(file)
            raise CommandError(
                f"颐美已经在运行（进程 {holder['pid']}，{holder['url']}），请先停止它。"
                f" / Yimei is already running (process {holder['pid']}, {holder['url']}); stop it first."
            ) from error
        is_taken_over = _holder(file)["pid"] != "?"
        if is_taken_over:
            say("· 上次没有正常停止，已接管 / the last run did not stop properly, taking over")
        _write(file, json.dumps({"pid": os.getpid(), "url": url}))
        try:
            yield is_taken_over
        finally:
            _write(file, "")


def _holder(file: IO[str]) -> dict[str, Any]:
    file.seek(0)
    try:
        return {"pid": "?", "url": "?", **json.loads(file.read())}
    except ValueError:
        return {"pid": "?", "url": "?"}


def _write(file: IO[str], text: str) -> None:
    file.seek(0)
    file.truncate()
    file.write(text)
    file.flush()


def wait_for_port(host: str, port: int, *, seconds: float) -> None:
    """Refuse a port that is taken; what a killed run left behind ends by itself, so give that its time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return check_port(host, port)
        except CommandError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.2)


def check_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise CommandError(f"主机名 {host} 无法识别。 / The host {host} is not known.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CommandError(
                f"端口 {port} 已被占用，请换一个：./yimei up --port {port + 1}"
                f" / Port {port} is taken; choose another: ./yimei up --port {port + 1}"
            ) from error
        if error.errno == errno.EACCES:
            raise CommandError(
                f"没有权限使用端口 {port}，请用 1024 以上的端口。"
                f" / Port {port} needs more rights; choose one above 1024."
            ) from error
        raise CommandError(
            f"不能监听 {host}:{port}（{error.strerror}）。"
            f" / Cannot listen on {host}:{port} ({error.strerror})."
        ) from error


# ---- the database --------------------------------------------------------------------------------


@contextmanager
def usable_database() -> Iterator[None]:
    """Say in one sentence what the database refuses; a row that breaks a constraint is a fault of ours."""
    try:
        yield
    except (OperationalError, ProgrammingError, NotSupportedError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(f"数据库不可用：{reason} / The database cannot be used: {reason}") from error


def migrate() -> None:
    """Bring the database up to date; under PostgreSQL as its owner, who is not who serves pages."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with step("数据库迁移 / migrating the database"):
            call_command("migrate", interactive=False, verbosity=0)


def fill_when_empty(options: Options | None = None) -> None:
    """Make the small rehearsal hospital; one that was cut off is put aside and made anew."""
    unfinished = settings.VAR_DIR / "run" / "rehearsal.unfinished"
    if unfinished.exists():
        _put_aside_unfinished()
    elif not is_empty():
        return
    unfinished.touch()
    if options is not None:
        say_address(options)
    with step("制作彩排医院（小） / making the small rehearsal hospital", shows_own_progress=True):
        call_command("rehearse", size="s", seed=1)
    unfinished.unlink()


def say_address(options: Options) -> None:
    """Let what the rehearsal writes to people carry the address that they will open."""
    before, after = settings.PUBLIC_URL, options.url.rstrip("/")
    if os.environ.get("YIMEI_PUBLIC_URL"):
        return
    for name in filter(str.isupper, dir(settings)):
        value = getattr(settings, name)
        if isinstance(value, str) and value.startswith(before):
            setattr(settings, name, after + value.removeprefix(before))


def load_reference() -> None:
    """Give a fresh or just upgraded hospital what ships; after the rehearsal, which loads at its own time."""
    try:
        call_command("reference", stdout=sys.stderr)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(
            f"参考资料没有载入：{reason} / The reference data was not loaded: {reason}"
        ) from error


def forget_again() -> None:
    """Before anybody is served: a backup that was put back knows nothing of what was erased since."""
    call_command("erasure", "catch-up", stdout=sys.stderr)


def is_empty() -> bool:
    from django.contrib.auth import get_user_model

    return not get_user_model()._default_manager.exists()


def _put_aside_unfinished() -> None:
    if connection.vendor != "sqlite":
        raise CommandError(
            "上次制作彩排数据中途停止，请清空数据库后重试。"
            " / The last rehearsal was cut off; empty the database and try again."
        )
    say("· 上次制作彩排数据中途停止，重新制作 / the last rehearsal was cut off, making it anew")
    database = Path(str(connection.settings_dict["NAME"]))
    connections.close_all()
    for suffix in ("", "-wal", "-shm"):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.rename(part.with_name(f"unfinished-{part.name}"))
    migrate()


# ---- serving -------------------------------------------------------------------------------------


def serve(options: Options) -> None:
    os.environ.update(environment(options))
    os.environ.pop("DATABASE_OWNER_URL", None)  # who serves pages never knows how the owner signs in
    program = [sys.executable, "-m", "yimei.config.serve"]
    address = [options.host, str(options.port), str(web_processes())]
    web = Child("web", [*program, "web", *address], chinese="网页服务", max_deaths=3)
    worker = Child("worker", [*program, "worker"], chinese="后台任务")
    supervisor = Supervisor([web, worker], say=say)
    supervisor.watch_signals()
    is_announced = False
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    try:
        while not supervisor.is_stopping:
            if not supervisor.tend():
                raise CommandError(
                    "网页服务连续三次启动失败，原因见上面的记录。"
                    " / The web server failed three times in a row; the reason is in the lines above."
                )
            if not is_announced and answers(options):
                announce(options)
                is_announced = True
            elif not is_announced and time.monotonic() > deadline:
                raise CommandError(
                    f"网页服务 {READY_WITHIN_SECONDS} 秒内没有应答，原因见上面的记录。"
                    f" / The web server did not answer within {READY_WITHIN_SECONDS} s; see the lines above."
                )
            time.sleep(0.1)
    finally:
        supervisor.stop()
    say("已停止 / stopped")


def environment(options: Options) -> dict[str, str]:
    """What the children are told beside what they inherit."""
    told = {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(settings.BASE_DIR / "src")}
    if options.host not in {"0.0.0.0", "::", *settings.ALLOWED_HOSTS}:
        told["YIMEI_HOSTS"] = ",".join([*settings.ALLOWED_HOSTS, options.host])
    if not os.environ.get("YIMEI_PUBLIC_URL"):
        told["YIMEI_PUBLIC_URL"] = options.url.rstrip("/")
    if options.stand_ins:
        told["YIMEI_EMAIL_BACKEND"] = "django.core.mail.backends.filebased.EmailBackend"
    return told


def web_processes() -> int:
    """One on SQLite, whose writers share a lock inside the process; as many as wished on PostgreSQL."""
    if connection.vendor == "sqlite":
        return 1
    return int(os.environ.get("YIMEI_WEB_PROCESSES", "2"))


def answers(options: Options) -> bool:
    """Whether the program is ready and its first page came back, so that it is warm for its first reader."""
    return _status(options, "/readyz") == 200 and _status(options, "/") < 500


def _status(options: Options, path: str, *, redirects: int = 3) -> int:
    url = urlsplit(options.url)
    plain = (name for name in settings.ALLOWED_HOSTS if not name.startswith(("*", ".", "[")))
    caller = http.client.HTTPConnection(url.hostname or "", options.port, timeout=10)
    try:
        caller.request("GET", path, headers={"Host": next(plain, "localhost")})
        response = caller.getresponse()
    except (OSError, http.client.HTTPException):
        return 599
    finally:
        caller.close()
    location = response.headers.get("Location", "")
    if redirects and location.startswith("/"):
        return _status(options, location, redirects=redirects - 1)
    return response.status


def announce(options: Options) -> None:
    print(f"READY {options.url}", flush=True)
    if options.demo:
        for line in demo.lines(settings.VAR_DIR / "demo.json", options.url):
            print(line, flush=True)
    if settings.DEVELOPMENT and options.host not in {"127.0.0.1", "localhost", "::1"}:
        say(
            "! 演示账号的密码是公开的，而这个地址别的机器也能访问；正式使用请设 YIMEI_DEVELOPMENT=0"
            " / the demo passwords are public and other machines can reach this address;"
            " set YIMEI_DEVELOPMENT=0 for real work"
        )
    if is_empty():
        say("· 还没有员工账号，请运行 yimei addstaff / nobody can sign in yet, run: yimei addstaff")
    connections.close_all()
    say("按 Ctrl-C 停止 / press Ctrl-C to stop")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def step(title: str, *, shows_own_progress: bool = False) -> Iterator[None]:
    """Show what happens now and how long it took."""
    began = time.monotonic()
    print(f"· {title} …", end="\n" if shows_own_progress else " ", file=sys.stderr, flush=True)
    try:
        yield
    except BaseException:
        print(file=sys.stderr)
        raise
    say(f"{'  ' if shows_own_progress else ''}{time.monotonic() - began:.1f} s")
