"""What is asked about credit: an appeal, a ruling, a version of the rules."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.desk.forms.bookings import ComingDayField
from yimei.growth.enums import CreditOrigin, CreditParty, CreditVerdict
from yimei.growth.rules import credit_rules
from yimei.people.enums import SourceKind
from yimei.ui.forms.purposed import PurposedForm

STAFFED = (CreditParty.ONLINE, CreditParty.ONSITE)
UNSTAFFED = (CreditParty.CHANNEL, CreditParty.REFERRAL, CreditParty.HOUSE)
MONTHS = (
    ("3", gettext_lazy("近 3 个月")),
    ("6", gettext_lazy("近 6 个月")),
    ("12", gettext_lazy("近 12 个月")),
)
NUMERIC = {"inputmode": "decimal", "autocomplete": "off"}


class AppealForm(PurposedForm):
    """Which share somebody says is hers, and why."""

    KEEPS = "growth.CreditAppeal"

    party = forms.TypedChoiceField(
        label=gettext_lazy("申诉哪一方的业绩"),
        choices=[(one.value, one.label) for one in STAFFED],
        coerce=CreditParty,
        widget=forms.RadioSelect,
        initial=CreditParty.ONSITE,
    )
    words = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("写事实：哪天、做了什么、哪里有记录；裁定人与各方都能看到"),
        error_messages={"required": gettext_lazy("请写明理由。")},
    )


class RulingForm(PurposedForm):
    """The shares that hold from now on, or that the result stands; with a reason either way."""

    KEEPS = "growth.CreditRuling"
    ELSEWHERE = {"verdict": "growth.CreditRuling.verdict"}

    verdict = forms.TypedChoiceField(
        label=gettext_lazy("裁定"),
        choices=CreditVerdict.choices,
        coerce=CreditVerdict,
        widget=forms.RadioSelect,
    )
    why = forms.CharField(
        label=gettext_lazy("裁定理由"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请写明理由。")},
    )

    def __init__(
        self,
        *args: Any,
        team: Sequence[tuple[UUID, str]] = (),
        current: dict[tuple[str, str], Decimal] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.team, self.current = list(team), current or {}
        for party, code, _label in self._places():
            self.fields[f"{party}_{code}" if code else str(party)] = forms.DecimalField(
                label=str(party.label),
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                required=False,
                initial=self.current.get((str(party), code)),
                widget=forms.TextInput(attrs=NUMERIC),
            )

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The people with a field for each part of the work."""
        return [(name, [self[f"{party}_{code}"] for party in STAFFED]) for code, name in self.team]

    def others(self) -> list[forms.BoundField]:
        return [self[str(party)] for party in UNSTAFFED]

    def shares(self) -> list[tuple[CreditParty, UUID | None, Decimal]]:
        if self.cleaned_data["verdict"] == CreditVerdict.KEPT:
            return []
        found = []
        for party, code, _label in self._places():
            part = self.cleaned_data.get(f"{party}_{code}" if code else str(party))
            if part:
                found.append((party, UUID(code) if code else None, part))
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and data.get("verdict") == CreditVerdict.CHANGED and not self.shares():
            raise forms.ValidationError(_("改判须写明各方比例，合计 100%%。") % {})
        return data

    def _places(self) -> Iterator[tuple[CreditParty, str, str]]:
        for code, name in self.team:
            for party in STAFFED:
                yield party, str(code), name
        for party in UNSTAFFED:
            yield party, "", ""


