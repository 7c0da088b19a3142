"""Fast entry of test results: one form, many rows, only the touched ones are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.ui.forms.purposed import PurposedForm

OTHER = "other"


class TakenForm(PurposedForm):
    """When the samples were taken, once for all rows."""

    KEEPS = "journey.TestResult"
    ELSEWHERE = {"taken_on": "journey.TestResult.taken_at"}

    taken_on = LooseDateField(label=_("采样日期"), widget=forms.DateInput)
    taken_at = forms.TimeField(label=_("时间"))

    def __init__(self, *args: Any, reports: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reports:
            self.fields["report_id"] = forms.TypedChoiceField(
                label=_("对照的报告原件"),
                choices=[("", _("没有报告原件")), *reports],
                required=False,
                coerce=UUID,
                empty_value=None,
            )


class AcceptForm(PurposedForm):
    KEEPS = "journey.TestResult"
    ELSEWHERE = {"reason": "journey.TestResult.acceptance"}

    reason = forms.CharField(
        label=_("接受这项异常的医学理由"),
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明为什么可以手术、要采取什么措施；会留在病历里。"),
    )


@dataclass(frozen=True)
class Entry:
    """What was typed into one row."""

    choice: str
    text: str

    @property
    def is_touched(self) -> bool:
        return bool(self.choice or self.text)

    @property
    def finding(self) -> str:
        return self.text if self.choice in {"", OTHER} else self.choice


def read_entries(data: Mapping[str, str], order_ids: list[UUID]) -> dict[UUID, Entry]:
    """Return what was typed, by order."""
    return {
        order_id: Entry(
            choice=data.get(f"choice-{order_id}", "").strip()[:40],
            text=data.get(f"value-{order_id}", "").strip()[:400],
        )
        for order_id in order_ids
    }
