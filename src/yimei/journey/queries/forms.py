"""Which documents a plan asks for and which of them are signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yimei.core.clock import local_date
from yimei.hospital.enums import FormKind
from yimei.hospital.models import FormTemplate
from yimei.hospital.queries import forms_of
from yimei.journey.models import Case, ConsentForm, Plan
from yimei.journey.queries import plans
from yimei.journey.rules.consents import ANAESTHESIA_FORM
from yimei.people.models import Guardian
from yimei.people.queries import needs_guardian, proved_guardians


@dataclass(frozen=True)
class RequiredForm:
    """One document of a plan version: the template in force and the signed copy, if any."""

    template: FormTemplate
    signed: ConsentForm | None
    was_voided: bool
    is_outgrown: bool = False
    """It was signed, but by those who had to then: who came of age signs alone, and the reverse."""


def templates(plan: Plan, at: datetime) -> Sequence[FormTemplate]:
    """Return the documents of a plan in the order of signing; anaesthesia follows the plan alone."""
    code = ANAESTHESIA_FORM.get(plan.anaesthesia)
    wanted = forms_of(plans.procedures_of(plan), at, also=[code] if code else [])
    forms = [form for form in wanted if form.kind != FormKind.ANAESTHESIA and form.code != code]
    forms += [form for form in wanted if form.code == code]
    order = list(FormKind)
    return sorted(forms, key=lambda form: order.index(FormKind(form.kind)))


def required(plan: Plan, at: datetime, *, with_guardian: bool | None = None) -> Sequence[RequiredForm]:
    """Return each required document with its signed copy for exactly this version.

    A copy signed under an earlier text of the form stays good: the words signed are frozen in its PDF.
    """
    rows = ConsentForm.objects.filter(case=plan.case_id).select_related("template", "pdf", "talked_by")
    copies = list(rows)
    signed = {
        form.template.code: form for form in copies if form.plan_id == plan.pk and form.voided_at is None
    }
    voided = {form.template.code for form in copies if form.voided_at is not None}
    if with_guardian is None:
        with_guardian = needs_guardian(plan.case.patient, local_date(at))
    found = []
    for form in templates(plan, at):
        copy = signed.get(form.code)
        holds = copy is None or (copy.guardian_id is not None) == with_guardian
        found.append(RequiredForm(form, copy if holds else None, form.code in voided, is_outgrown=not holds))
    return found


def voided(case: Case) -> Sequence[ConsentForm]:
    """Return the documents that a later plan made void, the newest first."""
    return list(
        case.consent_forms.exclude(voided_at=None).select_related("template", "plan", "talked_by", "pdf")
    )


def guardians(case: Case) -> Sequence[Guardian]:
    """Return the verified guardians who may sign."""
    return list(proved_guardians(case.patient))
