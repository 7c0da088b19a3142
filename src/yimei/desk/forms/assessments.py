"""The pre-operative assessment as it is asked."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.hospital.enums import StopKind
from yimei.journey.enums import Asa, StopState
from yimei.journey.rules import assessments as rules
from yimei.journey.rules.scores import MALLAMPATI, SCORES
from yimei.journey.rules.stops import Rule
from yimei.people.enums import Sex
from yimei.ui.forms.purposed import PurposedForm

ASA_WORDS = {
    Asa.ONE: _("健康，不吸烟，不饮酒或少量饮酒"),
    Asa.TWO: _("轻度疾病，控制良好：吸烟、肥胖、高血压、糖尿病、妊娠"),
    Asa.THREE: _("重度疾病，活动受限：控制不佳的高血压、糖尿病"),
    Asa.FOUR: _("持续威胁生命的疾病：不在本院手术"),
}
YES_NO = {"yes": True, "no": False}
STOP_WORDS: Mapping[StopKind, tuple[Any, Any, Any]] = {
    StopKind.MEDICATION: (_("没有用"), _("在用"), _("已停")),
    StopKind.MENSES: (_("无月经"), _("正在经期"), _("不在经期")),
    StopKind.PREGNANCY: (_("没有"), _("妊娠中或可能"), _("已结束")),
    StopKind.LACTATION: (_("没有"), _("哺乳中"), _("已断奶")),
    StopKind.INFECTION: (_("没有"), _("有"), _("已痊愈")),
    StopKind.SMOKING: (_("没有"), _("现在吸"), _("已戒")),
}
"""How no, now and over are asked of each kind."""
HISTORY_RULES = {"smoking": "SMOKING"}
"""Questions of the history that ask for a rule by themselves."""
FEMALE_KINDS = frozenset({StopKind.MENSES, StopKind.PREGNANCY, StopKind.LACTATION})


def stop_choices(kind: StopKind) -> list[tuple[str, Any]]:
    return list(zip((state.value for state in StopState), STOP_WORDS[kind], strict=True))


def last_label(kind: StopKind) -> Any:
    return _("末次月经第一天") if kind == StopKind.MENSES else _("最后一次")


class StopForm(PurposedForm):
    """One rule asked again: going on, or over since a day."""

    KEEPS = "journey.StopNote"

    state = forms.TypedChoiceField(coerce=StopState, widget=forms.RadioSelect)
    last_on = LooseDateField(required=False, widget=forms.DateInput)

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        assert isinstance(state, forms.TypedChoiceField)
        state.label, state.choices = rule.name, stop_choices(rule.kind)
        self.fields["last_on"].label = last_label(rule.kind)


class OverrideForm(PurposedForm):
    KEEPS = "journey.StopOverride"

    reason = forms.CharField(
        label=_("放行的医学理由"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明为什么可以手术、要采取什么措施；姓名与理由一直留在手术前清单上。"),
    )


class BodyForm(PurposedForm):
    """Height and weight, from which the index follows while they are typed."""

    KEEPS = "journey.Assessment"
    ELSEWHERE = {"note": "journey.Assessment.history", "mallampati": "journey.Assessment.scores"}

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

    mallampati = forms.TypedChoiceField(
        label=_("Mallampati 气道分级"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        help_text=_("坐位、张口、伸舌、不发声时看到什么；镇静与全麻必评。"),
    )

    def __init__(
        self,
        *args: Any,
        sex: str = "",
        rules_of: Sequence[Rule] = (),
        said: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.said = said or {}
        self.rules_of = [rule for rule in rules_of if rule.kind != StopKind.SMOKING]
        airway = self.fields["mallampati"]
        assert isinstance(airway, forms.TypedChoiceField)
        airway.choices = [
            (level, format_html("<b>{}</b><br><small>{}</small>", roman, seen))
            for roman, (level, (seen, _tone)) in zip(
                ("I", "II", "III", "IV"), MALLAMPATI.items(), strict=True
            )
        ]
        asa = self.fields["asa"]
        assert isinstance(asa, forms.TypedChoiceField)
        asa.choices = [
            (level.value, format_html("<b>{}</b><br><small>{}</small>", level.label, words))
            for level, words in ASA_WORDS.items()
        ]
        for code, (question, answers) in rules.QUESTIONS.items():
            if code in rules.ONLY_WOMEN and (sex == Sex.MALE or self._asks_women):
                continue
            self.fields[f"history_{code}"] = forms.ChoiceField(
                label=str(question),
                choices=list(answers.items()),
                widget=forms.RadioSelect,
                help_text=self.said.get(HISTORY_RULES.get(code, ""), ""),
            )

        for rule in self.rules_of:
            self.fields[f"stop_{rule.code}"] = forms.TypedChoiceField(
                label=rule.name,
                choices=stop_choices(rule.kind),
                coerce=StopState,
                widget=forms.RadioSelect,
                help_text=self.said.get(rule.code, ""),
            )
            self.fields[f"last_{rule.code}"] = LooseDateField(
                label=last_label(rule.kind), required=False, widget=forms.DateInput
            )
        for score in SCORES.values():
            self.fields[f"score_{score.code}"] = forms.MultipleChoiceField(
                label=str(score.name),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[(item.code, f"{item.label} +{item.points}") for item in score.asked],
                help_text=str(score.source),
            )

    @property
    def _asks_women(self) -> bool:
        return any(rule.kind in FEMALE_KINDS for rule in self.rules_of)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for rule in self.rules_of:
            state, last = data.get(f"stop_{rule.code}"), data.get(f"last_{rule.code}")
            if state == StopState.STOPPED and last is None and f"last_{rule.code}" not in self.errors:
                self.add_error(f"last_{rule.code}", _("请写明最后一次的日期。"))
        return data

    @property
    def stop_pairs(self) -> list[tuple[forms.BoundField, forms.BoundField, Rule]]:
        return [(self[f"stop_{rule.code}"], self[f"last_{rule.code}"], rule) for rule in self.rules_of]

    @property
    def score_fields(self) -> list[forms.BoundField]:
        return [self[f"score_{code}"] for code in SCORES]

    @property
    def stops(self) -> dict[str, tuple[StopState, date | None]]:
        data = self.cleaned_data
        return {rule.code: (data[f"stop_{rule.code}"], data[f"last_{rule.code}"]) for rule in self.rules_of}

    @property
    def score_items(self) -> dict[str, list[str]]:
        return {code: self.cleaned_data.get(f"score_{code}", []) for code in SCORES}

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
