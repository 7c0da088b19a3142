"""The pages about a customer: which there are, which this reader may open, where the next step is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from yimei.journey.enums import CaseStage
from yimei.people.access import reaches
from yimei.people.roles import Permission
from yimei.ui.guard import opens
from yimei.ui.registry import url_or_blank

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from yimei.journey.models import Case
    from yimei.people.models import Patient, Staff


TabItem = tuple[str, str, bool]
TABS: Sequence[tuple[str, "_StrOrPromise"]] = (
    ("case", gettext_lazy("旅程")),
    ("case-consultation", gettext_lazy("咨询")),
    ("case-questionnaires", gettext_lazy("问卷")),
    ("case-expectations", gettext_lazy("期望")),
    ("case-assessment", gettext_lazy("评估")),
    ("case-tests", gettext_lazy("检查")),
    ("case-photos", gettext_lazy("照片")),
    ("case-maps", gettext_lazy("标记图")),
    ("case-plan", gettext_lazy("方案")),
    ("case-consents", gettext_lazy("同意")),
    ("case-schedule", gettext_lazy("排台")),
    ("case-surgery", gettext_lazy("手术")),
    ("case-recovery", gettext_lazy("恢复")),
    ("case-review", gettext_lazy("术后")),
    ("case-money", gettext_lazy("费用")),
    ("patient-member", gettext_lazy("会员")),
    ("patient-log", gettext_lazy("谁看过")),
)
CLINICAL_TABS = frozenset(
    {
        "case-assessment",
        "case-maps",
        "case-tests",
        "case-plan",
        "case-consents",
        "case-surgery",
        "case-recovery",
    }
)
"""Pages of clinical content: open by care, by campus or by an emergency look, never by a right alone."""
COUNSEL_TABS = frozenset({"case-consultation", "case-expectations"})
"""Open to whoever consults, and with the chart; unlike the chart they never ask for a ground."""
STEPS: Mapping[CaseStage, tuple[str, "_StrOrPromise", Permission]] = {
    CaseStage.BOOKED: ("reception", gettext_lazy("去接待"), Permission.RECEPTION_WRITE),
    CaseStage.ARRIVED: ("case-consultation", gettext_lazy("记录咨询"), Permission.CONSULT_WRITE),
    CaseStage.CONSULTED: ("case-assessment", gettext_lazy("术前评估"), Permission.CLINICAL_WRITE),
    CaseStage.ASSESSED: ("case-plan", gettext_lazy("制定方案"), Permission.PLAN_WRITE),
    CaseStage.PLANNED: ("case-schedule", gettext_lazy("安排手术"), Permission.SCHEDULE_WRITE),
    CaseStage.SCHEDULED: ("case-consents", gettext_lazy("术前谈话"), Permission.CONSENT_WRITE),
    CaseStage.IN_SURGERY: ("case-surgery", gettext_lazy("手术核查"), Permission.SURGERY_WRITE),
    CaseStage.RECOVERING: ("case-recovery", gettext_lazy("记录恢复"), Permission.RECOVERY_WRITE),
    CaseStage.DISCHARGED: ("case-review", gettext_lazy("记录复查"), Permission.AFTERCARE_WRITE),
    CaseStage.REVIEWED: ("case-review", gettext_lazy("去结案"), Permission.AFTERCARE_WRITE),
}
"""Where the next step of each stage is done, in which words, and by whose right."""


@dataclass(frozen=True)
class Way:
    """How far a reader's rights reach towards one customer, so that no link is shown that leads nowhere."""

    by: "Staff"
    cares: bool
    sees_clinical: bool

    def leads(self, url: str, of: "Patient | Case") -> bool:
        """Whether the page behind an address opens; whoever sees the chart reads all that her rights name."""
        return bool(url) and opens(self.by, url, holds=lambda _by, right: self.reaches(right, of))

    def reaches(self, right: Permission, of: "Patient | Case") -> bool:
        if self.sees_clinical:
            return self.by.may(right)
        return reaches(self.by, right, campus_id=of.campus_id, is_own=self.cares)


def step_of(shown: "Case | None", way: Way) -> tuple[str, str]:
    """Where this reader does the next step; blank when it is somebody else's."""
    if shown is None or shown.stage not in STEPS:
        return "", ""
    name, label, right = STEPS[CaseStage(shown.stage)]
    if not way.reaches(right, shown) or (name in CLINICAL_TABS and not way.sees_clinical):
        return "", ""
    return page_url(name, shown.public_id) or url_or_blank(f"desk:{name}"), str(label)


def tabs_of(patient: "Patient", shown: "Case | None", way: Way, *, current: str) -> list[TabItem]:
    """The pages that exist and that this reader may open."""
    found = []
    for name, label in TABS:
        of = shown if name.startswith("case") else patient
        if of is None or (name in CLINICAL_TABS and not way.sees_clinical and name != current):
            continue
        if name in COUNSEL_TABS and not (way.sees_clinical or way.reaches(Permission.CONSULT_WRITE, of)):
            continue
        url = page_url(name, of.public_id)
        if name == current or way.leads(url, of):
            found.append((str(label), url, name == current))
    return found


def page_url(name: str, public_id: UUID) -> str:
    """Return the address of a page of the desk about one row; blank while no screen has that name."""
    try:
        return reverse(f"desk:{name}", args=[public_id])
    except NoReverseMatch:
        return ""
