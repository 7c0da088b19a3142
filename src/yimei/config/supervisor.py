"""Starts processes, starts them again when they die, and ends every one of them in time."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from yimei.config.serve import GRACE_SECONDS

HEALTHY_SECONDS = 60
MAX_PAUSE_SECONDS = 30


class Child:
    """One process group; the leader alone is asked to stop, since the queue hangs when all of them are."""

    def __init__(
        self, name: str, command: Sequence[str], *, chinese: str = "", max_deaths: int | None = None
    ) -> None:
        self.name = name
        self.chinese = chinese or name
        self.command = command
        self.max_deaths = max_deaths
        self.deaths = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.start_at = 0.0

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, start_new_session=True)

    def note_death(self) -> int | None:
        """Return the exit code once after each death, and plan the next start."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        self.kill()
        lived = time.monotonic() - self.started_at
        self.deaths = 1 if lived > HEALTHY_SECONDS else self.deaths + 1
        self.start_at = time.monotonic() + self.pause
        return code

    @property
    def pause(self) -> int:
        return int(min(2 ** (self.deaths - 1), MAX_PAUSE_SECONDS))

    @property
    def is_hopeless(self) -> bool:
        return self.max_deaths is not None and self.deaths >= self.max_deaths

    @property
    def is_due(self) -> bool:
        return self.process is None and time.monotonic() >= self.start_at

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """End whatever is left of the group, the leader's own children included."""
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None


class Supervisor:
    """Looks after its children until it is told to stop."""

    def __init__(self, children: Sequence[Child], *, say: Callable[[str], None]) -> None:
        self.children = children
        self.say = say
        self.is_stopping = False

    def watch_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        if self.is_stopping:
            for child in self.children:
                child.kill()
        self.is_stopping = True

    def tend(self) -> bool:
        """Start what is due, report what died; False when going on makes no sense."""
        for child in self.children:
            code = child.note_death()
            if code is not None and not self.is_stopping:
                if child.is_hopeless:
                    return False
                self.say(
                    f"! {child.chinese}意外退出（{code}），{child.pause} 秒后重启"
                    f" / {child.name} ended unexpectedly ({code}), starting it again in {child.pause} s"
                )
            if child.is_due:
                child.start()
        return True

    def stop(self) -> None:
        self.is_stopping = True
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.children:
            if child.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
            child.kill()
