"""What is asked on the officer's registers; deciding stays with the actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.privacy.enums import IncidentKind, IncidentLevel


def choose(form: forms.Form, name: str, choices: Any) -> None:
    """Give a field of choices the ones that this page knows."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def words(longest: int = 1000, rows: int = 3) -> dict[str, Any]:
    """A text of several lines."""
    return {"max_length": longest, "widget": forms.Textarea(attrs={"rows": rows})}


class MomentField(forms.DateTimeField):
    """A moment typed 2026-05-06 09:30 or 2026.5.6 9:30."""

    default_error_messages = {"invalid": _("时间看不懂，请按 2026-05-06 09:30 填写。")}

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y.%m.%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d"]
        attrs = {"placeholder": "2026-05-06 09:30", "autocomplete": "off"}
        super().__init__(input_formats=formats, widget=forms.TextInput(attrs=attrs), **kwargs)


class PackForm(forms.Form):
    file = forms.FileField(
        label=_("规则包文件"), help_text=_("YAML，400 KB 以内；载入后先看影响清单，再决定采用")
    )


class DeclareForm(forms.Form):
    """One thing that the hospital says about itself."""

    code = forms.CharField(widget=forms.HiddenInput)
    value = forms.ChoiceField()

    def __init__(self, code: str, question: Any, value: str) -> None:
        super().__init__(initial={"code": code, "value": value}, auto_id=f"{code.replace('.', '-')}-%s")
        self.fields["value"].label = question.label
        self.fields["value"].help_text = question.why
        choose(self, "value", question.answers.items())


class ReportForm(forms.Form):
    """What somebody saw; the officer judges."""

    kind = forms.ChoiceField(label=_("像是什么"), choices=IncidentKind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("一句话"), max_length=80, help_text=_("不写任何人的姓名、电话"))
    what = forms.CharField(
        label=_("经过"), help_text=_("看到了什么、何时、在哪个系统或页面、做了什么"), **words(2000, 5)
    )
    discovered_at = MomentField(
        label=_("发现时间"), required=False, help_text=_("时钟从发现时起算；空为现在")
    )
    system = forms.CharField(label=_("涉及系统"), max_length=80, required=False)
    is_drill = forms.BooleanField(label=_("这是一次演练：不对外发送任何东西"), required=False)


class TriageForm(forms.Form):
    """How grave it is; the program works out the least level from the numbers."""

    kind = forms.ChoiceField(label=_("类别"), choices=IncidentKind.choices)
    level = forms.ChoiceField(label=_("级别"), choices=IncidentLevel.choices)
    persons = forms.IntegerField(
        label=_("涉及人数"), min_value=0, max_value=2_000_000_000, initial=0,
        help_text=_("按日志计算范围后以计算结果为准"),
    )  # fmt: skip
    minors = forms.IntegerField(label=_("其中未成年人"), min_value=0, max_value=2_000_000_000, initial=0)
    loss_wan = forms.IntegerField(label=_("直接损失"), min_value=0, max_value=2_000_000_000, initial=0)
    is_sensitive = forms.BooleanField(label=_("涉及敏感个人信息"), required=False)
    is_crime = forms.BooleanField(label=_("涉嫌犯罪，须报案"), required=False)


class ScopeForm(forms.Form):
    """Whose looks, and when."""

    account = forms.ChoiceField(label=_("涉及账号"))
    since = MomentField(label=_("从"))
    until = MomentField(label=_("到"))

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "account", accounts)


class WordsForm(forms.Form):
    """What is known so far; it goes into the reports and the letters."""

    cause = forms.CharField(label=_("原因"), required=False, **words())
    harm = forms.CharField(
        label=_("可能造成的危害"), required=False, help_text=_("写进告知短信，不写医疗字样"), **words(300, 2)
    )
    measures = forms.CharField(
        label=_("已采取的措施"), required=False, help_text=_("写进告知短信，不写医疗字样"), **words(300, 2)
    )
    advice = forms.CharField(
        label=_("个人可以采取的措施"),
        required=False,
        help_text=_("写进告知短信，不写医疗字样"),
        **words(300, 2),
    )
    report = forms.CharField(
        label=_("总结报告"), required=False, help_text=_("原因、措施、危害、责任、整改与教训；结案前必填"),
        **words(4000, 4),
    )  # fmt: skip
