"""The base of every form about people: each field leads to a column, and each column to its purposes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.forms.forms import DeclarativeFieldsMetaclass
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


class PurposedMeta(DeclarativeFieldsMetaclass):
    """Looks at a form once it is whole, with the fields that its own ``__init__`` adds."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        form = super().__call__(*args, **kwargs)
        form.leave_out_unneeded()
        return form


class PurposedForm(forms.Form, metaclass=PurposedMeta):
    """A form about people; a field whose purposes are all stopped leaves it."""

    KEEPS: ClassVar[str | tuple[str, ...]] = ()
    """The tables it fills, as journey.Photo; a field is the column of its name in the first that has it."""
    ELSEWHERE: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Fields by another name than their column; an empty column is for one act, and is kept nowhere."""
    ALL_IN: ClassVar[str] = ""
    """One column that takes every field that is not named otherwise: answers, cells."""

    @classmethod
    def column_of(cls, name: str) -> str | None:
        """Return the column in which a field is kept: empty for none, nothing where nobody has said it."""
        if name in cls.ELSEWHERE:
            return cls.ELSEWHERE[name]
        for label in (cls.KEEPS,) if isinstance(cls.KEEPS, str) else cls.KEEPS:
            try:
                apps.get_model(label)._meta.get_field(name)
            except FieldDoesNotExist:
                continue
            return f"{label}.{name}"
        return cls.ALL_IN or None

    def leave_out_unneeded(self) -> None:
        columns = {name: column for name in self.fields if (column := self.column_of(name))}
        over = needs.unneeded_columns(set(columns.values()))
        for name, column in columns.items():
            if column in over:
                self.fields[name] = Unneeded(self.fields[name])
