"""A new version of a reference range or of a stop rule."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.hospital.enums import Grade
from yimei.hospital.rules.clinical import OLDEST, read_words

YES_NO = {"yes": True, "no": False}


class VersionForm(forms.Form):
    """From which day it counts, and on what it rests."""

    valid_from = LooseDateField(
        label=_("生效日期"),
        widget=forms.DateInput,
        help_text=_("从这一天起使用；以前的判断不改动。"),
    )
    source = forms.CharField(
        label=_("依据"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("写明指南、试剂说明书或本院的决定，医师据此确认。"),
    )


class RangeForm(VersionForm):
    """Limits; an empty one is none."""

    low = forms.DecimalField(label=_("参考下限"), required=False, max_digits=10, decimal_places=3)
    high = forms.DecimalField(label=_("参考上限"), required=False, max_digits=10, decimal_places=3)
    critical_low = forms.DecimalField(
        label=_("危急值下限"), required=False, max_digits=10, decimal_places=3, min_value=Decimal(0)
    )
    critical_high = forms.DecimalField(
        label=_("危急值上限"), required=False, max_digits=10, decimal_places=3, min_value=Decimal(0)
    )


class BandForm(RangeForm):
    """An age band of its own: which test, for whom, and the limits."""

    field_order = ("test", "sex", "age_from", "age_below", "low", "high", "critical_low", "critical_high")

    test = forms.ChoiceField(label=_("检查"))
    sex = forms.ChoiceField(
        label=_("性别"),
        choices=[("", _("不分性别")), ("F", _("女")), ("M", _("男"))],
        required=False,
        widget=forms.RadioSelect,
    )
    age_from = forms.IntegerField(label=_("自几岁（含）"), min_value=0, max_value=OLDEST)
    age_below = forms.IntegerField(
        label=_("未满几岁"), min_value=1, max_value=OLDEST, required=False, help_text=_("空着表示以上都算")
    )

    def __init__(self, *args: Any, tests: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["test"].choices = [("", _("请选择")), *tests]  # type: ignore[attr-defined]


class StopRuleForm(VersionForm):
    """How long, from which grade on, by which words it is known."""

    field_order = (
        "days",
        "from_grade",
        "words",
        "may_override",
        "advice",
        "is_active",
        "valid_from",
        "source",
    )

    days = forms.IntegerField(label=_("须间隔天数"), min_value=0, max_value=730)
    from_grade = forms.TypedChoiceField(
        label=_("自手术级别"),
        coerce=int,
        choices=[(grade.value, grade.label) for grade in Grade if grade > Grade.NONE],
    )
    words = forms.CharField(
        label=_("识别用词"),
        required=False,
        max_length=700,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("写在用药、安全提醒或问卷里就算提到；用顿号或逗号分开。"),
    )
    may_override = forms.TypedChoiceField(
        label=_("医师可说明理由放行"),
        choices=[("yes", _("可以")), ("no", _("不可以"))],
        coerce=YES_NO.__getitem__,
        widget=forms.RadioSelect,
    )
    advice = forms.CharField(label=_("提示"), required=False, max_length=200)
    is_active = forms.TypedChoiceField(
        label=_("使用"),
        choices=[("yes", _("使用")), ("no", _("停用"))],
        coerce=YES_NO.__getitem__,
        widget=forms.RadioSelect,
    )

    def clean_words(self) -> list[str]:
        return read_words(self.cleaned_data["words"])
