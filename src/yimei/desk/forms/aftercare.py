"""What came of a call or a review."""

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.journey.enums import ClavienDindo
from yimei.ui.forms.purposed import PurposedForm


class OutcomeForm(PurposedForm):
    KEEPS = "journey.AftercareTask"

    outcome = forms.CharField(
        label=_("结果"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("客户怎么说、您怎么答；换药与拆线写明伤口情况。"),
    )
    has_red_flag = forms.BooleanField(
        label=_("有异常：出血、剧痛、发热、流脓、视力变化等，立即转主诊医师"), required=False
    )


class ReviewForm(PurposedForm):
    KEEPS = "journey.Review"

    findings = forms.CharField(label=_("检查所见"), max_length=8000, widget=forms.Textarea(attrs={"rows": 4}))
    complication = forms.TypedChoiceField(
        label=_("并发症（Clavien-Dindo）"),
        choices=ClavienDindo.choices,
        coerce=ClavienDindo,
        widget=forms.RadioSelect,
        help_text=_("I 级不需处理；II 级用药；III 级需再手术（a 局麻，b 全麻）；IV 级危及生命；V 级死亡。"),
    )
    complication_note = forms.CharField(
        label=_("并发症处理"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("有并发症时必填。"),
    )
    goal_reached = forms.IntegerField(label=_("期望达成"), min_value=0, max_value=10)
