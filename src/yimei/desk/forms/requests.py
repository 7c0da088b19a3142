"""What is asked about a request; deciding stays with the actions."""

from collections.abc import Collection, Iterable
from datetime import datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yimei.core.clock import SHANGHAI
from yimei.desk.forms.fields import LooseDateField
from yimei.privacy.enums import (
    Decision,
    HoldEnd,
    HoldKind,
    IdentityMethod,
    RecordKind,
    Refusal,
    RequestChannel,
    Requester,
    RequestKind,
    UnsealReason,
)
from yimei.ui.forms.purposed import PurposedForm

SCOPES = {RequestKind.CORRECT.value: "about", RequestKind.EXPLAIN.value: "programs"}
"""In which field a kind of request says what it is about."""


class RequestForm(PurposedForm):
    """A request as it comes in."""

    KEEPS = "privacy.RightsRequest"
    ELSEWHERE = {
        "about": "privacy.RightsRequest.scope",
        "programs": "privacy.RightsRequest.scope",
        "received_on": "privacy.RightsRequest.received_at",
        "wanted_name": "privacy.RightsRequest.wanted",
        "wanted_phone": "privacy.RightsRequest.wanted",
        "wanted_id_no": "privacy.RightsRequest.wanted",
        "wanted_birth_date": "privacy.RightsRequest.wanted",
    }

    kind = forms.ChoiceField(label=_("请求"), choices=RequestKind.choices, widget=forms.RadioSelect)
    scope = forms.MultipleChoiceField(
        label=_("撤回哪些同意"), required=False, widget=forms.CheckboxSelectMultiple
    )
    about = forms.MultipleChoiceField(
        label=_("补充到哪些病历"),
        choices=RecordKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("已签署的病历不改动原文，在旁边加补充记录"),
    )
    programs = forms.MultipleChoiceField(
        label=_("哪些改由人来决定"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("身份核验后程序立即停止；没有选的只作说明"),
    )
    wanted_name = forms.CharField(label=_("姓名更正为"), required=False, max_length=60)
    wanted_phone = forms.CharField(label=_("手机更正为"), required=False, max_length=20)
    wanted_id_no = forms.CharField(label=_("证件号更正为"), required=False, max_length=30)
    wanted_birth_date = LooseDateField(label=_("出生日期更正为"), required=False)
    requester = forms.ChoiceField(label=_("请求人"), choices=Requester.choices)
    channel = forms.ChoiceField(
        label=_("提出方式"),
        choices=[choice for choice in RequestChannel.choices if choice[0] != RequestChannel.PORTAL.value],
    )
    received_on = LooseDateField(
        label=_("收到日期"), required=False, help_text=_("期限从这一天起算；空为今天")
    )
    proof = forms.CharField(
        label=_("请求人姓名与证明材料"),
        required=False,
        max_length=200,
        help_text=_("监护人、近亲属与受托人须填写：证件、关系证明或委托书的名称与编号"),
    )
    details = forms.CharField(
        label=_("请求内容"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("照原话记录；近亲属须写明自身的合法、正当利益"),
    )

    def __init__(
        self,
        *args: Any,
        consents: Iterable[tuple[str, str]],
        programs: Iterable[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("scope", consents), ("programs", programs)):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = list(choices)

    def asked(self, now: datetime) -> dict[str, Any]:
        """The values as the action takes them."""
        data = self.cleaned_data
        day = data["received_on"]
        moment = now if day is None else min(now, datetime.combine(day, time(12), SHANGHAI))
        return {
            "kind": RequestKind(data["kind"]),
            "requester": Requester(data["requester"]),
            "channel": RequestChannel(data["channel"]),
            "scope": data[SCOPES.get(data["kind"], "scope")],
            "wanted": self.wanted if data["kind"] == RequestKind.CORRECT else {},
            "proof": data["proof"],
            "details": data["details"],
            "received_at": moment,
        }

    @property
    def wanted(self) -> dict[str, str]:
        """What the identity shall be from now on; a day as text."""
        given = {
            name: self.cleaned_data[f"wanted_{name}"] for name in ("name", "phone", "id_no", "birth_date")
        }
        return {name: str(value) for name, value in given.items() if value}


class IdentityForm(PurposedForm):
    """How somebody proved who she is."""

    KEEPS = "privacy.RightsRequest"
    ELSEWHERE = {"method": "privacy.RightsRequest.identity_method"}

    method = forms.ChoiceField(label=_("核验方式"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, methods: Iterable[IdentityMethod], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(method.value, method.label) for method in methods]


class ExtendForm(PurposedForm):
    KEEPS = "privacy.RightsRequest"
    ELSEWHERE = {
        "until": "privacy.RightsRequest.extended_to",
        "reason": "privacy.RightsRequest.extension_reason",
    }

    until = LooseDateField(label=_("延长至"))
    reason = forms.CharField(label=_("理由"), max_length=200, help_text=_("会写进答复书，告知本人"))


class DecisionForm(PurposedForm):
    """Yes or no; what becomes of each holding follows from the table, never from a click."""

    KEEPS = "privacy.RightsRequest"

    decision = forms.ChoiceField(
        label=_("决定"),
        choices=[
            (Decision.GRANTED.value, Decision.GRANTED.label),
            (Decision.REFUSED.value, Decision.REFUSED.label),
        ],
        widget=forms.RadioSelect,
    )
    refusal = forms.ChoiceField(
        label=_("不同意的理由"), choices=[("", "—"), *Refusal.choices], required=False
    )
    reply = forms.CharField(
        label=_("给请求人的说明"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("会写进答复书；不同意、更正与解释说明时必填"),
    )


class UnsealForm(PurposedForm):
    """Which sealed file, on which ground, what for."""

    KEEPS = "privacy.Unsealing"
    ELSEWHERE = {"file_no": "privacy.Unsealing.patient"}

    file_no = forms.CharField(
        label=_("档案号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    reason = forms.ChoiceField(label=_("法定理由"), choices=UnsealReason.choices)
    text = forms.CharField(
        label=_("依据与用途"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("至少 10 个字，例如：法院调取函 2026 民初 123 号，须提供手术记录"),
    )  # fmt: skip


class HoldForm(PurposedForm):
    """Whose record is sealed or kept, why, and who was there."""

    KEEPS = "privacy.LegalHold"
    ELSEWHERE = {"file_no": "privacy.LegalHold.patient"}

    file_no = forms.CharField(
        label=_("档案号"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    kind = forms.ChoiceField(label=_("性质"), choices=HoldKind.choices)
    ground = forms.CharField(
        label=_("事由与文号"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("例如：医疗纠纷，患方申请封存；或（2026）沪 01 民初 12 号保全裁定"),
    )
    parties = forms.CharField(
        label=_("在场各方"), max_length=200, help_text=_("患方与院方在场人的姓名；封存须双方在场")
    )


class ReleaseForm(PurposedForm):
    """Why a hold ends; each kind of hold has its own ends."""

    KEEPS = "privacy.LegalHold"

    release_reason = forms.ChoiceField(label=_("解除理由"))
    release_note = forms.CharField(
        label=_("解除说明"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("写明依据：调解书、裁定、办结文书的名称与编号"),
    )

    def __init__(self, *args: Any, ends: Collection[HoldEnd], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["release_reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(end.value, end.label) for end in HoldEnd if end in ends]
