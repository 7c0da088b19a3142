"""Which mart there is to read, and how fresh it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.gateways import reader
from yimei.insight.gateways.reader import Rows
from yimei.insight.gateways.store import Store
from yimei.insight.models import Build
from yimei.insight.rules.metrics.metric import Metric


@dataclass(frozen=True)
class Freshness:
    """What the newest mart holds."""

    version: str
    at: datetime
    rows: int


def store() -> Store:
    return Store(Path(settings.VAR_DIR) / "mart")


def freshness() -> Freshness | None:
    """Return what readers see now, or nothing before the first build and after a change of its shape."""
    shelf = store()
    if shelf.served is None:
        return None
    told = shelf.manifest
    return Freshness(told["version"], datetime.fromisoformat(told["at"]), told["rows"])


def path() -> Path:
    found = store().served
    if found is None:
        raise RuleBroken(_("数据集市还没有建好，请稍候片刻再打开。"), code="no-mart")
    return found


def ask(sql: str) -> Rows:
    return reader.ask(path(), sql)


def as_of() -> date:
    """The day on which the mart stands."""
    found: date = ask("SELECT as_of FROM about").rows[0][0]
    return found


def holds_imports() -> bool:
    """Whether anything that was brought as a table stands in the mart."""
    return bool(ask("SELECT 1 FROM batch LIMIT 1").rows)


def size(metric: Metric) -> int | None:
    """Return how many customers the mart knows, if the rows of this figure have a place among them."""
    return int(ask("SELECT customers FROM about").rows[0][0]) if metric.has_places else None


def builds(limit: int = 20) -> Sequence[Build]:
    return list(Build.objects.all()[:limit])
