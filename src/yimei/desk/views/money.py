"""Money: one case's quotes and orders, and the cashier's day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.billing import queries
from yimei.billing.access import open_order as find_order
from yimei.billing.access import open_payment, open_quote
from yimei.billing.actions import orders, payments, quotes, receipts
from yimei.billing.enums import OrderStatus, PaymentKind
from yimei.core import names, phone
from yimei.core.clock import local_date
from yimei.core.errors import Conflict, NotFound
from yimei.core.money import yuan
from yimei.desk.forms.money import (
    CancelOrderForm,
    DepositBackForm,
    DepositForm,
    DepositKeepForm,
    OrderForm,
    RefundForm,
    TakeForm,
)
from yimei.desk.views.bookings.days import is_meant, read_day
from yimei.desk.views.customer.frames import frame
from yimei.journey.access import open_case
from yimei.journey.actions import deposits
from yimei.journey.queries import deposits as deposit_queries
from yimei.journey.queries.deposits import Held
from yimei.journey.queries.names import shown_names
from yimei.people.roles import Permission
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import posted, redirect_to, toast

if TYPE_CHECKING:
    from yimei.billing.models import Order, Payment, Quote
    from yimei.people.models import Patient

PAGE = 30


# ---- one case ---------------------------------------------------------------------------------


@require_GET
@allow(Permission.MONEY_VIEW)
def case(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = frame(request, case_id, current="case-money", permission=Permission.MONEY_VIEW)
    found = [one for one in queries.accounts_of(case_id) if not one.order.applied_to_id]
    accounts = [one for one in found if not one.order.is_booking_deposit]
    now = timezone.now()
    asked = deposit_queries.asked_of(customer.case, now=now) if customer.case else None
    options = queries.options_of(case_id)
    ordered = {account.order.quote_id for account in accounts}
    values = {
        "customer": customer,
        "accounts": [(account, _take_form(account)) for account in accounts],
        "asked": asked,
        "deposit_form": DepositForm(initial={"key": uuid4()}) if asked else None,
        "held": deposit_queries.held_of(case_id, now=now),
        "ended": [one for one in found if one.order.is_booking_deposit and one.order.status != "paid"],
        "options": options,
        "to_order": [
            (option, OrderForm(auto_id=f"id_%s_{option.quote.public_id}"))
            for option in options
            if option.quote.status == "accepted" and option.quote.pk not in ordered
        ],
        "summary": queries.money_of(customer.patient),
        "may_sell": _may_sell(request),
        "approvable": queries.approvable(options, by=request.user),
        "may_cut": request.user.may(Permission.COUPON_WRITE) or request.user.may(Permission.MEMBER_WRITE),
    }
    return render(request, "desk/money/case.html", values)


@require_POST
@allow(Permission.CONSULT_WRITE, Permission.MONEY_WRITE)
def accept(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    quote = quotes.accept(quote_id, by=request.user, now=timezone.now())
    return _to_case(request, quote, _("客户已选定这份报价，接着开单。"))


@require_POST
@allow(Permission.CONSULT_WRITE, Permission.MONEY_WRITE, Permission.INSIGHT_VIEW)
def decline(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    """The customer does not want it, or nobody approves it."""
    quote = quotes.decline(quote_id, by=request.user, now=timezone.now())
    return _to_case(request, quote, _("报价已作罢。"))


@require_POST
@allow(Permission.MONEY_VIEW)
def approve(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    """Let a draft become an offer; the approver's own limit decides."""
    quote = quotes.approve(quote_id, by=request.user, now=timezone.now())
    return _to_case(request, quote, _("已批准，客户可以选了。"))


@require_POST
@allow(Permission.CONSULT_WRITE, Permission.MONEY_WRITE)
def open_order(request: StaffRequest, quote_id: UUID) -> HttpResponse:
    quote = open_quote(quote_id, by=request.user)
    form = OrderForm(request.POST, auto_id=f"id_%s_{quote_id}")
    if not form.is_valid():
        option = next(one for one in queries.options_of(quote.episode) if one.quote.pk == quote.pk)
        values = {"option": option, "form": form}
        return render(request, "desk/money/to_order.html", values, status=422)
    deposit = form.cleaned_data["deposit"]
    orders.open_from_quote(quote_id, deposit=deposit, by=request.user, now=timezone.now())
    return _to_case(request, quote, _("已开单。"))


@require_POST
@allow(Permission.MONEY_WRITE)
def take(request: StaffRequest, order_id: UUID) -> HttpResponse:
    """Take money once, however often the button is pressed."""
    order = find_order(order_id, by=request.user, permission=Permission.MONEY_WRITE)
    form = TakeForm(request.POST, auto_id=f"id_%s_{order_id}")
    if not form.is_valid():
        account = next(one for one in queries.accounts_of(order.episode) if one.order.pk == order.pk)
        values = {"account": account, "form": form, "may_sell": _may_sell(request)}
        return render(request, "desk/money/order.html", values, status=422)
    payments.take(order_id, **form.cleaned_data, by=request.user, now=timezone.now())
    return _to_case(request, order, _("已收款，可打印收据。"))


