"""Closed lists of words about flows: what begins one, its steps, what they came to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FlowStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    RUNNING = "running", _("运行中")
    PAUSED = "paused", _("已暂停")
    ENDED = "ended", _("已停用")


class TriggerKind(models.TextChoices):
    """What brings somebody into a flow."""

    EVENT = "event", _("发生一件事")
    SEGMENT = "segment", _("进入分群")
    DATE = "date", _("某个日期前后")
    INACTIVE = "inactive", _("久未到诊")


class FlowEvent(models.TextChoices):
    """Things that happen, by the lines that the log has for them."""

    LEAD = "growth.lead.create", _("登记线索")
    LOST = "growth.lead.lose", _("线索流失")
    BOOKED = "journey.booking.requested", _("登记预约")
    NO_SHOW = "journey.booking.no_show", _("爽约")
    SERVED = "journey.booking.served", _("接诊结束")
    SURGERY = "journey.surgery.left", _("手术结束")
    DISCHARGED = "journey.recovery.discharged", _("手术后离院")
    PAID = "billing.payment.take", _("付款")
    SURVEYED = "journey.survey.answered", _("填写评价")


class Reentry(models.TextChoices):
    """Whether somebody may go through a flow again; never twice at once."""

    NEVER = "never", _("每人只走一次")
    AFTER = "after", _("隔若干天可再次进入")
    ALWAYS = "always", _("每次发生都进入")


class NodeKind(models.TextChoices):
    """One step of a flow."""

    WAIT = "wait", _("等待")
    CHECK = "check", _("判断")
    SPLIT = "split", _("分流")
    MESSAGE = "message", _("发消息")
    TASK = "task", _("派任务")
    TAG = "tag", _("打标签")
    OWNER = "owner", _("分配归属人")
    STAGE = "stage", _("重新跟进线索")
    GRANT = "grant", _("发放权益")


class Goal(models.TextChoices):
    """What a flow is meant to bring about, counted from entry."""

    BOOKED = "booked", _("预约")
    VISITED = "visited", _("到诊")
    PAID = "paid", _("付款")


class RunEnd(models.TextChoices):
    """Why somebody is no longer in a flow."""

    DONE = "done", _("走完")
    HELD_OUT = "held_out", _("对照组，不走流程")
    LEFT = "left", _("资料已封存或删除")
    STOPPED = "stopped", _("旅程停用")


class StepResult(models.TextChoices):
    """What a step came to."""

    WAITING = "waiting", _("等待")
    YES = "yes", _("符合")
    NO = "no", _("不符合")
    ARM = "arm", _("分到")
    SENT = "sent", _("已交发送")
    HELD = "held", _("推迟发送")
    REFUSED = "refused", _("不得发送")
    DONE = "done", _("完成")
    SKIPPED = "skipped", _("不适用")


class TaskOwner(models.TextChoices):
    """To whom a flow gives a task."""

    CONSULTANT = "consultant", _("归属咨询")
    AFTERCARE = "aftercare", _("客服")
