"""What an incident is told in: to each person, to the authority."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from yimei.core.clock import SHANGHAI, local_date
from yimei.hospital.models import Campus
from yimei.privacy.models import Incident
from yimei.privacy.rules import incidents as rules


def handler() -> Campus | None:
    return Campus.objects.filter(is_active=True).order_by("code").first()


def told(incident: Incident) -> dict[str, str]:
    """The words that every affected person is told; neutral, for others may read along."""
    campus = handler()
    texts = " ".join(incident.categories)
    return {
        "hospital": campus.name if campus else "",
        "phone": campus.phone if campus else "",
        "what": rules.told_categories(
            has_identity=True, has_health=incident.is_sensitive, has_money="收款" in texts or "费用" in texts
        ),
        "harm": incident.harm.strip(),
        "measures": incident.measures.strip(),
        "advice": incident.advice.strip(),
    }


def authority_report(incident: Incident, *, now: datetime) -> Mapping[str, Any]:
    """The report to the authority: PIPL 57 and the eight items of the reporting measures."""
    campus = handler()
    categories = "；".join(incident.categories) or _("仍在核查")
    blank = _("仍在核查，另行补报。")
    sections = [
        (
            _("一、单位与系统"),
            [
                _("单位：%(name)s，地址：%(address)s，联系电话：%(phone)s。")
                % {
                    "name": campus.name if campus else "—",
                    "address": campus.address if campus else "—",
                    "phone": campus.phone if campus else "—",
                },
                _("涉及系统：%(system)s。") % {"system": incident.system or "—"},
            ],
        ),
        (
            _("二、时间、类型、级别、影响与措施"),
            [
                _("发现时间：%(at)s；类型：%(kind)s；级别：%(level)s。")
                % {
                    "at": _moment(incident.discovered_at),
                    "kind": incident.get_kind_display(),
                    "level": incident.get_level_display(),
                },
                _("涉及 %(persons)d 人，其中未成年人 %(minors)d 人；涉及的信息种类：%(what)s。")
                % {"persons": incident.persons, "minors": incident.minors, "what": categories},
                incident.what,
                _("已采取的措施：%(text)s") % {"text": incident.measures or blank},
            ],
        ),
        (_("三、发展趋势与可能造成的危害"), [incident.harm or blank]),
        (_("四、原因"), [incident.cause or blank]),
        (_("五、线索"), [_account_words(incident)]),
        (
            _("六、下一步措施与请求支援事项"),
            [_("建议受影响的个人：%(text)s") % {"text": incident.advice} if incident.advice else blank],
        ),
        (_("七、现场保护"), [_("审计日志只增不改并逐条成链，可用命令校验。")]),
        (
            _("八、其他"),
            [
                _("涉嫌犯罪，须向公安机关报案。")
                if incident.is_crime
                else _("涉及勒索的，另行补报金额、方式与日期。")
            ],
        ),
    ]
    return {
        "date": now,
        "hospital": campus.name if campus else "",
        "facts": [
            [_("编号"), incident.number],
            [_("发现"), _moment(incident.discovered_at)],
            [_("状态"), _("演练，不对外报送") if incident.is_drill else str(incident.get_status_display())],
        ],
        "sections": [{"title": title, "paragraphs": texts} for title, texts in sections],
        "closing": f"{campus.name if campus else ''}\n{_moment(now)}",
        "foot": _("依据《个人信息保护法》第五十七条、《国家网络安全事件报告管理办法》第七条（二手资料）"),
    }


def person_letter(incident: Incident, *, now: datetime) -> Mapping[str, Any]:
    """The full letter for those who are told on paper, guardians first."""
    campus, words = handler(), told(incident)
    return {
        "date": now,
        "hospital": words["hospital"],
        "opening": _("您好：\n您或您监护的未成年人的个人信息可能受到一次安全事件影响，现依法告知如下。"),
        "sections": [
            {"title": _("涉及的信息种类"), "paragraphs": ["；".join(incident.categories) or words["what"]]},
            {"title": _("原因"), "paragraphs": [incident.cause or _("仍在核查。")]},
            {"title": _("可能造成的危害"), "paragraphs": [words["harm"]]},
            {"title": _("我们已采取的措施"), "paragraphs": [words["measures"]]},
            {"title": _("您可以采取的措施"), "paragraphs": [words["advice"]]},
            {
                "title": _("联系方式"),
                "paragraphs": [
                    _("%(name)s，个人信息保护负责人，电话 %(phone)s。您也可以向网信、公安机关投诉、举报。")
                    % {"name": campus.name if campus else "", "phone": words["phone"]}
                ],
            },
        ],
        "closing": f"{words['hospital']}\n{local_date(now):%Y-%m-%d}",
        "foot": _("依据《个人信息保护法》第五十七条、《未成年人网络保护条例》第三十五条"),
    }


def _account_words(incident: Incident) -> str:
    if incident.account is None or incident.since is None or incident.until is None:
        return _("仍在核查，另行补报。")
    text = _("账号编号 %(id)s，%(since)s 至 %(until)s 期间的访问记录；另有 %(rows)d 条列表记录未能对应到人。")
    return text % {
        "id": str(incident.account.public_id)[:8],
        "since": _moment(incident.since),
        "until": _moment(incident.until),
        "rows": incident.unnamed_rows,
    }


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
