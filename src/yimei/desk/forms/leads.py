"""What is asked about leads. Deciding stays with the actions; a form only reads."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.core.clock import SHANGHAI
from yimei.desk.forms.bookings import ComingDayField, PlaceField
from yimei.desk.forms.fields import KeyField
from yimei.growth.actions.answering import BY_STAFF
from yimei.growth.enums import AssignRule, EraseReason, LeadLoss, Outcome, TouchKind
from yimei.hospital.enums import Category
from yimei.people.enums import SourceKind
from yimei.privacy.enums import ConsentChannel
from yimei.ui.forms.purposed import PurposedForm

CAME = (TouchKind.CALL_IN, TouchKind.FORM, TouchKind.VISIT, TouchKind.WECHAT)
MET = (TouchKind.CALL_OUT, TouchKind.WECHAT, TouchKind.CALL_IN, TouchKind.VISIT)
RESULTS = tuple(one for one in Outcome if one != Outcome.ASKED)
LOSSES = tuple(one for one in LeadLoss if one != LeadLoss.ERASED)
PAUSES = (
    ("2h", _("2 小时后")),
    ("1d", _("明天")),
    ("3d", _("3 天后")),
    ("7d", _("一周后")),
    ("day", _("指定日期")),
)
LENGTHS = {
    "2h": timedelta(hours=2),
    "1d": timedelta(days=1),
    "3d": timedelta(days=3),
    "7d": timedelta(days=7),
}
MORNING = time(10)


class LeadForm(PurposedForm):
    """One enquiry, typed while it is heard."""

    KEEPS = ("growth.Lead", "growth.Touch")
    ELSEWHERE = {"rule": ""}

    phone = forms.CharField(
        label=_("手机"), max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"})
    )
    name = forms.CharField(
        label=_("称呼"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    wechat = forms.CharField(
        label=_("微信号"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.TypedChoiceField(
        label=_("怎样找来"),
        choices=[(one.value, one.label) for one in CAME],
        coerce=TouchKind,
        initial=TouchKind.CALL_IN,
        widget=forms.RadioSelect,
    )
    source = forms.ChoiceField(
        label=_("首次来源"), choices=SourceKind.choices, initial=SourceKind.PHONE, widget=forms.RadioSelect
    )
    interest = forms.ChoiceField(
        label=_("意向部位"), choices=Category.choices, required=False, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("说了什么"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("客户原话；不写证件号码和病史。"),
    )
    rule = forms.TypedChoiceField(
        label=_("谁来跟进"),
        choices=[
            (one.value, one.label)
            for one in (AssignRule.SELF, AssignRule.ROUND_ROBIN, AssignRule.LEAST_BUSY, AssignRule.SKILL)
        ],
        coerce=AssignRule,
        widget=forms.RadioSelect,
        help_text=_("老客户和重复的号码总是回到原归属人。"),
    )


class TouchForm(PurposedForm):
    """What came of a contact, and when the next one is."""

    KEEPS = "growth.Touch"
    ELSEWHERE = {"pause": "growth.Touch.next_due_at", "day": "growth.Touch.next_due_at"}

    kind = forms.TypedChoiceField(
        label=_("方式"),
        choices=[(one.value, one.label) for one in MET],
        coerce=TouchKind,
        initial=TouchKind.CALL_OUT,
        widget=forms.RadioSelect,
    )
    outcome = forms.TypedChoiceField(
        label=_("结果"),
        choices=[(one.value, one.label) for one in RESULTS],
        coerce=Outcome,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("内容"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    pause = forms.ChoiceField(label=_("下次联系"), choices=PAUSES, initial="1d", widget=forms.RadioSelect)
    day = ComingDayField(label=_("日期"), required=False, help_text=_("选「指定日期」时填写，上午 10 点提醒"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        day = self.fields["day"]
        assert isinstance(day, ComingDayField)
        day.today = now.astimezone(SHANGHAI).date()

    @property
    def next_due_at(self) -> datetime | None:
        """The next contact: hours from now, or the morning of a day."""
        pause, day = self.cleaned_data["pause"], self.cleaned_data["day"]
        if pause == "2h":
            return self.now + LENGTHS[pause]
        if pause in LENGTHS:
            day = (self.now + LENGTHS[pause]).astimezone(SHANGHAI).date()
        return datetime.combine(day, MORNING, SHANGHAI) if day else None


class LossForm(PurposedForm):
    KEEPS = "growth.Lead"

    loss = forms.TypedChoiceField(
        label=_("流失原因"),
        choices=[(one.value, one.label) for one in LOSSES],
        coerce=LeadLoss,
        widget=forms.RadioSelect,
    )


class TransferForm(PurposedForm):
    KEEPS = "growth.Lead"
    ELSEWHERE = {"to": "growth.Lead.owner"}

    to = forms.TypedChoiceField(label=_("转交给"), coerce=UUID)

    def __init__(self, *args: Any, staff: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.TypedChoiceField)
        to.choices = [("", _("请选择")), *staff]


class LeadBookingForm(PurposedForm):
    """A consultation for a lead: the item, the day, a free time."""

    KEEPS = "journey.Booking"
    ELSEWHERE = {"day": "journey.Booking.starts_at", "slot": "journey.Booking.starts_at"}

    procedure = forms.TypedChoiceField(label=_("项目"), coerce=UUID)
    day = ComingDayField(label=_("日期"), help_text=_("0506、5.6 或 2026-05-06 都可以"))
    kind = forms.CharField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(
        label=_("备注"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    slot = PlaceField(label=_("时间"), widget=forms.HiddenInput)
    key = KeyField(label=_("防重键"))

    def __init__(self, *args: Any, procedures: Iterable[Any], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        procedure, day = self.fields["procedure"], self.fields["day"]
        assert isinstance(procedure, forms.TypedChoiceField)
        assert isinstance(day, ComingDayField)
        procedure.choices = [("", _("请选择")), *procedures]
        day.today = today


class EraseForm(PurposedForm):
    """Why an enquiry is erased before its time."""

    ELSEWHERE = {"why": "growth.LeadStep.why"}

    why = forms.TypedChoiceField(
        label=_("为什么删除"),
        choices=EraseReason.choices,
        coerce=EraseReason,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择为什么删除。")},
    )


class AgreeForm(PurposedForm):
    """How she agreed to advertisements when somebody asked her."""

    KEEPS = "growth.LeadConsent"
    ELSEWHERE = {"notice": ""}

    channel = forms.TypedChoiceField(
        label=_("怎样同意的"),
        choices=[(one.value, one.label) for one in BY_STAFF],
        coerce=ConsentChannel,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择她是怎样同意的。")},
    )
    is_adult = forms.BooleanField(label=_("本人说明已满 18 周岁"), required=False)
    notice = forms.UUIDField(widget=forms.HiddenInput)


class MoveForm(PurposedForm):
    """Onto which column a card was put: an owner, or the pool."""

    ELSEWHERE = {"to": "growth.Lead.owner"}

    to = forms.RegexField(regex=r"pool|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class AssignRuleForm(forms.Form):
    rule = forms.TypedChoiceField(
        label=_("新线索怎样分"),
        choices=[
            (one.value, one.label)
            for one in (AssignRule.ROUND_ROBIN, AssignRule.LEAST_BUSY, AssignRule.SKILL)
        ],
        coerce=AssignRule,
        widget=forms.RadioSelect,
        help_text=_("按专长与班次：只分给在班、熟悉意向部位、还没满的人"),
    )


class SkillsForm(forms.Form):
    subjects = forms.TypedMultipleChoiceField(
        label=_("专长"), choices=Category.choices, coerce=Category, required=False
    )


class NumberForm(PurposedForm):
    """The number of somebody who asked for what is kept of her."""

    ELSEWHERE = {"phone": ""}

    phone = forms.CharField(
        label=_("手机"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        error_messages={"required": _("请填写手机号。")},
    )
