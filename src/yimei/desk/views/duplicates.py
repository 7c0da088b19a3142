"""Files that may be one person's: the list, the review side by side, merges and their undoing (并档)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import RuleBroken
from yimei.core.ids import mask_id_no
from yimei.core.phone import mask as mask_phone
from yimei.desk.forms.duplicates import MergeForm, PairForm, ProposeForm, UndoForm
from yimei.journey.queries.board import list_names
from yimei.people import queries
from yimei.people.access import shown_names
from yimei.people.actions import merges, pairs
from yimei.people.enums import Compared, Doubt, Likeness, PairDecision
from yimei.people.queries import merges as read
from yimei.people.roles import Permission
from yimei.people.rules.likeness import Evidence, unpacked
from yimei.privacy.actions import exports
from yimei.ui.forms.refusals import blame, blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.people.models import DuplicatePair, Merge

PAGE = 25
TONES = {
    Likeness.SAME: "good",
    Likeness.SOUND: "good",
    Likeness.NEAR: "warn",
    Likeness.OTHER: "danger",
    Likeness.SILENT: "",
}
AGREEING = frozenset({Likeness.SAME, Likeness.SOUND, Likeness.NEAR})
SURE, LIKELY = 0.9, 0.5


@allow(Permission.PATIENT_MERGE)
def index(request: StaffRequest) -> HttpResponse:
    show, by = request.GET.get("show", ""), request.user
    form = ProposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            one, two = (_only_one(request, form.cleaned_data[name]) for name in ("one", "two"))
            pair = pairs.propose(one, two, by=by, now=timezone.now())
            return redirect_to(request, "desk:duplicate", pair.public_id)
    page = Paginator(read.pairs(by, decision=show), PAGE).get_page(request.GET.get("page"))
    values = {
        "tabs": _tabs(request, show),
        "page": page,
        "rows": [_row(request, pair) for pair in page.object_list],
        "show": show,
        "form": form,
    }
    return render(request, "desk/duplicates/index.html", values, status=422 if form.errors else 200)


@allow(Permission.PATIENT_MERGE)
def review(request: StaffRequest, pair_id: UUID) -> HttpResponse:
    """Both files side by side, what speaks for one person, and the three answers."""
    by, now = request.user, timezone.now()
    pair = pairs.open_pair(pair_id, by=by)
    found = read.compared(pair)
    both = (found.one, found.two)
    titles = _titles(request, found)
    sides = [(str(side.patient.public_id), title) for side, title in zip(both, titles, strict=True)]
    suggested = str(next(side.patient.public_id for side in both if side.patient.pk == found.kept_id))
    is_merge = request.method == "POST" and "kept" in request.POST
    form = MergeForm(request.POST if is_merge else None, sides=sides, kept=suggested)
    other = PairForm(request.POST if request.method == "POST" and not is_merge else None)
    missing: tuple[object, ...] = ()
    try:
        if is_merge and form.is_valid():
            kept, reason = UUID(form.cleaned_data["kept"]), form.cleaned_data["reason"]
            made = merges.ask(pair_id, kept_id=kept, reason=reason, by=by, now=now)
            return _merged(request, made)
        if other.is_bound and other.is_valid():
            decided = pairs.decide(pair_id, **other.cleaned_data, by=by, now=now)
            text = _("已记为「%(decision)s」。") % {"decision": decided.get_decision_display()}
            return toast(request, redirect_to(request, "desk:duplicates"), text)
    except RuleBroken as refusal:
        missing = refusal.missing
        blame(form if is_merge else other, refusal)
    for side in both:
        exports.look(side.patient, page="duplicate", by=by, now=now)
    values = {
        "pair": pair,
        "found": found,
        "sides": _sides(found, titles),
        "lines": _lines(request, found),
        "percent": _percent(found.probability),
        "tone": _tone(found.probability),
        "form": form,
        "other": other,
        "missing": missing,
        "waiting": found.waiting,
        "doubts": _doubts(found.waiting) if found.waiting else [],
        "is_own": found.waiting is not None and found.waiting.asked_by_id == by.pk,
        "is_open": pair.decision != PairDecision.SAME and found.waiting is None,
    }
    is_refused = form.errors or other.errors
    return render(request, "desk/duplicates/review.html", values, status=422 if is_refused else 200)


@require_GET
@allow(Permission.PATIENT_MERGE)
def merge_list(request: StaffRequest) -> HttpResponse:
    """Every merge: who, when, why; what waits for a second person first."""
    page = Paginator(read.merges(request.user), PAGE).get_page(request.GET.get("page"))
    people = [one for merge in page.object_list for one in (merge.kept, merge.absorbed)]
    names = list_names(people, by=request.user)
    values = {
        "tabs": _tabs(request, "merges"),
        "page": page,
        "rows": [
            (merge, names[merge.kept_id], _doubts(merge), merge.asked_by_id == request.user.pk)
            for merge in page.object_list
        ],
    }
    return render(request, "desk/duplicates/merges.html", values)


@require_POST
@allow(Permission.PATIENT_MERGE)
def approve(request: StaffRequest, merge_id: UUID) -> HttpResponse:
    return _merged(request, merges.approve(merge_id, by=request.user, now=timezone.now()))


@require_POST
@allow(Permission.PATIENT_MERGE)
def refuse(request: StaffRequest, merge_id: UUID) -> HttpResponse:
    is_different = request.POST.get("is_different") == "yes"
    merges.refuse(merge_id, is_different=is_different, by=request.user, now=timezone.now())
    text = _("已退回，并记为不是同一人。") if is_different else _("已退回，这一对重新等待核对。")
    return toast(request, redirect_to(request, "desk:merges"), text)


@allow(Permission.PATIENT_MERGE)
def undo(request: StaffRequest, merge_id: UUID) -> HttpResponse:
    merge = merges.open_merge(merge_id, by=request.user)
    form = UndoForm(request.POST or None, initial={"is_different": True})
    if request.method == "POST" and form.is_valid():
        with blaming(form):
            merges.undo(merge_id, **form.cleaned_data, by=request.user, now=timezone.now())
            response = redirect_to(request, "desk:patient", merge.absorbed.public_id)
            return toast(request, response, _("已撤销并档，两份档案各自恢复原状。"))
    names = list_names([merge.kept, merge.absorbed], by=request.user)
    values = {
        "merge": merge,
        "form": form,
        "kept": names[merge.kept_id],
        "is_over": merge.made_at is None or merge.undone_at is not None,
    }
    return render(request, "desk/duplicates/undo.html", values, status=422 if form.errors else 200)


def _merged(request: StaffRequest, merge: "Merge") -> HttpResponse:
    if merge.made_at is None:
        text = _("已提出并档，等另一位同事核准后生效。")
        return toast(request, redirect_to(request, "desk:merges"), text)
    text = _("已并档；两份档案的记录合在一处显示，可随时撤销。")
    return toast(request, redirect_to(request, "desk:patient", merge.kept.public_id), text)


def _only_one(request: StaffRequest, word: str) -> UUID:
    found = queries.search(word, by=request.user, limit=2)
    if len(found) != 1:
        text = _("「%(word)s」没有找到唯一的一份档案，请填档案号、完整手机号或证件号。")
        raise RuleBroken(text % {"word": word[:20]}, code="one")
    return found[0].public_id


def _tabs(request: StaffRequest, show: str) -> list[tuple[str, str, bool]]:
    here = reverse("desk:duplicates")
    shown = (PairDecision.LATER, PairDecision.DIFFERENT)
    return [
        (_("待核对"), here, show == ""),
        *((str(one.label), f"{here}?show={one.value}", show == one.value) for one in shown),
        (_("并档记录"), reverse("desk:merges"), show == "merges"),
    ]


def _row(request: StaffRequest, pair: "DuplicatePair") -> dict[str, object]:
    """One line: both masked, how probable, and which fields agree."""
    names = list_names([pair.one, pair.two], by=request.user)
    chance = pair.probability or 0.0
    return {
        "pair": pair,
        "sides": [
            (names[one.pk], one.file_no or _("未建档"), mask_phone(one.person.phone))
            for one in (pair.one, pair.two)
        ],
        "percent": _percent(chance),
        "tone": _tone(chance),
        "signs": [_sign(each) for each in unpacked(pair.evidence) if each.level in AGREEING],
    }


def _sign(each: Evidence) -> tuple[str, str]:
    return f"{each.field.label}{each.level.label}", TONES[each.level]


def _sides(found: read.Comparison, titles: Sequence[str]) -> list[dict[str, object]]:
    return [
        {
            "title": title,
            "patient": side.patient,
            "is_kept": side.patient.pk == found.kept_id,
            "campus": side.patient.campus.name,
            "owner": side.owner,
            "has_history": side.has_history,
        }
        for side, title in zip((found.one, found.two), titles, strict=True)
    ]


def _titles(request: StaffRequest, found: read.Comparison) -> list[str]:
    """What each file is called; two of the same name without a number are told apart by which came first."""
    patients = (found.one.patient, found.two.patient)
    names = list_names(patients, by=request.user)
    called = [f"{names[one.pk]} · {one.file_no or _('未建档')}" for one in patients]
    if called[0] != called[1]:
        return called
    return [f"{called[0]}（{which}）" for which in (_("较早"), _("较晚"))]


def _lines(request: StaffRequest, found: read.Comparison) -> list[dict[str, object]]:
    """Field by field: both values as far as they may be shown, how alike, and what it is worth."""
    one, two = found.one.identity, found.two.identity
    names = shown_names([found.one.patient, found.two.patient], by=request.user)
    shown = {
        Compared.NAME: (names[found.one.patient.pk], names[found.two.patient.pk]),
        Compared.PHONE: (mask_phone(one.phone), mask_phone(two.phone)),
        Compared.ID_NO: (mask_id_no(one.id_no), mask_id_no(two.id_no)),
        Compared.BIRTH: tuple(f"{day:%Y-%m-%d}" if day else "" for day in (one.birth_date, two.birth_date)),
        Compared.SEX: (str(one.sex.label), str(two.sex.label)),
    }
    return [
        {
            "label": each.field.label,
            "one": shown[each.field][0],
            "two": shown[each.field][1],
            "level": each.level.label,
            "tone": TONES[each.level],
            "bits": f"{each.bits:+.1f}".replace("-", "−") if each.bits else "0",
        }
        for each in found.evidence
    ]


def _doubts(merge: "Merge") -> list[str]:
    return [str(Doubt(code).label) for code in merge.doubts if code in Doubt]


def _percent(chance: float) -> str:
    """Nothing that was compared is certain."""
    return f"{min(chance, 0.999):.1%}" if chance > 0.99 else f"{chance:.0%}"


def _tone(chance: float) -> str:
    return "danger" if chance >= SURE else "warn" if chance >= LIKELY else ""
