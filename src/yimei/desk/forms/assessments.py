"""The pre-operative assessment as it is asked."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from yimei.journey.enums import Asa
from yimei.journey.rules import assessments as rules
from yimei.people.enums import Sex

ASA_WORDS = {
    Asa.ONE: _("健康，不吸烟，不饮酒或少量饮酒"),
    Asa.TWO: _("轻度疾病，控制良好：吸烟、肥胖、高血压、糖尿病、妊娠"),
    Asa.THREE: _("重度疾病，活动受限：控制不佳的高血压、糖尿病"),
    Asa.FOUR: _("持续威胁生命的疾病：不在本院手术"),
}
YES_NO = {"yes": True, "no": False}


class BodyForm(forms.Form):
    """Height and weight, from which the index follows while they are typed."""

    height_cm = forms.DecimalField(
        label=_("身高"), min_value=Decimal(50), max_value=Decimal(250), decimal_places=1
    )
    weight_kg = forms.DecimalField(
        label=_("体重"), min_value=Decimal(10), max_value=Decimal(350), decimal_places=1
    )


class AssessmentForm(BodyForm):
    """Every question is asked; none is answered beforehand."""

    asa = forms.TypedChoiceField(
        label=_("ASA 分级"), coerce=lambda value: Asa(int(value)), widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("既往史说明"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("有异常的项目请写明时间、程度与治疗；女性写末次月经。"),
    )
    medication = forms.CharField(
        label=_("正在使用的药物"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("含避孕药、抗凝药、维 A 酸与保健品；没有就留空。"),
    )
    body_image_concern = forms.TypedChoiceField(
        label=_("体像障碍筛查"),
        choices=[("no", _("阴性")), ("yes", _("阳性，转介心理评估"))],
        coerce=YES_NO.__getitem__,
        widget=forms.RadioSelect,
        help_text=_("每天为外貌困扰超过一小时，并因此回避社交或工作的，为阳性。"),
    )
    is_fit = forms.TypedChoiceField(
        label=_("结论"),
        choices=[("yes", _("适合手术")), ("no", _("不适合手术"))],
        coerce=YES_NO.__getitem__,
        widget=forms.RadioSelect,
    )
    opinion = forms.CharField(label=_("评估意见"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, sex: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asa = self.fields["asa"]
        assert isinstance(asa, forms.TypedChoiceField)
        asa.choices = [
            (level.value, format_html("<b>{}</b><br><small>{}</small>", level.label, words))
            for level, words in ASA_WORDS.items()
        ]
        for code, (question, answers) in rules.QUESTIONS.items():
            if code in rules.ONLY_WOMEN and sex == Sex.MALE:
                continue
            self.fields[f"history_{code}"] = forms.ChoiceField(
                label=str(question), choices=list(answers.items()), widget=forms.RadioSelect
            )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("history_")]

    @property
    def history(self) -> dict[str, str]:
        answers = {
            name.removeprefix("history_"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("history_")
        }
        note = self.cleaned_data["note"].strip()
        return answers | ({rules.NOTE: note} if note else {})
