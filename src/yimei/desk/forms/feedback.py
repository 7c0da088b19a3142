"""What is asked about feedback and improvements. Deciding stays with the actions; a form only reads."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.bookings import ComingDayField
from yimei.growth.enums.feedback import FeedbackKind, Finding, Platform, ReplyWay, Severity, Theme
from yimei.ui.forms.purposed import PurposedForm

PLAIN = {"autocomplete": "off"}
Choices = Iterable[tuple[str, str]]


class WriteDownForm(PurposedForm):
    """What somebody said at the desk or on the telephone."""

    KEEPS = "growth.Feedback"

    words = forms.CharField(
        label=_("对方说了什么"), max_length=1000, widget=forms.Textarea(attrs={"rows": 5})
    )
    place = forms.TypedChoiceField(label=_("在哪里"), coerce=UUID, required=False, empty_value=None)
    may_answer = forms.BooleanField(label=_("对方愿意留电话等答复"), required=False)
    name = forms.CharField(
        label=_("称呼"), max_length=40, required=False, widget=forms.TextInput(attrs=PLAIN)
    )
    phone = forms.CharField(
        label=_("电话"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "data-ym-phone": True}),
    )

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", _("不清楚")), *places]  # type: ignore[attr-defined]


class TriageForm(PurposedForm):
    """What it is, how grave, about what, whose."""

    KEEPS = "growth.Feedback"
    ELSEWHERE = {"note": "growth.FeedbackStep.note"}

    kind = forms.TypedChoiceField(
        label=_("性质"), choices=FeedbackKind.choices, coerce=FeedbackKind, widget=forms.RadioSelect
    )
    severity = forms.TypedChoiceField(
        label=_("严重程度"),
        choices=Severity.choices,
        coerce=Severity,
        initial=Severity.NORMAL,
        widget=forms.RadioSelect,
        help_text=_("医疗安全的不论上下班立即上报；期限从收到时算起。"),
    )
    theme = forms.TypedChoiceField(
        label=_("主题"), choices=Theme.choices, coerce=Theme, widget=forms.RadioSelect
    )
    owner = forms.TypedChoiceField(label=_("交给"), coerce=UUID)
    note = forms.CharField(
        label=_("交代"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, staff: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", _("请选择")), *staff]  # type: ignore[attr-defined]


class NoteForm(PurposedForm):
    """What was found out, or why it is opened again or void."""

    ELSEWHERE = {"text": "growth.FeedbackStep.note"}

    text = forms.CharField(label=_("记录"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class ReplyForm(PurposedForm):
    KEEPS = "growth.FeedbackReply"

    way = forms.TypedChoiceField(
        label=_("怎样答复"), choices=ReplyWay.choices, coerce=ReplyWay, widget=forms.RadioSelect
    )
    text = forms.CharField(label=_("答复内容"), max_length=600, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, ways: list[ReplyWay], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"].choices = [(one.value, one.label) for one in ways]  # type: ignore[attr-defined]
        self.fields["way"].initial = ways[0].value


class CloseForm(PurposedForm):
    KEEPS = "growth.Feedback"

    finding = forms.TypedChoiceField(
        label=_("查明"), choices=Finding.choices, coerce=Finding, widget=forms.RadioSelect
    )
    conclusion = forms.CharField(
        label=_("处理结论"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class LinkForm(PurposedForm):
    """Whose words these are, by her file number or her whole telephone number."""

    ELSEWHERE = {"who": ""}

    who = forms.CharField(label=_("档案号或完整手机号"), max_length=40, widget=forms.TextInput(attrs=PLAIN))


class PlaceForm(forms.Form):
    name = forms.CharField(
        label=_("地点"),
        max_length=40,
        widget=forms.TextInput(attrs=PLAIN),
        help_text=_("例如「换药室」「二楼候诊区」"),
    )


class ReviewFileForm(PurposedForm):
    KEEPS = "growth.Feedback"
    ELSEWHERE = {"file": "growth.Feedback.words"}

    platform = forms.TypedChoiceField(label=_("平台"), choices=Platform.choices, coerce=Platform)
    file = forms.FileField(
        label=_("评价文件"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_(
            "从平台商家后台导出的 CSV 或 xlsx；须有内容与日期，可有编号、昵称、评分。一次最多 500 行。"
        ),
    )

    @property
    def content(self) -> bytes:
        return bytes(self.cleaned_data["file"].read())


class ImprovementForm(forms.Form):
    """What is to change; about the house, never about a person."""

    what = forms.CharField(
        label=_("改什么"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("写做法，不写人：例如「换药室增加一名护士，上午两班」。"),
    )
    owner = forms.TypedChoiceField(label=_("负责人"), coerce=UUID)
    due_on = ComingDayField(label=_("完成期限"))

    def __init__(self, *args: Any, staff: Choices, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", _("请选择")), *staff]  # type: ignore[attr-defined]
        self.fields["due_on"].today = today  # type: ignore[attr-defined]


class EvidenceForm(forms.Form):
    evidence = forms.CharField(
        label=_("完成的证据"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如新的排班表编号、采购单号、培训记录、照片存放处；不写个人。"),
    )


class ConclusionForm(forms.Form):
    note = forms.CharField(label=_("结论"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
