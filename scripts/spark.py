"""Run a command beside a Spark cluster of processes on loopback: `python scripts/spark.py -- pytest …`.

A master and two workers, each a process of its own, as they would stand on several machines; taken down again
at the end. Says what is missing when Java or Spark is not there.
"""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ROOT / ".venv" / "spark"
"""Where Spark may lie beside the locked packages, for nobody else needs its half gigabyte."""
JAVA = 17
WORKERS = 2
PATIENCE = 240.0
HELP = f"""缺少运行 Spark 集群所需的东西：{{missing}}
  Java {JAVA} 或更新：apt-get install openjdk-{JAVA}-jre-headless
  Spark（约 490 MB，装在锁定的环境旁边）：
    .venv/bin/python -m pip install --target .venv/spark "pyspark>=4,<5"
What the Spark cluster needs is missing: {{missing}}
  Java {JAVA} or newer: apt-get install openjdk-{JAVA}-jre-headless
  Spark (about 490 MB, beside the locked packages):
    .venv/bin/python -m pip install --target .venv/spark "pyspark>=4,<5"
"""


def main(argv: Sequence[str]) -> int:
    command = list(argv[1:] if argv[:1] == ["--"] else argv)
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    missing = [said for said in (java(), spark()) if said]
    if missing:
        print(HELP.format(missing=" · ".join(missing)), file=sys.stderr)
        return 1
    with running() as environment:
        return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def java() -> str:
    """Say what is missing of Java, if anything."""
    program = shutil.which("java")
    if program is None:
        return "Java"
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return "" if found and int(found[1]) >= JAVA else f"Java {JAVA}"


def spark() -> str:
    return "" if home() else "pyspark"


def home() -> Path | None:
    """Return the folder of Spark: installed here, or beside."""
    if (BESIDE / "pyspark" / "bin" / "spark-class").is_file():
        return BESIDE / "pyspark"
    found = importlib.util.find_spec("pyspark")
    return Path(found.origin).parent if found and found.origin else None


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Yield where the master listens and where its client lies."""
    found = home()
    assert found
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="yimei-spark-"))
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    environment = {
        "SPARK_HOME": str(found),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }
    started: list[subprocess.Popen[bytes]] = []
    log = folder / "log"
    try:
        with log.open("wb") as handle:

            def start(*arguments: str) -> None:
                command = [str(found / "bin" / "spark-class"), *arguments]
                one = subprocess.Popen(
                    command, stdout=handle, stderr=handle, env={**os.environ, **environment}
                )
                started.append(one)

            master = "org.apache.spark.deploy.master.Master"
            start(master, "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(_free_port()))
            _await(lambda: _listens(port), log)
            for _number in range(WORKERS):
                worker = "org.apache.spark.deploy.worker.Worker"
                start(
                    worker, "--host", "127.0.0.1", "--cores", "1", "--memory", "1g",
                    "--webui-port", str(_free_port()), address,
                )  # fmt: skip
            registered = b"Registering worker"
            _await(lambda: log.read_bytes().count(registered) >= WORKERS, log)
            print(f"· Spark {address}, 1 + {WORKERS} processes, {time.monotonic() - began:.1f} s", flush=True)
            paths = [str(found.parent), os.environ.get("PYTHONPATH", "")]
            yield {
                **environment,
                "SPARK_MASTER": address,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            }
    finally:
        for one in reversed(started):
            one.terminate()
        for one in started:
            try:
                one.wait(timeout=20)
            except subprocess.TimeoutExpired:
                one.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _await(is_ready: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not is_ready():
        if time.monotonic() > until:
            print(log.read_text("utf-8", "replace")[-2000:], file=sys.stderr)
            raise SystemExit("Spark did not start")
        time.sleep(0.2)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
