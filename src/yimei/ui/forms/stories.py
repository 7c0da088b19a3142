"""What is asked about a customer's story, on her phone and at the desk alike."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.growth.enums.stories import StoryUse
from yimei.growth.rules import stories as rules
from yimei.hospital.enums import Category
from yimei.journey.rules.pictures import MAX_BYTES, check_kind, check_size
from yimei.ui.forms.purposed import PurposedForm

SPANS = ((90, _("三个月")), (180, _("半年")), (365, _("一年")))


class StoryForm(PurposedForm):
    """The words themselves."""

    KEEPS = "growth.Story"

    title = forms.CharField(label=_("标题"), max_length=rules.TITLE_LENGTH)
    category = forms.ChoiceField(label=_("部位"), choices=Category.choices)
    words = forms.CharField(
        label=_("想分享的经过"),
        max_length=rules.WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("写自己的经过和感受；不写姓名、电话、医生姓名，也不评价效果有多好。"),
    )


class MaskForm(PurposedForm):
    """The band of a picture that is blackened before it is kept."""

    KEEPS = "growth.StoryPicture"
    ELSEWHERE = {"mask_top": "", "mask_bottom": ""}

    mask_top = forms.IntegerField(
        label=_("从上往下，从百分之几起涂黑"), min_value=0, max_value=100, required=False
    )
    mask_bottom = forms.IntegerField(
        label=_("到百分之几"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("例如 20 到 45 盖住眼睛；不填不涂。涂黑以后才保存，不能恢复。"),
    )
    has_face = forms.BooleanField(label=_("这张照片认得出是谁"), required=False)

    @property
    def values(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        top, bottom = cleaned["mask_top"], cleaned["mask_bottom"]
        whole = top is None and bottom is None
        mask = None if whole else rules.Mask(top or 0, 100 if bottom is None else bottom)
        return {"mask": mask, "has_face": bool(cleaned["has_face"])}


class StoryChartForm(MaskForm):
    """One of her own pictures in her chart."""

    ELSEWHERE = MaskForm.ELSEWHERE | {"photo": "growth.StoryPicture.file"}

    photo = forms.UUIDField(label=_("照片"), error_messages={"required": _("请先选一张照片。")})

    @property
    def values(self) -> dict[str, Any]:
        return super().values | {"photo_id": self.cleaned_data["photo"]}


class StoryPictureForm(MaskForm):
    """One picture from her phone."""

    ELSEWHERE = MaskForm.ELSEWHERE | {"picture": "growth.StoryPicture.file"}

    picture = forms.FileField(
        label=_("照片文件"),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("请选择照片文件。")},
        help_text=_("JPEG、PNG 或 WebP，30 MB 以内；位置、设备等信息会自动去除。"),
    )
    is_intimate = forms.BooleanField(label=_("含私密部位（只能用于院内培训）"), required=False)

    @property
    def values(self) -> dict[str, Any]:
        sent = self.cleaned_data["picture"]
        check_size(sent.size)
        data: bytes = sent.read(MAX_BYTES + 1)
        check_kind(data)
        return super().values | {"data": data, "is_intimate": bool(self.cleaned_data["is_intimate"])}


class StoryAgreeForm(PurposedForm):
    """What she allows, with her signature."""

    KEEPS = "growth.StoryVersion"
    ELSEWHERE = {"span": "growth.StoryVersion.until", "signature": "privacy.Consent.evidence"}

    uses = forms.MultipleChoiceField(
        label=_("可以用在哪里"),
        choices=StoryUse.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选一种用途。")},
    )
    has_pictures = forms.BooleanField(label=_("照片也可以用"), required=False)
    has_face = forms.BooleanField(label=_("照片可以露脸"), required=False)
    span = forms.TypedChoiceField(
        label=_("同意多久"), choices=SPANS, coerce=int, initial=180, widget=forms.RadioSelect
    )
    signature = forms.CharField(
        widget=forms.HiddenInput, error_messages={"required": _("请在框内手写签名。")}
    )

    def values(self, *, today: date, most: int) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {
            "uses": [StoryUse(use) for use in cleaned["uses"] or ()],
            "has_pictures": bool(cleaned["has_pictures"]),
            "has_face": bool(cleaned["has_face"]),
            "until": today + timedelta(days=min(cleaned["span"] or 0, most)),
            "signature": cleaned["signature"],
        }
