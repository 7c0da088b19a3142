"""Closed lists of words about leads, members, offers and segments; other subjects have a module."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LeadStatus(models.TextChoices):
    OPEN = "open", _("跟进中")
    BOOKED = "booked", _("已预约")
    LOST = "lost", _("已流失")
    LINKED = "linked", _("并入已有线索")


class TouchKind(models.TextChoices):
    """How hospital and person met; the first three come from the person."""

    FORM = "form", _("网上咨询")
    CALL_IN = "call_in", _("来电")
    VISIT = "visit", _("到店咨询")
    CALL_OUT = "call_out", _("去电")
    WECHAT = "wechat", _("微信")


class Outcome(models.TextChoices):
    """What came of a contact."""

    ASKED = "asked", _("提出咨询")
    REACHED = "reached", _("已沟通")
    WANTS_VISIT = "wants_visit", _("愿意到院")
    CALL_BACK = "call_back", _("约定再联系")
    NO_ANSWER = "no_answer", _("未接通")
    REFUSED = "refused", _("拒绝联系")
    WRONG_NUMBER = "wrong_number", _("空号或错号")


class LeadLoss(models.TextChoices):
    INVALID = "invalid", _("号码无效")
    UNRELATED = "unrelated", _("不是本院业务")
    UNREACHABLE = "unreachable", _("多次联系不上")
    REFUSED = "refused", _("要求不再联系")
    PRICE = "price", _("价格高")
    COMPARING = "comparing", _("对比同行")
    THINKING = "thinking", _("暂不考虑")
    UNFIT = "unfit", _("身体不合适")
    ERASED = "erased", _("资料已删除")
    OTHER = "other", _("其他")


class PointKind(models.TextChoices):
    """Why points came or went."""

    EARN = "earn", _("消费所得")
    GIFT = "gift", _("赠送")
    SPEND = "spend", _("抵扣")
    RETURN = "return", _("退回抵扣")
    EXPIRE = "expire", _("到期")
    REVERSE = "reverse", _("退款扣回")
    WITHHOLD = "withhold", _("补扣欠回的积分")


class TierReason(models.TextChoices):
    """Why a member is on a tier."""

    JOINED = "joined", _("入会")
    SPENT = "spent", _("消费达到")
    YEARLY = "yearly", _("年度复核")
    LEFT = "left", _("退会")


class BenefitKind(models.TextChoices):
    """What happened to a stored benefit."""

    GRANTED = "granted", _("发放")
    USED = "used", _("使用")
    UNDONE = "undone", _("撤销使用")
    EXPIRED = "expired", _("到期")


class PromotionKind(models.TextChoices):
    """For whom an offer is."""

    NEW = "new", _("新客")
    BIRTHDAY = "birthday", _("会员生日")
    SEASON = "season", _("所有客户")


class ValueKind(models.TextChoices):
    """What an offer takes off."""

    AMOUNT = "amount", _("满减")
    PERCENT = "percent", _("减百分之几")
    PRICE = "price", _("活动价")


class Stacking(models.TextChoices):
    """With what a coupon may stand on one quote."""

    ALONE = "alone", _("不叠加")
    POINTS = "points", _("可与积分同用")
    ALL = "all", _("可与积分和其他可叠加的券同用")


class PromotionStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待批准")
    APPROVED = "approved", _("已批准")
    STOPPED = "stopped", _("已停止")


class BaseKind(models.TextChoices):
    """Where a price that is compared with comes from."""

    LOWEST = "lowest", _("活动前最低成交价")
    LAST = "last", _("活动前最后一次成交价")


class CouponStatus(models.TextChoices):
    OPEN = "open", _("未使用")
    USED = "used", _("已使用")
    VOID = "void", _("已作废")


class BudgetKind(models.TextChoices):
    FUND = "fund", _("预算")
    HOLD = "hold", _("发券占用")
    FREE = "free", _("退回预算")


class AssignRule(models.TextChoices):
    """By which rule a lead found its owner."""

    ROUND_ROBIN = "round_robin", _("轮流分配")
    LEAST_BUSY = "least_busy", _("少者优先")
    SKILL = "skill", _("按专长与班次")
    MANAGER = "manager", _("没有合适的人，交主管")
    ORIGINAL = "original", _("原归属人")
    SELF = "self", _("登记人自己跟进")
    CLAIM = "claim", _("从公海领取")
    TRANSFER = "transfer", _("主管转交")


class EndReason(models.TextChoices):
    """Why somebody no longer owns a lead."""

    RELEASED = "released", _("放回公海")
    EXPIRED = "expired", _("保护期满未成交，自动回收")
    IDLE = "idle", _("多日未跟进，自动回收")
    TRANSFERRED = "transferred", _("已转交")
    BOOKED = "booked", _("已预约")
    LOST = "lost", _("已流失")
    ERASED = "erased", _("资料已删除")


class StepKind(models.TextChoices):
    """One line of a lead's trail."""

    CREATED = "created", _("登记线索")
    LINKED = "linked", _("重复登记，并入已有线索")
    AGAIN = "again", _("再次咨询")
    ASSIGNED = "assigned", _("分配")
    CLAIMED = "claimed", _("领取")
    RELEASED = "released", _("放回公海")
    RECYCLED = "recycled", _("自动回收到公海")
    TRANSFERRED = "transferred", _("转交")
    BOOKED = "booked", _("预约")
    LOST = "lost", _("登记流失")
    REOPENED = "reopened", _("重新跟进")
    ERASED = "erased", _("删除资料")


