"""Documents of a plan: what must be signed, the page that signs one, the frozen PDF."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.desk.forms.consents import SignForm
from yimei.desk.views.customer.frames import frame
from yimei.hospital.rules.forms import choice_codes
from yimei.journey.access import open_consent_form, open_plan
from yimei.journey.actions import consents as actions
from yimei.journey.enums import PlanStatus, Side
from yimei.journey.queries import forms, plans
from yimei.journey.rules import plans as rules
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission
from yimei.privacy.actions import exports
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast
from yimei.vault import files


@require_GET
@allow(Permission.CLINICAL_VIEW)
def documents(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-consents")
    values: dict[str, object] = {"customer": customer}
    if customer.case is not None and not customer.needs_glass:
        plan = plans.in_force(customer.case)
        required = forms.required(plan, customer.now) if plan else ()
        values |= {
            "plan": plan,
            "is_chosen": plan is not None and plan.status == PlanStatus.CHOSEN,
            "required": required,
            "signed": sum(form.signed is not None for form in required),
            "voided": forms.voided(customer.case),
            "may_sign": request.user.may(Permission.CONSENT_WRITE),
        }
    return render(request, "desk/consents/list.html", values)


@allow(Permission.CONSENT_WRITE)
def sign(request: StaffRequest, plan_id: UUID, form_code: str) -> HttpResponse:
    now = timezone.now()
    plan = open_plan(plan_id, by=request.user)
    required = next((form for form in forms.required(plan, now) if form.template.code == form_code), None)
    if required is None:
        raise NotFound
    template = required.template
    if required.signed is not None and request.method != "POST":
        return redirect_to(request, "desk:case-consents", plan.case.public_id)
    case = plan.case
    is_minor = needs_guardian(case.patient, local_date(now))
    guardians = forms.guardians(case) if is_minor else ()
    witnesses = [
        (str(each.public_id), f"{each.person.name}（{each.get_relation_display()}）") for each in guardians
    ]
    form = SignForm(request.POST or None, boxes=choice_codes(template.sections), guardians=witnesses)
    if request.method == "POST":
        check(form)
        actions.sign(
            plan_id,
            form_code=form_code,
            signatures=form.signatures,
            questions=form.cleaned_data["questions"],
            choices=form.cleaned_data["choices"],
            guardian_id=form.cleaned_data["guardian_id"],
            by=request.user,
            now=now,
        )
        said = _("已签署：%(title)s。") % {"title": template.title}
        return toast(request, redirect_to(request, "desk:case-consents", case.public_id), said)
    content = plans.content(plan)
    values = {
        "customer": frame(request, case.public_id, current="case-consents"),
        "plan": plan,
        "template": template,
        "form": form,
        "plan_rows": [
            (label, getattr(content, name))
            for name, label in rules.labels().items()
            if name != "price" and not (name == "side" and plan.side == Side.NONE)
        ],
        "is_minor": is_minor,
        "guardians": guardians,
    }
    return render(request, "desk/consents/sign.html", values)


def check(form: SignForm) -> None:
    """Refuse without drawing the page anew: strokes on a pad cannot be sent back to it."""
    if not form.is_valid():
        label, errors = next(iter(form.errors.items()))
        raise RuleBroken(_("「%(label)s」：%(why)s") % {"label": form[label].label, "why": errors[0]})


@require_GET
@allow(Permission.CLINICAL_VIEW)
def pdf(request: StaffRequest, form_id: UUID) -> HttpResponse:
    """Hand out the frozen bytes; the look is written down before."""
    form = open_consent_form(form_id, by=request.user)
    exports.look(form.case.patient, page="consent-pdf", by=request.user, now=timezone.now())
    response = HttpResponse(files.read(form.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{form.template.code}-v{form.plan.version}.pdf"'
    return response
