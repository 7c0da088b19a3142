"""Flows: the list, one flow with its picture and figures, the editor, files, dry runs, tasks."""

from difflib import unified_diff
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yimei.core.clock import local_date
from yimei.core.errors import NotFound, RuleBroken
from yimei.core.numbers import whole
from yimei.desk.forms import segments as drafts
from yimei.desk.forms.flows import ADDABLE, FlowFileForm, FrameForm, NewFlowForm, StepForm
from yimei.growth.access import open_flow
from yimei.growth.actions import flows as actions
from yimei.growth.enums.flows import FlowStatus, NodeKind
from yimei.growth.queries import flows as queries
from yimei.growth.queries.dry import rehearse
from yimei.growth.queries.segments import tag_labels
from yimei.growth.rules import flow_edit, flow_files
from yimei.growth.rules.flows import judging, reading
from yimei.growth.rules.flows.graphs import Graph, Node, order
from yimei.people.roles import Permission
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import StaffRequest, allow
from yimei.ui.views import redirect_to, toast

if TYPE_CHECKING:
    from yimei.growth.models import Flow

KINDS = [(kind.value, kind.label) for kind in ADDABLE]


@require_GET
@allow(Permission.GROWTH_VIEW)
def index(request: StaffRequest) -> HttpResponse:
    values = {"rows": queries.listed(by=request.user), "file_form": FlowFileForm()}
    return render(request, "desk/flows/index.html", values)


