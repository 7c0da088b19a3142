"""The consultation of one case: what she wants, what it costs, who sees her next, or why she left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.billing.actions import quotes
from yimei.billing.queries import approvable, discount_limits, options_of
from yimei.billing.rules import quotes as quote_rules
from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.core.money import yuan
from yimei.desk.forms.consultations import (
    MOST_LINES,
    ConsultationForm,
    LineForm,
    LoseForm,
    ReferForm,
    read_lines,
)
from yimei.desk.views.calls import by_category
from yimei.desk.views.customer.frames import Frame, frame
from yimei.hospital.queries import Offer, catalogue_of
from yimei.journey.access import open_case
from yimei.journey.actions import cases
from yimei.journey.actions import consultations as actions
from yimei.journey.enums import CaseStage
from yimei.journey.queries import consultations as queries
from yimei.journey.rules.cases import check_is_open
from yimei.journey.rules.claims import hours_text
from yimei.people.roles import Permission, RoleCode
from yimei.privacy.queries import missing_for_care
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

if TYPE_CHECKING:
    from yimei.journey.models import Case


@allow(Permission.CONSULT_WRITE, Permission.CLINICAL_VIEW)
def consultation(request: StaffRequest, case_id: UUID) -> HttpResponse:
    if request.method == "POST":
        return _record(request, case_id)
    return _page(request, case_id)


@require_POST
@allow(Permission.CONSULT_WRITE)
def quote(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Offer within one's own authority, or write a draft for somebody who may give more."""
    case = _open(request, case_id)
    check_is_open(CaseStage(case.stage))
    lines = read_lines(request.POST, by_category(_offers(case)))
    if [line for line in lines if not line.is_valid()]:
        return _page(request, case_id, lines=lines)
    is_draft = request.POST.get("act") == "draft"
    (quotes.draft if is_draft else quotes.offer)(
        case.patient.public_id,
        episode=case.public_id,
        campus=case.campus,
        lines=[_item(line) for line in lines if line.cleaned_data["procedure"]],
        option=_letter(len(options_of(case.public_id))),
        by=request.user,
        now=timezone.now(),
    )
    said = _("已提交，批准后客户才能选。") if is_draft else _("已报价，14 天内有效。")
    return toast(request, redirect_to(request, "desk:case-consultation", case_id), said)


