"""One photograph as it comes from the camera or from a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.desk.forms.fields import LooseDateField
from yimei.hospital.rules.photos import Series
from yimei.journey.enums import PhotoMoment, PhotoOrigin, Side
from yimei.journey.rules.pictures import MAX_BYTES, check_kind, check_size, reads_heic
from yimei.ui.forms.purposed import PurposedForm

ACCEPT = "image/jpeg,image/png,image/webp"


class PictureForm(PurposedForm):
    KEEPS = "journey.Photo"
    ELSEWHERE = {"picture": "journey.Photo.full", "taken_on": "journey.Photo.taken_at"}

    picture = forms.FileField(
        label=_("照片文件"),
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "required": _("请先拍照或选择照片文件。"),
            "empty": _("文件是空的，请重新选择照片。"),
        },
        help_text=_("JPEG、PNG 或 WebP，30 MB 以内；位置、设备等信息会自动去除。"),
    )
    angle = forms.ChoiceField(label=_("角度"), widget=forms.HiddenInput)
    moment = forms.TypedChoiceField(
        label=_("时点"), choices=PhotoMoment.choices, coerce=PhotoMoment, widget=forms.RadioSelect
    )
    side = forms.TypedChoiceField(
        label=_("部位侧"),
        choices=[one for one in Side.choices if one[0] != Side.NONE],
        coerce=Side,
        widget=forms.RadioSelect,
        error_messages={"required": _("这个项目分左右，请选部位侧。")},
    )
    taken_on = LooseDateField(
        label=_("拍摄日期"), required=False, help_text=_("不填为今天；补传旧照片时填实际日期。")
    )
    is_intimate = forms.BooleanField(label=_("含私密部位（只向有诊疗关系的医务人员显示）"), required=False)
    origin = forms.TypedChoiceField(
        choices=PhotoOrigin.choices,
        coerce=PhotoOrigin,
        widget=forms.HiddenInput(attrs={"data-ym-camera-origin": True}),
        initial=PhotoOrigin.UPLOAD.value,
    )

    def __init__(self, *args: Any, series: Series, has_side: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        angle = self.fields["angle"]
        if isinstance(angle, forms.ChoiceField):  # gone where no purpose of images is in force
            angle.choices = [(each.code, each.name) for each in series.angles]
        if reads_heic():
            self.fields["picture"].widget.attrs["accept"] = f"{ACCEPT},image/heic,image/heif"
        if not has_side:
            del self.fields["side"]
        if series.is_intimate:
            del self.fields["is_intimate"]

    @property
    def data_of_picture(self) -> bytes:
        """Read no more than may be kept; what is longer is refused by its size alone."""
        sent = self.cleaned_data["picture"]
        check_size(sent.size)
        data: bytes = sent.read(MAX_BYTES + 1)
        check_kind(data)
        return data


class VoidForm(PurposedForm):
    KEEPS = "journey.Photo"
    ELSEWHERE = {"reason": "journey.Photo.void_reason"}

    reason = forms.CharField(
        label=_("作废原因"), max_length=80, help_text=_("例如：拍错客户、角度标错。照片会隐藏，但不会删除。")
    )
