"""A refused action on the form that asked for it: nothing that was typed is lost."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from yimei.core.errors import RuleBroken


def blame(form: forms.Form, refusal: RuleBroken, *, beside: str = "") -> None:
    """Write the refusal beside the field it names, or on top with what is missing.

    A form with one field for people to fill in names it in ``beside``: whatever is refused stands there.
    """
    named = beside or refusal.code
    form.add_error(named if named in form.fields else None, refusal.message)
    for missing in refusal.missing:
        form.add_error(None, f"{missing.what}（{missing.why}）" if missing.why else missing.what)


@contextmanager
def blaming(form: forms.Form, *, beside: str = "") -> Iterator[None]:
    """Do what the form asked for; when a rule refuses it, say so on the form and go on with the page."""
    try:
        yield
    except RuleBroken as refusal:
        blame(form, refusal, beside=beside)
