"""Draws Django forms: label above, unit inside, help and error beside, and a summary on top."""

from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.widgets import CheckboxSelectMultiple, ChoiceWidget, RadioSelect, Widget
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


def _kind(widget: Widget) -> str:
    """Name the shape in which a widget is drawn."""
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, CheckboxSelectMultiple):  # to Django a kind of RadioSelect
        return "checks"
    if isinstance(widget, RadioSelect):
        return "radio"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.Textarea):
        return "textarea"
    if isinstance(widget, ChoiceWidget):
        return "select"
    if isinstance(widget, forms.DateInput):
        return "date"
    return "text"


SCRIPTED: dict[str, dict[str, Any]] = {
    "date": {
        "data-ym-date": True,
        "inputmode": "numeric",
        "autocomplete": "off",
        "placeholder": "2026-05-06",
    },
}


def _phone(widget: Widget) -> bool:
    return getattr(widget, "input_type", "") == "tel" or "data-ym-phone" in widget.attrs


def _attributes(bound: BoundField, kind: str, *, has_help: bool, focus: bool) -> dict[str, Any]:
    """Return what ties the control to its help and its error, and to our scripts."""
    described = [f"{bound.auto_id}-help"] * has_help + [f"{bound.auto_id}-error"] * bool(bound.errors)
    attrs: dict[str, Any] = {
        name: value for name, value in SCRIPTED.get(kind, {}).items() if name not in bound.field.widget.attrs
    }
    if kind not in {"radio", "checks"}:
        attrs["aria-describedby"] = " ".join(described) or None
        attrs["aria-invalid"] = "true" if bound.errors else None
    if kind == "textarea":
        attrs["maxlength"] = False  # a browser would cut what is pasted and say nothing
    if focus:
        attrs["autofocus"] = True
    if _phone(bound.field.widget):
        attrs |= {"data-ym-phone": True, "inputmode": "tel"}
    if isinstance(bound.field, forms.TimeField):
        attrs |= {"inputmode": "numeric", "data-ym-time": True}
    return {name: value for name, value in attrs.items() if value is not None}


@register.simple_tag
def field(
    bound: BoundField,
    *,
    unit: str = "",
    prefix: str = "",
    help: str = "",
    label: str = "",
    kind: str = "",
    autofocus: bool = False,
    asked: bool = False,
) -> SafeString:
    """Draw one field of a form; `kind` asks for cards or chips where there are choices.

    `asked` is for what the form lets be empty and the rules do not: nobody shall read it as left to choice.
    """
    shape = _kind(bound.field.widget)
    hint = help or str(bound.help_text or "")
    if bound.is_hidden:
        return bound.as_widget()
    attrs = _attributes(bound, shape, has_help=bool(hint), focus=autofocus)
    values = {
        "field": bound,
        "id": bound.id_for_label or bound.auto_id,
        "base": bound.auto_id,
        "shape": shape,
        "look": kind or {"radio": "list", "checks": "list"}.get(shape, ""),
        "label": label or bound.label,
        "help": hint,
        "unit": unit,
        "prefix": prefix,
        "errors": list(bound.errors),
        "is_optional": not bound.field.required and not asked and shape != "check",
        "control": "" if shape in {"radio", "checks"} else bound.as_widget(attrs=attrs),
        "options": list(bound.subwidgets) if shape in {"radio", "checks"} else [],
    }
    return render_to_string("ui/pieces/field.html", values)


@register.simple_tag
def fields(form: forms.BaseForm, *names: str) -> SafeString:
    """Draw several fields in order, or all of them with the hidden ones."""
    chosen = [form[name] for name in names] if names else list(form)
    return SafeString("".join(field(bound) for bound in chosen))


@register.simple_tag
def form_errors(form: forms.BaseForm, *, title: str = "", focus: bool = True) -> SafeString:
    """Summarise what is wrong, each line a link to its field; draws nothing when all is well."""
    rows = [
        {"id": bound.id_for_label or bound.auto_id, "label": bound.label, "text": text}
        for bound in form
        for text in bound.errors
    ]
    general = list(form.non_field_errors())
    is_one = len(rows) + len(general) == 1
    values = {"rows": rows, "general": general, "title": title, "focus": focus, "is_one": is_one}
    values["sent_files"] = any(form.files.values())
    return render_to_string("ui/pieces/form_errors.html", values)
