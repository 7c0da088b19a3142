"""Which documents a plan asks for and which of them are signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from yimei.hospital.enums import FormKind
from yimei.hospital.models import FormTemplate
from yimei.hospital.queries import forms_for, newest_form
from yimei.journey.models import Case, ConsentForm, Plan
from yimei.journey.rules.consents import ANAESTHESIA_FORM
from yimei.people.models import Guardian


@dataclass(frozen=True)
class RequiredForm:
    """One document of a plan version: the template in force and the signed copy, if any."""

    template: FormTemplate
    signed: ConsentForm | None
    was_voided: bool


def templates(plan: Plan, at: datetime) -> Sequence[FormTemplate]:
    """Return the documents of a plan in the order of signing; anaesthesia follows the plan alone."""
    chosen = [form for form in forms_for(plan.procedure, at) if form.kind != FormKind.ANAESTHESIA]
    code = ANAESTHESIA_FORM.get(plan.anaesthesia)
    anaesthesia = newest_form(code, at) if code else None
    forms = [*chosen, anaesthesia] if anaesthesia else chosen
    order = list(FormKind)
    return sorted(forms, key=lambda form: order.index(FormKind(form.kind)))


def required(plan: Plan, at: datetime) -> Sequence[RequiredForm]:
    """Return each required document with its signed copy for exactly this version.

    A copy signed under an earlier text of the form stays good: the words signed are frozen in its PDF.
    """
    signed = {
        form.template.code: form
        for form in plan.consent_forms.filter(voided_at=None).select_related("template", "pdf", "talked_by")
    }
    voided = set(
        ConsentForm.objects.filter(case=plan.case_id)
        .exclude(voided_at=None)
        .values_list("template__code", flat=True)
    )
    return [
        RequiredForm(form, signed.get(form.code), was_voided=form.code in voided)
        for form in templates(plan, at)
    ]


def voided(case: Case) -> Sequence[ConsentForm]:
    """Return the documents that a later plan made void, the newest first."""
    return list(
        case.consent_forms.exclude(voided_at=None).select_related("template", "plan", "talked_by", "pdf")
    )


def guardians(case: Case) -> Sequence[Guardian]:
    """Return the verified guardians who may sign."""
    return list(
        case.patient.guardians.exclude(verified_at=None).select_related("person__vault_key").order_by("id")
    )
