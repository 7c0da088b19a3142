"""Clinical photographs: the series, the camera, one photo, two beside each other, the pictures themselves."""

from dataclasses import replace
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound
from yimei.desk.forms.photos import PictureForm, VoidForm
from yimei.desk.templatetags.pictures import is_fresh
from yimei.desk.views.customer.frames import Frame, frame
from yimei.hospital.queries import photos_for
from yimei.hospital.rules.photos import Angle
from yimei.journey.actions import photos as actions
from yimei.journey.enums import PhotoSize, PhotoUse, Side
from yimei.journey.queries import photos as queries
from yimei.journey.rules import photos as rules
from yimei.people.roles import Permission
from yimei.privacy.queries import needs
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

READERS = (Permission.CLINICAL_VIEW, Permission.CONSULT_WRITE)


@require_GET
@allow(*READERS)
def gallery(request: StaffRequest, case_id: UUID) -> HttpResponse:
    customer = _customer(request, case_id)
    values: dict[str, object] = {"customer": customer}
    if not customer.needs_glass and customer.case:
        values |= _standing(request, customer) | {"gallery": queries.gallery(customer.case)}
    return render(request, "desk/photos/gallery.html", values)


@allow(Permission.TEST_WRITE)
def take(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """The camera of one angle and its answer; afterwards the next angle that is still missing."""
    customer = _customer(request, case_id)
    case = customer.case
    if case is None or customer.needs_glass:
        raise NotFound
    needs.need("journey.Photo")
    grid, today = queries.gallery(case), local_date(customer.now)
    form = PictureForm(
        request.POST or None,
        request.FILES or None,
        series=grid.series,
        has_side=case.procedure.has_side,
        initial=_first_values(request, customer, grid),
    )
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        del data["picture"]
        shot = actions.take(case_id, data=form.data_of_picture, **data, by=request.user, now=customer.now)
        following = queries.gallery(case).next_angle(queries.session_of(shot))
        answer = redirect_to(request, _after(case_id, shot.moment, following))
        return toast(request, answer, _("已保存：%(angle)s。") % {"angle": _named(grid, shot.angle).name})
    angle = _named(grid, form["angle"].value())
    values = {
        "customer": customer,
        "gallery": grid,
        "form": form,
        "angle": angle,
        "moment": form["moment"].value(),
        "ghost": grid.ghost(angle.code, today=today),
    } | _standing(request, customer)
    piece = "#form" if form.is_bound and request.htmx else ""
    status = 422 if form.is_bound else 200
    return render(request, f"desk/photos/take.html{piece}", values, status=status)


@require_GET
@allow(*READERS)
def compare(request: StaffRequest, case_id: UUID) -> HttpResponse:
    """Two dates of one angle, beside each other or under a slider."""
    customer = _customer(request, case_id)
    values: dict[str, object] = {"customer": customer}
    if not customer.needs_glass and customer.case:
        grid = queries.gallery(customer.case)
        row = grid.row(request.GET.get("angle", "")) or max(grid.rows, key=lambda one: len(one.photos))
        by_id = {str(shot.public_id): shot for shot in row.photos}
        first, last = (row.photos[0], row.photos[-1]) if row.photos else (None, None)
        values |= _standing(request, customer) | {
            "row": row,
            "before": by_id.get(request.GET.get("a", ""), first),
            "after": by_id.get(request.GET.get("b", ""), last),
            "shots": [(shot, queries.session_of(shot)) for shot in row.photos],
            "is_slider": request.GET.get("mode") == "slider",
            "angles": [
                (
                    one.angle.name,
                    _query(request, angle=one.angle.code, a="", b=""),
                    one is row,
                    len(one.photos),
                )
                for one in grid.rows
            ],
            "modes": [
                (_("并排"), _query(request, mode="side"), request.GET.get("mode") != "slider"),
                (_("滑动"), _query(request, mode="slider"), request.GET.get("mode") == "slider"),
            ],
        }
    return render(request, "desk/photos/compare.html", values)


@require_GET
@allow(*READERS)
def photo(request: StaffRequest, photo_id: UUID) -> HttpResponse:
    now = timezone.now()
    shot = queries.open_photo(photo_id, by=request.user, now=now)
    values = {
        "customer": _customer(request, shot.case.public_id),
        "photo": shot,
        "angle": queries.angle_name(shot),
        "session": queries.session_of(shot),
        "standings": queries.standings(shot, now=now),
        "form": VoidForm(),
        "may_write": request.user.may(Permission.TEST_WRITE),
        "may_release": request.user.may(Permission.PLAN_WRITE),
    }
    return render(request, "desk/photos/photo.html", values)


@require_GET
@allow(*READERS)
def image(request: StaffRequest, photo_id: UUID, size: str) -> HttpResponse:
    """The picture itself, by a link of ten minutes for this reader, her name across it, kept by no cache."""
    if size not in PhotoSize or not is_fresh(request.user, photo_id, size, request.GET.get("k", "")):
        raise NotFound
    data = actions.show(photo_id, size=PhotoSize(size), by=request.user, now=timezone.now())
    response = HttpResponse(data, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_POST
@allow(Permission.TEST_WRITE)
def void(request: StaffRequest, photo_id: UUID) -> HttpResponse:
    shot = actions.void(
        photo_id, reason=request.POST.get("reason", "")[:80], by=request.user, now=timezone.now()
    )
    return toast(request, redirect_to(request, "desk:case-photos", shot.case.public_id), _("照片已作废。"))


@require_POST
@allow(Permission.PLAN_WRITE)
def release(request: StaffRequest, photo_id: UUID, use: str) -> HttpResponse:
    return _decide(request, photo_id, use, is_on=True)


@require_POST
@allow(Permission.PLAN_WRITE)
def withhold(request: StaffRequest, photo_id: UUID, use: str) -> HttpResponse:
    return _decide(request, photo_id, use, is_on=False)


def _decide(request: StaffRequest, photo_id: UUID, use: str, *, is_on: bool) -> HttpResponse:
    if use not in PhotoUse:
        raise NotFound
    actions.release(photo_id, use=PhotoUse(use), is_on=is_on, by=request.user, now=timezone.now())
    said = _("已放行用于%(use)s。") if is_on else _("已收回，不再用于%(use)s。")
    return toast(request, redirect_to(request, "desk:photo", photo_id), said % {"use": PhotoUse(use).label})


def _customer(request: StaffRequest, case_id: UUID) -> Frame:
    """Clinicians without a ground for this chart are asked for one; consultants see what consent allows."""
    customer = frame(request, case_id, current="case-photos")
    is_clinician = request.user.may(Permission.CLINICAL_VIEW)
    return replace(customer, needs_glass=is_clinician and not customer.sees_clinical)


def _standing(request: StaffRequest, customer: Frame) -> dict[str, object]:
    """Whether the pictures may be shown and new ones taken, and in which words not."""
    reader = queries.reader(customer.patient, by=request.user, now=customer.now)
    case = customer.case
    assert case is not None
    is_intimate = photos_for(case.procedure).is_intimate
    return {
        "why_not": rules.why_not(reader, is_intimate=is_intimate),
        "shows_intimate": rules.may_see(reader, is_intimate=True),
        "has_consent": reader.has_consent,
        "may_take": request.user.may(Permission.TEST_WRITE)
        and reader.has_consent
        and rules.may_see(reader, is_intimate=is_intimate),
        "may_write": request.user.may(Permission.TEST_WRITE),
    }


def _first_values(request: StaffRequest, customer: Frame, grid: queries.Gallery) -> dict[str, object]:
    case = customer.case
    assert case is not None
    moment = rules.likely_moment(operated_on=queries.operated_on(case))
    asked = request.GET.get("moment", "")
    wanted = grid.row(request.GET.get("angle", "")) or next(
        (row for row in grid.rows if row.angle.code not in grid.taken), grid.rows[0]
    )
    return {
        "angle": wanted.angle.code,
        "moment": asked or moment.value,
        "side": case.side if case.side != Side.NONE else "",
    }


def _named(grid: queries.Gallery, code: str) -> Angle:
    return grid.series.angle(code) or grid.series.angles[0]


def _after(case_id: UUID, moment: str, following: Angle | None) -> str:
    if following is None:
        return reverse("desk:case-photos", args=[case_id])
    chosen = urlencode({"angle": following.code, "moment": moment})
    return f"{reverse('desk:photo-take', args=[case_id])}?{chosen}"


def _query(request: StaffRequest, **changes: str) -> str:
    """The address of this page with other choices; an empty one is left out."""
    kept = {name: request.GET.get(name, "") for name in ("angle", "a", "b", "mode")} | changes
    return "?" + urlencode({name: value for name, value in kept.items() if value})
