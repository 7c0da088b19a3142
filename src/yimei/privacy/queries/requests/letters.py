"""What was decided, line by line, and the letter that says it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.clock import local_date
from yimei.privacy import registry
from yimei.privacy.enums import OutcomeKind
from yimei.privacy.models import Outcome, RightsRequest
from yimei.privacy.rules import requests as rules


def outcomes(request: RightsRequest) -> list[Outcome]:
    """The lines of the decision that stands."""
    if request.decided_at is None:
        return []
    return list(Outcome.objects.filter(request=request, decided_at=request.decided_at))


def title_of(holding: str) -> str:
    found = registry.find(holding)
    return found.title if found else holding


def letter_of(request: RightsRequest) -> dict[str, Any]:
    """What the answer says: per holding what was done, until when, under which article, and the remedy."""
    lines = outcomes(request)
    sections = [
        {"title": _("结论"), "paragraphs": _conclusion(request, lines)},
        *_grouped(lines),
        *([{"title": _("说明"), "paragraphs": [request.reply]}] if request.reply else []),
        *(
            [{"title": _("延长答复期限"), "paragraphs": [request.extension_reason]}]
            if request.extended_to
            else []
        ),
        {"title": _("救济途径"), "paragraphs": [rules.remedy()]},
    ]
    decided = request.decided_at or request.received_at
    return {
        **head_of(request),
        "date": decided,
        "opening": _("您于 %(day)s 提出的「%(kind)s」请求，本院已核验身份并审查完毕，答复如下。")
        % {"day": _day(request.received_at), "kind": request.get_kind_display()},
        "sections": sections,
        "closing": f"{request.patient.campus.name}\n{_('个人信息保护负责人')}\n{_day(decided)}",
    }


def head_of(request: RightsRequest) -> dict[str, Any]:
    patient = request.patient
    is_known = not patient.person.vault_key.is_destroyed
    return {
        "hospital": patient.campus.name,
        "facts": [
            (_("请求编号"), request.number),
            (_("当事人"), patient.person.name if is_known else _("（资料已删除）")),
            (_("请求人"), str(request.get_requester_display())),
            (_("身份核验"), str(request.get_identity_method_display()) if request.identity_method else "—"),
        ],
        "foot": _("本答复书按类别写明处理结果、期限与依据，请妥善保存。"),
    }


def _conclusion(request: RightsRequest, lines: Sequence[Outcome]) -> list[str]:
    counted = Counter(str(line.get_outcome_display()) for line in lines)
    words = "，".join(f"{word} {count} 类" for word, count in counted.items())
    said = [f"{request.get_decision_display()}：{words}。"]
    untils = [line.until for line in lines if line.until]
    if untils:
        said.append(
            _("封存期间只作存储与必要的保护，不再用于其他目的；期满后由系统自动删除，最晚为 %(day)s 之后。")
            % {"day": f"{max(untils):%Y-%m-%d}"}
        )
    if any(line.outcome == OutcomeKind.RUNNING for line in lines):
        said.append(
            _(
                "营销、分群、统计分析、故事展示等可选用途自本答复起全部停止。标为「办完为止」的事项照常进行，"
                "您仍可就诊并使用手机门户；全部办完或取消之后，由系统自动转为只作存储，不需要再次提出。"
                "届时手机门户不再开放，本答复书请保存纸质件；要恢复处理，请联系本院。"
            )
        )
    if any(line.outcome == OutcomeKind.HELD for line in lines):
        said.append(
            _("争议、保全或投诉终结之前只作存储；终结之后由系统自动完成删除或者封存，不需要再次提出。")
        )
    return said


def _grouped(lines: Sequence[Outcome]) -> list[dict[str, Any]]:
    """One section for each result and day, one paragraph for each article: what, why, on which ground."""
    groups: dict[str, dict[str, list[Outcome]]] = {}
    for line in lines:
        until = f" {_('至')} {line.until:%Y-%m-%d}" if line.until else ""
        by_article = groups.setdefault(f"{line.get_outcome_display()}{until}", {})
        by_article.setdefault(line.article, []).append(line)
    return [
        {"title": title, "paragraphs": [_paragraph(article, same) for article, same in by_article.items()]}
        for title, by_article in groups.items()
    ]


def _paragraph(article: str, lines: Sequence[Outcome]) -> str:
    said = "；".join(
        f"{title_of(line.holding)}（{line.why}）" if line.why else title_of(line.holding) for line in lines
    )
    return f"{said}。{_('依据')}：{article}。" if article else f"{said}。"


def _day(moment: datetime) -> str:
    return f"{local_date(moment):%Y-%m-%d}"
