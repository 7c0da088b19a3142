"""清洗: what the columns of a table hold, the rules they are held to, doubts, gaps, quality over time."""

from itertools import islice
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.errors import NotFound
from yimei.core.numbers import whole
from yimei.desk.forms.cleaning import FillForm, RuleForm
from yimei.insight.access import open_doubt, open_filling, open_import
from yimei.insight.actions import cleaning as actions
from yimei.insight.enums import DoubtStatus, FillMethod, ImportStatus
from yimei.insight.queries import cleaning as queries
from yimei.insight.queries import imports, profiles
from yimei.insight.rules.imports.templates import TEMPLATES, Kind, Template
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

PAGE = 20
LOOKED_AT = 100_000
"""So many rows are read for the page of gaps."""
SHOWN = 8


@require_GET
@allow(Permission.INSIGHT_IMPORT)
def columns(request: StaffRequest, import_id: UUID) -> HttpResponse:
    batch = open_import(import_id, by=request.user)
    found = profiles.columns_of(batch)
    values = {
        "batch": batch,
        "template": imports.template_of(batch),
        "columns": found,
        "odd": profiles.odd_count(found),
    }
    return render(request, "desk/insight/columns.html", values)


@allow(Permission.INSIGHT_IMPORT)
def rules(request: StaffRequest, code: str) -> HttpResponse:
    """See the rules of a kind of table; a new one is the next version."""
    template = _template(code)
    form = RuleForm(request.POST or None, template=template)
    if request.method == "POST" and form.is_valid():
        newest = queries.rules_of(code)
        with blaming(form):
            actions.save_rules(
                code,
                rules=[*queries.checks_of(newest), form.check],
                based_on=_number(request.POST.get("version")),
                by=request.user,
                now=timezone.now(),
            )
            return redirect_to(request, "desk:insight-rules", code)
    newest = queries.rules_of(code)
    values = {
        "template": template,
        "templates": [
            (str(one.words), reverse("desk:insight-rules", args=[one.code]), one.code == code)
            for one in TEMPLATES.values()
        ],
        "form": form,
        "newest": newest,
        "version": newest.version if newest else 0,
        "checks": [(one, one.sentence(template)) for one in queries.checks_of(newest)],
        "suggested": [one.sentence(template) for one in queries.suggested(template, request.user)],
        "versions": queries.versions_of(code)[:10],
    }
    return render(request, "desk/insight/rules.html", values, status=422 if form.errors else 200)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def take_rules(request: StaffRequest, code: str) -> HttpResponse:
    """Take over the suggestions that were ticked."""
    template = _template(code)
    chosen = set(request.POST.getlist("take"))
    found = queries.suggested(template, request.user)
    more = [one for one in found if one.sentence(template) in chosen]
    if more:
        newest = queries.rules_of(code)
        actions.save_rules(
            code,
            rules=[*queries.checks_of(newest), *more],
            based_on=_number(request.POST.get("version")),
            by=request.user,
            now=timezone.now(),
        )
    return redirect_to(request, "desk:insight-rules", code)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def drop_rule(request: StaffRequest, code: str) -> HttpResponse:
    """Write a version without one rule; older versions stay to be read."""
    template = _template(code)
    checks = queries.checks_of(queries.rules_of(code))
    stay = [one for one in checks if one.sentence(template) != request.POST.get("rule")]
    actions.save_rules(
        code,
        rules=stay,
        based_on=_number(request.POST.get("version")),
        by=request.user,
        now=timezone.now(),
    )
    return toast(request, redirect_to(request, "desk:insight-rules", code), _("规则已去掉，旧版本还在。"))


