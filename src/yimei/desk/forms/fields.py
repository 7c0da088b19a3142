"""Form fields that understand what people type."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LOOSE = re.compile(r"(\d{4})[-./年\s]*(\d{1,2})[-./月\s]*(\d{1,2})日?")


class LooseDateField(forms.DateField):
    """A date typed 1995-03-08, 1995.3.8, 19950308 or 1995年3月8日."""

    default_error_messages = {"invalid": _("日期看不懂，请按 1995-03-08 填写。")}

    def to_python(self, value: Any) -> date | None:
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        text = value.strip()
        digits = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
        found = digits or LOOSE.fullmatch(text)
        if found is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise forms.ValidationError(_("没有这一天，请核对年月日。"), code="invalid") from None


class YuanField(forms.DecimalField):
    """An amount typed 7800, 7,800.00 or ¥7800."""

    default_error_messages = {"invalid": _("金额看不懂，请填写数字，例如 7800 或 7800.00。")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **kwargs)
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        text = re.sub(r"[\s,，¥￥元]", "", value) if isinstance(value, str) else value
        return super().to_python(text)


class KeyField(forms.UUIDField):
    """The hidden key of one submission: two clicks with the same key count once."""

    widget = forms.HiddenInput
    default_error_messages = {
        "required": _("页面不完整，请刷新后再提交。"),
        "invalid": _("页面不完整，请刷新后再提交。"),
    }
