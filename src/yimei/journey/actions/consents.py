"""Signing on screen: talk, drawn signature, frozen PDF with its hash, for exactly one plan version."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import SHANGHAI, age_on, local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.language import in_house
from yimei.core.money import format_yuan
from yimei.hospital.enums import Anaesthesia, FormKind
from yimei.journey.access import lock_case, open_plan
from yimei.journey.actions.signatures import guardian_who_signs, read_signature
from yimei.journey.enums import PlanStatus
from yimei.journey.models import Case, ConsentForm, Plan
from yimei.journey.queries import forms, plans
from yimei.journey.queries.questionnaires import missing_to_ask
from yimei.journey.rules import consents as rules
from yimei.journey.rules import plans as plan_rules
from yimei.people.access import need
from yimei.people.enums import Sex
from yimei.people.models import Guardian, Staff
from yimei.people.queries import needs_guardian
from yimei.people.roles import Permission, RoleCode
from yimei.vault import files


@dataclass(frozen=True)
class Signatures:
    """Drawn signatures as PNG data URLs, as the signature pad posts them."""

    customer: str
    guardian: str = ""


@transaction.atomic
def sign(
    plan_id: UUID,
    *,
    form_code: str,
    signatures: Signatures,
    questions: str,
    choices: Sequence[str] = (),
    guardian_id: UUID | None = None,
    by: Staff,
    now: datetime,
) -> ConsentForm:
    """Freeze one signed document: PDF bytes, its hash, and the hash of the plan it is about (民法典 1219).

    ``by`` is the physician who talked. Any later plan version voids the document. Nothing is signed while the
    customer has not agreed to the use of her health data, or has taken that back (PIPL 15, 29).
    """
    need(by, Permission.CONSENT_WRITE)
    case = lock_case(open_plan(plan_id, by=by).case_id)
    plan = open_plan(plan_id, by=by)
    if plan.status != PlanStatus.CHOSEN or plan.finalised_at is None:
        raise RuleBroken(_("客户选定方案后才能签署，当前方案是「%s」。") % PlanStatus(plan.status).label)
    template = next((form for form in forms.templates(plan, now) if form.code == form_code), None)
    if template is None:
        raise NotFound
    if missing := missing_to_ask(case, now=now):
        text = _("客户没有同意处理健康信息，或已经撤回，不能签署文书。")
        raise RuleBroken(text, missing=missing, code="gate")
    kind = FormKind(template.kind)
    rules.check_talker(
        kind=kind,
        anaesthesia=Anaesthesia(plan.anaesthesia),
        is_surgeon=plan.surgeon_id == by.pk,
        is_anaesthetist=by.role_code == RoleCode.ANAESTHETIST,
    )
    plan_rules.check_talk(talked_at=now, finalised_at=plan.finalised_at, now=now)
    person = case.patient.person
    minor = needs_guardian(case.patient, local_date(now))
    rules.check_signers(
        needs_guardian=minor, has_guardian_signature=bool(signatures.guardian), questions=questions
    )
    guardian = guardian_who_signs(case, guardian_id) if minor else None
    _make_room(plan, form_code, minor=minor, now=now)
    offered = {
        box["code"]: box["text"] for section in template.sections for box in section.get("choices", ())
    }
    ticked = {code: code in set(choices) for code in offered}
    drawn = {"customer": read_signature(signatures.customer)}
    if guardian is not None:
        drawn["guardian"] = read_signature(signatures.guardian)
    with in_house():
        pdf = render_pdf(
            "consent.typ",
            {
                "date": now,
                "hospital": case.campus.name,
                "form_code": template.code,
                "form_version": template.version,
                "content_sha256": plan.sha256,
                "patient": {
                    "name": person.name,
                    "sex": str(Sex(person.sex).label),
                    "age": str(age_on(person.birth_date, local_date(now))) if person.birth_date else "—",
                    "file_no": case.patient.file_no or "—",
                },
                "plan": _plan_table(plan),
                "sections": [_section(section, ticked) for section in template.sections],
                "signatures": _signature_lines(case, guardian, drawn, by=by, now=now),
            },
            title=template.title,
        )
    key = person.vault_key
    signed = ConsentForm.objects.create(
        case=case,
        plan=plan,
        template=template,
        kind=kind,
        plan_sha256=plan.sha256,
        talked_by=by,
        talked_at=now,
        questions=questions.strip(),
        choices=ticked,
        guardian=guardian,
        signature=files.store(drawn["customer"], key=key, name_hint="signature.png"),
        guardian_signature=files.store(drawn["guardian"], key=key, name_hint="guardian.png")
        if guardian is not None
        else None,
        pdf=files.store(pdf, key=key, name_hint="consent.pdf"),
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
        signed_at=now,
    )
    log.record("journey.consent.signed", target=signed, subject=case.subject, by=by, at=now)
    return signed


def _make_room(plan: Plan, form_code: str, *, minor: bool, now: datetime) -> None:
    """Refuse a second signature; what a guardian signed for somebody now of age is void (民法典第十八条)."""
    known = plan.consent_forms.filter(template__code=form_code, voided_at=None).first()
    if known is None:
        return
    if (known.guardian_id is not None) == minor:
        raise RuleBroken(_("这份同意书已经签署，不需要重签。"))
    reason = _("须由监护人一同签署") if minor else _("已有完全行为能力，由本人重新签署")
    plan.consent_forms.filter(pk=known.pk).update(voided_at=now, void_reason=reason)


def _plan_table(plan: Plan) -> Mapping[str, Sequence[object]]:
    content = plans.content(plan)
    rows = [
        [label, format_yuan(content.price) if name == "price" else getattr(content, name)]
        for name, label in plan_rules.labels().items()
        if name == "price" or getattr(content, name)
    ]
    return {"head": [_("方案 v%(version)d") % {"version": plan.version}, _("内容")], "rows": rows}


def _section(section: Mapping[str, object], ticked: Mapping[str, bool]) -> Mapping[str, object]:
    boxes = [f"{'☑' if ticked[box['code']] else '☐'} {box['text']}" for box in section.get("choices", ())]  # type: ignore[attr-defined]
    return {"title": section["title"], "paragraphs": [*section["paragraphs"], *boxes]}  # type: ignore[misc]


def _signature_lines(
    case: Case, guardian: Guardian | None, drawn: Mapping[str, bytes], *, by: Staff, now: datetime
) -> Sequence[Mapping[str, object]]:
    at = now.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    lines: list[Mapping[str, object]] = [
        {"label": _("患者本人"), "name": case.patient.person.name, "at": at, "png": drawn["customer"]}
    ]
    if guardian is not None:
        note = guardian.get_relation_display()
        lines.append(
            {
                "label": _("监护人"),
                "name": guardian.person.name,
                "note": note,
                "at": at,
                "png": drawn["guardian"],
            }
        )
    lines.append({"label": _("谈话医师"), "name": by.name, "note": by.title, "at": at})
    return lines
