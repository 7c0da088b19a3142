"""A campus with two online consultants, a manager and the numbers that ship."""

from datetime import datetime, timedelta
from typing import Any

from tests.journey.clinic import EIGHT, Clinic
from yimei.growth.actions import leads, reference
from yimei.growth.enums import AssignRule, TouchKind
from yimei.growth.models import Lead


class House(Clinic):
    def __init__(self) -> None:
        super().__init__()
        reference.load(at=EIGHT)
        self.second = self.staff("online", "网电小吴")
        self.manager = self.staff("marketing", "运营主管")

    def lead(self, **values: Any) -> Lead:
        asked = {
            "name": "林女士",
            "phone": "12900000001",
            "source": "douyin",
            "kind": TouchKind.FORM,
            "rule": AssignRule.SELF,
            "by": self.online,
            "now": EIGHT,
        } | values
        return leads.write_down(**asked)


def days(n: float) -> datetime:
    return EIGHT + timedelta(days=n)
