"""Closed lists of words of the journey."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseStage(models.TextChoices):
    """Where one treatment episode stands."""

    BOOKED = "booked", _("已预约")
    ARRIVED = "arrived", _("已到诊")
    CONSULTED = "consulted", _("已咨询")
    ASSESSED = "assessed", _("已评估")
    PLANNED = "planned", _("方案已定")
    SCHEDULED = "scheduled", _("已排台")
    IN_SURGERY = "in_surgery", _("手术中")
    RECOVERING = "recovering", _("恢复中")
    DISCHARGED = "discharged", _("已离院")
    REVIEWED = "reviewed", _("已复查")
    CLOSED = "closed", _("已结案")
    LOST = "lost", _("未成交")


class VisitKind(models.TextChoices):
    """接诊类型."""

    FIRST = "first", _("初诊")
    RETURN = "return", _("复诊")
    AGAIN = "again", _("再消费")
    REVIEW = "review", _("复查")
    OTHER = "other", _("其他")


class BookingKind(models.TextChoices):
    CONSULT = "consult", _("面诊")
    TREATMENT = "treatment", _("治疗")
    REVIEW = "review", _("复查")


class BookingChannel(models.TextChoices):
    """By which way the wish for a time came."""

    PHONE = "phone", _("电话")
    DESK = "desk", _("前台")
    WEBSITE = "website", _("官网")
    MOBILE = "mobile", _("手机")


class HoldStatus(models.TextChoices):
    """What became of a time that was kept free for a visitor of the website."""

    HELD = "held", _("保留中")
    BOOKED = "booked", _("已约上")
    EXPIRED = "expired", _("已到期")
    GIVEN_UP = "given_up", _("已放弃")


class CancelSide(models.TextChoices):
    """For whose sake a booking was cancelled; a deposit is never lost by the hospital's own doing."""

    CUSTOMER = "customer", _("客户原因")
    HOSPITAL = "hospital", _("医院原因")


class DepositFate(models.TextChoices):
    """What may become of a booking deposit that stands on no bill."""

    HOLDS = "holds", _("预约还在，定金保留")
    FREE = "free", _("已到院：开单时抵作费用，或退还")
    OWED = "owed", _("应退还")
    BROKEN = "broken", _("没有到院或临时取消：可按规则不退，也可退还")


class BookingStatus(models.TextChoices):
    REQUESTED = "requested", _("待确认")
    CONFIRMED = "confirmed", _("待上门")
    ARRIVED = "arrived", _("已到诊")
    SERVED = "served", _("已接诊")
    NO_SHOW = "no_show", _("爽约")
    CANCELLED = "cancelled", _("已取消")


class ResourceKind(models.TextChoices):
    PATIENT = "patient", _("客户")
    STAFF = "staff", _("人员")
    ROOM = "room", _("房间")
    DEVICE = "device", _("设备")


class WaitingStatus(models.TextChoices):
    """Where a wish on the waiting list stands (候补)."""

    WAITING = "waiting", _("候补中")
    OFFERED = "offered", _("已发出邀约")
    BOOKED = "booked", _("已约上")
    WITHDRAWN = "withdrawn", _("已退出")
    EXPIRED = "expired", _("已过期")


class OfferStatus(models.TextChoices):
    OPEN = "open", _("等待答复")
    ACCEPTED = "accepted", _("已接受")
    DECLINED = "declined", _("已谢绝")
    EXPIRED = "expired", _("已到期")
    WITHDRAWN = "withdrawn", _("已收回")


class HandoverStatus(models.TextChoices):
    """Where the request to take over a customer stands (交接)."""

    OPEN = "open", _("待接手")
    ACCEPTED = "accepted", _("已接手")
    DECLINED = "declined", _("未接手")
    WITHDRAWN = "withdrawn", _("已收回")


class Urgency(models.IntegerChoices):
    """Who is asked first among those who wait."""

    NORMAL = 0, _("普通")
    SOON = 1, _("优先")
    MEDICAL = 2, _("医疗需要")


class TurnAwayReason(models.TextChoices):
    """Why somebody who asked could not be served."""

    FULL = "full", _("时段已满")
    OFF_DUTY = "off_duty", _("指定医生不出诊")
    HOURS = "hours", _("不在营业时间")
    UNMET = "unmet", _("前置条件不足")
    OTHER = "other", _("其他")


class Side(models.TextChoices):
    NONE = "none", _("不分侧")
    LEFT = "left", _("左侧")
    RIGHT = "right", _("右侧")
    BOTH = "both", _("双侧")


class LossReason(models.TextChoices):
    PRICE = "price", _("价格高")
    COMPARING = "comparing", _("对比同行")
    THINKING = "thinking", _("回去考虑")
    TIME = "time", _("时间不合适")
    UNFIT = "unfit", _("身体不合格")
    FAMILY = "family", _("和家人商量")
    OTHER = "other", _("其他")


class Asa(models.IntegerChoices):
    """ASA physical status."""

    ONE = 1, _("ASA I 健康")
    TWO = 2, _("ASA II 轻度系统疾病")
    THREE = 3, _("ASA III 重度系统疾病")
    FOUR = 4, _("ASA IV 危及生命")


class Flag(models.TextChoices):
    """How a result stands to its reference range."""

    NORMAL = "N", _("正常")
    LOW = "L", _("偏低 ↓")
    HIGH = "H", _("偏高 ↑")
    CRITICAL_LOW = "LL", _("危急值 ↓↓")
    CRITICAL_HIGH = "HH", _("危急值 ↑↑")
    ABNORMAL = "A", _("异常")


class StopState(models.TextChoices):
    """Whether something that stops an operation goes on."""

    NO = "no", _("没有")
    NOW = "now", _("有")
    STOPPED = "stopped", _("已停")


