import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ENQUEUE = """
import django; django.setup()
from yimei.core import jobs
jobs.enqueue("killed.slow", {}, key="once")
jobs.enqueue("killed.slow", {}, key="once")
"""
REPORT = """
import django, json; django.setup()
from yimei.core.models import Job
job = Job.objects.get(key="once")
effects = Job.objects.filter(name="killed.effect").count()
print(json.dumps({"status": job.status, "attempts": job.attempts, "effects": effects}))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    own = {
        "DJANGO_SETTINGS_MODULE": "tests.core.killed.settings",
        "YIMEI_VAR_DIR": str(tmp_path),
        "DATABASE_URL": "",
    }
    return {**os.environ, **own, "PYTHONPATH": paths}


@pytest.fixture
def start_worker(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (tmp_path / "worker.log").open("ab") as log:
            command = [sys.executable, "-m", "django", "worker"]
            worker = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        _kill(worker)


def _kill(worker: subprocess.Popen[bytes]) -> None:
    """End the whole family at once, as a power cut would."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait(10)


def _wait(until: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


@pytest.mark.first
@pytest.mark.slow(reason="starts a real worker twice and waits for the queue to notice the first one's death")
def test_a_worker_killed_in_the_middle_neither_loses_the_job_nor_does_it_twice(
    environment: dict[str, str], start_worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    def report() -> dict[str, object]:
        return dict(json.loads(python("-c", REPORT)))

    python("-m", "django", "migrate", "-v0")
    python("-c", ENQUEUE)
    first = start_worker()
    _wait((tmp_path / "begun").exists, 30)
    _kill(first)
    assert report() == {"status": "running", "attempts": 1, "effects": 0}

    start_worker()
    _wait(lambda: report()["status"] == "done", 60)
    assert report() == {"status": "done", "attempts": 2, "effects": 1}
