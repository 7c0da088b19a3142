from django.db import models
from django.utils.translation import gettext_lazy as _


class Look(models.TextChoices):
    """Last words of an action that mean somebody saw personal data."""

    VIEW = "view", _("查看")
    SEARCH = "search", _("搜索")
    LIST = "list", _("列表")
    REVEAL = "reveal", _("显示完整号码")
    PRINT = "print", _("打印")
    EXPORT = "export", _("导出")
    DOWNLOAD = "download", _("下载")
    PHOTO_VIEW = "photo_view", _("查看照片")
    PHOTO_DOWNLOAD = "photo_download", _("下载照片")
    SHARE = "share", _("分享")
    BREAK_GLASS = "break_glass", _("紧急查看")
