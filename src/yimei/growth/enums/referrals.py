"""Closed lists of words about referrals and what is given for them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReferralStatus(models.TextChoices):
    """How far a friend's way has come; only staff read more than counts of it."""

    OPEN = "open", _("等待首次付款到诊")
    REVIEW = "review", _("待人工核查")
    REFUSED = "refused", _("不计入")
    THANKED = "thanked", _("已感谢")
    REVERSED = "reversed", _("退款，已收回")
    ENDED = "ended", _("已结束")


class ReferralFlag(models.TextChoices):
    """What makes a referral look unlike a friend's word."""

    SELF = "self", _("推荐人与朋友是同一个人")
    KNOWN = "known", _("已是本院的客户或线索")
    CIRCLE = "circle", _("相互推荐")
    DEEP = "deep", _("超过两层")
    SAME_PHONE = "same_phone", _("与推荐人共用手机")
    STAFF = "staff", _("涉及本院员工")
    PLACE = "place", _("同一网络或设备多次提交")
    BURST = "burst", _("短时间内人数过多")


class ThanksSide(models.TextChoices):
    REFERRER = "referrer", _("推荐人")
    FRIEND = "friend", _("朋友")


class ThanksKind(models.TextChoices):
    """What may be given; money and shares of what a friend pays are not in this list on purpose."""

    POINTS = "points", _("积分")
    BENEFIT = "benefit", _("会员权益")
    COUPON = "coupon", _("优惠券")


class ThanksState(models.TextChoices):
    OWED = "owed", _("待到账")
    GIVEN = "given", _("已给")
    TAKEN = "taken", _("已收回")
    LAPSED = "lapsed", _("未到账，已失效")


class ReferralStepKind(models.TextChoices):
    """One line of a referral's trail."""

    TIED = "tied", _("使用推荐码")
    AGAIN = "again", _("又用了别人的码，以第一次为准")
    FRIEND = "friend", _("朋友成为客户")
    CLEARED = "cleared", _("核查通过")
    REFUSED = "refused", _("不计入")
    THANKED = "thanked", _("给出感谢")
    LAPSED = "lapsed", _("未到账，失效")
    REVERSED = "reversed", _("退款，收回感谢")
    OVER = "over", _("期限内没有首次付款到诊")
    TELL = "tell", _("朋友同意让推荐人知道")
    HIDE = "hide", _("朋友撤回同意")
    ENDED = "ended", _("结束")
