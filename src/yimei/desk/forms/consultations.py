"""What is asked in the consulting room: wishes, a quote line by line, a physician, a reason."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import YuanField
from yimei.journey.enums import LossReason
from yimei.ui.forms.purposed import PurposedForm

LINE = re.compile(r"line(\d{1,2})-procedure")
MOST_LINES = 10
AREA = {"rows": 3}


class ConsultationForm(PurposedForm):
    """In the customer's own words; what cannot be reached is written down as plainly as what can."""

    KEEPS = "journey.Consultation"

    goals = forms.CharField(
        label=_("客户期望"),
        max_length=4000,
        widget=forms.Textarea(attrs=AREA),
        help_text=_("用客户自己的话写，例如：「想要自然一点，不想别人看出来」。"),
    )
    reachable = forms.CharField(label=_("可达到的范围"), max_length=4000, widget=forms.Textarea(attrs=AREA))
    unreachable = forms.CharField(
        label=_("不能达到的"),
        max_length=4000,
        widget=forms.Textarea(attrs=AREA),
        help_text=_("已向客户说明的限度；之后有争议时以此为准。"),
    )
    budget = forms.CharField(label=_("预算"), max_length=200, required=False)


class LineForm(PurposedForm):
    """One line of a quote; without a price the list price of the day counts."""

    KEEPS = "billing.QuoteLine"
    ELSEWHERE = {"reason": "billing.QuoteLine.discount_reason"}

    procedure = forms.TypedChoiceField(label=_("项目"), coerce=UUID, required=False, empty_value=None)
    price = YuanField(label=_("成交单价"), required=False, help_text=_("不填按目录价"))
    quantity = forms.IntegerField(label=_("数量"), min_value=1, max_value=99, initial=1)
    reason = forms.CharField(label=_("优惠原因"), max_length=80, required=False)

    def __init__(self, *args: Any, procedures: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        procedure = self.fields["procedure"]
        assert isinstance(procedure, forms.TypedChoiceField)
        procedure.choices = [("", _("请选择")), *procedures]


def read_lines(data: Mapping[str, str], procedures: list[Any]) -> list[LineForm]:
    """Return every line that was posted, in its order on the page."""
    numbers = sorted(int(found[1]) for name in data if (found := LINE.fullmatch(name)))
    return [LineForm(data, prefix=f"line{number}", procedures=procedures) for number in numbers[:MOST_LINES]]


class ReferForm(PurposedForm):
    KEEPS = "journey.Case"

    surgeon = forms.TypedChoiceField(label=_("主诊医师"), coerce=UUID, widget=forms.RadioSelect)

    def __init__(self, *args: Any, surgeons: Iterable[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["surgeon"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(str(public_id), name) for public_id, name in surgeons]


class LoseForm(PurposedForm):
    KEEPS = "journey.CaseMove"
    ELSEWHERE = {"reason": "journey.Case.loss_reason"}

    reason = forms.TypedChoiceField(
        label=_("原因"), choices=LossReason.choices, coerce=LossReason, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("说明"), max_length=120, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
