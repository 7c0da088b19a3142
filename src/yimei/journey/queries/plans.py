"""Reads about plans and the documents signed for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.billing.enums import QuoteStatus
from yimei.billing.models import Quote
from yimei.billing.queries import quotes_of
from yimei.core.clock import local_date
from yimei.core.errors import Missing
from yimei.hospital.enums import Anaesthesia, Field, FormKind, Grade, InstitutionKind
from yimei.hospital.models import Procedure
from yimei.hospital.queries import catalogue_of, forms_for, price_on
from yimei.hospital.rules.catalogue import missing_grade
from yimei.journey.enums import ChoiceKind, PlanStatus, Side
from yimei.journey.models import Case, Plan, PlanChoice, PlanDraft, PlanItem
from yimei.journey.rules import plans as rules
from yimei.people.models import Grant, Staff
from yimei.people.queries import missing_to_operate, needs_guardian
from yimei.people.roles import Permission
from yimei.people.rules import privileges


def content(plan: Plan) -> rules.Content:
    """Return the words of one version, as the customer reads and signs them."""
    return rules.Content(
        procedure=plan.procedure.name,
        side=str(Side(plan.side).label),
        anaesthesia=str(Anaesthesia(plan.anaesthesia).label),
        surgeon=plan.surgeon.name,
        surgeon_id=plan.surgeon.public_id,
        sites=plan.sites,
        also="\n".join(_item_words(item) for item in items_of(plan)),
        implants="\n".join([*rules.implant_lines(plan.implant_items or ()), plan.implants]).strip(),
        alternatives=plan.alternatives,
        doing_nothing=plan.doing_nothing or "",
        risks=plan.risks,
        price=plan.price,
    )


def items_of(plan: Plan) -> Sequence[PlanItem]:
    """Return the further procedures of a version; one not saved yet carries them with it."""
    unsaved: Sequence[PlanItem] | None = plan.__dict__.get("unsaved_items")
    if unsaved is not None:
        return unsaved
    items = list(plan.items.all())
    for item in items:
        item.plan = plan
    return items


def procedures_of(plan: Plan) -> list[Procedure]:
    """Return all that is done in one operation, the main procedure first."""
    return [plan.procedure, *(item.procedure for item in items_of(plan))]


def _item_words(item: PlanItem) -> str:
    side = "" if item.side == Side.NONE else str(Side(item.side).label)
    return " · ".join(part for part in (item.procedure.name, side, item.sites) if part)


@dataclass(frozen=True)
class Version:
    """One plan with what it changed against the version before."""

    plan: Plan
    differences: Sequence[rules.Difference] = ()

    @property
    def lines(self) -> list[tuple[str, str]]:
        return lines_of(self.plan)


def versions(case: Case) -> Sequence[Version]:
    """Newest first; each against the version before it of the same option."""
    rows = list(_whole(case).order_by("-version"))
    found = []
    for at, plan in enumerate(rows):
        older = next((each for each in rows[at + 1 :] if each.option == plan.option), None)
        changes = rules.differences(content(older), content(plan)) if older else ()
        found.append(Version(plan, changes))
    return found


def options(case: Case) -> Sequence[Plan]:
    """Return the version in force of each option, in the order of their letters."""
    return list(_whole(case).filter(superseded_at=None).order_by("option"))


def lines_of(plan: Plan) -> list[tuple[str, str]]:
    """Return what a plan says, label by label; what is empty is left out."""
    whole = content(plan)
    names = {
        name: label for name, label in rules.labels().items() if name != "side" or plan.side != Side.NONE
    }
    found = [(label, rules.shown(whole, name)) for name, label in names.items()]
    return [(label, words) for label, words in found if words]


def side_by_side(standing: Sequence[Plan]) -> list[tuple[str, list[str], bool]]:
    """Return label, what each option says, and whether all say the same."""
    contents = [content(plan) for plan in standing]
    found = []
    for name, label in rules.labels().items():
        cells = [rules.shown(each, name) for each in contents]
        if any(cells):
            found.append((label, cells, len(set(cells)) == 1))
    return found


def in_force(case: Case) -> Plan | None:
    """The chosen plan; while nothing is chosen the newest that is not superseded."""
    rows = (
        case.plans.filter(superseded_at=None)
        .select_related("procedure", "surgeon")
        .prefetch_related("items__procedure")
        .order_by()
    )
    return max(rows, key=lambda plan: (plan.status == PlanStatus.CHOSEN, plan.version), default=None)


def of_option(case: Case, option: str) -> Plan | None:
    """Return the version in force of one option."""
    return _whole(case).filter(superseded_at=None, option=option).first()


def version_of(case: Case, number: int) -> Plan | None:
    return _whole(case).filter(version=number).first()


def next_option(case: Case) -> str:
    """Return the letter of an option that can still be opened; blank when there are enough."""
    known = set(case.plans.values_list("option", flat=True))
    return next((letter for letter in rules.OPTIONS if letter not in known), "")


def budget_of(case: Case) -> Decimal | None:
    """Return what the customer said she wants to spend, as far as it is a sum."""
    row = case.consultations.order_by("-started_at").first()
    if row is None:
        return None
    row.case = case
    return rules.read_budget(row.budget or "")


def raw(plan: Plan) -> dict[str, str]:
    """Return a version as the editor holds it: field by field, all text."""
    values = {
        "side": plan.side,
        "anaesthesia": plan.anaesthesia,
        "surgeon": str(plan.surgeon.public_id),
        "sites": plan.sites,
        "implants": plan.implants,
        "alternatives": plan.alternatives,
        "doing_nothing": plan.doing_nothing or "",
        "risks": plan.risks,
        "price": str(plan.price),
        "quote_id": str(plan.quote_id or ""),
    }
    for number, item in enumerate(items_of(plan), start=1):
        values |= {
            f"item_{number}_procedure": str(item.procedure.public_id),
            f"item_{number}_side": item.side,
            f"item_{number}_sites": item.sites,
        }
    for number, implant in enumerate(plan.implant_items or (), start=1):
        values |= {f"implant_{number}_{name}": implant.get(name, "") for name in rules.IMPLANT_SLOTS}
    return values


def opening(case: Case, option: str, now: datetime) -> dict[str, str]:
    """What the editor begins with: the option's version, else any other's, else catalogue and documents."""
    newest = of_option(case, option)
    if newest is not None:
        return raw(newest) | {"written_against": str(newest.version)}
    other = in_force(case)
    if other is not None:
        return raw(other) | {"written_against": "0"}
    quote = _quote(case)
    price = _price(case, quote, now)
    told = [
        section
        for form in forms_for(case.procedure, now)
        if form.kind == FormKind.SURGERY
        for section in form.sections
    ]
    return {
        "side": case.side,
        "anaesthesia": case.procedure.anaesthesia,
        "alternatives": rules.prefill(told, ("替代",)),
        "doing_nothing": _("维持现状：没有手术风险，外观不会改变；以后仍可以再决定。"),
        "risks": rules.prefill(told, ("专项风险",)) or rules.prefill(told, ("风险",)),
        "price": str(price) if price is not None else "",
        "quote_id": str(quote.public_id) if quote else "",
        "written_against": "0",
    }


def draft_of(case: Case, option: str, *, by: Staff) -> PlanDraft | None:
    """Return what this physician was writing about an option."""
    return (
        case.plan_drafts.filter(option=option, by=by)
        .select_related("case__patient__person__vault_key")
        .first()
    )


def surgeons_for(case: Case, *, now: datetime, named: str = "") -> list[tuple[str, str]]:
    """Return the physicians of the campus who may operate this procedure, by name.

    Whom a writer has named stays among them: what that physician lacks is said by the refusal, leg by leg.
    """
    here = Staff.objects.filter(campus=case.campus_id, is_active=True)
    writers = here.filter(role__in=Grant.objects.filter(permission=Permission.PLAN_WRITE).values("role"))
    return [
        (str(one.public_id), one.name)
        for one in writers.order_by("name").prefetch_related("licences", "privileges")
        if str(one.public_id) == named or not missing_to_plan(case, by=one, now=now)
    ]


def offers_of(case: Case, now: datetime) -> list[tuple[str, str]]:
    """Return what else the campus may perform in the same operation."""
    offers = catalogue_of(case.campus, local_date(now))
    return [
        (str(offer.procedure.public_id), offer.procedure.name)
        for offer in offers
        if offer.procedure.is_operation and offer.procedure.pk != case.procedure_id
    ]


def choices_of(case: Case) -> Sequence[PlanChoice]:
    """Return who chose which version, the newest first."""
    rows = PlanChoice.objects.filter(plan__case=case)
    return list(
        rows.select_related(
            "plan__case__patient__person__vault_key",
            "by",
            "witness",
            "guardian__person__vault_key",
            "signature",
        )
    )


def choice_holds(plan: Plan, on: date) -> bool:
    """Whether the choice of a plan was made by somebody who may make it, as judged on a day."""
    if not needs_guardian(plan.case.patient, on):
        return True
    newest = plan.choices.order_by("-at", "-id").values_list("kind", "guardian").first()
    return newest is not None and newest[0] == ChoiceKind.SIGNED and newest[1] is not None


def legs(
    case: Case, *, surgeon: Staff, procedures: Sequence[Procedure], now: datetime
) -> Sequence[privileges.Leg]:
    """Return each leg on which the right to operate stands, for every procedure, with its article."""
    found = []
    for procedure in procedures:
        grade = Grade(procedure.grade)
        lacking = missing_grade(
            grade,
            kind=InstitutionKind(case.campus.institution_kind),
            narrowed_to=Grade(case.campus.max_grade),
        )
        detail = lacking[0].what if lacking else ""
        title = _("机构：可开展 %(grade)s（%(name)s）") % {"grade": grade.label, "name": procedure.name}
        found.append(privileges.Leg(title, _("医疗美容项目分级管理目录"), not lacking, detail))
        found += privileges.legs(
            surgeon.licences.all(),
            surgeon.privileges.all(),
            field=Field(procedure.field),
            grade=grade,
            on=local_date(now),
        )
    return list({(leg.title, leg.is_met): leg for leg in found}.values())


def missing_to_plan(case: Case, *, by: Staff, now: datetime) -> Sequence[Missing]:
    """Return what keeps this physician from planning this procedure."""
    return missing_for([case.procedure], case, by=by, now=now)


def missing_for(
    procedures: Sequence[Procedure], case: Case, *, by: Staff, now: datetime
) -> Sequence[Missing]:
    """Return every leg that lacks: institution, licence, registration, years, authorisation, validity."""
    found: list[Missing] = []
    for procedure in procedures:
        found += missing_grade(
            Grade(procedure.grade),
            kind=InstitutionKind(case.campus.institution_kind),
            narrowed_to=Grade(case.campus.max_grade),
        )
        found += missing_to_operate(
            by, field=Field(procedure.field), grade=Grade(procedure.grade), on=local_date(now)
        )
    return list(dict.fromkeys(found))


def _whole(case: Case) -> QuerySet[Plan]:
    rows = case.plans.select_related("procedure", "surgeon", "case__patient__person__vault_key")
    return rows.prefetch_related("items__procedure")


def _quote(case: Case) -> Quote | None:
    """The quote that the customer took, else the newest one offered."""
    quotes = quotes_of(case.public_id)
    for status in (QuoteStatus.ACCEPTED, QuoteStatus.OFFERED):
        found = next((quote for quote in quotes if quote.status == status), None)
        if found is not None:
            return found
    return None


def _price(case: Case, quote: Quote | None, now: datetime) -> Decimal | None:
    if quote is not None:
        lines = [line for line in quote.lines.all() if line.procedure_id == case.procedure_id]
        if lines:
            return sum((line.price * line.quantity for line in lines), Decimal(0))
    return price_on(case.procedure, case.campus, local_date(now))


def witnesses(case: Case, *, by: Staff) -> list[tuple[str, str]]:
    """Return who of the house may have heard a spoken choice: everybody at work there but the writer."""
    rows = Staff.objects.active().at(case.campus).exclude(pk=by.pk).select_related("role")
    return [(str(one.public_id), f"{one.name}（{one.role.name}）") for one in rows.order_by("role", "name")]
