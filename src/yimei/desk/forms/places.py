"""What a campus is and has: its licence, rooms, devices, shifts and departments."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.hospital.enums import Grade, InstitutionKind, RoomKind
from yimei.people.actions.premises import Kind

QUIET = {"autocomplete": "off"}


class CampusForm(forms.Form):
    """One licensed place."""

    code = forms.SlugField(label=_("编码"), max_length=16, help_text=_("登记后不再改"))
    name = forms.CharField(label=_("名称"), max_length=80)
    institution_kind = forms.TypedChoiceField(
        label=_("机构类别"), choices=InstitutionKind.choices, coerce=InstitutionKind
    )
    max_grade = forms.TypedChoiceField(
        label=_("可开展手术最高级别"),
        choices=Grade.choices,
        coerce=lambda value: Grade(int(value)),
        help_text=_("以核准登记为准；调低后，更高级别的项目立即不能再定方案和排台"),
    )
    licence_no = forms.CharField(label=_("医疗机构执业许可证号"), max_length=40, required=False)
    phone = forms.CharField(label=_("电话"), max_length=20, required=False)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)


class CodedForm(forms.Form):
    """A row of the campus under a code of its own."""

    code = forms.SlugField(label=_("编码"), max_length=16, widget=forms.TextInput(attrs=QUIET))
    name = forms.CharField(label=_("名称"), max_length=80, widget=forms.TextInput(attrs=QUIET))


class RoomForm(CodedForm):
    """A room that is booked."""

    kind = forms.TypedChoiceField(label=_("类别"), choices=RoomKind.choices, coerce=RoomKind)
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)


class DeviceForm(CodedForm):
    """A machine that is booked."""

    serial_no = forms.CharField(label=_("序列号"), max_length=60, required=False)
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)


class ShiftForm(CodedForm):
    """Hours of the day under a name."""

    name = forms.CharField(label=_("名称"), max_length=40, widget=forms.TextInput(attrs=QUIET))
    starts = forms.TimeField(label=_("开始"), widget=forms.TextInput(attrs={"placeholder": "09:00", **QUIET}))
    ends = forms.TimeField(
        label=_("结束"),
        widget=forms.TextInput(attrs={"placeholder": "18:00", **QUIET}),
        help_text=_("改动只影响以后排的班，已排的不变"),
    )


class DepartmentForm(CodedForm):
    """A department."""

    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)


FORMS: dict[Kind, type[forms.Form]] = {
    Kind.ROOM: RoomForm,
    Kind.DEVICE: DeviceForm,
    Kind.SHIFT: ShiftForm,
    Kind.DEPARTMENT: DepartmentForm,
}
