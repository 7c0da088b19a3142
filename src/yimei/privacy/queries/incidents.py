"""Incidents with their clocks, whom they touch, and the papers they need."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from yimei.audit.enums import Look
from yimei.audit.models import Entry
from yimei.core.clock import SHANGHAI, local_date
from yimei.hospital.models import Campus
from yimei.people.models import Patient, Staff
from yimei.people.rules.capacity import needs_guardian
from yimei.privacy import registry
from yimei.privacy.enums import (
    DutyState,
    IncidentKind,
    IncidentLevel,
    IncidentStatus,
    LetterState,
    Sensitivity,
)
from yimei.privacy.models import Affected, Incident, IncidentDuty, Letter
from yimei.privacy.queries import packs
from yimei.privacy.queries.majority import guardians_by_head
from yimei.privacy.rules import incidents as rules

CHUNK = 500
AMBER = timedelta(hours=24)


@dataclass(frozen=True)
class Scope:
    """Whom one account's looks in a window touch, and what of them."""

    looks: Mapping[int, int]
    """Patient → how often."""
    minors: frozenset[int]
    unnamed_rows: int
    """Rows of lists and searches that the log counts without saying whose."""
    categories: tuple[str, ...]
    is_sensitive: bool
    has_money: bool


@dataclass(frozen=True)
class DutyLine:
    """One duty as the page shows it."""

    duty: IncidentDuty
    title: str
    clock: str
    time: str
    tone: str
    may_be_exempt: bool
    to_persons: bool

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        return [(self.time, self.tone, "clock")] if self.time else []


def listed(by: Staff, *, show: str = "") -> QuerySet[Incident]:
    rows = Incident.objects.visible_to(by).with_people()
    if show == "drills":
        return rows.filter(is_drill=True)
    if show == "closed":
        return rows.filter(is_drill=False).exclude(pk__in=Incident.objects.running())
    return rows.running()


def running_duties(by: Staff, now: datetime) -> list[DutyLine]:
    """Every open duty of running incidents, the most urgent first."""
    rows = IncidentDuty.objects.filter(
        state=DutyState.OPEN, incident__in=Incident.objects.visible_to(by).running()
    )
    return [_line(duty, now) for duty in rows.select_related("incident__reported_by__vault_key")]


def late_count(by: Staff, now: datetime) -> int:
    """Duties whose time is over, and reports that nobody has judged; for the rail."""
    running = Incident.objects.visible_to(by).running()
    late = IncidentDuty.objects.filter(state=DutyState.OPEN, due_at__lte=now, incident__in=running).count()
    return late + running.filter(status=IncidentStatus.REPORTED).count()


def duty_lines(incident: Incident, now: datetime) -> list[DutyLine]:
    rows = incident.duties.select_related("incident__reported_by__vault_key", "asked_by", "done_by")
    return [_line(duty, now) for duty in rows]


def _line(duty: IncidentDuty, now: datetime) -> DutyLine:
    rule = rules.BY_CODE[duty.code]
    text, time, tone = _clock(duty, now)
    return DutyLine(duty, str(rule.title), text, time, tone, rule.may_be_exempt, rule.to_persons)


def _clock(duty: IncidentDuty, now: datetime) -> tuple[str, str, str]:
    """The word of the clock, the time beside it, the colour."""
    if duty.state != DutyState.OPEN:
        late = duty.done_at is not None and not duty.is_immediate and duty.done_at > duty.due_at
        return str(duty.get_state_display()), _("迟办") if late else "", "warn" if late else "good"
    passed = now - duty.trigger_at
    if duty.is_immediate:
        return _("立即"), _("已过 %(time)s") % {"time": span(passed)}, "danger"
    left = duty.due_at - now
    if left <= timedelta(0):
        return _("逾期"), span(-left), "danger"
    return _("还剩"), span(left), "warn" if left <= AMBER else ""


