"""The processes that `yimei up` looks after: `python -m yimei.config.serve web|worker`.

Each ends by itself when whoever started it is gone: its standard input is a pipe that closes then.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

GRACE_SECONDS = 4
HEARTBEAT_SECONDS = 5


def main(argv: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yimei.config.settings")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if argv[0] == "web":
        web(host=argv[1], port=int(argv[2]), processes=int(argv[3]))
    else:
        worker()


def web(*, host: str, port: int, processes: int) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "yimei.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=8,
        websockets=False,
        log_level=LogLevels.error,
        workers_kill_timeout=GRACE_SECONDS - 1,
    ).serve()


def worker() -> None:
    """Run the queue's cluster and leave a sign of life that `yimei doctor` reads."""
    import django
    from django.conf import settings

    django.setup()
    from django_q.cluster import Cluster

    from yimei.core import jobs

    jobs.sync_schedules()
    heartbeat = heartbeat_file(settings.VAR_DIR)
    heartbeat.parent.mkdir(parents=True, exist_ok=True)
    cluster = Cluster()
    cluster.start()
    while cluster.sentinel.is_alive():
        heartbeat.touch()
        cluster.sentinel.join(HEARTBEAT_SECONDS)
    heartbeat.unlink(missing_ok=True)
    sys.exit(cluster.sentinel.exitcode)


def heartbeat_file(var: Path) -> Path:
    return var / "run" / "worker.alive"


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
