"""Figures for other programs: OData and CSV; the key is the right to read."""

import base64
import binascii
import csv
import io
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from xml.sax.saxutils import quoteattr

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yimei.core.errors import NotFound, Refusal, RuleBroken
from yimei.core.numbers import whole
from yimei.core.rules.tables import as_text
from yimei.insight.actions import feeds
from yimei.insight.rules.exchange import Column, Table
from yimei.ui.guard import public

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
STATUS = {"too-many": 429}
UNKNOWN = ("$filter", "$orderby", "$apply", "$expand", "$search")
EDM = "http://docs.oasis-open.org/odata/ns/edm"


def answered(view: View[P]) -> View[P]:
    """Say a refusal as a problem (RFC 9457); no key and a wrong key are the same nothing."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except Refusal as refusal:
            code = getattr(refusal, "code", "not-found")
            status = STATUS.get(code, refusal.status)
            problem = {"type": code, "title": str(refusal), "status": status, "detail": refusal.message}
            response = JsonResponse(problem, status=status, content_type="application/problem+json")
            if status == 429:
                response["Retry-After"] = "60"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return cast(View[P], inner)


@public("the key in the address is the right to read")
@never_cache
@require_GET
@answered
def sheet(request: HttpRequest, secret: str, name: str) -> HttpResponse:
    """One table as CSV, for =IMPORTDATA."""
    table = feeds.read(secret, name, now=timezone.now())
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.words for column in table.columns])
    writer.writerows([[as_text(value) for value in row] for row in table.rows])
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")


@public("the key in the head is the right to read")
@never_cache
@require_GET
@answered
def service(request: HttpRequest) -> HttpResponse:
    tables = feeds.look(_key(request), now=timezone.now())
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in tables]
    return _json({"@odata.context": _metadata_url(request), "value": sets})


@public("the key in the head is the right to read")
@never_cache
@require_GET
@answered
def metadata(request: HttpRequest) -> HttpResponse:
    tables = feeds.look(_key(request), now=timezone.now())
    types = "".join(_type(name, table) for name, table in tables.items())
    sets = "".join(f'<EntitySet Name="{name}" EntityType="Yimei.{name}"/>' for name in tables)
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        f'<Schema Namespace="Yimei" xmlns="{EDM}">{types}<EntityContainer Name="Figures">{sets}'
        "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
    )
    return HttpResponse(text, content_type="application/xml", headers={"OData-Version": "4.0"})


@public("the key in the head is the right to read")
@never_cache
@require_GET
@answered
def entity(request: HttpRequest, name: str) -> HttpResponse:
    """One table; `$top`, `$skip`, `$select` and `$count` are understood, the rest is refused, not ignored."""
    if any(word in request.GET for word in UNKNOWN):
        raise RuleBroken("OData: $top, $skip, $select, $count", code="unsupported")
    table = feeds.read(_key(request), name, now=timezone.now())
    columns = [column.name for column in table.columns]
    rows = [{"row": place, **dict(zip(columns, row, strict=True))} for place, row in enumerate(table.rows, 1)]
    chosen = [one.strip() for one in request.GET.get("$select", "").split(",") if one.strip()]
    if any(one not in {"row", *columns} for one in chosen):
        raise NotFound
    skip, top = _number(request, "$skip", 0), _number(request, "$top", len(rows))
    found: dict[str, Any] = {"@odata.context": f"{_metadata_url(request)}#{name}"}
    if request.GET.get("$count") == "true":
        found["@odata.count"] = len(rows)
    part = rows[skip : skip + top]
    found["value"] = [{key: row[key] for key in chosen} for row in part] if chosen else part
    return _json(found)


def _type(name: str, table: Table) -> str:
    fields = "".join(_field(column) for column in table.columns)
    return (
        f'<EntityType Name="{name}"><Key><PropertyRef Name="row"/></Key>'
        f'<Property Name="row" Type="Edm.Int32" Nullable="false"/>{fields}</EntityType>'
    )


def _field(column: Column) -> str:
    kind = (
        "String" if column.labels or column.name not in NUMERIC else "Int64" if column.is_whole else "Double"
    )
    note = f'<Annotation Term="Core.Description" String={quoteattr(column.words)}/>'
    return f'<Property Name="{column.name}" Type="Edm.{kind}">{note}</Property>'


NUMERIC = {"value", "low", "high", "people", "hidden"}


def _json(found: dict[str, Any]) -> HttpResponse:
    kind = "application/json;odata.metadata=minimal"
    return JsonResponse(found, content_type=kind, headers={"OData-Version": "4.0"})


def _key(request: HttpRequest) -> str:
    """The key from `Authorization: Bearer …`, or the password of Basic, as Power BI sends it."""
    scheme, _sep, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return rest.strip()
    if scheme.casefold() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise NotFound from None
    raise NotFound


def _metadata_url(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("api:feed-metadata"))


def _number(request: HttpRequest, name: str, default: int) -> int:
    word = request.GET.get(name, "")
    if not word:
        return default
    number = whole(word, digits=8)
    if number is None:
        raise NotFound
    return number