def span(length: timedelta) -> str:
    """``3 天 4 小时``, ``2 小时 10 分``."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return _("%(days)d 天 %(hours)d 小时") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d 小时 %(minutes)d 分") % {"hours": hours, "minutes": rest}
    return _("%(minutes)d 分") % {"minutes": rest}


# ---- what the rules need ------------------------------------------------------------------------


def facts_of(incident: Incident, now: datetime) -> rules.Facts:
    on = local_date(now)
    return rules.Facts(
        kind=IncidentKind(incident.kind),
        level=IncidentLevel(incident.level),
        discovered_at=incident.discovered_at,
        profiles=packs.profiles(),
        operator=packs.choice("operator.kind"),
        persons=incident.persons,
        minors=incident.minors,
        is_crime=incident.is_crime,
        handled_at=incident.handled_at,
        numbers={code: row.value for code, row in packs.limits_on(rules.NUMBERS, on).items()},
    )


def least_level(incident: Incident, *, loss_wan: int, now: datetime) -> IncidentLevel:
    codes = [f"level.{level}_{what}" for level in rules.LEVELS[1:] for what in ("persons", "loss")]
    numbers = {code: row.value for code, row in packs.limits_on(codes, local_date(now)).items()}
    return rules.level_of(persons=incident.persons, loss_wan=loss_wan, numbers=numbers)


# ---- whom it touches ----------------------------------------------------------------------------


def scope(
    account: UUID, *, since: datetime, until: datetime, object_types: Collection[str] = (), now: datetime
) -> Scope:
    """Work out from the log whom an account looked at, and from the data map what it saw of them."""
    entries = Entry.objects.filter(_looks(), actor=account, at__gte=since, at__lt=until).order_by()
    if object_types:
        entries = entries.filter(object_type__in=object_types)
    counts: dict[UUID, int] = dict(
        entries.exclude(subject_key=None).values_list("subject_key").annotate(n=Count("pk"))
    )
    unnamed = entries.filter(subject_key=None).aggregate(n=Sum("rows"))["n"] or 0
    looks: dict[int, int] = {}
    minors: set[int] = set()
    on = local_date(now)
    keys = list(counts)
    for start in range(0, len(keys), CHUNK):
        found = Patient.objects.filter(person__vault_key__public_id__in=keys[start : start + CHUNK])
        for patient in found.select_related("person__vault_key", "merged_into__person__vault_key"):
            head = patient.head  # of two files joined as one, one person is touched, and told once
            looks[head.pk] = looks.get(head.pk, 0) + counts[patient.person.vault_key.public_id]
            if not head.person.vault_key.is_destroyed and needs_guardian(head.person.birth_date, on):
                minors.add(head.pk)
    types = set(entries.exclude(subject_key=None).values_list("object_type", flat=True).distinct())
    titles, is_sensitive, has_money = _categories(types)
    return Scope(looks, frozenset(minors), unnamed, titles, is_sensitive, has_money)


def _looks() -> Q:
    kinds = Q()
    for kind in Look.values:
        kinds |= Q(action=kind) | Q(action__endswith=f".{kind}")
    return kinds


def _categories(types: Collection[str]) -> tuple[tuple[str, ...], bool, bool]:
    """The holdings that these tables belong to; a look at a customer's page shows who she is as well."""
    codes, is_sensitive = set(), False
    for label in types:
        try:
            model: Any = apps.get_model(label)
        except (LookupError, ValueError):
            continue
        codes.add(getattr(model, "HOLDING", ""))
        is_sensitive = is_sensitive or bool(getattr(model, "PRIVACY", {}).get(Sensitivity.HEALTH))
    if codes:
        codes |= {"people.identity"}
    if "people.patient" in codes:
        codes.add("people.alert")  # shown on top of every page of a customer
        is_sensitive = True
    found = [holding for code in sorted(codes) if (holding := registry.find(code)) and holding.subjects]
    titles = tuple(dict.fromkeys(word for holding in found for word in holding.categories))
    return titles, is_sensitive, any(code.startswith("billing.") for code in codes)


def affected(incident: Incident) -> QuerySet[Affected]:
    rows = incident.affected.select_related("patient__person__vault_key", "patient__campus")
    return rows.order_by("-is_minor", "-looks", "id")


def letters(incident: Incident) -> QuerySet[Letter]:
    people = ("patient__person__vault_key", "guardian__person__vault_key", "handed_by")
    return incident.letters.select_related(*people).order_by("guardian", "id")


def letter_counts(incident: Incident) -> Counter[str]:
    rows = incident.letters.order_by().values_list("state").annotate(n=Count("pk"))
    return Counter(dict(rows))


@dataclass(frozen=True)
class Papers:
    """Letters that no message carries: to whom, why, how many."""

    to_guardians: bool
    why: str
    count: int


def papers(incident: Incident) -> list[Papers]:
    """What waits to be written or told in person, guardians first."""
    rows = incident.letters.filter(state=LetterState.DRAFTED).exclude(problem="").order_by()
    is_own = ExpressionWrapper(Q(guardian=None), output_field=BooleanField())
    counted = rows.annotate(is_own=is_own).values_list("is_own", "problem").annotate(n=Count("pk"))
    return [
        Papers(to_guardians=not own, why=why, count=n)
        for own, why, n in sorted(counted, key=lambda row: (row[0], -row[2]))
    ]


def without_guardian(incident: Incident) -> int:
    """How many of its minors have nobody on record: she is looked for, or the public is warned (M-7)."""
    minors = [one.patient for one in incident.affected.filter(is_minor=True).select_related("patient")]
    guardians = guardians_by_head(minors) if minors else {}
    return sum(one.head_id not in guardians for one in minors)


def drills_done(since: datetime, until: datetime) -> int:
    """Drills that were carried through to their end in a window."""
    done = Incident.objects.filter(is_drill=True, status=IncidentStatus.CLOSED)
    return done.filter(closed_at__gte=since, closed_at__lt=until).count()


def last_drill(now: datetime) -> datetime | None:
    done = Incident.objects.filter(is_drill=True, status=IncidentStatus.CLOSED, closed_at__lte=now)
    return done.order_by("-closed_at").values_list("closed_at", flat=True).first()


def accounts() -> list[Staff]:
    """Every account, those who left as well: it may be theirs that was misused."""
    return list(Staff.objects.order_by("-is_active", "name"))


def account_named(public_id: str) -> Staff | None:
    return next((one for one in accounts() if str(one.public_id) == public_id), None)


# ---- papers -------------------------------------------------------------------------------------


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


@registry.uses_of_rules
def running_clocks(codes: Collection[str], now: datetime) -> Iterator[registry.Use]:
    """Clocks of incidents that stand on a rule."""
    for duty in rules.DUTIES:
        if duty.rule_code not in codes:
            continue
        running = IncidentDuty.objects.filter(
            code=duty.code, state=DutyState.OPEN, incident__in=Incident.objects.running()
        ).count()
        text = _("%(title)s：%(n)d 个正在计时") % {"title": duty.title, "n": running}
        yield registry.Use(_("时钟"), text, "desk:incidents", is_running=running > 0)
