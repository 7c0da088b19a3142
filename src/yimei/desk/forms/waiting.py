"""What is asked of somebody who waits, and of a request that could not be served."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.bookings import ComingDayField, PlaceField
from yimei.journey.enums import BookingKind, TurnAwayReason, Urgency
from yimei.journey.rules.waiting import EVERY_DAY, Wish
from yimei.ui.forms.purposed import PurposedForm

WEEKDAYS = tuple(
    zip(EVERY_DAY, (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")), strict=True)
)
FROM_HOURS = [(0, _("不限")), *((hour, f"{hour:02d}:00") for hour in range(8, 20))]
TO_HOURS = [(24, _("不限")), *((hour, f"{hour:02d}:00") for hour in range(10, 22))]


class WaitingForm(PurposedForm):
    """The procedure, and the days and hours that suit."""

    KEEPS = "journey.WaitingEntry"

    procedure = forms.TypedChoiceField(label=_("项目"), coerce=UUID)
    kind = forms.TypedChoiceField(
        label=_("类别"), choices=BookingKind.choices, coerce=BookingKind, widget=forms.RadioSelect
    )
    staff = forms.TypedChoiceField(
        label=_("接诊人"),
        coerce=lambda value: UUID(value) if value else None,
        required=False,
        empty_value=None,
    )
    weekdays = forms.MultipleChoiceField(
        label=_("哪几天方便"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple
    )
    from_hour = forms.TypedChoiceField(label=_("不早于"), choices=FROM_HOURS, coerce=int)
    to_hour = forms.TypedChoiceField(label=_("不晚于"), choices=TO_HOURS, coerce=int)
    valid_from = ComingDayField(label=_("从哪天起"))
    valid_to = ComingDayField(label=_("等到哪天"), help_text=_("含当天；过后自动退出候补"))
    urgency = forms.TypedChoiceField(
        label=_("优先级"),
        choices=Urgency.choices,
        coerce=lambda value: Urgency(int(value)),
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, procedures: Iterable[Any], staff: Iterable[Any], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        lists = {"procedure": [("", _("请选择")), *procedures], "staff": [("", _("谁都可以")), *staff]}
        for name, choices in lists.items():
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = choices
        for name in ("valid_from", "valid_to"):
            day = self.fields[name]
            assert isinstance(day, ComingDayField)
            day.today = today

    @property
    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(
            weekdays="".join(data["weekdays"]),
            from_hour=data["from_hour"],
            to_hour=data["to_hour"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
        )


class TurnAwayForm(PurposedForm):
    """A refused booking as its page posts it, to be noted by one click."""

    KEEPS = "journey.TurnAway"
    ELSEWHERE = {"slot": "journey.TurnAway.wanted_at"}

    patient = forms.UUIDField(required=False)
    procedure = forms.UUIDField()
    kind = forms.TypedChoiceField(choices=BookingKind.choices, coerce=BookingKind)
    slot = PlaceField()
    said = forms.CharField(required=False)
    reason = forms.TypedChoiceField(
        choices=TurnAwayReason.choices,
        coerce=TurnAwayReason,
        required=False,
        empty_value=TurnAwayReason.FULL,
    )


class FindForm(PurposedForm):
    ELSEWHERE = {"text": ""}

    text = forms.CharField(
        label=_("客户"),
        max_length=100,
        help_text=_("姓名、首字母、手机号或后四位、档案号"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
