"""What is asked before a list leaves, and what the officer finds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.people.enums import LookPurpose
from yimei.privacy.enums.watch import AlarmVerdict
from yimei.ui.forms.purposed import PurposedForm


class ExportForm(PurposedForm):
    """What for, in a word and in words, who gets it, and that it stays in the country."""

    KEEPS = "privacy.Export"
    ELSEWHERE = {"is_abroad": ""}

    purpose = forms.ChoiceField(label=_("目的"), choices=LookPurpose.choices)
    reason = forms.CharField(
        label=_("用途说明"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("人数较多时必填，至少 10 个字：给谁用、用完怎么处理"),
    )
    is_abroad = forms.BooleanField(
        label=_("会提供给境外的人或系统"),
        required=False,
        help_text=_("默认不出境：须选已登记、已放行出境的接收方"),
    )
    recipient = forms.ChoiceField(
        label=_("外部接收方"),
        required=False,
        help_text=_("只列出已批准的合作方；合同、复核、约定的信息种类与单独同意在提交、生成和下载时核对"),
    )

    def __init__(self, *args: Any, recipients: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["recipient"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("只在院内使用")), *recipients]


class LeaveForm(PurposedForm):
    """Why more people must be looked at in a day than the law's number."""

    KEEPS = "privacy.Export"

    purpose = forms.ChoiceField(label=_("目的"), choices=LookPurpose.choices)
    reason = forms.CharField(
        label=_("用途说明"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("至少 10 个字，例如：季度病历质控抽查，由两名质控员分工查看"),
    )


class CloseForm(PurposedForm):
    """What an alarm turned out to be."""

    KEEPS = "privacy.Alarm"

    verdict = forms.ChoiceField(label=_("结论"), choices=AlarmVerdict.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("核查说明"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("至少 5 个字；不写任何人的姓名、电话"),
    )


class TraceForm(PurposedForm):
    """A number that turned up outside."""

    ELSEWHERE = {"phone": ""}

    phone = forms.CharField(
        label=_("外面出现的号码"), max_length=20, help_text=_("外流名单里的号码，或接到骚扰电话的号码")
    )


class WatchForm(PurposedForm):
    """Whose looks, at whom, of which kind, when."""

    ELSEWHERE = {"file_no": "", "staff": "", "kind": "", "since": "", "until": ""}

    file_no = forms.CharField(label=_("档案号"), required=False, max_length=20)
    staff = forms.CharField(label=_("员工姓名或用户名"), required=False, max_length=60)
    kind = forms.ChoiceField(label=_("动作"), required=False)
    since = forms.DateField(label=_("从"), required=False)
    until = forms.DateField(label=_("到"), required=False)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("全部")), *kinds]
