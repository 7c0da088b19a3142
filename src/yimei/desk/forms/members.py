"""What is asked about members. Deciding stays with the actions; a form only reads."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yimei.desk.forms.bookings import ComingDayField
from yimei.desk.forms.fields import YuanField
from yimei.growth.rules.members import MOST_TIERS, Policy
from yimei.ui.forms.purposed import PurposedForm

BENEFIT = re.compile(r"(?P<name>.*?)[\s×xX*]+(?P<times>\d{1,3})\s*次?")


class PointsForm(PurposedForm):
    """How many points a quote shall take."""

    KEEPS = "growth.PointEntry"
    ELSEWHERE = {"points": "growth.PointEntry.change"}

    points = forms.IntegerField(
        label=gettext_lazy("使用积分"),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class RulesForm(forms.Form):
    """A whole version of the members' rules; the rows of tiers follow the version that counts now."""

    effective_from = ComingDayField(
        label=gettext_lazy("生效日"), help_text=gettext_lazy("明天或以后；已有等级到期前不降级")
    )

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy = policy
        whole = {
            "window_months": (_("统计消费的月数"), policy.window_months),
            "points_per_yuan": (_("每元积分"), policy.points_per_yuan),
            "points_to_yuan": (_("多少积分抵 1 元"), policy.points_to_yuan),
            "most_percent": (_("积分最多抵扣"), policy.most_percent),
            "valid_months": (_("积分有效月数"), policy.valid_months),
        }
        for name, (label, initial) in whole.items():
            self.fields[name] = _whole(label, initial)
        for n in range(min(len(policy.tiers) + 1, MOST_TIERS)):
            tier = policy.tiers[n] if n < len(policy.tiers) else None
            self.fields[f"tier{n}_name"] = forms.CharField(
                label=_("名称"), max_length=20, required=False, initial=tier.name if tier else ""
            )
            self.fields[f"tier{n}_from"] = YuanField(
                label=_("期内消费满"), required=False, initial=tier.threshold if tier else None
            )
            self.fields[f"tier{n}_rate"] = _whole(_("积分倍率"), tier.rate if tier else None, is_needed=False)
            self.fields[f"tier{n}_benefits"] = forms.CharField(
                label=_("每年权益"),
                max_length=400,
                required=False,
                initial="\n".join(f"{one.name} {one.times}" for one in tier.benefits) if tier else "",
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def tiers(self) -> list[list[forms.BoundField]]:
        """The fields of each tier, in rows."""
        count = sum(name.endswith("_rate") for name in self.fields)
        return [
            [self[f"tier{n}_{part}"] for part in ("name", "from", "rate", "benefits")] for n in range(count)
        ]

    def content(self) -> Mapping[str, Any]:
        """The version as the rules read it; a row without a name is no tier."""
        data, tiers = self.cleaned_data, []
        for n, row in enumerate(self.tiers()):
            name = data.get(f"tier{n}_name", "").strip()
            if not name:
                continue
            known = self.policy.tiers[n].code if n < len(self.policy.tiers) else f"tier{n}"
            tiers.append(
                {
                    "code": known,
                    "name": name,
                    "from": str(data.get(f"tier{n}_from") or Decimal(0)),
                    "rate": data.get(f"tier{n}_rate") or 0,
                    "benefits": self._benefits(str(data.get(row[3].name) or "")),
                }
            )
        names = ("window_months", "points_per_yuan", "points_to_yuan", "most_percent", "valid_months")
        return {**{name: data[name] for name in names}, "tiers": tiers}

    def _benefits(self, text: str) -> list[dict[str, Any]]:
        """One benefit a line, its name and how often; what cannot be read is refused by the rules."""
        codes = {one.name: one.code for tier in self.policy.tiers for one in tier.benefits}
        found: list[dict[str, Any]] = []
        for line in filter(None, map(str.strip, text.splitlines())):
            match = BENEFIT.fullmatch(line)
            name, times = (match["name"].strip(), int(match["times"])) if match else (line, 0)
            found.append({"code": codes.get(name, name[:20]), "name": name, "times": times})
        return found


def _whole(label: str, initial: int | None, *, is_needed: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        initial=initial,
        min_value=0,
        max_value=1_000_000,
        required=is_needed,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
