"""A laboratory's file, its columns, a row to mend, an original report."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.journey.rules import labs as rules
from yimei.ui.forms.purposed import PurposedForm


class FileForm(PurposedForm):
    KEEPS = "journey.LabImport"

    file = forms.FileField(
        label=_("检验结果文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        help_text=_("CSV，UTF-8 或 GBK 都可以；第一行是列名，最多一千行。"),
    )

    @property
    def content(self) -> bytes:
        return bytes(self.cleaned_data["file"].read())


class MappingForm(PurposedForm):
    """Which column holds which field."""

    ALL_IN = "journey.LabImport.mapping"

    def __init__(self, *args: Any, head: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [("", _("没有这一列")), *((str(n), cell or f"#{n + 1}") for n, cell in enumerate(head))]
        for name, label in rules.FIELDS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=str(label),
                choices=columns,
                required=name in rules.NEEDED,
                coerce=int,
                empty_value=None,
            )

    @property
    def mapping(self) -> dict[str, int]:
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class RowForm(PurposedForm):
    """One row to mend: what it said, to be corrected."""

    ALL_IN = "journey.LabRow.cells"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in rules.FIELDS.items():
            self.fields[name] = forms.CharField(
                label=str(label), required=name in rules.NEEDED, max_length=rules.MAX_CELL
            )

    @property
    def cells(self) -> Mapping[str, str]:
        return {name: value.strip() for name, value in self.cleaned_data.items() if value.strip()}


class ReportForm(PurposedForm):
    """The original report; name and number are typed as they stand on it."""

    KEEPS = "journey.TestReport"
    ELSEWHERE = {"name": "", "number": ""}

    name = forms.CharField(label=_("报告上的姓名"), max_length=60)
    number = forms.CharField(
        label=_("报告上的档案号或证件号"), max_length=40, help_text=_("也可以只填证件号后四位。")
    )
    taken_on = LooseDateField(label=_("采样日期"), widget=forms.DateInput)
    laboratory = forms.CharField(label=_("检验机构"), required=False, max_length=80)
    file = forms.FileField(
        label=_("报告 PDF"), widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
    )

    @property
    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        kept = {name: data[name] for name in ("name", "number", "taken_on", "laboratory")}
        return kept | {"data": bytes(data["file"].read())}
