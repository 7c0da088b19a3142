"""What must not be deleted for now (disputes, orders, complaints), and the list of what was sealed."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yimei.core import names
from yimei.core.clock import SHANGHAI, local_date
from yimei.core.documents import render_pdf
from yimei.core.errors import Missing
from yimei.core.language import in_house
from yimei.people.models import Patient, Staff
from yimei.people.queries.merges import files_by_person
from yimei.privacy import registry
from yimei.privacy.enums import HoldKind, RequestKind
from yimei.privacy.models import LegalHold, RightsRequest
from yimei.privacy.queries import rows
from yimei.privacy.queries.register import limit, shipped
from yimei.privacy.rules import holds as rules

UNLISTED = frozenset({"people.search", "journey.claim", "audit.log", "privacy.centre", "privacy.hold"})
"""Holdings that are no part of a record: an index, a calendar, the log, and the holds themselves."""


@dataclass(frozen=True)
class Item:
    """One line of the list of sealed things, and whether it still reads as it did."""

    title: str
    rows: int
    sha256: str
    is_same: bool


def held(
    patients: Collection[int], *, families: Mapping[int, frozenset[int]] | None = None
) -> Mapping[int, tuple[str, ...]]:
    """Return what keeps the data of these patients from going, in a fixed number of queries.

    What holds one file of a person holds all of them; a page hands down which files are not alone.
    """
    joined = files_by_person(patients) if families is None else families
    files_of: dict[int, Collection[int]] = {pk: {pk} for pk in patients} | dict(joined)
    of_file = _held(set().union(*files_of.values()))
    found = {
        pk: tuple(dict.fromkeys(word for file in sorted(files) for word in of_file.get(file, ())))
        for pk, files in files_of.items()
    }
    return {pk: words for pk, words in found.items() if words}


def complained(patients: Collection[int]) -> Mapping[int, tuple[tuple[str, Missing], ...]]:
    """Whose complaint still waits for its answer, and under which holding it is handled."""
    families = files_by_person(patients)
    head_of = {file: pk for pk in patients for file in {pk, *families.get(pk, ())}}
    found: dict[int, dict[str, Missing]] = defaultdict(dict)
    open_ones = RightsRequest.objects.open().filter(kind=RequestKind.COMPLAIN, patient__in=head_of)
    told = _("先办结投诉并答复本人")
    for pk in open_ones.values_list("patient", flat=True):
        found[head_of[pk]]["privacy.request"] = Missing(_("个人信息投诉还没有答复"), told)
    for holding in registry.all_holdings():
        for pk in holding.disputes(set(head_of)) if holding.disputes else ():
            found[head_of[pk]][holding.code] = Missing(_("投诉还没有答复"), told)
    return {pk: tuple(each.items()) for pk, each in found.items()}


def _held(patients: Collection[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for pk, kind in LegalHold.objects.open().filter(patient__in=patients).values_list("patient", "kind"):
        found[pk].append(str(HoldKind(kind).label))
    complaints = RightsRequest.objects.open().filter(kind=RequestKind.COMPLAIN, patient__in=patients)
    for pk in complaints.values_list("patient", flat=True):
        found[pk].append(str(HoldKind.COMPLAINT.label))
    for holding in registry.all_holdings():
        for pk, what in (holding.disputes(patients) if holding.disputes else {}).items():
            found[pk].append(what)
    return found


def manifest_of(patient: Patient) -> list[dict[str, Any]]:
    """List what is sealed: each holding with its number of rows and a digest, nothing readable."""
    listed = []
    holdings = [row["holding"] for row in shipped("deletion") if row["holding"] not in UNLISTED]
    models = {code: rows.models_of(code) for code in holdings}
    filled = rows.filled([model for found in models.values() for model in found], patient)
    for code, found in models.items():
        digest, count = hashlib.sha256(), 0
        for model in (one for one in found if one in filled):
            for told in rows.described(rows.rows_of(model, patient)):
                line = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
                digest.update(line.encode() + b"\n")
                count += 1
        if count:
            listed.append({"holding": code, "rows": count, "sha256": digest.hexdigest()})
    return listed


def digest_of(manifest: list[dict[str, Any]]) -> str:
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def items_of(hold: LegalHold) -> list[Item]:
    """Compare the list with what is there today: what was sealed may grow, never change unnoticed."""
    gone = hold.patient.person.vault_key.is_destroyed
    today = {} if gone else {line["holding"]: line["sha256"] for line in manifest_of(hold.patient)}
    return [
        Item(
            _title(line["holding"]),
            line["rows"],
            line["sha256"],
            today.get(line["holding"]) == line["sha256"],
        )
        for line in hold.manifest
    ]


def holds(by: Staff, *, is_open: bool) -> QuerySet[LegalHold]:
    found = LegalHold.objects.visible_to(by).with_people()
    return found.open() if is_open else found.exclude(released_at=None)[:100]


def open_count(by: Staff) -> int:
    return LegalHold.objects.visible_to(by).open().count()


def shown_name(hold: LegalHold) -> str:
    """The masked name for lists; a dash once nobody is known any more."""
    person = hold.patient.person
    return "—" if person.vault_key.is_destroyed else names.mask(person.name)


def lapses_on(hold: LegalHold) -> date:
    """From which day on a sealed record may be opened when nobody asked for a settlement."""
    months = limit("hold.seal_months", local_date(hold.opened_at))
    return rules.lapses_on(local_date(hold.opened_at), months)


def sheet(hold: LegalHold) -> bytes:
    """Print the list that both sides sign."""
    with in_house():
        return render_pdf("letter.typ", _sheet(hold), title=_("病历封存清单"))


def _sheet(hold: LegalHold) -> dict[str, Any]:
    patient, opened = hold.patient, hold.opened_at
    return {
        "hospital": patient.campus.name,
        "date": opened,
        "facts": [
            (_("封存编号"), hold.number),
            (_("性质"), str(hold.get_kind_display())),
            (_("患者"), f"{patient.person.name} {patient.file_no or ''}"),
            (_("封存时间"), _moment(opened)),
            (_("办理人"), hold.opened_by.name),
            (_("在场各方"), hold.parties),
        ],
        "opening": _("事由：%(ground)s") % {"ground": hold.ground},
        "sections": [
            {
                "title": _("说明"),
                "paragraphs": [
                    _(
                        "以下资料自封存时起原样保存。尚未完成的病历先封存已完成的部分。"
                        "解除封存须经双方，或者争议解决、封存满三年无争议请求（%(article)s）。"
                    )
                    % {"article": "《医疗纠纷预防和处理条例》第二十四条"},
                    _("清单摘要：%(sha)s") % {"sha": hold.manifest_sha256},
                ],
            }
        ],
        "table": {
            "head": [_("类别"), _("条数"), _("摘要")],
            "rows": [
                [_title(line["holding"]), str(line["rows"]), line["sha256"][:16]] for line in hold.manifest
            ],
        },
        "signatures": [{"label": _("患方签名")}, {"label": _("院方签名")}],
        "foot": _("本清单一式两份，双方各执一份。"),
    }


def _title(code: str) -> str:
    found = registry.find(code)
    return found.title if found else code


def _moment(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
