"""Credit: versions of its rules, appeals, rulings. Shares are never kept: facts and rules give them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yimei.audit import log
from yimei.core.clock import local_date
from yimei.core.database.locks import lock
from yimei.core.database.rows import only
from yimei.core.errors import Conflict, NotFound, RuleBroken
from yimei.growth.enums import CreditParty, CreditVerdict
from yimei.growth.models import CreditAppeal, CreditPolicy, CreditRuling
from yimei.growth.queries import credit as queries
from yimei.growth.rules import credit as rules
from yimei.growth.rules import credit_rules
from yimei.outbox.actions import notifications
from yimei.people.access import need
from yimei.people.models import Grant, Patient, Staff
from yimei.people.roles import Permission, Scope

WORDS = 500


@transaction.atomic
def publish(
    content: Mapping[str, Any], *, effective_from: date, reason: str, by: Staff, now: datetime
) -> CreditPolicy:
    """Publish a new version for deals from a day to come; what was earned stays earned."""
    if by.scope_of(Permission.CREDIT_RULE) != Scope.GROUP:
        raise NotFound
    plain = credit_rules.read(content).plain()
    why = reason.replace("\0", "").strip()
    if not why or len(why) > 100:
        raise RuleBroken(_("请写明修改的理由，不超过 %(n)d 字。") % {"n": 100}, code="reason")
    if effective_from <= local_date(now):
        raise RuleBroken(_("新规则从明天或以后的一天起生效，已经成交的不改。"), code="effective_from")
    lock("growth.credit.policy")
    newest = CreditPolicy.objects.order_by("-version").first()
    if newest is not None and effective_from < newest.effective_from:
        raise RuleBroken(_("生效日不能早于上一版的生效日。"), code="effective_from")
    version = CreditPolicy.objects.create(
        version=newest.version + 1 if newest else 1,
        content=plain,
        source=_("本院规定：%(why)s") % {"why": why},
        effective_from=effective_from,
        published_at=now,
        published_by=by,
    )
    log.record(
        "growth.credit.publish",
        at=now,
        by=by,
        target=version,
        reason=why,
        detail={"version": version.version},
    )
    return version


@transaction.atomic
def appeal(order_id: UUID, *, party: CreditParty, words: str, by: Staff, now: datetime) -> CreditAppeal:
    """Say that a share is one's own; whoever may rule is told."""
    need(by, Permission.CREDIT_VIEW)
    row = queries.one(order_id, by=by)
    lock(f"growth.credit:{row.order.pk}")
    if party not in {CreditParty.ONLINE, CreditParty.ONSITE}:
        raise RuleBroken(_("请选择申诉网电还是现场的业绩。"), code="party")
    said = _words(words, "words")
    rules.check_appeal(staff=str(by.public_id), deal=row.deal, rules=row.policy.rules, now=now)
    if CreditAppeal.objects.filter(order=row.order, staff=by, party=party).exists():
        raise RuleBroken(_("您已就这笔订单的这一方申诉过，不能重复申诉。"), code="party")
    kept = CreditAppeal.objects.create(order=row.order, staff=by, party=party, words=said, at=now)
    for one in judges(row.order.campus_id, but=by):
        notifications.notify(
            one,
            gettext_noop("有一条业绩申诉等待裁定。"),
            key=f"growth.credit:{kept.public_id}",
            now=now,
            where=f"desk:credit-deal:{row.order.public_id}",
        )
    log.record("growth.credit.appeal", at=now, by=by, target=kept, subject=_subject(kept), reason=str(party))
    return kept