@require_POST
@allow(Permission.CONSULT_WRITE)
def quote_sum(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Add the quote up while it is being written; keeps nothing."""
    offers = _offers(_open(request, case_id))
    lines = read_lines(request.POST, by_category(offers))
    values = {"sum": _sum(request, lines, offers)}
    return render(request, "desk/consultations/consultation.html#sum", values)


@require_GET
@allow(Permission.CONSULT_WRITE)
def quote_line(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """One more empty line."""
    offers = _offers(_open(request, case_id))
    number = min(max(_number(request.GET.get("n", "")), 1), MOST_LINES - 1)
    form = LineForm(prefix=f"line{number}", procedures=by_category(offers))
    values = {"line": form, "number": number, "case_id": case_id, "has_room": number + 1 < MOST_LINES}
    return render(request, "desk/consultations/line.html", values)


@allow(Permission.CONSULT_WRITE)
def refer(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Hand the customer to a physician."""
    case = _open(request, case_id)
    people = queries.physicians_on_duty(case, timezone.now())
    names = [(one.staff.public_id, f"{one.staff.name} · {hours_text(one.hours)}") for one in people]
    chosen = str(case.surgeon.public_id) if case.surgeon else ""
    form = ReferForm(posted(request), surgeons=names, initial={"surgeon": chosen})
    if form.is_bound and form.is_valid():
        surgeon = form.cleaned_data["surgeon"]
        actions.refer(case_id, surgeon_id=surgeon, by=request.user, now=timezone.now())
        response = redirect_to(request, "desk:case-consultation", case_id)
        return toast(request, response, _("已转给医师评估。"))
    return _layer(request, "refer", case, form=form, has_people=bool(people))


@allow(Permission.BOOKING_WRITE)
def lose(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Close a case that came to nothing, with its reason."""
    case = open_case(case_id, by=request.user, permission=Permission.BOOKING_WRITE)
    form = LoseForm(posted(request))
    if form.is_bound and form.is_valid():
        cases.lose(case_id, **form.cleaned_data, by=request.user, now=timezone.now())
        return toast(request, redirect_to(request, "desk:case", case_id), _("已登记未成交。"))
    return _layer(request, "lose", case, form=form)


def _record(request: StaffRequest, case_id: UUID) -> HttpResponse:
    form = ConsultationForm(request.POST)
    if not form.is_valid():
        return _page(request, case_id, form=form)
    actions.record(case_id, **form.cleaned_data, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:case-consultation", case_id), _("咨询记录已保存。"))


def _page(
    request: StaffRequest,
    case_id: UUID,
    *,
    form: ConsultationForm | None = None,
    lines: list[LineForm] | None = None,
) -> HttpResponse:
    customer = frame(request, case_id, current="case-consultation")
    case = customer.case
    if case is None or not (request.user.may(Permission.CONSULT_WRITE) or customer.sees_clinical):
        raise NotFound
    may_write = request.user.may(Permission.CONSULT_WRITE) and case.closed_at is None
    known = queries.newest(case)
    values: dict[str, Any] = {
        "customer": customer,
        "may_write": may_write,
        "may_lose": request.user.may(Permission.BOOKING_WRITE) and case.closed_at is None,
        "known": known,
        "has_arrived": queries.has_arrived(case),
        "missing": _missing(customer),
        "form": form or ConsultationForm(initial=_initial(known)),
        **_quotes(request, case, lines, may_write=may_write),
    }
    is_refused = form is not None or lines is not None
    piece = ("#record" if form else "#quote") if is_refused and request.htmx else ""
    return render(
        request,
        f"desk/consultations/consultation.html{piece}",
        values,
        status=422 if is_refused else 200,
    )


def _quotes(
    request: StaffRequest, case: "Case", lines: list[LineForm] | None, *, may_write: bool
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "sees_money": request.user.may(Permission.MONEY_VIEW),
        "options": [],
        "approvable": frozenset(),
    }
    if values["sees_money"]:
        values["options"] = options_of(case.public_id)
        values["approvable"] = approvable(values["options"], by=request.user)
        values["next_option"] = _letter(len(values["options"]))
    if may_write:
        offers = _offers(case)
        procedures = by_category(offers)
        first = LineForm(
            prefix="line0", procedures=procedures, initial={"procedure": str(case.procedure.public_id)}
        )
        values["lines"] = lines or [first]
        values["next_line"] = len(values["lines"])
        values["sum"] = _sum(request, values["lines"], offers)
    return values


@dataclass(frozen=True)
class Summed:
    """A quote while it is written: what it comes to and whether its writer may give it."""

    rows: Sequence[tuple[quote_rules.Line, bool]]
    listed: Decimal
    total: Decimal
    is_within: bool
    approvers: Sequence[str]

    @property
    def off(self) -> Decimal:
        return self.listed - self.total

    @property
    def share_off(self) -> Decimal:
        return self.off / self.listed if self.listed else Decimal(0)


def _sum(request: StaffRequest, lines: Sequence[LineForm], offers: Sequence[Offer]) -> Summed:
    listed = {str(offer.procedure.public_id): offer for offer in offers if offer.price is not None}
    limits = discount_limits()
    mine = limits.get(request.user.role_code, 0)
    rows = []
    for form in lines:
        offer = listed.get(str(form["procedure"].value() or ""))
        if offer is None or offer.price is None:
            continue
        typed = _typed(form)
        price = typed["price"] if typed["price"] is not None else offer.price
        line = quote_rules.Line(offer.procedure.name, offer.price, price, typed["quantity"])
        rows.append((line, quote_rules.is_within(line, mine)))
    able = [
        code
        for code, percent in sorted(limits.items(), key=lambda one: one[1])
        if rows and all(quote_rules.is_within(line, percent) for line, _is_mine in rows)
    ]
    return Summed(
        rows=rows,
        listed=yuan(sum((line.list_price * line.quantity for line, _is_mine in rows), Decimal(0))),
        total=quote_rules.total([line for line, _is_mine in rows]),
        is_within=all(is_mine for _line, is_mine in rows),
        approvers=[str(RoleCode(code).label) if code in RoleCode else code for code in able],
    )


def _typed(form: LineForm) -> dict[str, Any]:
    """What is readable of a line that may be half written."""
    known: Mapping[str, Any] = {}
    if form.is_bound:
        form.is_valid()
        known = form.cleaned_data
    return {"price": known.get("price"), "quantity": known.get("quantity") or 1}


def _item(line: LineForm) -> quotes.Item:
    data = line.cleaned_data
    return data["procedure"], data["price"], data["quantity"], data["reason"]


def _initial(known: Any) -> dict[str, str]:
    names = ("goals", "reachable", "unreachable", "budget")
    return {name: getattr(known, name) for name in names} if known else {}


def _missing(customer: Frame) -> Sequence[Any]:
    where = f"desk:patient-consents:{customer.patient.public_id}"
    return missing_for_care(customer.patient, customer.now, where=where)


def _open(request: StaffRequest, case_id: UUID) -> "Case":
    return open_case(case_id, by=request.user, permission=Permission.CONSULT_WRITE)


def _offers(case: "Case") -> list[Offer]:
    return catalogue_of(case.campus, local_date(timezone.now()))


def _layer(request: StaffRequest, name: str, case: "Case", **values: Any) -> HttpResponse:
    if not request.htmx:
        return redirect_to(request, "desk:case-consultation", case.public_id)
    is_refused = request.method == "POST"
    values |= {"case": case}
    response = render(request, f"desk/consultations/{name}.html", values, status=422 if is_refused else 200)
    if is_refused:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0
