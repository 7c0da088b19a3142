"""What is asked about a booking. Deciding stays with the actions; a form only reads."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from yimei.core.clock import SHANGHAI
from yimei.desk.forms.fields import KeyField, LooseDateField
from yimei.journey.enums import BookingKind, CancelSide, VisitKind
from yimei.people.enums import SourceKind
from yimei.ui.forms.purposed import PurposedForm

SHORT_DAY = re.compile(r"(\d{1,2})[-./月\s]+(\d{1,2})日?|(\d{2})(\d{2})")
CANCEL_REASONS = (_("客户改主意"), _("时间不合适"), _("联系不上"), _("重复登记"), _("身体原因"))


class ComingDayField(LooseDateField):
    """A day ahead typed 0506, 5.6, 5月6日 or in full; without a year the next such day counts."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.today = date.min

    def to_python(self, value: Any) -> date | None:
        found = SHORT_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is None:
            return super().to_python(value)
        month, day = found[1] or found[3], found[2] or found[4]
        named = super().to_python(f"{self.today.year}-{month}-{day}")
        if named is not None and named < self.today:
            return super().to_python(f"{self.today.year + 1}-{month}-{day}")
        return named


@dataclass(frozen=True)
class Place:
    """A time with the person and the room that would take it, as a button posts it."""

    starts_at: datetime
    staff_id: UUID | None
    room_id: UUID | None


def read_place(text: str) -> Place | None:
    """Read ``2026-06-16T02:00:00+00:00|staff|room``; a time alone leaves the rest to whoever is free."""
    start, *ids = text.strip().split("|")
    try:
        starts_at = parse_datetime(start)
        staff_id, room_id = (UUID(one) if one else None for one in (*ids, "", "")[:2])
    except ValueError:
        return None
    if starts_at is None:
        return None
    return Place(starts_at if starts_at.tzinfo else starts_at.replace(tzinfo=SHANGHAI), staff_id, room_id)


class PlaceField(forms.CharField):
    """One of the free times."""

    default_error_messages = {"invalid": _("请选择一个空闲时间。"), "required": _("请选择一个空闲时间。")}

    def clean(self, value: Any) -> Any:
        place = read_place(super().clean(value))
        if place is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return place


class WantedForm(PurposedForm):
    """What somebody wants to be booked for, and about when."""

    KEEPS = ("journey.Booking", "people.Person", "people.Patient")
    ELSEWHERE = {"day": "journey.Booking.starts_at", "slot": "journey.Booking.starts_at", "is_other": ""}

    procedure = forms.TypedChoiceField(
        label=_("项目"), coerce=UUID, error_messages={"required": _("请选择项目。")}
    )
    kind = forms.TypedChoiceField(
        label=_("类别"),
        choices=BookingKind.choices,
        coerce=BookingKind,
        initial=BookingKind.CONSULT,
        widget=forms.RadioSelect,
    )
    day = ComingDayField(label=_("日期"), help_text=_("0506、5.6 或 2026-05-06 都可以"))
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, procedures: Iterable[Any], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        procedure, day = self.fields["procedure"], self.fields["day"]
        assert isinstance(procedure, forms.TypedChoiceField)
        assert isinstance(day, ComingDayField)
        procedure.choices = [("", _("请选择")), *procedures]
        day.today = today


class BookingForm(WantedForm):
    """One call: who, what, when. A known customer needs neither name nor number."""

    name = forms.CharField(
        label=_("姓名"),
        max_length=120,
        error_messages={"required": _("请填写姓名。")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("手机"),
        max_length=40,
        error_messages={"required": _("请填写手机，之后靠它找到客户。")},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    source = forms.ChoiceField(
        label=_("首次来源"), choices=SourceKind.choices, widget=forms.RadioSelect, required=False
    )
    is_other = forms.BooleanField(label=_("已核对：是另一位客户，仍要登记"), required=False)
    visit_kind = forms.TypedChoiceField(
        label=_("接诊类型"),
        choices=VisitKind.choices,
        coerce=VisitKind,
        initial=VisitKind.FIRST,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("备注"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("客户原话、称呼习惯、怎么来；不写证件号码。"),
    )
    slot = PlaceField(label=_("时间"), widget=forms.HiddenInput)
    key = KeyField(label=_("防重键"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = not self["patient"].value()
        for name in ("name", "phone", "source"):
            self.fields[name].required = is_new


class ArriveForm(PurposedForm):
    KEEPS = "journey.Booking"

    visit_kind = forms.TypedChoiceField(
        label=_("接诊类型"), choices=VisitKind.choices, coerce=VisitKind, widget=forms.RadioSelect
    )


class CancelForm(PurposedForm):
    KEEPS = "journey.Booking"
    ELSEWHERE = {"reason": "journey.Booking.cancel_reason", "side": "journey.Booking.cancel_side"}

    reason = forms.CharField(
        label=_("取消原因"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请写明取消原因。")},
    )
    side = forms.TypedChoiceField(
        label=_("谁的原因"),
        choices=CancelSide.choices,
        coerce=CancelSide,
        initial=CancelSide.CUSTOMER,
        widget=forms.RadioSelect,
        help_text=_("医院原因取消的，已收的预约定金须退还。"),
    )


class MoveForm(PurposedForm):
    """Another time for a booking."""

    KEEPS = "journey.Booking"
    ELSEWHERE = {"slot": "journey.Booking.starts_at"}

    slot = PlaceField(label=_("时间"))


class CalendarMoveForm(PurposedForm):
    """A bar let go at another place of the timeline."""

    KEEPS = "journey.Booking"
    ELSEWHERE = {"slot": "journey.Booking.starts_at", "booking": ""}

    booking = forms.UUIDField()
    slot = PlaceField()


class DayForm(forms.Form):
    """The day whose free times are asked for."""

    day = ComingDayField(label=_("日期"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.fields["day"]
        assert isinstance(day, ComingDayField)
        day.today = today


class TriageForm(PurposedForm):
    """Who sees the customer, and where."""

    KEEPS = "journey.Booking"

    staff = forms.TypedChoiceField(label=_("接诊人"), coerce=UUID, widget=forms.RadioSelect)
    room = forms.TypedChoiceField(label=_("房间"), coerce=UUID)

    def __init__(
        self,
        *args: Any,
        staff: Iterable[tuple[UUID, Any]],
        rooms: Iterable[tuple[UUID, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("staff", staff), ("room", rooms)):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = [(str(public_id), label) for public_id, label in choices]
