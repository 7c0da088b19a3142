"""Run a command against a throw-away MariaDB on loopback: `python scripts/mariadb.py -- pytest …`.

Finds the server's programs or installs them by the system's package manager, makes a database in a temporary
folder with a certificate of its own, a writer, a reader who may only read, and takes everything down again.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pymysql
from postgres import free_port, install_packages

DATABASE = "yimei"
WORD = "throw-away"


def main(argv: Sequence[str]) -> int:
    command = list(argv[1:] if argv[:1] == ["--"] else argv)
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    with running() as environment:
        return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Yield the addresses of a server that lives as long as the block: a reader's and a writer's."""
    if shutil.which("mariadbd") is None:
        install_packages("mariadb-server", "openssl")
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="yimei-mariadb-"))
    port, data = free_port(), folder / "data"
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    _run(["mariadb-install-db", f"--datadir={data}", "--auth-root-authentication-method=normal", *_user()])
    _run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)]
    )  # fmt: skip
    server = subprocess.Popen(
        ["mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
         f"--socket={folder / 'socket'}", f"--ssl-key={key}", f"--ssl-cert={certificate}",
         "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", *_user()],
        stdout=subprocess.DEVNULL, stderr=(folder / "log").open("w"),
    )  # fmt: skip
    try:
        _make_users(folder / "socket", folder / "log")
        print(f"· MariaDB 127.0.0.1:{port}, {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
        address = f"127.0.0.1:{port}/{DATABASE}"
        yield {
            "TEST_MYSQL_URL": f"mysql://reader:{WORD}@{address}",
            "TEST_MYSQL_OWNER_URL": f"mysql://writer:{WORD}@{address}",
        }
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _make_users(path: Path, log: Path) -> None:
    for _second in range(120):
        try:
            root = pymysql.connect(unix_socket=str(path), user="root", password="")
            break
        except pymysql.MySQLError:
            time.sleep(0.25)
    else:
        sys.exit(f"mariadbd: {log.read_text()[-2000:]}")
    with root, root.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
        for name, rights in (("reader", "SELECT"), ("writer", "ALL PRIVILEGES")):
            cursor.execute(f"CREATE USER {name}@'127.0.0.1' IDENTIFIED BY '{WORD}' REQUIRE SSL")
            cursor.execute(f"GRANT {rights} ON {DATABASE}.* TO {name}@'127.0.0.1'")


def _user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]}: {(done.stdout + done.stderr).strip()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
