"""Closed lists of words about the hospital."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InstitutionKind(models.TextChoices):
    CLINIC = "clinic", _("医疗美容诊所")
    OUTPATIENT = "outpatient", _("医疗美容门诊部")
    HOSPITAL = "hospital", _("美容医院")
    SPECIALIST = "specialist", _("整形外科医院")


class RoomKind(models.TextChoices):
    CONSULT = "consult", _("诊室")
    TREATMENT = "treatment", _("治疗室")
    OR = "or", _("手术室")
    PACU = "pacu", _("恢复室")
    WARD = "ward", _("病房")


class Field(models.TextChoices):
    """Specialty of aesthetic medicine (医疗美容服务管理办法: 美容外科, 美容牙科, 美容皮肤科, 美容中医科)."""

    SURGERY = "surgery", _("美容外科")
    DENTAL = "dental", _("美容牙科")
    DERMATOLOGY = "dermatology", _("美容皮肤科")
    TCM = "tcm", _("美容中医科")


class Category(models.TextChoices):
    EYE = "eye", _("眼部")
    NOSE = "nose", _("鼻部")
    FACE = "face", _("面部")
    FACE_BONE = "face_bone", _("面部骨骼")
    BREAST = "breast", _("胸部")
    BODY = "body", _("形体")
    INJECTION = "injection", _("注射")
    LASER = "laser", _("光电皮肤")
    OTHER = "other", _("其他")


class Grade(models.IntegerChoices):
    """Surgical grade; 0 is not an operation (卫办医政发〔2009〕220号)."""

    NONE = 0, _("非手术")
    ONE = 1, _("一级")
    TWO = 2, _("二级")
    THREE = 3, _("三级")
    FOUR = 4, _("四级")


class OnlineBooking(models.TextChoices):
    """What a customer may book of a procedure by herself."""

    NONE = "none", _("不开放")
    CONSULT = "consult", _("面诊")
    TREATMENT = "treatment", _("面诊和治疗")

    def fits(self, grade: int) -> bool:
        """An operation follows from a plan; nobody books one by herself."""
        return self != OnlineBooking.TREATMENT or grade == 0


class Anaesthesia(models.TextChoices):
    NONE = "none", _("不麻醉")
    TOPICAL = "topical", _("表面麻醉")
    LOCAL = "local", _("局部麻醉")
    SEDATION = "sedation", _("局部麻醉 + 镇静")
    GENERAL = "general", _("全身麻醉")


class TestKind(models.TextChoices):
    NUMBER = "number", _("数值")
    FINDING = "finding", _("结论")


class StopKind(models.TextChoices):
    """What an operation has to keep a distance from."""

    MEDICATION = "medication", _("用药")
    MENSES = "menses", _("月经期")
    PREGNANCY = "pregnancy", _("妊娠")
    LACTATION = "lactation", _("哺乳")
    INFECTION = "infection", _("感染")
    SMOKING = "smoking", _("吸烟")


class FormKind(models.TextChoices):
    SURGERY = "surgery", _("手术知情同意书")
    ANAESTHESIA = "anaesthesia", _("麻醉知情同意书")
    IMAGE = "image", _("影像采集与使用同意书")
    ADVICE = "advice", _("术后注意事项")


class StepKind(models.TextChoices):
    CALL = "call", _("电话回访")
    DRESSING = "dressing", _("换药")
    SUTURES = "sutures", _("拆线")
    REVIEW = "review", _("复查")
    SURVEY = "survey", _("满意度")


class DayKind(models.TextChoices):
    HOLIDAY = "holiday", _("法定节假日")
    WORKDAY = "workday", _("调休上班")


class Evidence(models.TextChoices):
    """How well a fact is supported (domain facts ship with their grade)."""

    OFFICIAL = "official", _("已核对原文")
    SECONDARY = "secondary", _("二手资料")
    UNVERIFIED = "unverified", _("未核实，待临床确认")
