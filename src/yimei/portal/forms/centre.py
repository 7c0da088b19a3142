"""What a person types in the privacy centre."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.privacy.enums import RecordKind, RequestKind
from yimei.ui.forms.purposed import PurposedForm

DAY_FORMATS = ["%Y-%m-%d", "%Y%m%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日"]


class DoorForm(PurposedForm):
    """Number and birthday: what only the person herself knows together."""

    ELSEWHERE = {"phone": "privacy.CentreCode.knock", "birth_date": ""}

    phone = forms.CharField(
        label=_("登记的手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("请填写手机号。")},
    )
    birth_date = forms.DateField(
        label=_("出生日期"),
        input_formats=DAY_FORMATS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday"}),
        help_text=_("例如 19950308"),
        error_messages={"required": _("请填写出生日期。"), "invalid": _("日期看不懂，请按 19950308 填写。")},
    )


class NumberForm(PurposedForm):
    """The number with which somebody asked; nothing else is known of her."""

    ELSEWHERE = {"phone": "growth.EnquiryVisit.knock"}

    phone = forms.CharField(
        label=_("咨询时留的手机号"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"required": _("请填写手机号。")},
    )


class CodeForm(PurposedForm):
    ELSEWHERE = {"code": ""}

    code = forms.CharField(
        label=_("六位验证码"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("请填写验证码。")},
    )


class TailForm(PurposedForm):
    ELSEWHERE = {"tail": ""}

    tail = forms.CharField(
        label=_("证件号后六位"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("请填写证件号后六位。")},
    )


class WishForm(PurposedForm):
    """One request; which fields it has follows from what is asked for."""

    KEEPS = "privacy.RightsRequest"
    ELSEWHERE = {
        "about": "privacy.RightsRequest.scope",
        "programs": "privacy.RightsRequest.scope",
        "wanted_name": "privacy.RightsRequest.wanted",
        "wanted_phone": "privacy.RightsRequest.wanted",
        "wanted_id_no": "privacy.RightsRequest.wanted",
        "wanted_birth_date": "privacy.RightsRequest.wanted",
    }

    wanted_name = forms.CharField(label=_("姓名应为"), required=False, max_length=60)
    wanted_phone = forms.CharField(
        label=_("手机应为"), required=False, max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    wanted_id_no = forms.CharField(label=_("证件号应为"), required=False, max_length=30)
    wanted_birth_date = forms.DateField(
        label=_("出生日期应为"),
        required=False,
        input_formats=DAY_FORMATS,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("例如 19950308"),
        error_messages={"invalid": _("日期看不懂，请按 19950308 填写。")},
    )
    about = forms.MultipleChoiceField(
        label=_("或者，哪些病历要补充说明"),
        choices=RecordKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    programs = forms.MultipleChoiceField(
        label=_("哪些改由人来决定"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("提交后程序立即停止，由工作人员判断并书面答复您"),
    )
    details = forms.CharField(
        label=_("想说明的话"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(
        self, *args: Any, kind: RequestKind, programs: Sequence[tuple[str, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        wanted = {"details"}
        if kind == RequestKind.CORRECT:
            wanted = set(self.fields) - {"programs"}
        elif kind == RequestKind.EXPLAIN and programs:
            wanted |= {"programs"}
            field = self.fields["programs"]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = list(programs)
        for name in set(self.fields) - wanted:
            del self.fields[name]
        if kind == RequestKind.COMPLAIN:
            field = self.fields["details"]
            field.label, field.required = _("发生了什么"), True
            field.error_messages["required"] = _("请写明发生了什么。")
        self.kind = kind

    @property
    def has_programs(self) -> bool:
        return "programs" in self.fields

    @property
    def is_correction(self) -> bool:
        return self.kind == RequestKind.CORRECT

    @property
    def asked(self) -> dict[str, Any]:
        """The values as the action takes them."""
        data = self.cleaned_data
        names = ("name", "phone", "id_no", "birth_date")
        wanted = {name: str(data[f"wanted_{name}"]) for name in names if data.get(f"wanted_{name}")}
        about = [*data.get("about", []), *data.get("programs", [])]
        return {"details": data["details"], "wanted": wanted, "about": about}