class SegmentUse(models.TextChoices):
    """What a segment is for; decides whose consent it needs and which fields it may ask."""

    CARE = "care", _("服务关怀")
    MARKETING = "marketing", _("营销活动")


class FieldKind(models.TextChoices):
    """What a field of a person's profile holds."""

    CHOICE = "choice", _("选项")
    NUMBER = "number", _("数字")
    DATE = "date", _("日期")
    FLAG = "flag", _("是或否")
    TAG = "tag", _("标签")


class Operator(models.TextChoices):
    """How a rule compares."""

    IN = "in", _("是以下之一")
    NOT_IN = "not_in", _("不是以下任何一个")
    GTE = "gte", _("不少于")
    LTE = "lte", _("不多于")
    EQ = "eq", _("等于")
    LAST = "last", _("在最近若干天内")
    AGO = "ago", _("已超过若干天")
    NEXT = "next", _("在今后若干天内")
    FILLED = "filled", _("有记录")
    EMPTY = "empty", _("没有记录")
    YES = "yes", _("是")
    NO = "no", _("不是")
    TAGGED = "tagged", _("有标签")
    UNTAGGED = "untagged", _("没有标签")


class AgeBand(models.TextChoices):
    """Age in steps: a segment never needs the birthday itself."""

    MINOR = "0", _("未满 18 岁")
    YOUNG = "18", _("18–24 岁")
    TWENTIES = "25", _("25–34 岁")
    THIRTIES = "35", _("35–44 岁")
    FORTIES = "45", _("45–54 岁")
    OLDER = "55", _("55 岁以上")
    UNKNOWN = "", _("未登记")


class RfmLayer(models.TextChoices):
    """How recently, how often and for how much somebody came."""

    CHAMPION = "champion", _("高价值活跃")
    LOYAL = "loyal", _("常来")
    NEW = "new", _("新客")
    RISK = "risk", _("高价值将流失")
    ASLEEP = "asleep", _("沉睡")
    NONE = "none", _("未成交")


class EraseReason(models.TextChoices):
    """Why what is kept of an enquirer is erased before its time (PIPL 47)."""

    ASKED = "asked", _("本人要求删除")
    WRONG = "wrong", _("登记有误，不该收集")
    OVER = "over", _("目的已经实现或无法实现")


class CreditParty(models.TextChoices):
    """For which part of the work a share of a deal is (业绩归属)."""

    ONLINE = "online", _("网电")
    ONSITE = "onsite", _("现场")
    CHANNEL = "channel", _("渠道")
    REFERRAL = "referral", _("老带新")
    HOUSE = "house", _("院方")


class CreditOrigin(models.TextChoices):
    """By which way a customer came, as the rules of credit know it."""

    ONLINE = "online", _("线上与电话")
    WALK_IN = "walk_in", _("自然到诊")
    CHANNEL = "channel", _("渠道")
    REFERRAL = "referral", _("老带新")


class DeedKind(models.TextChoices):
    """What somebody did for a customer before the deal."""

    HELD_ONLINE = "held_online", _("网电归属")
    TALKED = "talked", _("说上话")
    BOOKED = "booked", _("约来到诊")
    HELD_ONSITE = "held_onsite", _("现场归属")
    CONSULTED = "consulted", _("面诊接待")
    QUOTED = "quoted", _("报价成交")


class CreditVerdict(models.TextChoices):
    CHANGED = "changed", _("改判")
    KEPT = "kept", _("维持原归属")


class CallWay(models.TextChoices):
    OUT = "out", _("呼出")
    IN = "in", _("呼入")
