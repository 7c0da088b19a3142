"""Closed lists of words about people."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sex(models.TextChoices):
    FEMALE = "F", _("女")
    MALE = "M", _("男")
    UNKNOWN = "U", _("未登记")


class Relation(models.TextChoices):
    FATHER = "father", _("父亲")
    MOTHER = "mother", _("母亲")
    SPOUSE = "spouse", _("配偶")
    OTHER = "other", _("其他监护人")


class CapacityKind(models.TextChoices):
    """What age alone does not tell about capacity for civil acts."""

    LIMITED = "limited", _("成年但无完全行为能力")
    OWN_INCOME = "own_income", _("满十六周岁，以自己的劳动收入为主要生活来源")


class AlertKind(models.TextChoices):
    ALLERGY = "allergy", _("过敏")
    MEDICATION = "medication", _("用药")
    PREGNANCY = "pregnancy", _("妊娠与哺乳")
    CONDITION = "condition", _("疾病史")
    OTHER = "other", _("其他")


class SourceKind(models.TextChoices):
    """Where a customer first came from (首次来源)."""

    PHONE = "phone", _("电话")
    WALK_IN = "walk_in", _("自然到诊")
    WECHAT = "wechat", _("微信")
    DOUYIN = "douyin", _("抖音")
    PLATFORM = "platform", _("医美平台")
    REFERRAL = "referral", _("老带新")
    PARTNER = "partner", _("渠道")
    WEBSITE = "website", _("官网")
    EVENT = "event", _("活动")


class TokenKind(models.TextChoices):
    PHONE = "phone", _("手机")
    LAST4 = "last4", _("手机后四位")
    ID_NO = "id_no", _("证件号")
    NAME = "name", _("姓名")
    NAME_PREFIX = "prefix", _("姓名开头")
    INITIALS = "initials", _("首字母")
    FILE_NO = "file_no", _("档案号")
    GUARDIAN = "guardian", _("监护人的手机")


class LicenceKind(models.TextChoices):
    PHYSICIAN = "physician", _("执业医师")
    NURSE = "nurse", _("执业护士")


class CareReason(models.TextChoices):
    CONSULTANT = "consultant", _("现场咨询")
    ONLINE = "online", _("网电咨询")
    SURGEON = "surgeon", _("主诊医师")
    ANAESTHETIST = "anaesthetist", _("麻醉师")
    NURSE = "nurse", _("护理")
    TEAM = "team", _("手术团队")


class RevealPurpose(models.TextChoices):
    """Why a masked contact is shown in full; a closed list, so that the log can hold it."""

    BOOKING = "booking", _("预约联系")
    AFTERCARE = "aftercare", _("术后回访")
    VERIFY = "verify", _("核对身份")
    EMERGENCY = "emergency", _("紧急联系")
    REQUEST = "request", _("办理本人请求")


class LookPurpose(models.TextChoices):
    """What somebody looks at a customer for; written into the log with every look."""

    TREATMENT = "treatment", _("治疗")
    SERVICE = "service", _("咨询与服务")
    SCHEDULING = "scheduling", _("手术安排")
    MONEY = "money", _("收费")
    AFTERCARE = "aftercare", _("术后关怀")
    EMERGENCY = "emergency", _("紧急访问")
    REQUEST = "request", _("个人信息事务")
    MANAGEMENT = "management", _("管理")


class Level(models.IntegerChoices):
    """Levels of health data after GB/T 39725 (the words of the levels are our working definition)."""

    PUBLIC = 1, _("1 级：可以公开")
    WIDE = 2, _("2 级：不能识别个人")
    PARTLY = 3, _("3 级：部分去标识，可能重新识别")
    DIRECT = 4, _("4 级：直接识别个人，仅限相关人员")
    SPECIAL = 5, _("5 级：特殊情形，仅限指名的医护人员")


class Why(models.TextChoices):
    """By which rule a look at a field is allowed or not."""

    CARE = "care", _("正在照护该客户")
    EMERGENCY = "emergency", _("紧急访问有效期内")
    APPROVED = "approved", _("已获批准查看未成年人资料")
    SCOPE = "scope", _("在岗位权限范围内")
    ROLE = "role", _("岗位没有这项权限")
    OUT_OF_SCOPE = "out_of_scope", _("不在岗位权限范围内")
    INACTIVE = "inactive", _("账号已停用")
    SECRET = "secret", _("保密字段，任何人不可查看")
    SEALED = "sealed", _("资料已封存或限制处理")
    UNTRAINED = "untrained", _("个人信息保护培训已过期")
    PURPOSE = "purpose", _("该目的不需要这项信息")
    SELF = "self", _("本人资料请通过患者端查看")
    COLLEAGUE = "colleague", _("同事的病历仅限照护团队")
    MINOR = "minor", _("查看未成年人病历须先经批准")
    NAMED_ONLY = "named_only", _("五级信息仅限指名的医护人员")
    VIP = "vip", _("贵宾以代称显示")


class GlassCode(models.TextChoices):
    """Why a chart is opened without caring: a closed list beside the words, to be counted."""

    RESCUE = "rescue", _("抢救")
    COMPLICATION = "complication", _("术后并发症处理")
    ON_CALL = "on_call", _("值班代管")
    CONSULT = "consult", _("会诊")
    OTHER = "other", _("其他")


class PairSource(models.TextChoices):
    """How two files came under suspicion of being one person's."""

    ENTRY = "entry", _("登记时提醒")
    NIGHTLY = "nightly", _("每晚比对")
    HAND = "hand", _("人工提出")


class PairDecision(models.TextChoices):
    """What somebody said of two files; whatever is said is remembered."""

    WAITING = "waiting", _("待核对")
    LATER = "later", _("暂缓")
    DIFFERENT = "different", _("不是同一人")
    SAME = "same", _("同一人")


class Likeness(models.TextChoices):
    """How alike two files are in one field."""

    SAME = "same", _("相同")
    SOUND = "sound", _("同音")
    NEAR = "near", _("相近")
    OTHER = "other", _("不同")
    SILENT = "silent", _("有一方未登记")


class Compared(models.TextChoices):
    """The fields in which two files are compared."""

    NAME = "name", _("姓名")
    PHONE = "phone", _("手机")
    ID_NO = "id_no", _("证件号")
    BIRTH = "birth_date", _("出生日期")
    SEX = "sex", _("性别")


class Doubt(models.TextChoices):
    """Why one person alone does not join two files."""

    NAME = "name", _("姓名不同")
    SEX = "sex", _("性别不同")
    BIRTH = "birth_date", _("出生日期不同")
    WEAK = "weak", _("相同之处太少")
    HISTORIES = "histories", _("两份档案都有就诊经历")
