"""What leads put on 今日: each one's next contacts, and what the manager must look after."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Case, Count, Min, When
from django.utils.translation import gettext as _

from yimei.core import names
from yimei.core.clock import local_date, local_day
from yimei.growth.enums.feedback import FeedbackStatus, ImprovementStatus, Severity
from yimei.growth.models import CreditAppeal, Feedback, FlowTask, Improvement, Lead
from yimei.growth.queries import events, flows, numbers
from yimei.journey.registry import TaskItem, Worklist, today_source
from yimei.people.models import Staff
from yimei.people.roles import Permission, RoleCode

SHOWN = 30
RULED_WITHIN = timedelta(days=3)


@today_source(RoleCode.ONLINE, RoleCode.CONSULTANT, RoleCode.AFTERCARE, RoleCode.MARKETING)
def next_contacts(staff: Staff, now: datetime) -> Worklist[Lead]:
    """One's own leads to contact today; a new one first of all, with its clock."""
    end = local_day(local_date(now))[1]
    mine = Lead.objects.living().open().filter(owner=staff, next_due_at__lt=end)
    first = mine.order_by("next_due_at")[:SHOWN]

    def say(lead: Lead, due_at: datetime) -> TaskItem:
        is_new = lead.first_response_at is None
        return TaskItem(
            due_at=due_at,
            patient=None,
            who=names.mask(lead.name),
            what=_("新线索，等待首次回应") if is_new else _("线索跟进"),
            action=_("去联系"),
            where=f"desk:lead:{lead.public_id}",
            since=lead.created_at if is_new else None,
        )

    people = first.select_related("vault_key").all
    return Worklist(first, ("next_due_at",), lambda next_due_at: next_due_at, people, say)


def most_urgent(staff: Staff, now: datetime) -> Lead | None:
    """The one of her own leads to call first: who has no answer yet, then who is due the longest."""
    end = local_day(local_date(now))[1]
    mine = Lead.objects.living().open().filter(owner=staff, next_due_at__lt=end)
    waiting = Case(When(first_response_at=None, then=0), default=1)
    return mine.order_by(waiting, "next_due_at", "pk").first()


