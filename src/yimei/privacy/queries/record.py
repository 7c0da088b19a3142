"""The record of processing (处理活动记录; PIPL 55, 56; GDPR 30) for people and for programs."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

from django.db import DatabaseError
from django.utils.translation import gettext as _

from yimei.hospital.models import Campus
from yimei.privacy.enums import Sensitivity
from yimei.privacy.enums.parties import TransferState
from yimei.privacy.models import Purpose, RetentionRule, Transfer
from yimei.privacy.queries.datamap import Activity, DataMap, FieldEntry

COLUMNS = (
    "holding", "title", "subjects", "purposes", "basis", "retention", "recipients", "transfer", "security",
    "part", "model", "table", "field", "label", "class", "encrypted", "level", "spi", "right", "serves",
)  # fmt: skip


def handlers() -> list[tuple[str, str, str]]:
    """Name, address and telephone of each place that handles the data."""
    try:
        rows = Campus.objects.filter(is_active=True).order_by("code")
        return [(campus.name, campus.address, campus.phone) for campus in rows]
    except DatabaseError:
        return []


def abroad() -> dict[str, list[str]]:
    """The released transfers of each activity, by the code of its holding."""
    found: dict[str, list[str]] = {}
    try:
        for one in Transfer.objects.filter(state=TransferState.ACTIVE).select_related("party"):
            for code in one.holdings:
                words = f"{one.title}：{one.party.name}（{one.party.country}，{one.get_route_display()}）"
                found.setdefault(code, []).append(words)
    except DatabaseError:
        return {}
    return found


def as_markdown(record: DataMap) -> str:
    lines = ["# " + _("个人信息处理活动记录"), ""]
    lines += [f"- {_('处理者')}：{_join(each, '，')}" for each in handlers()]
    lines += [f"- {_('境外提供')}：{_transfer(abroad())}"]
    if record.is_as_shipped:
        lines += [f"- {_('说明')}：{_('尚未载入本院的登记，下列目的与保存期限为随程序提供的初始值。')}"]
    for activity in record.activities:
        lines += ["", f"## {activity.holding.title}（{activity.holding.code}）", ""]
        lines += [f"- {name}：{text}" for name, text in _described(activity)]
        lines += [
            "",
            f"| {_('表')} | {_('字段')} | {_('名称')} | {_('分类')} | {_('级别')} | {_('加密')} | "
            f"{_('目的')} |",
            "| --- | --- | --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| {entry.table} | {entry.field} | {_cell(entry.label)} | {entry.sensitivity.label} | "
            f"{_level(entry)} | {_('是') if entry.is_encrypted else ''} | {_join(_served(activity, entry))} |"
            for entry in activity.fields
        ]
    return "\n".join([*lines, ""])


def as_csv(record: DataMap) -> str:
    """One row a field, with what its holding says."""
    output = io.StringIO()
    writer = csv.DictWriter(output, COLUMNS, lineterminator="\n")
    writer.writeheader()
    leaving = abroad()
    for activity in record.activities:
        holding = activity.holding
        for entry in activity.fields:
            writer.writerow(
                {
                    "holding": holding.code,
                    "title": holding.title,
                    "subjects": _join(holding.subjects),
                    "purposes": _join(purpose.name for purpose in activity.purposes),
                    "basis": _join(_bases(activity)),
                    "retention": _period(activity),
                    "recipients": _join(holding.recipients),
                    "transfer": _transfer(leaving, holding.code),
                    "security": _join(holding.security),
                    "part": entry.part,
                    "model": entry.model,
                    "table": entry.table,
                    "field": entry.field,
                    "label": entry.label,
                    "class": entry.sensitivity.value,
                    "encrypted": int(entry.is_encrypted),
                    "level": entry.level.value,
                    "spi": int(entry.is_spi),
                    "right": entry.right.value if entry.right else "",
                    "serves": _join(_served(activity, entry)),
                }
            )
    return output.getvalue()


def as_json(record: DataMap) -> str:
    leaving = abroad()
    content = {
        "handlers": [
            {"name": name, "address": address, "phone": phone} for name, address, phone in handlers()
        ],
        "as_shipped": record.is_as_shipped,
        "activities": [
            {
                "code": activity.holding.code,
                "title": activity.holding.title,
                "subjects": list(activity.holding.subjects),
                "categories": list(activity.holding.categories),
                "purposes": [
                    {
                        "code": purpose.code,
                        "name": purpose.name,
                        "basis": purpose.basis,
                        "article": purpose.article,
                        "sensitive": purpose.is_sensitive,
                    }
                    for purpose in activity.purposes
                ],
                "retention": {"code": activity.holding.retention_code, "text": _period(activity)},
                "recipients": list(activity.holding.recipients),
                "transfer": _transfer(leaving, activity.holding.code),
                "security": list(activity.holding.security),
                "needs_impact_assessment": needs_assessment(activity),
                "fields": [
                    {
                        "part": entry.part,
                        "model": entry.model,
                        "table": entry.table,
                        "field": entry.field,
                        "label": entry.label,
                        "class": entry.sensitivity.value,
                        "encrypted": entry.is_encrypted,
                        "level": entry.level.value,
                        "spi": entry.is_spi,
                        "right": entry.right.value if entry.right else None,
                        "purposes": list(entry.purposes),
                    }
                    for entry in activity.fields
                ],
            }
            for activity in record.activities
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _served(activity: Activity, entry: FieldEntry) -> list[str]:
    """What one column is for, by name."""
    return [purpose.name for purpose in activity.purposes if purpose.code in entry.purposes]


def needs_assessment(activity: Activity) -> bool:
    """Whether an impact assessment must come before (PIPL 55): sensitive data are handled."""
    health = any(entry.sensitivity == Sensitivity.HEALTH for entry in activity.fields)
    return health or any(purpose.is_sensitive for purpose in activity.purposes)


def collected_list(record: DataMap, purpose_codes: Iterable[str]) -> list[str]:
    """收集清单: one line for each holding that serves these purposes."""
    return [
        _("%(title)s：%(what)s；用于%(why)s；%(period)s。")
        % {
            "title": activity.holding.title,
            "what": _join(activity.holding.categories),
            "why": _join(purpose.name for purpose in activity.purposes),
            "period": period_of(activity.retention) if activity.retention else "",
        }
        for activity in _serving(record, purpose_codes)
    ]


def shared_list(record: DataMap, purpose_codes: Iterable[str]) -> list[str]:
    """共享清单: that nobody else gets anything unasked, and one line for each receiver with what it gets."""
    received: dict[str, list[str]] = {}
    for activity in _serving(record, purpose_codes):
        for receiver in activity.holding.recipients:
            received.setdefault(receiver, []).append(activity.holding.title)
    return [
        _("未经您单独同意，不向其他个人信息处理者提供。能够接触信息的岗位与受托处理者如下："),
        *(_("%(who)s：%(what)s。") % {"who": who, "what": _join(what)} for who, what in received.items()),
    ]


def period_of(rule: RetentionRule) -> str:
    """The period in words for the people concerned: whole years as years."""
    length = (
        _("%(years)s 年") % {"years": rule.months // 12}
        if rule.months % 12 == 0
        else _("%(months)s 个月") % {"months": rule.months}
    )
    words = {"anchor": rule.get_anchor_display(), "length": length, "end": rule.get_after_end_display()}
    return _("%(anchor)s起 %(length)s，期满%(end)s") % words


def _serving(record: DataMap, purpose_codes: Iterable[str]) -> list[Activity]:
    """Activities about people that serve these purposes, in the order of the purposes."""
    place = {code: index for index, code in enumerate(purpose_codes)}
    found = [
        (min(place[code] for code in activity.holding.purpose_codes if code in place), activity)
        for activity in record.activities
        if activity.is_personal and not place.keys().isdisjoint(activity.holding.purpose_codes)
    ]
    return [activity for _place, activity in sorted(found, key=lambda pair: pair[0])]


def _described(activity: Activity) -> list[tuple[str, str]]:
    holding = activity.holding
    said = [
        (_("个人"), _join(holding.subjects)),
        (_("种类"), _join(holding.categories)),
        (_("目的与依据"), _join(f"{purpose.name}（{basis}）" for purpose, basis in _pairs(activity))),
        (
            _("条款"),
            _join(dict.fromkeys(purpose.article for purpose in activity.purposes if purpose.article)),
        ),
        (_("保存期限"), _period(activity)),
        (_("接收方"), _join(holding.recipients)),
        (_("安全措施"), _join(holding.security)),
        (_("须先作影响评估"), _("是（个人信息保护法第五十五条）") if needs_assessment(activity) else ""),
    ]
    return [(name, text) for name, text in said if text]


def _pairs(activity: Activity) -> list[tuple[Purpose, str]]:
    return [(purpose, str(purpose.get_basis_display())) for purpose in activity.purposes]


def _bases(activity: Activity) -> list[str]:
    return list(dict.fromkeys(basis for _purpose, basis in _pairs(activity)))


def _period(activity: Activity) -> str:
    rule = activity.retention
    if rule is None:
        return ""
    return f"{period_of(rule)}（{rule.article}；{rule.get_mark_display()}）"


def _level(entry: FieldEntry) -> str:
    return f"{entry.level.value}{_('（敏感）') if entry.is_spi else ''}"


def _transfer(leaving: Mapping[str, Sequence[str]], holding: str = "") -> str:
    """What of an activity goes abroad, or of all of them; nothing is said that the register does not say."""
    found = leaving.get(holding, ()) if holding else [each for one in leaving.values() for each in one]
    return _join(dict.fromkeys(found), "；") or _("不向境外提供")


def _join(words: Iterable[str], mark: str = "、") -> str:
    return mark.join(word for word in words if word)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
