"""When a photo may be taken, which moment it shows, who may see it and what it may be used for."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from yimei.core.errors import Missing, RuleBroken
from yimei.journey.enums import PhotoMoment, PhotoUse, Side

CLINICAL_PURPOSE = "image.clinical"
PURPOSES = {PhotoUse.TEACHING: "image.teaching", PhotoUse.PUBLICITY: "image.publicity"}
"""The consent without which a photo is used for nothing of the kind."""


@dataclass(frozen=True)
class Reader:
    """What stands between one member of staff and the photos of one patient, at one moment."""

    sees_chart: bool = False
    cares: bool = False
    is_emergency: bool = False
    is_consultant: bool = False
    has_consent: bool = False


def may_see(reader: Reader, *, is_intimate: bool) -> bool:
    """Clinicians by the ground that opens the chart, consultants by consent; private parts only by care."""
    if reader.sees_chart:
        return not is_intimate or reader.cares or reader.is_emergency
    return reader.is_consultant and reader.cares and reader.has_consent and not is_intimate


def why_not(reader: Reader, *, is_intimate: bool) -> str:
    """Say in one sentence why the pictures are not shown."""
    if may_see(reader, is_intimate=is_intimate):
        return ""
    if is_intimate and reader.sees_chart:
        return _("私密部位影像只向有诊疗关系的医务人员显示。")
    if is_intimate:
        return _("私密部位影像只向医务人员显示。")
    if not reader.cares:
        return _("您与这位客户没有服务关系，不能查看照片。")
    return _("客户没有同意影像留存，现场咨询不能查看照片。")


def check_consent(has_consent: bool, *, where: str) -> None:
    """No camera without a separate consent in force (民法典 1033, 个人信息保护法 29)."""
    if not has_consent:
        missing = Missing(
            what=_("诊疗影像留存同意"),
            why=_("民法典第一千零三十三条；个人信息保护法第二十九条"),
            where=where,
        )
        raise RuleBroken(_("客户没有同意影像留存，不能拍摄或上传照片。"), missing=[missing], code="gate")


def check_moment(moment: PhotoMoment, *, taken_on: date, operated_on: date | None, today: date) -> int | None:
    """Return the day after the operation that a photo shows; refuse a moment that cannot have been."""
    if taken_on > today:
        raise RuleBroken(_("拍摄日期不能晚于今天。"))
    if moment == PhotoMoment.BEFORE:
        if operated_on is not None and taken_on > operated_on:
            raise RuleBroken(_("手术已做，这天拍的不是术前照片。"))
        return None
    if operated_on is None:
        raise RuleBroken(_("还没有手术记录，只能登记术前照片。"))
    if taken_on < operated_on:
        raise RuleBroken(_("拍摄日期早于手术，请登记为术前照片。"))
    return (taken_on - operated_on).days


def likely_moment(*, operated_on: date | None) -> PhotoMoment:
    return PhotoMoment.BEFORE if operated_on is None else PhotoMoment.AFTER


def check_side(side: Side, *, has_side: bool) -> None:
    if has_side and side == Side.NONE:
        raise RuleBroken(_("这个项目分左右，请选部位侧。"))


def check_void(*, is_voided: bool, reason: str) -> str:
    """A mistaken photo is voided once, with words that the next reader understands."""
    if is_voided:
        raise RuleBroken(_("这张照片已经作废。"))
    if len(reason.strip()) < 4:
        raise RuleBroken(_("请写明作废原因（至少 4 个字）。"))
    return reason.strip()


def check_release(use: PhotoUse, *, is_intimate: bool, has_consent: bool, where: str) -> None:
    """Beyond care a photo goes only under the consent to just that; a private part never to the public."""
    if is_intimate and use == PhotoUse.PUBLICITY:
        raise RuleBroken(_("私密部位影像不得用于公开宣传。"))
    if not has_consent:
        missing = Missing(
            what=_("影像用于%(use)s的单独同意") % {"use": use.label},
            why=_("个人信息保护法第二十五条；广告法第三十三条")
            if use == PhotoUse.PUBLICITY
            else _("个人信息保护法第二十九条"),
            where=where,
        )
        raise RuleBroken(
            _("客户没有同意影像用于%(use)s。") % {"use": use.label}, missing=[missing], code="gate"
        )


def is_usable(*, is_on: bool, released_under: int | None, consent_in_force: int | None) -> bool:
    """A release lives and dies with the consent it was given under."""
    return is_on and released_under is not None and released_under == consent_in_force