@transaction.atomic
def rule(
    appeal_id: UUID,
    *,
    shares: Sequence[tuple[CreditParty, UUID | None, Decimal]],
    why: str,
    by: Staff,
    now: datetime,
) -> CreditRuling:
    """Decide an appeal, once: the shares that hold from now on, or none when the result stands.

    Never by the appellant, never by somebody who gains or loses by it.
    """
    need(by, Permission.CREDIT_RULE)
    found = CreditAppeal.objects.visible_to(by, Permission.CREDIT_RULE)
    kept = only(found.select_related("order__patient__person__vault_key", "staff"), appeal_id, lock=True)
    lock(f"growth.credit:{kept.order_id}")
    if CreditRuling.objects.filter(appeal=kept).exists():
        raise Conflict(_("这条申诉刚刚已经裁定，请看裁定结果。"))
    row = queries.one(kept.order.public_id, by=by, permission=Permission.CREDIT_RULE)
    said = _words(why, "why")
    if kept.staff_id == by.pk:
        raise RuleBroken(_("不能裁定自己的申诉，请由其他主管裁定。"), code="why")
    plain = _shares(shares, row, kept, by=by)
    if any(one.is_mine for one in row.parts):
        raise RuleBroken(_("这笔业绩与您本人有关，请由其他主管裁定。"), code="why")
    ruling = CreditRuling.objects.create(
        appeal=kept,
        order=kept.order,
        appellant=kept.staff,
        verdict=CreditVerdict.CHANGED if plain else CreditVerdict.KEPT,
        shares=plain,
        why=said,
        by=by,
        at=now,
    )
    named = {one["staff"] for one in plain} | {str(kept.staff.public_id)}
    named |= {deed.staff for deed in row.deal.deeds} if plain else set()
    for one in Staff.objects.filter(public_id__in=named - {""}, is_active=True).order_by("pk"):
        notifications.notify(
            one,
            _("一条业绩申诉已裁定：%(verdict)s。") % {"verdict": ruling.get_verdict_display()},
            key=f"growth.credit.ruling:{ruling.public_id}",
            now=now,
            where=f"desk:credit-deal:{kept.order.public_id}",
        )
    log.record(
        "growth.credit.rule",
        at=now,
        by=by,
        target=ruling,
        subject=_subject(kept),
        reason=str(ruling.verdict),
        detail={"appeal": str(kept.public_id), "shares": plain},
    )
    return ruling


def judges(campus_id: int, *, but: Staff) -> list[Staff]:
    """Who may rule at a campus: its own first, those of the group where it has none."""
    able = Grant.objects.filter(permission=Permission.CREDIT_RULE).order_by()
    team = Staff.objects.active().exclude(pk=but.pk).order_by("pk")
    here = list(team.filter(campus=campus_id, role__in=able.values("role")))
    return here or list(team.filter(role__in=able.filter(scope=Scope.GROUP).values("role")))


def erase_words(patient: Patient, now: datetime) -> int:
    """Take the words about a customer out of appeals and rulings; figures stay under nobody's name."""
    appeals = CreditAppeal.objects.filter(order__patient=patient)
    rulings = CreditRuling.objects.filter(order__patient=patient)
    return appeals.update(words=None) + rulings.update(why=None)


def _shares(
    shares: Sequence[tuple[CreditParty, UUID | None, Decimal]],
    row: queries.Row,
    kept: CreditAppeal,
    *,
    by: Staff,
) -> list[dict[str, str]]:
    """The shares of a ruling as they are kept; only for those whom the deal knows."""
    team = {str(one.public_id) for one in queries.team_of(row, also=kept.staff)}
    found: list[dict[str, str]] = []
    for party, staff, percent in shares:
        code = str(staff or "")
        if (party in {CreditParty.ONLINE, CreditParty.ONSITE}) != bool(code):
            raise RuleBroken(_("网电与现场须写明是谁，渠道、老带新与院方不写人。"), code="shares")
        if code and code not in team:
            raise RuleBroken(_("只能判给成交前跟进、接待过这位客户的人。"), code="shares")
        if code == str(by.public_id):
            raise RuleBroken(_("不能判给自己，请由其他主管裁定。"), code="shares")
        if any(one["party"] == party and one["staff"] == code for one in found):
            raise RuleBroken(_("同一方同一个人只写一行。"), code="shares")
        found.append({"party": str(party), "staff": code, "percent": str(percent)})
    if found:
        rules.check_whole(
            rules.Line(CreditParty(one["party"]), one["staff"], Decimal(one["percent"]), "") for one in found
        )
    return found


def _words(text: str, code: str) -> str:
    words = text.replace("\0", "").strip()
    if not words or len(words) > WORDS:
        raise RuleBroken(_("请写明理由，不超过 %(n)d 字。") % {"n": WORDS}, code=code)
    return words


def _subject(kept: CreditAppeal) -> Any:
    return kept.order.patient.person.vault_key
