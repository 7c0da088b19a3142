"""What a role may do, one choice of scope for each permission."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from yimei.people.roles import Permission, Scope

NOT_HELD = "none"
AREAS = (
    (_("客户与线索"), ("patient", "lead", "member", "promotion", "coupon")),
    (_("预约、接诊与咨询"), ("booking", "reception", "consult")),
    (_("诊疗"), ("clinical", "test", "plan", "consent", "anaesthesia", "schedule", "surgery", "recovery")),
    (_("术后与费用"), ("aftercare", "money", "refund")),
    (_("经营数据"), ("insight",)),
    (_("合规与审计"), ("privacy", "audit")),
)
"""The permissions by what they are about; one of no area stands under settings."""


class RoleForm(forms.Form):
    """The scope of every permission of one role."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=16)

    def __init__(self, *args: Any, scopes: Mapping[Permission, Scope], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in Permission:
            self.fields[_name(one)] = forms.ChoiceField(
                label=one.label,
                choices=[(NOT_HELD, _("没有")), *Scope.choices],
                initial=scopes.get(one, NOT_HELD),
            )

    @property
    def grants(self) -> dict[Permission, Scope]:
        """What was chosen; a permission without a scope is not held."""
        chosen = {one: self.cleaned_data[_name(one)] for one in Permission}
        return {one: Scope(scope) for one, scope in chosen.items() if scope != NOT_HELD}

    def areas(self) -> list[tuple[str, list[BoundField]]]:
        """The fields under the area they belong to."""
        placed = {prefix for _label, prefixes in AREAS for prefix in prefixes}
        areas = [(str(label), self._of(prefixes)) for label, prefixes in AREAS]
        rest = {prefix for one in Permission if (prefix := _prefix(one)) not in placed}
        return [*areas, (str(_("设置")), self._of(rest))]

    def _of(self, prefixes: Iterable[str]) -> list[BoundField]:
        return [self[_name(one)] for one in Permission if _prefix(one) in prefixes]


class NewRoleForm(forms.Form):
    """A role of the hospital's own, beginning as a copy."""

    name = forms.CharField(label=_("名称"), max_length=40)
    like = forms.ChoiceField(label=_("权限先与它相同"))

    def __init__(self, *args: Any, roles: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["like"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(roles)


def _name(permission: Permission) -> str:
    return permission.value.replace(".", "_")


def _prefix(permission: Permission) -> str:
    return permission.value.split(".")[0]