@today_source(RoleCode.MARKETING, RoleCode.DIRECTOR)
def rises(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """One line for each owner whose next contacts are late for too long."""
    if not staff.may(Permission.LEAD_ASSIGN):
        return
    late = now - numbers.overdue_after(local_date(now))
    rows = Lead.objects.reachable(staff, Permission.LEAD_ASSIGN).open()
    rows = rows.filter(next_due_at__lt=late, campus=staff.campus_id)
    counted = rows.order_by().values("owner__name").annotate(n=Count("pk"), first=Min("next_due_at"))
    for row in counted.order_by("first"):
        yield TaskItem(
            due_at=row["first"],
            patient=None,
            who=row["owner__name"],
            what=_("%(count)d 条线索的下一步已逾期") % {"count": row["n"]},
            action=_("查看"),
            where="desk:leads",
            tone="danger",
        )


@today_source(RoleCode.MARKETING, RoleCode.DIRECTOR)
def credit_appeals(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """Appeals about credit that wait for the reader's ruling; never her own."""
    if not staff.may(Permission.CREDIT_RULE):
        return
    rows = CreditAppeal.objects.visible_to(staff, Permission.CREDIT_RULE).waiting().exclude(staff=staff)
    for one in rows.select_related("staff", "order").order_by("at", "pk")[:SHOWN]:
        yield TaskItem(
            due_at=one.at + RULED_WITHIN,
            patient=None,
            who=one.staff.name,
            what=_("业绩申诉等待裁定"),
            action=_("去裁定"),
            where=f"desk:credit-deal:{one.order.public_id}",
        )


def overdue_count(staff: Staff, now: datetime) -> int:
    """The badge beside 线索: one's own that are late."""
    return Lead.objects.living().open().filter(owner=staff, next_due_at__lt=now).count()


@today_source()
def flow_tasks(staff: Staff, now: datetime) -> Worklist[FlowTask]:
    """What flows ask somebody to do today."""
    end = local_day(local_date(now))[1]
    rows = FlowTask.objects.filter(staff=staff, due_at__lt=end, profile__patient__restricted_at=None).open()
    first = rows.order_by("due_at")[:SHOWN]
    return Worklist(
        first,
        ("due_at",),
        lambda due_at: due_at,
        first.select_related("profile__patient__person__vault_key", "profile__lead__vault_key").all,
        lambda task, due_at: TaskItem(
            due_at=due_at,
            patient=None,
            who=flows.task_row(task).who,
            what=task.text,
            action=_("去处理"),
            where="desk:flow-tasks",
        ),
    )


@today_source()
def feedback_to_answer(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """One's own feedback to answer, medical safety first of all by its clock."""
    if not staff.may(Permission.FEEDBACK_WRITE):
        return
    mine = Feedback.objects.living().running().filter(owner=staff).order_by("due_at")
    for row in mine.select_related("place")[:SHOWN]:  # names nobody: on every page, in the badge
        yield TaskItem(
            due_at=row.due_at,
            patient=None,
            who=row.place.name if row.place else str(row.get_way_display()),
            what=_("%(severity)s · %(theme)s：等待答复")
            % {"severity": row.get_severity_display(), "theme": row.get_theme_display()},
            action=_("去处理"),
            where=f"desk:feedback-one:{row.public_id}",
            tone="danger" if row.severity == Severity.URGENT else "",
        )


@today_source()
def feedback_to_hand_out(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """For whoever hands feedback out: what nobody has looked at yet, and what is late with others."""
    if not staff.may(Permission.FEEDBACK_ASSIGN):
        return
    here = Feedback.objects.reachable(staff, Permission.FEEDBACK_ASSIGN).filter(campus=staff.campus_id)
    for row in here.filter(status=FeedbackStatus.NEW).select_related("place").order_by("due_at")[:SHOWN]:
        is_urgent = row.severity == Severity.URGENT
        yield TaskItem(
            due_at=row.due_at,
            patient=None,
            who=row.place.name if row.place else str(row.get_way_display()),
            what=_("新意见，可能涉及医疗安全") if is_urgent else _("新意见，等待分诊"),
            action=_("去分诊"),
            where=f"desk:feedback-one:{row.public_id}",
            tone="danger" if is_urgent else "",
        )
    late = here.running().filter(due_at__lt=now).exclude(owner=None).exclude(owner=staff).order_by()
    for line in late.values("owner__name").annotate(n=Count("pk"), first=Min("due_at")).order_by("first"):
        yield TaskItem(
            due_at=line["first"],
            patient=None,
            who=line["owner__name"],
            what=_("%(count)d 条意见超过期限还没有答复") % {"count": line["n"]},
            action=_("查看"),
            where="desk:feedback",
            tone="danger",
        )


@today_source()
def improvements_to_do(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """One's own improvements that are due within the week."""
    if not staff.may(Permission.FEEDBACK_WRITE):
        return
    rows = Improvement.objects.filter(
        owner=staff, status=ImprovementStatus.OPEN, due_on__lte=local_date(now) + timedelta(days=7)
    )
    for made in rows.order_by("due_on")[:SHOWN]:
        yield TaskItem(
            due_at=local_day(made.due_on)[1],
            patient=None,
            who=str(made.get_theme_display()),
            what=_("改进：%(what)s") % {"what": made.what},
            action=_("去处理"),
            where=f"desk:improvement:{made.public_id}",
        )


@today_source(RoleCode.RECEPTION, RoleCode.AFTERCARE, RoleCode.MARKETING, RoleCode.ONLINE)
def doors_to_keep(staff: Staff, now: datetime) -> Iterator[TaskItem]:
    """The events of today and tomorrow whose door this reader may keep."""
    if not staff.may(Permission.EVENT_DOOR):
        return
    for event in events.doors(by=staff, now=now).filter(ends_at__gt=now):
        yield TaskItem(
            due_at=event.starts_at,
            patient=None,
            who=event.venue,
            what=_("活动签到：%(what)s") % {"what": event.title},
            action=_("打开签到页"),
            where=f"desk:event-door:{event.public_id}",
        )
