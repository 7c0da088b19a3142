"""What leaves the country: the register, this year's counters, the gate."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.desk.forms.governance import TransferForm
from yimei.people.roles import Permission
from yimei.privacy.access import open_transfer
from yimei.privacy.actions import transfers as actions
from yimei.privacy.enums.parties import PartyState, Route
from yimei.privacy.queries import assessments, packs, parties
from yimei.privacy.queries import transfers as queries
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

TONES = {"draft": "warn", "active": "good", "stopped": ""}


@require_GET
@allow(Permission.PRIVACY_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    on = timezone.localdate()
    numbers = queries.numbers(on)
    values = {
        "rows": [(one, TONES[one.state]) for one in queries.listed()],
        "counts": queries.counts(on.year),
        "free": numbers.get("abroad.plain_free", 0),
        "assess": numbers.get("abroad.spi_assess", 0),
        "year": on.year,
        "routes": [
            "、".join(str(route.label) for route in Route if route in found)
            for found in (queries.routes_now(on) if numbers else ())
        ],
        "to_file": queries.to_file(),
        "operator": packs.choice("operator.kind"),
    }
    return render(request, "desk/transfers/index.html", values)


@allow(Permission.PRIVACY_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    form = _form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        party = UUID(values.pop("party"))
        with blaming(form):
            made = actions.register(values.pop("code"), party, **values, by=request.user, now=timezone.now())
            return toast(
                request, redirect_to(request, "desk:transfer", made.public_id), _("已登记；放行之前不出境。")
            )
    return render(request, "desk/transfers/new.html", {"form": form}, status=422 if form.errors else 200)


@allow(Permission.PRIVACY_VIEW)
def detail(request: StaffRequest, transfer_id: UUID) -> HttpResponse:
    transfer, now = open_transfer(transfer_id, by=request.user), timezone.now()
    may_write = request.user.may(Permission.PRIVACY_WRITE)
    form = _form(request.POST or None, transfer)
    if request.method == "POST":
        if not may_write:
            raise NotFound
        if form.is_valid():
            values = {name: form.cleaned_data[name] for name in actions.FIELDS}
            actions.change(transfer_id, **values, by=request.user, now=now)
            text = _("已保存；改动后须重新放行。")
            return toast(request, redirect_to(request, "desk:transfer", transfer_id), text)
    standing = queries.standing(transfer, now)
    values = {
        "transfer": transfer,
        "tone": TONES[transfer.state],
        "titles": parties.titles(transfer.holdings),
        "missing": standing.missing,
        "routes": [route.label for route in Route if route in standing.routes],
        "sent": transfer.persons.filter(year=timezone.localdate(now).year).count(),
        "form": form,
        "may_write": may_write,
        "may_release": transfer.created_by_id != request.user.pk,
    }
    return render(request, "desk/transfers/detail.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.PRIVACY_VIEW, Permission.PRIVACY_WRITE)
def move(request: StaffRequest, transfer_id: UUID) -> HttpResponse:
    to, by, now = request.POST.get("to", ""), request.user, timezone.now()
    if to == "active":
        actions.release(transfer_id, by=by, now=now)
    elif to == "stopped":
        actions.stop(transfer_id, by=by, now=now)
    elif to == "filed":
        number = request.POST.get("number", "")[:60]
        actions.file(transfer_id, number=number, on=timezone.localdate(now), by=by, now=now)
    else:
        raise NotFound
    return toast(request, redirect_to(request, "desk:transfer", transfer_id), _("已记录。"))


def _form(data: Any, transfer: Any = None) -> TransferForm:
    listed = parties.listed().exclude(state=PartyState.ENDED)
    initial = None
    if transfer is not None:
        initial = {name: getattr(transfer, name) for name in ("code", *actions.FIELDS)}
        initial["party"] = str(transfer.party.public_id)
    form = TransferForm(
        data,
        initial=initial,
        parties=[(str(one.public_id), f"{one.name}（{one.country}）") for one in listed],
        holdings=parties.choices(),
        purposes=[(one.code, one.name) for one in assessments.purposes() if one.basis == "consent"],
    )
    if transfer is not None:
        form.fields["code"].disabled = form.fields["party"].disabled = True
    return form
