"""Closed lists of words about leads."""

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


class CallWay(models.TextChoices):
    OUT = "out", _("呼出")
    IN = "in", _("呼入")
