"""Run a command against a throw-away PostgreSQL on loopback: `python scripts/postgres.py -- pytest …`.

Finds the server's programs or installs them by the system's package manager, makes a cluster in a temporary
folder, an owner and an application role that owns nothing, and takes everything down again.
"""

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

OWNER = "yimei_owner"
APPLICATION = "yimei_app"
DATABASE = "yimei"
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


def main(argv: Sequence[str]) -> int:
    command = list(argv[1:] if argv[:1] == ["--"] else argv)
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    with running() as environment:
        return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Yield the addresses of a server that lives as long as the block: the application's, the owner's, and
    the superuser's for tests that play whoever runs the server.
    """
    programs = find_programs() or install()
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="yimei-postgres-"))
    account = _unprivileged_account(folder)
    data, log, port = folder / "data", folder / "log", free_port()
    try:
        make = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        _run([programs / "initdb", "--pgdata", data, *make], folder, account)
        options = " ".join([f"-p {port}", *(f"-c {name}='{value}'" for name, value in FAST.items())])
        start = ["--log", log, "--wait", "--options", options]
        _run([programs / "pg_ctl", "start", "--pgdata", data, *start], folder, account)
        _make_roles(port)
        print(f"· PostgreSQL 127.0.0.1:{port}, {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
        address = f"127.0.0.1:{port}/{DATABASE}"
        yield {
            "DATABASE_URL": f"postgresql://{APPLICATION}@{address}",
            "DATABASE_OWNER_URL": f"postgresql://{OWNER}@{address}",
            "DATABASE_SUPERUSER_URL": f"postgresql://postgres@{address}",
        }
    finally:
        if (data / "postmaster.pid").exists():
            _run([programs / "pg_ctl", "stop", "--pgdata", data, "--mode=immediate"], folder, account)
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path | None:
    """Return the folder of the newest server, 14 or later."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    versions = {folder: _version(folder) for folder in folders if (folder / "initdb").exists()}
    best = max(versions, key=lambda folder: versions[folder], default=None)
    return best if best and versions[best] >= 14 else None


def _version(folder: Path) -> int:
    """Return the major version out of "postgres (PostgreSQL) 15.18 (Debian …)"."""
    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+", done.stdout)
    return int(found.group()) if found else 0


def install() -> Path:
    install_packages("postgresql")
    programs = find_programs()
    if programs is None:
        sys.exit("PostgreSQL 14 或更新的版本没有装上 / PostgreSQL 14 or newer could not be installed")
    return programs


def install_packages(*names: str) -> None:
    """Install by apt, saying so; elsewhere say what is needed."""
    if shutil.which("apt-get") is None:
        sys.exit(f"请用系统的软件包管理器安装 / please install by your package manager: {' '.join(names)}")
    print(f"· 正在用 apt-get 安装 / installing by apt-get: {' '.join(names)}", file=sys.stderr, flush=True)
    become_root = [] if os.geteuid() == 0 else ["sudo"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *names]):
        command = [*become_root, "apt-get", *arguments]
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"apt-get {arguments[0]}: {done.stderr.strip()[-2000:]}")


def _make_roles(port: int) -> None:
    with psycopg.connect(
        host="127.0.0.1", port=port, user="postgres", dbname="postgres", autocommit=True
    ) as server:
        server.execute(f"CREATE ROLE {APPLICATION} LOGIN")
        server.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE IN ROLE {APPLICATION}")
        server.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def _unprivileged_account(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: give the folder to somebody who may run it."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    account = next(name for name in ("postgres", "nobody") if name in accounts)
    shutil.chown(folder, user=account)
    return account


def _run(command: Sequence[str | Path], folder: Path, account: str | None) -> None:
    group = pwd.getpwnam(account).pw_gid if account else None
    with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open as long as the server
        done = subprocess.run(
            command, cwd=folder, stdout=output, stderr=output, check=False, user=account, group=group
        )
        if done.returncode:
            output.seek(0)
            sys.exit(f"{Path(command[0]).name}: {output.read().strip()[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
