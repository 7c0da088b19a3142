"""The whole of `yimei up` in processes of its own, on an empty database."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.config.conftest import YIMEI, environment

pytestmark = pytest.mark.long(reason="starts a web server and a worker and waits for them to end")


class Run:
    """One `yimei up` and what it printed."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.output = folder / "output"
        with self.output.open("a") as output:
            self.process = subprocess.Popen(
                [*YIMEI, "up", "--no-demo", "--port", str(port)],
                env=environment(folder),
                stdout=output,
                stderr=output,
            )

    def wait_until_ready(self) -> None:
        wait_until(lambda: "READY" in self.output.read_text() or self.process.poll() is not None, seconds=60)
        assert f"READY http://127.0.0.1:{self.port}/\n" in self.output.read_text(), self.output.read_text()

    @property
    def children(self) -> list[int]:
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]


def wait_until(holds: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def groups_alive(leaders: list[int]) -> bool:
    for leader in leaders:
        try:
            os.killpg(leader, 0)
        except ProcessLookupError:
            continue
        return True
    return False


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def run(migrated: Path, tmp_path: Path, port: int) -> Iterator[Run]:
    shutil.copytree(migrated, tmp_path / "var")
    started = Run(tmp_path, port)
    yield started
    started.process.kill()
    started.process.wait()


def test_it_serves_restarts_what_dies_and_leaves_nothing_behind(run: Run) -> None:
    run.wait_until_ready()
    with urlopen(f"http://127.0.0.1:{run.port}/readyz") as page:
        assert page.status == 200
    before = run.children
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(set(run.children) - set(before)) == 1, seconds=10)
    assert "重启" in run.output.read_text()

    leaders = run.children
    began = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(timeout=10) == 0
    assert time.monotonic() - began < 6
    assert not groups_alive([*before, *leaders])


def test_a_killed_run_takes_its_children_along_and_the_next_takes_over(run: Run, tmp_path: Path) -> None:
    run.wait_until_ready()
    leaders = run.children
    run.process.kill()
    run.process.wait()
    run.output.write_text("")
    again = Run(tmp_path, run.port)
    try:
        again.wait_until_ready()
        assert "已接管" in again.output.read_text()
        wait_until(lambda: not groups_alive(leaders), seconds=8)
    finally:
        again.process.terminate()
        assert again.process.wait(timeout=10) == 0
