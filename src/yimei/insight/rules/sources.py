"""What a source must say before anybody connects."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _

from yimei.core.errors import RuleBroken
from yimei.insight.enums import SourceType

MOST_TEXT = 8000
TABLE = re.compile(r"\w{1,63}(?:\.\w{1,63})?")
GOOGLE = re.compile(r"(?P<base>/spreadsheets/d/(?P<published>e/)?[\w-]{20,200})/?(?P<rest>.*)")
HOST = re.compile(
    r"\.?(?=.{1,119}$)[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?)*|[0-9a-f:]{2,39}"
)


def clean_host(name: str) -> str:
    found = name.strip().lower().rstrip(".")
    if not HOST.fullmatch(found) or (found.startswith(".") and "." not in found[1:]):
        raise RuleBroken(_("请填写主机名或 IP，例如 db.hospital.cn；整个域名以点开头。"), code="name")
    return found


def clean_way(kind: SourceType, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a form; refuse what could never be fetched."""
    if kind == SourceType.OWN:
        return {}
    if kind == SourceType.SHEET:
        url = str(said.get("url") or "").strip()
        if not url.startswith(("https://", "http://127.0.0.1")) or len(url) > 2000:
            raise RuleBroken(_("链接应以 https:// 开头。"), code="url")
        return {"url": published(url)}
    for name in ("host", "database", "user"):
        if not str(said.get(name) or "").strip():
            raise RuleBroken(_("请填写主机、库名和只读账号。"), code=name)
    table, query = str(said.get("table") or "").strip(), str(said.get("query") or "").strip()
    if bool(table) == bool(query):
        raise RuleBroken(_("表名和查询填一个。"), code="table")
    if table and not TABLE.fullmatch(table):
        raise RuleBroken(_("表名只能是字母、数字、下划线和一个点。"), code="table")
    if query:
        check_query(query, kind)
    return {
        "host": str(said["host"]).strip(),
        "port": int(said.get("port") or 0) or (5432 if kind == SourceType.POSTGRES else 3306),
        "database": str(said["database"]).strip(),
        "user": str(said["user"]).strip(),
        "password": str(said.get("password") or ""),
        "query": query or f"SELECT * FROM {table}",
    }


def published(url: str) -> str:
    """Turn the address of a sheet of Google's, as its reader copies it, into that of its CSV."""
    parts = urlsplit(url)
    found = GOOGLE.match(parts.path) if parts.netloc == "docs.google.com" else None
    if found is None:
        return url
    asked = dict(parse_qsl(parts.query)) | dict(parse_qsl(parts.fragment))
    gid = asked.get("gid", "0") if asked.get("gid", "0").isdigit() else "0"
    if found["rest"].startswith("export"):
        return url
    if found["published"]:
        shape = "xlsx" if asked.get("output") == "xlsx" else "csv"
        return f"https://docs.google.com{found['base']}/pub?gid={gid}&single=true&output={shape}"
    return f"https://docs.google.com{found['base']}/export?format=csv&gid={gid}"


def check_query(query: str, kind: SourceType) -> None:
    """Refuse anything but one reading statement, as its database would read it."""
    import sqlglot
    from sqlglot import exp

    if len(query) > MOST_TEXT:
        raise RuleBroken(_("语句太长，请拆开。"), code="query")
    try:
        found = [one for one in sqlglot.parse(query, read=str(kind)) if one is not None]
    except sqlglot.errors.SqlglotError:
        raise RuleBroken(_("这条查询读不懂，请检查语法。"), code="query") from None
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise RuleBroken(_("只能写一条 SELECT 查询。"), code="query")
    writing = (exp.Into, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Command)
    if found[0].find(*writing) or re.search(r"\binto\s+(?:outfile|dumpfile)\b", query, re.IGNORECASE):
        raise RuleBroken(_("只能读取，不能写入或导出。"), code="query")
