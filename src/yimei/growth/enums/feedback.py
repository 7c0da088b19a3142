"""Closed lists of words about what people say of the hospital and what it does about it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FeedbackWay(models.TextChoices):
    """By which way words came to the hospital."""

    PLACE = "place", _("现场扫码")
    PORTAL = "portal", _("患者门户")
    DESK = "desk", _("员工代录")
    SURVEY = "survey", _("满意度问卷")
    REVIEW = "review", _("平台评价")


class Platform(models.TextChoices):
    """Where people review hospitals in public."""

    DIANPING = "dianping", _("大众点评")
    MEITUAN = "meituan", _("美团")
    SOYOUNG = "soyoung", _("新氧")
    GENGMEI = "gengmei", _("更美")
    DOUYIN = "douyin", _("抖音")
    XHS = "xhs", _("小红书")
    MAP = "map", _("地图")
    OTHER = "other", _("其他平台")


class FeedbackKind(models.TextChoices):
    COMPLAINT = "complaint", _("投诉")
    SUGGESTION = "suggestion", _("建议")
    QUESTION = "question", _("询问")
    PRAISE = "praise", _("表扬")


class Severity(models.TextChoices):
    """How soon somebody must be answered."""

    URGENT = "urgent", _("医疗安全")
    HIGH = "high", _("严重")
    NORMAL = "normal", _("一般")
    LOW = "low", _("轻微")


class Theme(models.TextChoices):
    """What it is about."""

    SERVICE = "service", _("接待与态度")
    WAITING = "waiting", _("等候")
    DOCTOR = "doctor", _("医生的说明")
    NURSING = "nursing", _("护理")
    RESULT = "result", _("效果")
    SAFETY = "safety", _("医疗安全")
    PRICE = "price", _("价格与收费")
    PLACE = "place", _("环境与设施")
    PRIVACY = "privacy", _("隐私")
    AFTERCARE = "aftercare", _("术后关怀")
    OTHER = "other", _("其他")


class FeedbackStatus(models.TextChoices):
    NEW = "new", _("待分诊")
    OPEN = "open", _("处理中")
    ANSWERED = "answered", _("已答复")
    CLOSED = "closed", _("已办结")
    VOID = "void", _("无效")


class Finding(models.TextChoices):
    """What looking into it showed."""

    FOUNDED = "founded", _("属实")
    PARTLY = "partly", _("部分属实")
    UNFOUNDED = "unfounded", _("不属实")
    OPINION = "opinion", _("意见，无须核实")


class FeedbackStepKind(models.TextChoices):
    """One line of the trail."""

    RECEIVED = "received", _("收到")
    RISEN = "risen", _("涉及医疗安全，立即上报")
    TRIAGED = "triaged", _("分诊")
    NOTED = "noted", _("处理记录")
    REMINDED = "reminded", _("即将到期，已提醒")
    OVERDUE = "overdue", _("逾期，已上报")
    ANSWERED = "answered", _("答复")
    LINKED = "linked", _("关联")
    CLOSED = "closed", _("办结")
    REOPENED = "reopened", _("重新处理")
    VOIDED = "voided", _("判为无效")
    ERASED = "erased", _("删除内容")


class ReplyWay(models.TextChoices):
    """How somebody was answered."""

    MESSAGE = "message", _("短信通知并在回执页答复")
    RECEIPT = "receipt", _("在回执页答复")
    CALL = "call", _("电话")
    TALK = "talk", _("当面")
    PUBLIC = "public", _("平台公开回复")


class ImprovementStatus(models.TextChoices):
    OPEN = "open", _("进行中")
    DONE = "done", _("已完成，待看效果")
    CLOSED = "closed", _("已关闭")
    DROPPED = "dropped", _("不再做")


class Effect(models.TextChoices):
    """What the counting before and after says."""

    FEWER = "fewer", _("变少")
    SAME = "same", _("看不出变化")
    MORE = "more", _("变多")
