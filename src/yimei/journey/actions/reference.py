"""Register the numbers and questionnaires that ship with the journey. Running it again adds nothing."""

import json
from datetime import datetime
from importlib import resources

from yimei.journey.actions import questionnaires
from yimei.privacy.actions import reference


def load(at: datetime) -> int:
    """Add what is missing and return how many were new; what the hospital has changed stays."""
    path = resources.files("yimei.journey") / "data" / "limits.json"
    limits = reference.add_limits(json.loads(path.read_text(encoding="utf-8")), at=at)
    return limits + questionnaires.load_shipped(now=at)