@allow(Permission.GROWTH_WRITE)
def new(request: StaffRequest) -> HttpResponse:
    form = NewFlowForm(request.POST or None)
    if form.is_bound and form.is_valid():
        with blaming(form):
            flow = actions.create(**form.cleaned_data, by=request.user, now=timezone.now())
            return redirect_to(request, "desk:flow-edit", flow.public_id)
    return render(request, "desk/flows/new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@allow(Permission.GROWTH_WRITE)
def bring_in(request: StaffRequest) -> HttpResponse:
    """Read a file as a new flow."""
    form = FlowFileForm(request.POST)
    if form.is_valid():
        with blaming(form):
            flow = actions.bring_in(form.cleaned_data["text"], by=request.user, now=timezone.now())
            return toast(request, redirect_to(request, "desk:flow", flow.public_id), _("已读入为草稿。"))
    values = {"rows": queries.listed(by=request.user), "file_form": form}
    return render(request, "desk/flows/index.html", values, status=422)


@require_GET
@allow(Permission.GROWTH_VIEW)
def detail(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    """The version that runs, with its figures; a draft, without."""
    flow, now = open_flow(flow_id, by=request.user), timezone.now()
    versions = queries.versions(flow)
    graph = reading.parse(versions[0].graph if versions else flow.draft)
    figures = queries.figures(flow)
    values = {
        "flow": flow,
        "graph": graph,
        "trigger": queries.trigger_said(graph),
        "picture": queries.picture(graph, figures.by_node if versions else None),
        "steps": _steps(graph, figures),
        "figures": figures,
        "effect": queries.effect(flow, graph, now=now),
        "versions": versions,
        "is_changed": bool(versions) and versions[0].graph != flow.draft,
        "may_write": _may_write(request, flow),
        "moves": _moves(flow),
    }
    return render(request, "desk/flows/flow.html", values)


@allow(Permission.GROWTH_WRITE)
def edit(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    """The draft: its frame, its picture, and the form of the chosen step."""
    flow = _writable(request, flow_id)
    what = request.POST.get("do", "")
    if request.method != "POST":
        return _editor(request, flow, request.GET.get("step", ""))
    code = request.POST.get("step", "")
    if what == "frame":
        return _framed(request, flow)
    if what.startswith("put:"):
        return _put(request, flow, what)
    if what == "drop":
        draft = flow_edit.take_out(flow.draft, code)
        actions.save(flow.public_id, draft=draft, by=request.user, now=timezone.now())
        return redirect_to(request, "desk:flow-edit", flow.public_id)
    return _written(request, flow, code, what)


@require_POST
@allow(Permission.GROWTH_WRITE)
def publish(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    try:
        version = actions.publish(flow_id, by=request.user, now=timezone.now())
    except RuleBroken as refusal:
        return _editor(request, _writable(request, flow_id), "", refusal=refusal)
    done = redirect_to(request, "desk:flow", flow_id)
    return toast(request, done, _("第 %(n)d 版开始运行。") % {"n": version.number})


@require_POST
@allow(Permission.GROWTH_WRITE)
def turn(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    """Pause, go on, end."""
    verbs = {"pause": actions.pause, "resume": actions.resume, "end": actions.end}
    act = verbs.get(request.POST.get("do", ""))
    if act is None:
        raise NotFound
    flow = act(flow_id, by=request.user, now=timezone.now())
    text = _("旅程现在是「%(status)s」。") % {"status": flow.get_status_display()}
    return toast(request, redirect_to(request, "desk:flow", flow_id), text)


@require_POST
@allow(Permission.GROWTH_WRITE)
def copy(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    flow = actions.copy(flow_id, by=request.user, now=timezone.now())
    done = redirect_to(request, "desk:flow-edit", flow.public_id)
    return toast(request, done, _("已复制到本院区，是一份独立的草稿。"))


@require_GET
@allow(Permission.GROWTH_VIEW)
def file(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    """The draft, or a version, as a YAML file."""
    flow = open_flow(flow_id, by=request.user)
    number = whole(request.GET.get("v"))
    chosen = None if number is None else flow.versions.filter(number=number).first()
    text = flow_files.write(flow.name, chosen.graph if chosen else flow.draft)
    names = f"flow-{flow.public_id}-v{chosen.number if chosen else 'draft'}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{names}"'}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


@require_GET
@allow(Permission.GROWTH_VIEW)
def difference(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    """Two versions, or the newest and the draft, line by line."""
    flow = open_flow(flow_id, by=request.user)
    versions = queries.versions(flow)
    number = whole(request.GET.get("v"))
    after = next((one for one in versions if one.number == number), None)
    older = [one for one in versions if after is None or one.number < after.number]
    before = older[0] if older else None
    old = flow_files.write(flow.name, before.graph).splitlines() if before else []
    new = flow_files.write(flow.name, after.graph if after else flow.draft).splitlines()
    values = {
        "flow": flow,
        "before": before,
        "after": after,
        "lines": [(line[:1], line) for line in list(unified_diff(old, new, lineterm="", n=3))[2:]],
    }
    return render(request, "desk/flows/difference.html", values)


@require_POST
@allow(Permission.GROWTH_WRITE)
def back_to(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    number = whole(request.POST.get("number")) or 0
    actions.back_to(flow_id, number=number, by=request.user, now=timezone.now())
    done = redirect_to(request, "desk:flow-edit", flow_id)
    return toast(request, done, _("第 %(n)s 版成为草稿，发布后生效。") % {"n": number})


@require_GET
@allow(Permission.GROWTH_VIEW)
def dry(request: StaffRequest, flow_id: UUID) -> HttpResponse:
    """Yesterday's people through the draft; nothing is written or sent."""
    flow = open_flow(flow_id, by=request.user)
    graph = reading.parse(flow.draft)
    wrong = _wrong(flow, graph)
    found = None if wrong else rehearse(flow, graph, now=timezone.now())
    values = {
        "flow": flow,
        "wrong": wrong,
        "found": found,
        "picture": queries.picture(graph, dict(found.by_node)) if found else None,
        "steps": [
            (node, found.by_node[code], found.results[code].most_common(6) if code in found.results else [])
            for code, node in graph.nodes.items()
        ]
        if found
        else [],
    }
    return render(request, "desk/flows/dry.html", values)


@require_GET
@allow()
def tasks(request: StaffRequest) -> HttpResponse:
    """What flows ask the reader to do."""
    return render(
        request, "desk/flows/tasks.html", {"rows": queries.tasks(by=request.user), "now": timezone.now()}
    )


@require_POST
@allow()
def task_done(request: StaffRequest, task_id: UUID) -> HttpResponse:
    actions.finish_task(task_id, by=request.user, now=timezone.now())
    return toast(request, redirect_to(request, "desk:flow-tasks"), _("已完成。"))


# ---- the editor -----------------------------------------------------------------------------------


def _writable(request: StaffRequest, flow_id: UUID) -> "Flow":
    return open_flow(flow_id, by=request.user, permission=Permission.GROWTH_WRITE)


def _editor(
    request: StaffRequest,
    flow: "Flow",
    code: str,
    *,
    frame: FrameForm | None = None,
    step: StepForm | None = None,
    draft: drafts.Draft | None = None,
    refusal: RuleBroken | None = None,
) -> HttpResponse:
    graph = reading.parse(flow.draft)
    node = flow.draft["nodes"].get(code)
    form = step or (_step_form(flow, None, node) if node else None)
    is_check = node is not None and node["kind"] == NodeKind.CHECK
    tree = draft or (drafts.from_tree(node["rules"]) if is_check else None)
    body, _places = queries.template_body(node.get("template", "")) if node else ("", [])
    values = {
        "flow": flow,
        "graph": graph,
        "wrong": _wrong(flow, graph),
        "refusal": refusal,
        "picture": queries.picture(graph),
        "trigger": queries.trigger_said(graph),
        "setup": frame or _frame_form(None, flow),
        "code": code if node else "",
        "node": node,
        "step": form,
        "body": body,
        "tree": drafts.rows(tree, tag_labels(), is_checked=draft is not None) if tree else None,
        "kinds": [(name, str(label)) for name, label in drafts.KINDS.items()],
        "groups": list(drafts.groups()),
        "step_kinds": KINDS,
        "here": reverse("desk:flow-edit", args=[flow.public_id]),
    }
    bad = bool(refusal or (frame and frame.errors) or (step and step.errors))
    return render(request, "desk/flows/edit.html", values, status=422 if bad else 200)


def _framed(request: StaffRequest, flow: "Flow") -> HttpResponse:
    form = _frame_form(request.POST, flow)
    if form.is_valid():
        with blaming(form):
            draft = {**flow.draft, **form.frame()}
            actions.save(
                flow.public_id,
                name=form.cleaned_data["name"],
                draft=draft,
                by=request.user,
                now=timezone.now(),
            )
            return toast(request, redirect_to(request, "desk:flow-edit", flow.public_id), _("已保存到草稿。"))
    return _editor(request, flow, "", frame=form)


def _put(request: StaffRequest, flow: "Flow", what: str) -> HttpResponse:
    after, _sep, way = what.removeprefix("put:").partition("/")
    kind = request.POST.get("kind", "")
    if kind not in {name for name, _label in KINDS}:
        raise NotFound
    first = next((code for code, _name in queries.template_choices()), "")
    draft, code = flow_edit.put_in(flow.draft, after=after, way=way, kind=NodeKind(kind), template=first)
    actions.save(flow.public_id, draft=draft, by=request.user, now=timezone.now())
    address = reverse("desk:flow-edit", args=[flow.public_id])
    return redirect_to(request, f"{address}?step={code}#step")


def _written(request: StaffRequest, flow: "Flow", code: str, what: str) -> HttpResponse:
    """The chosen step's values; a click on the conditions of a check only draws them again."""
    node = flow.draft["nodes"].get(code)
    if node is None:
        raise NotFound
    form = _step_form(flow, request.POST, node)
    tree = drafts.read(request.POST) if node["kind"] == NodeKind.CHECK else None
    if tree is not None and what != "save":
        return _editor(request, flow, code, step=form, draft=drafts.act(tree, what))
    if form.is_valid():
        with blaming(form):
            values = {name: value for name, value in form.values(request.POST).items() if value is not None}
            kept = {name: value for name, value in node.items() if name != "at"}
            draft = {**flow.draft, "nodes": {**flow.draft["nodes"], code: kept}}
            draft = flow_edit.write(draft, code, values)
            actions.save(flow.public_id, draft=draft, by=request.user, now=timezone.now())
            address = reverse("desk:flow-edit", args=[flow.public_id])
            return toast(request, redirect_to(request, f"{address}?step={code}"), _("已保存到草稿。"))
    return _editor(request, flow, code, step=form, draft=tree)


def _step_form(flow: "Flow", posted: Any, node: dict[str, Any]) -> StepForm:
    chosen = posted.get("template") if posted else None
    _body, places = queries.template_body(str(chosen or node.get("template", "")))
    return StepForm(
        posted,
        node=node,
        templates=queries.template_choices(),
        places=places,
        tags=list(tag_labels().items()),
        grants=queries.grant_choices(flow.campus_id, local_date(timezone.now())),
    )


def _frame_form(posted: Any, flow: "Flow") -> FrameForm:
    names = list(queries.segments_for(flow.campus_id).filter(use=flow.use).values_list("name", flat=True))
    return FrameForm(posted, initial=FrameForm.start(flow.name, flow.draft), segments=names)


def _wrong(flow: "Flow", graph: Graph) -> str:
    try:
        judging.check(graph, queries.surroundings(flow.campus_id, local_date(timezone.now())))
    except RuleBroken as refusal:
        return refusal.message
    return ""


def _may_write(request: StaffRequest, flow: "Flow") -> bool:
    try:
        open_flow(flow.public_id, by=request.user, permission=Permission.GROWTH_WRITE)
    except NotFound:
        return False
    return flow.status != FlowStatus.ENDED


def _moves(flow: "Flow") -> list[tuple[str, str, str]]:
    """Verb, words, question of each button that turns a flow."""
    if flow.status == FlowStatus.RUNNING:
        return [
            ("pause", _("暂停"), ""),
            ("end", _("停用"), _("停用这条旅程？正在其中的人会停在现在的位置。")),
        ]
    if flow.status == FlowStatus.PAUSED:
        return [
            ("resume", _("继续运行"), ""),
            ("end", _("停用"), _("停用这条旅程？正在其中的人会停在现在的位置。")),
        ]
    return []


def _steps(graph: Graph, figures: queries.Figures) -> list[tuple[Node, int, list[tuple[str, int]]]]:
    codes = order(graph)
    return [
        (graph.nodes[code], figures.by_node.get(code, 0), figures.results.get(code, [])) for code in codes
    ]
