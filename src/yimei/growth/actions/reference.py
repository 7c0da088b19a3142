"""The numbers that growth ships with."""

import json
from datetime import datetime
from importlib import resources

from yimei.privacy.actions import reference


def load(*, at: datetime) -> int:
    path = resources.files("yimei.growth") / "data" / "limits.json"
    return reference.add_limits(json.loads(path.read_text(encoding="utf-8")), at=at)
