"""A procedure of the catalogue, its price, what must come before it and what comes after."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.bookings import ComingDayField
from yimei.desk.forms.fields import LooseDateField, YuanField
from yimei.hospital.enums import Anaesthesia, Category, DayKind, Field, Grade, OnlineBooking, StepKind

QUIET = {"autocomplete": "off"}
HOURS = 24 * 7
YEARS = 3660


def minutes(label: Any, *, least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=1440,
        widget=forms.TextInput(attrs={"inputmode": "numeric", **QUIET}),
    )


class ProcedureForm(forms.Form):
    """What the procedure is, how long it takes and what comes before it."""

    code = forms.SlugField(label=_("编码"), max_length=24, help_text=_("登记后不再改"))
    name = forms.CharField(label=_("名称"), max_length=60)
    category = forms.TypedChoiceField(label=_("类别"), choices=Category.choices, coerce=Category)
    field = forms.TypedChoiceField(label=_("专业"), choices=Field.choices, coerce=Field)
    grade = forms.TypedChoiceField(
        label=_("手术级别"), choices=Grade.choices, coerce=lambda value: Grade(int(value))
    )
    anaesthesia = forms.TypedChoiceField(label=_("常用麻醉"), choices=Anaesthesia.choices, coerce=Anaesthesia)
    setup_minutes = minutes(_("准备"))
    minutes_p50 = minutes(_("手术时长中位数"), least=1)
    minutes_p90 = minutes(_("手术时长九成位"), least=1)
    turnover_minutes = minutes(_("清场"))
    recovery_minutes = minutes(_("恢复室时长"))
    deposit = YuanField(label=_("定金"), min_value=0)
    needs_consult_days = forms.IntegerField(
        label=_("须先面诊（天内有效）"),
        min_value=1,
        max_value=YEARS,
        required=False,
        help_text=_("空着表示不要求先面诊"),
    )
    online = forms.TypedChoiceField(label=_("网上可约"), choices=OnlineBooking.choices, coerce=OnlineBooking)
    has_side = forms.BooleanField(label=_("区分左右"), required=False)
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)

    def clean_minutes_p90(self) -> int:
        often, most = self.cleaned_data.get("minutes_p50"), self.cleaned_data["minutes_p90"]
        if often is not None and most < often:
            raise forms.ValidationError(_("九成位不能小于中位数。"))
        return int(most)


class PriceForm(forms.Form):
    """A list price from a day on."""

    amount = YuanField(label=_("目录价"), min_value=0)
    from_day = ComingDayField(label=_("从哪天起"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields["from_day"]
        assert isinstance(day, ComingDayField)
        day.today = today


class BeforeForm(forms.Form):
    """Tests and documents that come first."""

    tests = forms.MultipleChoiceField(
        label=_("检查检验"), required=False, widget=forms.CheckboxSelectMultiple
    )
    papers = forms.MultipleChoiceField(
        label=_("须签文书"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, tests: Iterable[tuple[str, str]], papers: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("tests", tests), ("papers", papers)):
            field = self.fields[name]
            assert hasattr(field, "choices")
            field.choices = list(choices)


class StepForm(forms.Form):
    """One step of the aftercare."""

    day = forms.IntegerField(label=_("术后第几天"), min_value=0, max_value=YEARS)
    kind = forms.TypedChoiceField(
        label=_("类别"), choices=StepKind.choices, coerce=StepKind, initial=StepKind.CALL
    )
    title = forms.CharField(label=_("内容"), max_length=80)
    window_hours = forms.IntegerField(label=_("宽限小时"), min_value=1, max_value=HOURS, initial=24)


StepSet = forms.formset_factory(StepForm, extra=2, can_delete=True, max_num=30, validate_max=True)


class DaysForm(forms.Form):
    """Days that are not what their weekday says."""

    first = LooseDateField(label=_("从哪天起"))
    last = LooseDateField(label=_("到哪天止"), help_text=_("含当天"))
    kind = forms.TypedChoiceField(
        label=_("性质"),
        choices=[*DayKind.choices, ("", _("恢复为平常的星期几"))],
        coerce=lambda value: DayKind(value) if value else None,
        required=False,
        empty_value=None,
        initial=DayKind.HOLIDAY,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(label=_("名称"), max_length=40, widget=forms.TextInput(attrs=QUIET))
    source = forms.CharField(
        label=_("依据"),
        max_length=120,
        help_text=_("国务院办公厅当年的放假通知"),
        widget=forms.TextInput(attrs=QUIET),
    )
