"""What is asked of a visit with several services, and of a course of treatment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.bookings import ComingDayField, PlaceField
from yimei.desk.forms.fields import KeyField
from yimei.desk.forms.waiting import FROM_HOURS, TO_HOURS
from yimei.journey.enums import BookingKind, VisitKind
from yimei.journey.rules.series import LONGEST_GAP, MOST_SESSIONS
from yimei.journey.rules.visits import MOST_PARTS
from yimei.ui.forms.purposed import PurposedForm

LONGEST_SEARCH = timedelta(days=60)
Named = Iterable[tuple[str, Any]]


@dataclass(frozen=True)
class Named3:
    """Who, where and with what one service was shown to be."""

    staff_id: UUID
    room_id: UUID
    device_id: UUID | None


@dataclass(frozen=True)
class Choice:
    """A time that was found, with everybody and everything it was found for."""

    starts_at: datetime
    parts: Sequence[Named3]


def _optional_id(value: str) -> UUID | None:
    return UUID(value) if value else None


def _fill(form: forms.Form, **lists: Iterable[Any]) -> None:
    for name, choices in lists.items():
        field = form.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = list(choices)


class PartForm(PurposedForm):
    """One service of a visit."""

    KEEPS = "journey.BookingPart"
    ELSEWHERE = {"order": "journey.BookingPart.position"}

    procedure = forms.TypedChoiceField(label=_("项目"), coerce=_optional_id, empty_value=None, required=False)
    kind = forms.TypedChoiceField(label=_("类别"), choices=BookingKind.choices, coerce=BookingKind)
    order = forms.ChoiceField(
        label=_("顺序"), choices=[("after", _("接着上一项")), ("with", _("与上一项同时"))], required=False
    )
    staff = forms.TypedChoiceField(label=_("接诊人"), coerce=_optional_id, empty_value=None, required=False)
    device = forms.TypedChoiceField(label=_("设备"), coerce=_optional_id, empty_value=None, required=False)

    def __init__(
        self, *args: Any, procedures: Iterable[Any], staff: Named, devices: Named, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _fill(
            self,
            procedure=[("", _("请选择")), *procedures],
            staff=[("", _("谁都可以")), *staff],
            device=[("", _("不用设备")), *devices],
        )


PartFormSet = forms.formset_factory(PartForm, extra=0, max_num=MOST_PARTS, validate_max=True)


class ChoiceField(forms.CharField):
    """One of the times that were found, as its button posts it."""

    default_error_messages = {"invalid": _("请选择一个空闲时间。"), "required": _("请选择一个空闲时间。")}

    def clean(self, value: Any) -> Any:
        start, *parts = super().clean(value).split(";")
        try:
            starts_at = parse_datetime(start)
            read = [part.split("|") for part in parts]
            named = [Named3(UUID(one), UUID(two), _optional_id(three)) for one, two, three in read]
        except ValueError:
            starts_at, named = None, []
        if starts_at is None or starts_at.tzinfo is None or not named:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return Choice(starts_at, named)


class SearchForm(PurposedForm):
    """From which day on, and between which hours, a visit suits."""

    ELSEWHERE = {"since": "", "until": "", "from_hour": "", "to_hour": ""}

    since = ComingDayField(label=_("从哪天起"))
    until = ComingDayField(label=_("到哪天为止"), help_text=_("最多往后找 60 天"))
    from_hour = forms.TypedChoiceField(label=_("不早于"), choices=FROM_HOURS, coerce=int)
    to_hour = forms.TypedChoiceField(label=_("不晚于"), choices=TO_HOURS, coerce=int)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("since", "until"):
            day = self.fields[name]
            assert isinstance(day, ComingDayField)
            day.today = today

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and not since <= until <= since + LONGEST_SEARCH:
            self.add_error("until", _("截止日期须在开始日期之后 60 天以内。"))
        if data.get("from_hour", 0) >= data.get("to_hour", 24):
            self.add_error("to_hour", _("时段的结束须晚于开始。"))
        return data


class VisitForm(PurposedForm):
    """What is written down with a time that was found."""

    KEEPS = "journey.Booking"
    ELSEWHERE = {"choice": "journey.Booking.starts_at"}

    visit_kind = forms.TypedChoiceField(
        label=_("接诊类型"), choices=VisitKind.choices, coerce=VisitKind, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("备注"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    choice = ChoiceField(label=_("时间"), widget=forms.HiddenInput)
    key = KeyField(label=_("防重键"))


class CourseForm(PurposedForm):
    """A course of treatment: the first time, how often, how far apart."""

    KEEPS = "journey.Booking"
    ELSEWHERE = {
        **dict.fromkeys(("day", "slot"), "journey.Booking.starts_at"),
        **dict.fromkeys(("sessions", "every_days", "keeps_staff", "as_many_as_fit"), ""),
    }

    procedure = forms.TypedChoiceField(label=_("项目"), coerce=UUID)
    kind = forms.TypedChoiceField(
        label=_("类别"),
        choices=BookingKind.choices,
        coerce=BookingKind,
        initial=BookingKind.TREATMENT,
        widget=forms.RadioSelect,
    )
    day = ComingDayField(label=_("第一次在哪天"))
    patient = forms.UUIDField(widget=forms.HiddenInput)
    sessions = forms.IntegerField(
        label=_("共几次"), min_value=2, max_value=MOST_SESSIONS, initial=3, help_text=_("2 到 20 次")
    )
    every_days = forms.IntegerField(
        label=_("每隔几天"), min_value=1, max_value=LONGEST_GAP, initial=28, help_text=_("同一钟点")
    )
    keeps_staff = forms.BooleanField(
        label=_("每次都由同一位接诊人"), required=False, help_text=_("不勾选时，每次由有空的人接诊")
    )
    as_many_as_fit = forms.BooleanField(
        label=_("约不上的先跳过，能约几次约几次"),
        required=False,
        help_text=_("不勾选时，有一次约不上就都不登记"),
    )
    visit_kind = forms.TypedChoiceField(
        label=_("接诊类型"), choices=VisitKind.choices, coerce=VisitKind, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("备注"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    slot = PlaceField(label=_("第一次的时间"), widget=forms.HiddenInput)
    key = KeyField(label=_("防重键"))

    def __init__(self, *args: Any, procedures: Iterable[Any], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _fill(self, procedure=[("", _("请选择")), *procedures])
        day = self.fields["day"]
        assert isinstance(day, ComingDayField)
        day.today = today
