import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from yimei.config import supervisor
from yimei.config.supervisor import Child, Supervisor

SLEEP = "import time; time.sleep(60)"
WITH_GRANDCHILD = """
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(grandchild.pid))
time.sleep(60)
"""
DEAF = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w")
time.sleep(60)
"""


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", "-c", code, *arguments]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")")[-1].split()[0] != "Z"


def test_stopping_ends_the_children_and_theirs(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    watched = Supervisor([Child("web", python(WITH_GRANDCHILD, str(note)))], say=print)
    assert watched.tend()
    wait_until(lambda: note.exists() and note.read_text() != "")
    grandchild = int(note.read_text())
    watched.stop()
    assert watched.children[0].process is None
    wait_until(lambda: not is_alive(grandchild))


def test_a_child_that_ignores_the_request_is_ended_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "GRACE_SECONDS", 0.2)
    note = tmp_path / "ready"
    child = Child("worker", python(DEAF, str(note)))
    watched = Supervisor([child], say=print)
    watched.tend()
    wait_until(note.exists)
    assert child.process is not None
    process = child.process
    watched.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_dead_child_is_started_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    child = Child("worker", python("raise SystemExit(3)"))
    watched = Supervisor([child], say=said.append)
    monkeypatch.setattr(Child, "pause", 0)
    assert watched.tend()
    wait_until(lambda: watched.tend() and child.deaths == 2)
    watched.stop()
    assert len(said) == 2
    assert "worker" in said[0]
    assert "3" in said[0]


def test_a_child_that_dies_three_times_in_a_row_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    child = Child("web", python("raise SystemExit(1)"), max_deaths=3)
    watched = Supervisor([child], say=lambda _: None)
    monkeypatch.setattr(Child, "pause", 0)
    wait_until(lambda: not watched.tend())
    assert child.deaths == 3


def test_pauses_grow_and_a_healthy_life_forgives() -> None:
    child = Child("web", python(SLEEP))
    pauses = []
    for deaths in range(1, 8):
        child.deaths = deaths
        pauses.append(child.pause)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    child.start()
    assert child.process is not None
    child.started_at -= supervisor.HEALTHY_SECONDS + 1
    child.process.kill()
    wait_until(lambda: child.note_death() == -signal.SIGKILL)
    assert child.deaths == 1
