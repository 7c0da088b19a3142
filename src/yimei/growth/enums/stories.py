"""Closed lists of words about customers' stories: what they may be used for, where they stand."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StoryStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    AGREED = "agreed", _("本人已同意，待审核")
    CLEARED = "cleared", _("可以使用")
    ENDED = "ended", _("已停止使用")


class StoryUse(models.TextChoices):
    """What she may allow; publishing to everybody is not in this list on purpose."""

    TALK = "talk", _("面诊时给其他客户看")
    TRAINING = "training", _("院内培训与病例讨论")
    HOUSE = "house", _("院内屏幕：您说了，我们改了")


class StoryPlace(models.TextChoices):
    """Where a story may stand."""

    ALBUM = "album", _("面诊参考册（本系统内）")
    PRINT = "print", _("面诊参考册（纸质）")
    LESSON = "lesson", _("院内培训（本系统内）")
    SLIDES = "slides", _("培训课件、讨论材料")
    SCREEN = "screen", _("院内屏幕")


class PublicPlace(models.TextChoices):
    """Where no story of a patient may stand, whatever she agreed to; no row can hold one of these."""

    WEBSITE = "website", _("官网、小程序、公众号")
    SOCIAL = "social", _("小红书、抖音、微博、朋友圈")
    LIVE = "live", _("直播、短视频、访谈节目")
    PLATFORM = "platform", _("医美平台的案例页")
    OUTDOOR = "outdoor", _("电梯、户外、橱窗、传单")
    PRESS = "press", _("报刊、电视、软文")


class Checker(models.TextChoices):
    MEDICAL = "medical", _("医学审核")
    LAW = "law", _("广告法审核")


class StoryEnd(models.TextChoices):
    """Why a story is used no more."""

    WITHDRAWN = "withdrawn", _("本人撤回")
    EXPIRED = "expired", _("同意到期")
    STOPPED = "stopped", _("院方停用")
    LAPSED = "lapsed", _("同意不再有效")
    ERASED = "erased", _("个人信息删除或限制处理")


class StoryStepKind(models.TextChoices):
    """One line of a story's trail."""

    BEGUN = "begun", _("开始写")
    AGREED = "agreed", _("本人同意这一版")
    PASSED = "passed", _("审核通过")
    RETURNED = "returned", _("退回修改")
    CLEARED = "cleared", _("可以使用")
    UP = "up", _("放上一处")
    DOWN = "down", _("撤下一处")
    LATE = "late", _("超过时限还没撤下")
    ENDED = "ended", _("停止使用")
    ERASED = "erased", _("内容已销毁")
