"""Who is on duty, on which days and in which shift."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.bookings import ComingDayField
from yimei.desk.forms.waiting import WEEKDAYS


class RosterForm(forms.Form):
    """People, days and a shift; the days are those of the week between two dates."""

    staff = forms.TypedMultipleChoiceField(label=_("谁"), coerce=UUID, widget=forms.CheckboxSelectMultiple)
    first = ComingDayField(label=_("从哪天起"))
    last = ComingDayField(label=_("到哪天止"), help_text=_("含当天"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("星期几"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    skips_holidays = forms.BooleanField(label=_("法定节假日不排"), required=False)
    shift = forms.TypedChoiceField(label=_("班次"), coerce=UUID, widget=forms.RadioSelect)
    room = forms.TypedChoiceField(
        label=_("固定房间"),
        coerce=lambda value: UUID(value) if value else None,
        required=False,
        empty_value=None,
    )

    def __init__(
        self,
        *args: Any,
        staff: Iterable[tuple[str, str]],
        shifts: Iterable[tuple[str, str]],
        rooms: Iterable[tuple[str, str]],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        lists = {"staff": staff, "shift": shifts, "room": [("", _("不固定")), *rooms]}
        for name, choices in lists.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = list(choices)
        for name in ("first", "last"):
            day = self.fields[name]
            assert isinstance(day, ComingDayField)
            day.today = today