@require_POST
@allow(Permission.MONEY_WRITE)
def take_deposit(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Take a booking deposit once, however often the button is pressed."""
    case = open_case(case_id, by=request.user, permission=Permission.MONEY_WRITE)
    form = DepositForm(request.POST)
    if not form.is_valid():
        asked = deposit_queries.asked_of(case, now=timezone.now())
        values = {"asked": asked, "form": form, "case_id": case_id}
        return render(request, "desk/money/deposit.html", values, status=422)
    deposits.take(case_id, **form.cleaned_data, by=request.user, now=timezone.now())
    said = _("已收预约定金，已通知预约的负责人确认；可打印收据。")
    return toast(request, redirect_to(request, "desk:case-money", case_id), said)


@allow(Permission.REFUND_WRITE)
def give_back_deposit(request: StaffRequest, case_id: UUID) -> HttpResponse:
    form = DepositBackForm(posted(request), initial={"key": uuid4()})
    if form.is_bound and form.is_valid():
        deposits.give_back(case_id, **form.cleaned_data, by=request.user, now=timezone.now())
        said = _("已登记退还预约定金，按原路退回。")
        return toast(request, redirect_to(request, "desk:case-money", case_id), said)
    return _deposit_layer(request, "deposit_back", case_id, deposit_queries.open_of, form)


@allow(Permission.REFUND_WRITE)
def keep_deposit(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Keep a deposit of a broken visit, by what was told when it was taken."""
    form = DepositKeepForm(posted(request))
    if form.is_bound and form.is_valid():
        deposits.keep(case_id, **form.cleaned_data, by=request.user, now=timezone.now())
        return toast(request, redirect_to(request, "desk:case-money", case_id), _("已登记定金不退。"))
    return _deposit_layer(request, "deposit_keep", case_id, deposit_queries.held_of, form)


@allow(Permission.REFUND_WRITE)
def refund(request: StaffRequest, payment_id: UUID) -> HttpResponse:
    payment = open_payment(payment_id, by=request.user, permission=Permission.REFUND_WRITE)
    left = _left(payment)
    form = RefundForm(posted(request), initial={"amount": left, "key": uuid4()})
    if form.is_bound and form.is_valid():
        payments.refund(payment_id, **form.cleaned_data, by=request.user, now=timezone.now())
        return _to_case(request, payment.order, _("已登记退款，按原路退回。"))
    return _layer(request, "refund", payment.order, payment=payment, left=left, form=form)


@allow(Permission.MONEY_WRITE)
def cancel(request: StaffRequest, order_id: UUID) -> HttpResponse:
    """Close an order of which everything went back (退单)."""
    order = find_order(order_id, by=request.user, permission=Permission.MONEY_WRITE)
    form = CancelOrderForm(posted(request))
    if form.is_bound and form.is_valid():
        orders.cancel(order_id, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        return _to_case(request, order, _("已退单。"))
    return _layer(request, "cancel", order, form=form)


@require_GET
@allow(Permission.MONEY_VIEW)
def receipt(request: StaffRequest, order_id: UUID) -> HttpResponse:
    """The receipt as a PDF; who printed it is on the log."""
    page = receipts.pdf(order_id, by=request.user, now=timezone.now())
    response = HttpResponse(page, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="receipt-{str(order_id)[:8]}.pdf"'
    return response


# ---- the cashier's day ------------------------------------------------------------------------


@require_GET
@allow(Permission.MONEY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    today = local_date(timezone.now())
    wanted = read_day(request.GET.get("day", "")) or today
    text = request.GET.get("q", "").strip()
    takings = queries.takings(by=request.user, day=wanted)
    moved = queries.movements(by=request.user, day=wanted)
    waiting = queries.waiting(by=request.user)
    drafts = queries.drafts(by=request.user)
    now = timezone.now()
    asked = deposit_queries.asked(by=request.user, now=now)
    held = deposit_queries.held(by=request.user, now=now)
    people = [
        *(one.booking.patient for one in asked),
        *(one.order.patient for one in held),
        *(one.order.patient for one in waiting),
        *(one.order.patient for one in moved),
        *(one.patient for one in drafts),
    ]
    shown = shown_names(people, by=request.user)
    limit = queries.discount_limits().get(request.user.role_code, 0)
    waits = [one for one in waiting if is_meant(one.order.patient, shown[one.order.patient_id], text)]
    page = Paginator(waits, PAGE).get_page(request.GET.get("page"))

    def url(day: date) -> str:
        return f"{reverse('desk:money')}?{urlencode({'day': day.isoformat()})}"

    values = {
        "q": text,
        "page": page,
        "waiting": [
            (one, _who(one.order.patient, shown), one.balance.deposit_due or one.balance.due)
            for one in page.object_list
        ],
        "asked": [(one, _who(one.booking.patient, shown)) for one in asked],
        "held": [(one, _who(one.order.patient, shown)) for one in held],
        "pressing": sum(one.is_pressing for one in held),
        "held_sum": yuan(sum((one.amount for one in held), Decimal(0))),
        "due": yuan(sum((one.balance.due for one in waiting), Decimal(0))),
        "waiting_count": len(waiting),
        "drafts": [_draft(one, shown, limit) for one in drafts],
        "takings": takings,
        "taken": yuan(sum((one.taken for one in takings), Decimal(0))),
        "returned": yuan(sum((one.refunded for one in takings), Decimal(0))),
        "net": yuan(sum((one.net for one in takings), Decimal(0))),
        "count": sum(one.count for one in takings),
        "moved": [(one, _who(one.order.patient, shown)) for one in moved],
        "wanted": wanted,
        "is_today": wanted == today,
        "urls": {
            "before": url(wanted - timedelta(days=1)),
            "today": url(today),
            "after": url(wanted + timedelta(days=1)),
        },
    }
    return render(request, "desk/money/index.html", values)


@dataclass(frozen=True)
class Who:
    """A customer on a money page: name masked, file number and masked number beside it."""

    name: str
    file_no: str
    phone: str


def _who(patient: "Patient", shown: dict[int, str]) -> Who:
    name = shown[patient.pk]
    return Who(
        name if patient.is_vip else names.mask(name),
        patient.file_no or _("未建档"),
        phone.mask(patient.person.phone),
    )


@dataclass(frozen=True)
class Draft:
    """A quote that waits for approval, and whether this reader's limit reaches."""

    quote: "Quote"
    who: Who
    lines: Sequence[tuple[Any, Decimal]]
    total: Decimal
    is_mine: bool


def _draft(quote: "Quote", shown: dict[int, str], limit: int) -> Draft:
    lines = list(quote.lines.all())
    shares = [
        (line, (line.list_price - line.price) / line.list_price if line.list_price else Decimal(0))
        for line in lines
    ]
    return Draft(quote, _who(quote.patient, shown), shares, quote.total, queries.is_within(quote, limit))


# ---- what the pages share ---------------------------------------------------------------------


def _take_form(account: queries.Account) -> TakeForm | None:
    """Ask for the deposit first, then for the rest; for nothing when nothing is due."""
    balance, order = account.balance, account.order
    if order.status != OrderStatus.OPEN or balance.due <= 0:
        return None
    is_deposit = balance.deposit_due > 0
    initial = {
        "kind": PaymentKind.DEPOSIT if is_deposit else PaymentKind.BALANCE,
        "amount": balance.deposit_due if is_deposit else balance.due,
        "key": uuid4(),
    }
    return TakeForm(initial=initial, auto_id=f"id_%s_{order.public_id}")


def _left(payment: "Payment") -> Decimal:
    for account in queries.accounts_of(payment.order.episode):
        for entry in account.entries:
            if entry.payment.pk == payment.pk:
                return entry.left
    raise NotFound


def _deposit_layer(
    request: StaffRequest,
    name: str,
    case_id: UUID,
    find: Callable[..., Held | None],
    form: DepositBackForm | DepositKeepForm,
) -> HttpResponse:
    open_case(case_id, by=request.user, permission=Permission.REFUND_WRITE)
    held = find(case_id, now=timezone.now())
    if held is None:
        raise Conflict(_("这次诊疗没有待处理的预约定金，请刷新页面。"))
    return _layer(request, name, held.order, held=held, form=form)


def _may_sell(request: StaffRequest) -> bool:
    return request.user.may(Permission.CONSULT_WRITE) or request.user.may(Permission.MONEY_WRITE)


def _to_case(request: StaffRequest, row: "Quote | Order", text: str) -> HttpResponse:
    if request.GET.get("from") == "money":
        return toast(request, redirect_to(request, "desk:money"), text)
    return toast(request, redirect_to(request, "desk:case-money", row.episode), text)


def _layer(request: StaffRequest, name: str, order: "Order", **values: Any) -> HttpResponse:
    if not request.htmx:
        return redirect_to(request, "desk:case-money", order.episode)
    is_refused = request.method == "POST"
    values |= {"order": order}
    response = render(request, f"desk/money/{name}.html", values, status=422 if is_refused else 200)
    if is_refused:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
