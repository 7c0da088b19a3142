"""How no is said: as a notice on the page, as a page, or as problem+json."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from yimei.core.errors import Conflict, NotFound, Refusal, RuleBroken
from yimei.ui.guard import page_behind
from yimei.ui.templatetags.records import resolve_where


def wants_json(request: HttpRequest) -> bool:
    accepted = request.headers.get("Accept", "")
    return "json" in accepted and "text/html" not in accepted


def _reference(request: HttpRequest) -> str:
    return str(getattr(request, "reference", ""))


def problem(request: HttpRequest, *, status: int, title: str, code: str, **more: Any) -> JsonResponse:
    """Answer a program (RFC 9457)."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, **more}
    body["reference"] = _reference(request)
    return JsonResponse(
        body,
        status=status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


def _answer(request: HttpRequest, *, status: int, template: str, values: dict[str, Any]) -> HttpResponse:
    values = {"status": status, "reference": _reference(request), **values}
    if request.headers.get("HX-Request") == "true":
        response = render(request, "ui/refusal.html", values, status=status)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML"
        response["HX-Push-Url"] = "false"
        return response
    return render(
        request, f"ui/errors/{template}.html", {"back": page_behind(request), **values}, status=status
    )


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Say no to what a rule, another claim or a missing right stands against."""
    missing = refusal.missing if isinstance(refusal, RuleBroken) else ()
    next_free = refusal.next_free if isinstance(refusal, Conflict) else ()
    code = refusal.code if isinstance(refusal, RuleBroken) else "not_found"
    if wants_json(request):
        return problem(
            request,
            status=refusal.status,
            title=refusal.message,
            code=code,
            missing=[
                {"what": item.what, "why": item.why, "where": resolve_where(item.where)} for item in missing
            ],
            next_free=[[start.isoformat(), end.isoformat()] for start, end in next_free],
        )
    local = [(timezone.localtime(start), timezone.localtime(end)) for start, end in next_free]
    values = {"message": refusal.message, "missing": missing, "next_free": local}
    template = "not_found" if isinstance(refusal, NotFound) else "refused"
    return _answer(request, status=refusal.status, template=template, values=values)


def _said(request: HttpRequest, *, status: int, template: str, message: str, code: str) -> HttpResponse:
    if wants_json(request):
        return problem(request, status=status, title=message, code=code)
    values = {"message": message, "missing": (), "next_free": ()}
    return _answer(request, status=status, template=template, values=values)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    message = _("这个请求看不懂，没有做任何事。")
    if isinstance(exception, RequestDataTooBig):
        message = _("内容太多，没有保存。请返回删减后再提交，填过的内容都在。")
    return _said(request, status=400, template="refused", message=message, code="bad_request")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return not_found(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refused(request, NotFound())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is too old, not that the reader is an attacker."""
    message = _("这个页面开得太久，安全校验已过期，这次提交没有生效。返回后刷新页面，再提交一次。")
    return _said(request, status=403, template="stale", message=message, code="csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    message = _("程序出错了，这一步没有做成，之前的内容都在。请稍后再试；若仍不行，把编号告诉管理员。")
    return _said(request, status=500, template="broken", message=message, code="server")
