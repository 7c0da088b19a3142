"""Before the plan: what some customers answer, agree on and have marked."""

import json
from decimal import Decimal

from yimei.hospital.enums import Category
from yimei.journey.actions import expectations, maps, questionnaires
from yimei.journey.enums import AgreedHow, MapKind, Reach
from yimei.journey.rules.drafts import Page
from yimei.journey.rules.expectations import Goal
from yimei.people.models import Staff
from yimei.rehearsal.actions.walks.operation import drawn_signature
from yimei.rehearsal.actions.walks.way import Way

EVERY = 15
"""One customer in so many, so that the pages are not empty and the rehearsal stays quick."""
HABITS = {
    "smoking": ["never"],
    "alcohol": ["monthly"],
    "medicine": ["yes"],
    "medicine_kinds": ["fish_oil"],
    "medicine_names": ["鱼油，每天一粒"],
}
FACE = ((40, 35), (60, 35), (50, 33), (22, 42), (78, 42))


class Asking(Way):
    """Questionnaire, expectations and map, through the same actions as everybody."""

    @property
    def is_asked(self) -> bool:
        return self.n % EVERY == 0

    def ask(self, consultant: Staff) -> None:
        if not self.is_asked:
            return
        row = questionnaires.begin(
            self.case.public_id, code="smoking-medication", by=consultant, now=self.now
        )
        questionnaires.complete(
            row.public_id,
            raw=HABITS,
            page=Page(row.revision),
            signature=drawn_signature(self.n),
            by=consultant,
            now=self.now,
        )

    def promise(self, surgeon: Staff) -> None:
        """Agree on what can and what cannot be; mark where, for an injection."""
        if not self.is_asked:
            return
        expectations.agree(
            self.case.public_id,
            goals=[
                Goal("自然一点，平时不化妆也好看", Reach.PART, "可改善约六到七成"),
                Goal("两边完全一样", Reach.CANNOT),
            ],
            unreachable="不能做到完全对称；瘢痕只能变淡",
            how=AgreedHow.SIGNED,
            signature=drawn_signature(self.n),
            by=surgeon,
            now=self.now,
        )
        if Category(self.procedure.category) == Category.INJECTION:
            self._mark(surgeon)

    def _mark(self, surgeon: Staff) -> None:
        row = maps.begin(self.case.public_id, kind=MapKind.PLANNED, by=surgeon, now=self.now)
        points = [
            {
                "view": "face-front",
                "x": str(x),
                "y": str(y),
                "product": "A 型肉毒毒素",
                "amount": str(Decimal(4)),
                "unit": "U",
                "lot": "",
                "depth": "muscle",
                "technique": "",
            }
            for x, y in FACE
        ]
        maps.finish(
            row.public_id,
            points=json.dumps(points),
            note="",
            page=Page(row.revision),
            by=surgeon,
            now=self.now,
        )