class LabRowStatus(models.TextChoices):
    """What became of one row of an imported file of results."""

    ACCEPTED = "accepted", _("已入库")
    KNOWN = "known", _("以前已入库")
    REJECTED = "rejected", _("待更正")
    REPAIRED = "repaired", _("更正后入库")
    DISMISSED = "dismissed", _("不入库")


class PlanStatus(models.TextChoices):
    DRAFT = "draft", _("草稿")
    FINAL = "final", _("待客户选择")
    CHOSEN = "chosen", _("客户已选")
    SUPERSEDED = "superseded", _("已被新版取代")


class ChoiceKind(models.TextChoices):
    """How the customer said which plan it is to be."""

    SIGNED = "signed", _("当面签名")
    SPOKEN = "spoken", _("口头")


class ChooserCapacity(models.TextChoices):
    """Whether the customer decided for herself; otherwise her guardian signed (民法典 17–24)."""

    FULL = "full", _("完全民事行为能力")
    LIMITED = "limited", _("限制民事行为能力")
    NONE = "none", _("无民事行为能力")


class SurgeryStatus(models.TextChoices):
    SCHEDULED = "scheduled", _("已排台")
    IN_ROOM = "in_room", _("已入室")
    OPERATING = "operating", _("手术中")
    CLOSED = "closed", _("手术结束")
    RECOVERING = "recovering", _("恢复中")
    DISCHARGED = "discharged", _("已离院")
    CANCELLED = "cancelled", _("已取消")


class Part(models.TextChoices):
    """The part somebody plays in an operation."""

    SURGEON = "surgeon", _("手术医师")
    ANAESTHETIST = "anaesthetist", _("麻醉医师")
    NURSE = "nurse", _("手术室护士")
    ASSISTANT = "assistant", _("助手")


class Phase(models.TextChoices):
    """The three moments of the surgical safety check (卫办医政发〔2010〕41号)."""

    SIGN_IN = "sign_in", _("麻醉实施前")
    TIME_OUT = "time_out", _("手术开始前")
    SIGN_OUT = "sign_out", _("患者离开手术室前")


class TaskStatus(models.TextChoices):
    OPEN = "open", _("待办")
    DONE = "done", _("已完成")
    CANCELLED = "cancelled", _("已取消")


class ClavienDindo(models.TextChoices):
    """Severity of a complication (Clavien-Dindo 2004)."""

    NONE = "0", _("无并发症")
    ONE = "1", _("I 级")
    TWO = "2", _("II 级")
    THREE_A = "3a", _("IIIa 级")
    THREE_B = "3b", _("IIIb 级")
    FOUR_A = "4a", _("IVa 级")
    FOUR_B = "4b", _("IVb 级")
    FIVE = "5", _("V 级")


class PhotoMoment(models.TextChoices):
    """When, seen from the operation, a photograph was taken."""

    BEFORE = "before", _("术前")
    AFTER = "after", _("术后")
    REVIEW = "review", _("复查")


class PhotoOrigin(models.TextChoices):
    CAMERA = "camera", _("现场拍摄")
    UPLOAD = "upload", _("上传")


class PhotoUse(models.TextChoices):
    """What a clinical photograph may be used for besides, each under its own consent."""

    TEACHING = "teaching", _("院内教学")
    PUBLICITY = "publicity", _("公开宣传")


class PhotoSize(models.TextChoices):
    THUMB = "thumb", _("缩略图")
    SCREEN = "screen", _("屏幕")
    FULL = "full", _("原尺寸")


class QuestionKind(models.TextChoices):
    """What an answer to a question of a questionnaire is."""

    CHOICE = "choice", _("单选")
    MULTI = "multi", _("多选")
    NUMBER = "number", _("数值")
    TEXT = "text", _("文字")
    DATE = "date", _("日期")
    SCALE = "scale", _("量表")
    YES_NO = "yes_no", _("是或否")
    SIGNATURE = "signature", _("签名")


class ReferralOutcome(models.TextChoices):
    """What the physician decided about a screening that asks for a decision."""

    PROCEED = "proceed", _("可以继续")
    DEFER = "defer", _("暂缓，转介心理评估后再定")
    DECLINE = "decline", _("不宜手术")


class Reach(models.TextChoices):
    """How much of a goal the physician holds to be realistic."""

    FULL = "full", _("可以达到")
    PART = "part", _("部分达到")
    CANNOT = "cannot", _("不能达到")


class AgreedHow(models.TextChoices):
    SIGNED = "signed", _("当面签名")
    SPOKEN = "spoken", _("口头确认")


class MapView(models.TextChoices):
    """The figures on which points are marked, each seen from where the physician stands."""

    FACE_FRONT = "face-front", _("面部正面")
    FACE_OBLIQUE_LEFT = "face-oblique-left", _("面部左斜位")
    FACE_OBLIQUE_RIGHT = "face-oblique-right", _("面部右斜位")
    FACE_LEFT = "face-left", _("面部左侧")
    FACE_RIGHT = "face-right", _("面部右侧")
    BODY_FRONT = "body-front", _("身体正面")
    BODY_BACK = "body-back", _("身体背面")


class DoseUnit(models.TextChoices):
    UNITS = "U", _("单位")
    MILLILITRES = "ml", _("毫升")


class Depth(models.TextChoices):
    INTRADERMAL = "intradermal", _("皮内")
    SUBCUTANEOUS = "subcutaneous", _("皮下")
    FAT = "fat", _("脂肪层")
    MUSCLE = "muscle", _("肌肉内")
    PERIOSTEUM = "periosteum", _("骨膜上")


class MapKind(models.TextChoices):
    PLANNED = "planned", _("设计")
    DONE = "done", _("实施")
