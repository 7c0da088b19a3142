"""Publish what people are told; a published version is never edited."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.errors import Conflict, RuleBroken
from yimei.core.language import in_house
from yimei.hospital.models import Campus
from yimei.people.models import Staff
from yimei.privacy.enums import Audience, Basis
from yimei.privacy.models import Notice, Purpose
from yimei.privacy.queries import parties, transfers
from yimei.privacy.queries.datamap import datamap
from yimei.privacy.queries.notices import Draft, changes_of
from yimei.privacy.queries.purposes import worded_at
from yimei.privacy.queries.record import collected_list, period_of, shared_list
from yimei.privacy.rules import notices as rules
from yimei.privacy.rules.notices import Section


@transaction.atomic
def publish(
    code: str,
    *,
    audience: Audience,
    title: str,
    sections: Sequence[Section],
    purpose_codes: Sequence[str],
    campus: Campus,
    at: datetime,
    by: Staff | None = None,
    is_material: bool = True,
    is_first: bool = False,
) -> Notice:
    """Add the next version; purposes, periods and both lists are written from the register.

    ``is_first``: somebody read it as the first of its kind; if another was quicker it is refused.
    """
    lock(f"privacy.notice:{code}")
    purposes = _purposes(purpose_codes)
    body = _whole(purposes, sections, audience=audience, campus=campus, at=at)
    newest = Notice.objects.filter(code=code).order_by("-version").first()
    if newest is not None and is_first:
        raise Conflict(_("这份告知刚由别人发布，请看现行的一版。"), code="published")
    last = newest.version if newest else 0
    renews = None if newest is None or is_material else _renews(newest, body, purposes, at)
    notice = Notice.objects.create(
        code=code,
        version=last + 1,
        audience=audience,
        title=title,
        body=body,
        sha256=rules.digest(
            code=code, version=last + 1, audience=audience, title=title, sections=body, purposes=purpose_codes
        ),
        is_material=renews is None or bool(renews),
        renews=renews if renews is None else list(renews),
        published_at=at,
        published_by=by.public_id if by else None,
    )
    notice.purposes.set(purposes)
    log.record(
        "privacy.notice.published",
        at=at,
        by=by,
        target=notice,
        detail={"code": code, "version": notice.version, "sha256": notice.sha256},
    )
    return notice


def draft(
    notice: Notice, *, purpose_codes: Sequence[str], sections: Sequence[Section], campus: Campus, at: datetime
) -> Draft:
    """Say what a next version would change and lack, and whom it would ask again; writes nothing."""
    purposes = _purposes(purpose_codes)
    body = body_of(purposes, sections, campus=campus, at=at)
    missing = rules.missing_items(body, Audience(notice.audience))
    return Draft(
        changes=tuple(changes_of(notice.body, body)),
        missing=missing + rules.contradictions(body, _abroad(purposes)),
        renews=_renews(notice, body, purposes, at),
        names={purpose.code: purpose.name for purpose in purposes},
    )


def preview(
    purpose_codes: Sequence[str],
    sections: Sequence[Section],
    *,
    audience: Audience,
    campus: Campus,
    at: datetime,
) -> list[Section]:
    """Return a first version whole, as people will read it; refuses what could not be published."""
    return _whole(_purposes(purpose_codes), sections, audience=audience, campus=campus, at=at)


def _whole(
    purposes: Sequence[Purpose],
    sections: Sequence[Section],
    *,
    audience: Audience,
    campus: Campus,
    at: datetime,
) -> list[Section]:
    body = body_of(purposes, sections, campus=campus, at=at)
    rules.check_complete(body, audience, abroad=_abroad(purposes))
    return body


def body_of(
    purposes: Sequence[Purpose], sections: Sequence[Section], *, campus: Campus, at: datetime
) -> list[Section]:
    """Put together what is typed and what follows from the register, in the order in which people read."""
    with in_house():
        written = _written(purposes, at, campus)
    typed = (section for section in sections if section["code"] not in rules.WRITTEN)
    return rules.in_order([*(_filled(section, campus) for section in typed), *written])


def _renews(
    notice: Notice, body: Sequence[Section], purposes: Sequence[Purpose], at: datetime
) -> tuple[str, ...] | None:
    on = local_date(at)
    before = set(notice.purposes.values_list("code", flat=True))
    with in_house():
        lines = _purpose_lines(worded_at(purposes, notice.published_at), on)
        record = datamap(on)
        kept = {code: collected_list(record, [code]) for code in lines if code in before}
    return rules.renews(notice.body, body, lines, kept)


def _abroad(purposes: Sequence[Purpose]) -> list[str]:
    return [one.title for one in transfers.released(purpose.code for purpose in purposes)]


def _purposes(codes: Sequence[str]) -> list[Purpose]:
    rows = Purpose.objects.filter(code__in=codes, is_active=True).select_related("retention")
    found = {purpose.code: purpose for purpose in rows}
    unknown = [code for code in codes if code not in found]
    if unknown:
        text = _("没有登记或已停用的目的：%(codes)s。") % {"codes": "、".join(unknown)}
        raise RuleBroken(text, code="purpose")
    return [found[code] for code in codes]


def _filled(section: Section, campus: Campus) -> Section:
    words = {"{handler}": campus.name, "{address}": campus.address, "{phone}": campus.phone}
    return Section(
        code=section["code"],
        title=section["title"],
        paragraphs=[_fill(text, words) for text in section["paragraphs"]],
    )


def _fill(text: str, words: Mapping[str, str]) -> str:
    for place, word in words.items():
        if place in text and not word:
            raise RuleBroken(_("告知须写明名称、地址与电话，请先在院区资料中补全。"), code="notice-handler")
        text = text.replace(place, word)
    return text


def _written(purposes: Sequence[Purpose], at: datetime, campus: Campus) -> list[Section]:
    """The sections that nobody types: they come from the purposes and the data map."""
    on = local_date(at)
    record = datamap(on)
    codes = [purpose.code for purpose in purposes]
    collected, shared = collected_list(record, codes), shared_list(record, codes)
    lines = _purpose_lines(purposes, on)
    return [
        Section(
            code="brief",
            title=_("一分钟摘要"),
            paragraphs=_brief(purposes, collected, len(shared) - 1, campus, abroad=len(_abroad(purposes))),
        ),
        Section(
            code="purposes",
            title=_("为什么处理"),
            paragraphs=[lines[code] for code in codes],
        ),
        Section(
            code="retention",
            title=_("保存多久"),
            paragraphs=[_period_line(purpose) for purpose in purposes],
        ),
        Section(code="collected", title=_("收集清单"), paragraphs=collected),
        Section(code="shared", title=_("共享清单"), paragraphs=shared),
    ]


def _brief(
    purposes: Sequence[Purpose], collected: Sequence[str], receivers: int, campus: Campus, *, abroad: int
) -> list[str]:
    """The short layer, in five sentences that follow from the register."""
    needed = [purpose.name for purpose in purposes if purpose.is_necessary]
    free = [
        purpose.name for purpose in purposes if purpose.basis == Basis.CONSENT and not purpose.is_necessary
    ]
    longest = max(purposes, key=lambda purpose: purpose.retention.months)
    said = [
        _("%(who)s处理您 %(count)d 类信息，逐类列在收集清单里。")
        % {"who": campus.name, "count": len(collected)}
    ]
    if needed:
        said.append(_("提供服务所必需的：%(names)s。") % {"names": "、".join(needed)})
    if free:
        said.append(_("可以不同意、不影响服务的：%(names)s。") % {"names": "、".join(free)})
    said += [
        _("能接触信息的岗位与受托方有 %(count)d 类；向境外提供的有 %(abroad)d 项，逐项写在下面。")
        % {"count": receivers, "abroad": abroad}
        if abroad
        else _("能接触信息的岗位与受托方有 %(count)d 类；不向境外提供。") % {"count": receivers},
        _("保存最久的是「%(name)s」：%(period)s。")
        % {"name": longest.name, "period": period_of(longest.retention)},
    ]
    return said


def _purpose_lines(purposes: Sequence[Purpose], on: date) -> dict[str, str]:
    """What for, on which ground, and who outside the house receives it, with all that PIPL 23 and 39 name."""
    codes = {purpose.code for purpose in purposes}
    here, abroad = parties.receivers(codes, on), transfers.receivers(codes)
    return {one.code: _purpose_line(one, [*here[one.code], *abroad[one.code]]) for one in purposes}


def _purpose_line(purpose: Purpose, receivers: Sequence[str]) -> str:
    marks = [str(purpose.get_basis_display())]
    if purpose.basis == Basis.CONSENT:
        marks = [str(purpose.get_mode_display()), _("必需") if purpose.is_necessary else _("可选")]
    line = f"{purpose.name}（{'，'.join(marks)}）：{purpose.description}"
    return line + (f"{rules.RECEIVERS}{'；'.join(receivers)}。" if receivers else "")


def _period_line(purpose: Purpose) -> str:
    return f"{purpose.name}：{period_of(purpose.retention)}。"
