"""The copy of one person's data: for programs, for other hospitals, for people."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI
from yimei.core.documents import render_pdf
from yimei.people.models import Patient
from yimei.privacy.models import RightsRequest
from yimei.privacy.queries import fhir
from yimei.privacy.queries.requests.letters import head_of
from yimei.privacy.queries.sections import sections_of

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\S*")


def package_of(patient: Patient, *, now: datetime) -> bytes:
    """The copy: one JSON object with a list of rows for each holding, and the same as a FHIR R4 bundle."""
    sections = sections_of(patient)
    content = {
        "format": "yimei.person/1",
        "made_at": now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "holdings": {
            section.code: {"title": section.title, "rows": list(section.rows)} for section in sections
        },
        "fhir": fhir.bundle(patient, [(one.code, one.title, one.rows) for one in sections], now=now),
    }
    return (json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n").encode()


def fhir_of(data: bytes) -> bytes:
    """The bundle that the copy carries."""
    return (json.dumps(json.loads(data)["fhir"], ensure_ascii=False, indent=2) + "\n").encode()


def readable(request: RightsRequest, data: bytes) -> bytes:
    """The same copy as pages that a person can read."""
    return render_pdf("letter.typ", pages(request, data), title=_("个人信息副本"))


def pages(request: RightsRequest, data: bytes) -> dict[str, Any]:
    content = json.loads(data)
    return {
        **head_of(request),
        "date": datetime.fromisoformat(content["made_at"]),
        "opening": _("以下是本院持有的与您有关的个人信息，与同时提供的机器可读副本内容一致。"),
        "sections": [
            {"title": section["title"], "paragraphs": [as_line(row) for row in section["rows"]]}
            for section in content["holdings"].values()
        ],
    }


def as_line(row: Mapping[str, object]) -> str:
    """One row as people read it: a moment is a day and an hour, not a stamp for programs."""
    return "；".join(f"{label}：{_plain(value)}" for label, value in row.items())


def _plain(value: object) -> object:
    is_moment = isinstance(value, str) and MOMENT.fullmatch(value)
    return str(value)[:16].replace("T", " ") if is_moment else value
