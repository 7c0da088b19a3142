"""Closed lists of words about events: what they are, who comes, what a scan found."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    CONSULT = "consult", _("咨询日")
    LECTURE = "lecture", _("讲座")
    EXPO = "expo", _("博览会")


class EventStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    OPEN = "open", _("报名中")
    CANCELLED = "cancelled", _("已取消")


class SeatWay(models.TextChoices):
    WEB = "web", _("网上报名")
    WALK_IN = "walk_in", _("现场报名")


class SeatStatus(models.TextChoices):
    WAITING = "waiting", _("候补")
    HELD = "held", _("已报名")
    CAME = "came", _("已到场")
    ABSENT = "absent", _("未到场")
    CANCELLED = "cancelled", _("已取消")


class PlaceKind(models.TextChoices):
    """A line of the places of an event."""

    OPENED = "opened", _("开放名额")
    ADDED = "added", _("增加名额")
    TAKEN = "taken", _("占用")
    FREED = "freed", _("退回")


class ScanResult(models.TextChoices):
    """What a code at the door turned out to be."""

    CAME = "came", _("已签到")
    AGAIN = "again", _("重复签到")
    WAITING = "waiting", _("候补，没有名额")
    CANCELLED = "cancelled", _("报名已取消")
    UNKNOWN = "unknown", _("不是本场的入场码")
