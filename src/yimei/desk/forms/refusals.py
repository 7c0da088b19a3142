"""A refused action on the form that asked for it: nothing that was typed is lost."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from yimei.core.errors import RuleBroken


def blame(form: forms.Form, refusal: RuleBroken) -> None:
    """Write the refusal beside the field it names, or on top with what is missing."""
    field = refusal.code if refusal.code in form.fields else None
    form.add_error(field, refusal.message)
    for missing in refusal.missing:
        form.add_error(None, f"{missing.what}（{missing.why}）" if missing.why else missing.what)


@contextmanager
def blaming(form: forms.Form) -> Iterator[None]:
    """Do what the form asked for; when a rule refuses it, say so on the form and go on with the page."""
    try:
        yield
    except RuleBroken as refusal:
        blame(form, refusal)
