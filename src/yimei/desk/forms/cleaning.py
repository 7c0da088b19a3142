"""A rule of cleaning, and how the gaps of a column are filled."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.insight.enums import CheckKind, FillMethod, Severity
from yimei.insight.rules.imports.checks import Check
from yimei.insight.rules.imports.templates import Column, Template


class RuleForm(forms.Form):
    kind = forms.ChoiceField(label=_("规则"), choices=CheckKind.choices)
    column = forms.ChoiceField(label=_("列"))
    other = forms.ChoiceField(label=_("另一列"), required=False, help_text=_("两列比较：第一列不大于这一列"))
    low = forms.FloatField(label=_("下限"), required=False)
    high = forms.FloatField(label=_("上限"), required=False)
    words = forms.CharField(
        label=_("允许的值或写法"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("每行一个；写法与列的体检里显示的一样，例如 汉汉 或 9999-99-99"),
    )
    severity = forms.ChoiceField(label=_("不合的行"), choices=Severity.choices, initial=Severity.FLAG)

    def __init__(self, *args: Any, template: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [(one.name, str(one.words)) for one in template.columns if not one.identifies]
        self.fields["column"] = forms.ChoiceField(label=_("列"), choices=columns)
        self.fields["other"] = forms.ChoiceField(
            label=_("另一列"),
            choices=[("", _("不用")), *columns],
            required=False,
            help_text=_("两列比较：第一列不大于这一列"),
        )
        self.order_fields(["kind", "column", "other", "low", "high", "words", "severity"])

    @property
    def check(self) -> Check:
        said = self.cleaned_data
        kind = CheckKind(said["kind"])
        is_order = kind == CheckKind.ORDER
        words = tuple(line.strip() for line in said["words"].splitlines() if line.strip())
        return Check(
            kind,
            (said["column"], *((said["other"],) if is_order and said["other"] else ())),
            Severity(said["severity"]),
            said["low"] if kind == CheckKind.RANGE else None,
            said["high"] if kind == CheckKind.RANGE else None,
            words if kind in {CheckKind.SET, CheckKind.PATTERN} else (),
            {"procedure": "procedure", "topic": "procedure", "campus": "campus"}.get(said["column"], "")
            if kind == CheckKind.REFERENCE
            else "",
        )


class FillForm(forms.Form):
    method = forms.ChoiceField(label=_("用什么补"))
    group = forms.ChoiceField(label=_("按哪一列分类"), required=False)
    in_figures = forms.BooleanField(label=_("补入的值也计入指标（可按「含补入的值」拆开看）"), required=False)

    def __init__(self, *args: Any, columns: Sequence[Column], is_figure: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        methods = FillMethod.choices if is_figure else [(FillMethod.COMMON.value, FillMethod.COMMON.label)]
        self.fields["method"] = forms.ChoiceField(label=_("用什么补"), choices=methods)
        groups = [("", _("不分类")), *((one.name, str(one.words)) for one in columns)]
        self.fields["group"] = forms.ChoiceField(label=_("按哪一列分类"), choices=groups, required=False)
