"""The smallest rehearsal hospital, filled once a process through every action and then kept."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.factories.kept import kept
from tests.factories.marts import with_mart
from yimei.insight.actions import mart
from yimei.rehearsal.actions.fill import Filled, fill

SEED = 3


def rehearsed(at: datetime) -> tuple[Filled, str]:
    """Fourteen customers in two years up to an instant; says what was made, and the file of demo accounts."""

    def built() -> tuple[Filled, str]:
        with TemporaryDirectory() as folder:
            accounts = Path(folder) / "demo.json"
            return fill(size="xs", seed=SEED, now=at, accounts=accounts), accounts.read_text("utf-8")

    return kept(built, rehearsed, at)


def rehearsed_with_mart(at: datetime) -> None:
    """The same with its mart in VAR_DIR."""
    rehearsed(at)
    with_mart(lambda: mart.build(now=at), rehearsed_with_mart, at)
