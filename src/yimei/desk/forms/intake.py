"""What is asked of a gate and of a file of enquiries."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.people.enums import SourceKind
from yimei.ui.forms.purposed import PurposedForm


class GateForm(forms.Form):
    name = forms.CharField(
        label=_("名称"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("例如「抖音表单」「合作机构小程序」"),
    )
    source = forms.ChoiceField(label=_("计入哪个来源"), choices=SourceKind.choices)


class LeadFileForm(PurposedForm):
    KEEPS = "growth.Lead"
    ELSEWHERE = {"file": "growth.Lead.phone"}

    source = forms.ChoiceField(label=_("计入哪个来源"), choices=SourceKind.choices)
    file = forms.FileField(
        label=_("线索文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_(
            "CSV 或 xlsx，第一行是列名：称呼、手机，可有微信、咨询项目、备注；"
            "最多 20000 行，超过 500 行的在后台导入。"
        ),
    )

    @property
    def content(self) -> bytes:
        return bytes(self.cleaned_data["file"].read())


class CallFileForm(PurposedForm):
    KEEPS = "growth.CallRecord"
    ELSEWHERE = {"file": "growth.CallRecord.number"}

    file = forms.FileField(
        label=_("话单文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_(
            "CSV 或 xlsx，第一行是列名：对方号码、方向、开始时间，"
            "可有通话编号、时长、结果、坐席；一次最多 2000 行。"
        ),
    )

    @property
    def content(self) -> bytes:
        return bytes(self.cleaned_data["file"].read())


class CallerForm(PurposedForm):
    """How whoever called is addressed."""

    KEEPS = "growth.Lead"

    name = forms.CharField(
        label=_("称呼"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
