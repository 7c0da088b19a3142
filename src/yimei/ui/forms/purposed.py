"""The base of forms whose fields serve purposes that a hospital may stop."""

from typing import Any, ClassVar

from django import forms
from django.utils.safestring import SafeString

from yimei.core.errors import RuleBroken
from yimei.privacy.queries import needs


class Nothing(forms.HiddenInput):
    """Draws nothing and reads nothing, whatever was sent."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return SafeString("")

    def value_from_datadict(self, *args: Any) -> None:
        return None


class Unneeded(forms.Field):
    """A field that no purpose needs now: not shown, not read; what cannot be without it is refused."""

    widget = Nothing

    def __init__(self, before: forms.Field) -> None:
        super().__init__(required=False, label=before.label)
        self.before = before

    def clean(self, value: Any) -> Any:
        if self.before.required:
            raise forms.ValidationError(needs.refusal(str(self.before.label)).message, code="purpose")
        try:
            return self.before.clean(self.before.to_python(None))
        except (RuleBroken, forms.ValidationError):
            return None


class PurposedForm(forms.Form):
    """A form into one table of the data map; fields whose purposes are all stopped leave it."""

    KEEPS: ClassVar[str]
    """The table, as journey.Photo. A field has the purposes of its column, or else those of the table."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in needs.unneeded(self.KEEPS, self.fields):
            self.fields[name] = Unneeded(self.fields[name])