@require_GET
@allow(Permission.INSIGHT_IMPORT)
def doubts(request: StaffRequest, import_id: UUID) -> HttpResponse:
    batch = open_import(import_id, by=request.user)
    template = imports.template_of(batch)
    chosen = request.GET.get("status", DoubtStatus.WAITING)
    found = queries.doubts(batch)
    if chosen in DoubtStatus.values:
        found = found.filter(status=chosen)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    names = {one.name: str(one.words) for one in template.columns}
    here = reverse("desk:insight-import-doubts", args=[import_id])
    values = {
        "batch": batch,
        "template": template,
        "page": page,
        "rows": [(one, names.get(one.column, one.column)) for one in page],
        "filters": [(label, f"{here}?status={code}", code == chosen) for code, label in DoubtStatus.choices],
        "is_done": batch.status == ImportStatus.DONE,
    }
    return render(request, "desk/insight/doubts.html", values)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def settle(request: StaffRequest, doubt_id: UUID) -> HttpResponse:
    said = request.POST.get("status", "")
    if said not in DoubtStatus.values:
        raise NotFound
    before = open_doubt(doubt_id, by=request.user)
    done = actions.settle(doubt_id, status=DoubtStatus(said), by=request.user, now=timezone.now())
    text = {
        "kept": _("已保留。"),
        "excluded": _("已排除：分析不再用这个值，原值还在。"),
        "waiting": _("已撤回。"),
    }
    answer = redirect_to(request, "desk:insight-import-doubts", before.batch.public_id)
    return toast(request, answer, text[done.status])


@require_GET
@allow(Permission.INSIGHT_IMPORT)
def gaps(request: StaffRequest, import_id: UUID) -> HttpResponse:
    return _gaps(request, import_id)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def fill(request: StaffRequest, import_id: UUID, column: str) -> HttpResponse:
    batch = open_import(import_id, by=request.user)
    form = FillForm(request.POST, columns=_groups(imports.template_of(batch), batch.mapping))
    if not form.is_valid():
        return _gaps(request, import_id)
    method, group = form.cleaned_data["method"], form.cleaned_data["group"]
    done = actions.fill(
        import_id,
        column=column,
        method=FillMethod.GROUP if group and method == FillMethod.MEDIAN else FillMethod(method),
        group=group,
        in_figures=form.cleaned_data["in_figures"],
        by=request.user,
        now=timezone.now(),
    )
    said = _("补了 %(count)d 格，都有标记，可以撤回。") % {"count": done.count}
    return toast(request, redirect_to(request, "desk:insight-import-gaps", import_id), said)


@require_POST
@allow(Permission.INSIGHT_IMPORT)
def unfill(request: StaffRequest, filling_id: UUID) -> HttpResponse:
    filling = open_filling(filling_id, by=request.user)
    actions.unfill(filling_id, by=request.user, now=timezone.now())
    said = _("已撤回，这些格又是空的。")
    return toast(request, redirect_to(request, "desk:insight-import-gaps", filling.batch.public_id), said)


@require_GET
@allow(Permission.INSIGHT_IMPORT)
def quality(request: StaffRequest) -> HttpResponse:
    """How good the tables of each kind and source were, import by import."""
    found = queries.quality(request.user)
    kinds = [
        (
            f"{TEMPLATES[code].words} · {source or _('上传的文件')}",
            batches[-1],
            [one.quality["score"] for one in batches],
            batches[::-1][:12],
        )
        for (code, source), batches in found.items()
    ]
    return render(request, "desk/insight/quality.html", {"kinds": kinds})


def _gaps(request: StaffRequest, import_id: UUID) -> HttpResponse:
    batch = open_import(import_id, by=request.user)
    template = imports.template_of(batch)
    values: dict[str, Any] = {"batch": batch, "template": template, "gaps": [], "rows": [], "kept": []}
    if batch.status == ImportStatus.DONE:
        rows = list(islice(imports.facts(batch), LOOKED_AT))
        groups = _groups(template, batch.mapping)
        found = queries.gaps(batch, [said for _line, _person, said in rows])
        values["gaps"] = [
            (gap, FillForm(columns=groups, is_figure=gap.is_figure, auto_id=f"id_{gap.column.name}_%s"))
            for gap in found
        ]
        values["kept"] = [one.words for one in queries.kept(template)]
        filled = queries.filled(batch, iter(rows))
        marked = (
            (line, [(word, at in marks) for at, word in enumerate(imports.worded(template, said))])
            for line, _person, said, marks in filled
            if marks
        )
        values["rows"] = list(islice(marked, SHOWN))
    return render(request, "desk/insight/gaps.html", values)


def _groups(template: Template, mapping: dict[str, int]) -> list[Any]:
    kinds = {Kind.CODE, Kind.TEXT, Kind.YES_NO}
    return [one for one in queries.kept(template) if one.kind in kinds and one.name in mapping]


def _template(code: str) -> Template:
    if code not in TEMPLATES:
        raise NotFound
    return TEMPLATES[code]


def _number(text: str | None) -> int:
    return whole(text) or 0