class CreditRulesForm(forms.Form):
    """A whole version of the rules; its fields follow the newest one."""

    effective_from = ComingDayField(
        label=gettext_lazy("生效日"), help_text=gettext_lazy("明天或以后；按成交日适用，以前成交的不变")
    )
    reason = forms.CharField(
        label=gettext_lazy("修改的理由"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    months = forms.ChoiceField(label=gettext_lazy("用哪段历史试算"), choices=MONTHS, initial="3")
    online_by = forms.ChoiceField(
        label=gettext_lazy("网电业绩归谁"),
        choices=[
            ("booked", gettext_lazy("约来到诊的人")),
            ("first", gettext_lazy("最先跟进的人")),
            ("last", gettext_lazy("最后跟进的人")),
        ],
    )
    online_days = forms.IntegerField(label=gettext_lazy("网电跟进多少天内有效"))
    onsite_by = forms.ChoiceField(
        label=gettext_lazy("现场业绩归谁"),
        choices=[
            ("closing", gettext_lazy("报价成交的人")),
            ("first", gettext_lazy("首次接待的人（首诊制）")),
        ],
    )
    onsite_days = forms.IntegerField(label=gettext_lazy("现场接待多少天内有效"))
    channel_days = forms.IntegerField(label=gettext_lazy("渠道带来后多少天内有效"))
    referral_days = forms.IntegerField(label=gettext_lazy("老带新多少天内有效"))
    deposits = forms.ChoiceField(
        label=gettext_lazy("定金何时算业绩"),
        choices=[("at_once", gettext_lazy("收到即算")), ("when_paid", gettext_lazy("付清全款才算"))],
    )
    unclaimed = forms.ChoiceField(
        label=gettext_lazy("没有人够条件的份额"),
        choices=[("house", gettext_lazy("归院方")), ("others", gettext_lazy("分给其余各方"))],
    )
    appeal_days = forms.IntegerField(label=gettext_lazy("收退款后多少天内可以申诉"))

    def __init__(self, *args: Any, rules: credit_rules.CreditRules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if hasattr(rules, name):
                field.initial = getattr(rules, name)
            if isinstance(field, forms.IntegerField):
                field.widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        for occasion in credit_rules.OCCASIONS:
            for origin in CreditOrigin:
                for party in _parties(origin):
                    self.fields[f"{occasion}_{origin}_{party}"] = forms.IntegerField(
                        label=f"{credit_rules.occasion_label(occasion)} {origin.label} {party.label}",
                        min_value=0,
                        max_value=100,
                        required=False,
                        initial=rules.percents[occasion, origin][party],
                        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                    )
        for source in SourceKind:
            self.fields[f"source_{source}"] = forms.ChoiceField(
                label=str(source.label), choices=CreditOrigin.choices, initial=rules.sources[source]
            )

    def table(self) -> list[tuple[str, list[tuple[str, list[forms.BoundField | None]]]]]:
        """Occasion → origin → a field for each party, none where it cannot be."""
        return [
            (
                credit_rules.occasion_label(occasion),
                [
                    (
                        str(origin.label),
                        [
                            self[f"{occasion}_{origin}_{party}"] if party in _parties(origin) else None
                            for party in credit_rules.SHARED
                        ],
                    )
                    for origin in CreditOrigin
                ],
            )
            for occasion in credit_rules.OCCASIONS
        ]

    def parties(self) -> list[str]:
        return [str(one.label) for one in credit_rules.SHARED]

    def sources(self) -> list[forms.BoundField]:
        return [self[f"source_{source}"] for source in SourceKind]

    def content(self) -> dict[str, Any]:
        """The version as the rules read it."""
        data = self.cleaned_data
        shares = {
            occasion: {
                str(origin): {
                    str(party): part
                    for party in _parties(origin)
                    if (part := data.get(f"{occasion}_{origin}_{party}"))
                }
                for origin in CreditOrigin
            }
            for occasion in credit_rules.OCCASIONS
        }
        return {
            **shares,
            "sources": {str(source): data[f"source_{source}"] for source in SourceKind},
            "online": {"by": data["online_by"], "days": data["online_days"]},
            "onsite": {"by": data["onsite_by"], "days": data["onsite_days"]},
            **{
                name: data[name]
                for name in ("channel_days", "referral_days", "deposits", "unclaimed", "appeal_days")
            },
        }


def _parties(origin: CreditOrigin) -> list[CreditParty]:
    return [one for one in credit_rules.SHARED if credit_rules.ONLY_FROM.get(one, origin) == origin]
